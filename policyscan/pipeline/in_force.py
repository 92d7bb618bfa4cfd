"""What is in force in a run: policies, controls, and what judging needs besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from policyscan.data import policies_directory
from policyscan.errors import PolicyError, UsageError
from policyscan.evaluate import Judging
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.inventory import TOLD_BY, stated
from policyscan.policy import Catalogue, load_policies
from policyscan.policy.kept import KeptPolicies
from policyscan.request import Run, ScanRequest, is_selected
from policyscan.resources.base import ProofLevel
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.units import set_unit
from policyscan.text.files import Folder
from policyscan.witnesses import Baseline, Question


class InForce(NamedTuple):
    """The policies and controls for what was found in a tree."""

    found: tuple[frozenset[str], frozenset[str]]
    """The kinds that something is of, and those that something could be of."""
    catalogue: Catalogue
    controls: Controls


def in_force(
    request: ScanRequest, run: Run, kept_in: Path | None, known: InForce | None = None
) -> InForce:
    """What holds for a run; it is what is `known` of another one if as much was found there.
    Policies that were read before are `kept_in` a folder. Raises `PolicyError` and `UsageError`."""
    found = kinds_here(request, run), run.kinds
    if known is not None and known.found == found:
        return known
    kept = KeptPolicies(kept_in)
    catalogue = _catalogue(request, run, kept)
    kept.save()
    return InForce(found, catalogue, _controls(request, catalogue))


def judging(request: ScanRequest, run: Run, now: datetime) -> Judging:
    """What judging needs besides policies and resources."""
    configuration = request.configuration
    context = stated.context(configuration)
    regions = {} if "regions" in context else run.regions
    if len({*regions.values()}) == 1:  # of code, nobody says for which account it is
        context = {"regions": next(iter(regions.values())), **context}
    return Judging(
        now=now,
        project=configuration.project,
        environment=",".join(configuration.terraform.var_files),
        parameters=configuration.parameters,
        context=context,
        regions=regions,
        baselines=(*_baselines(request), *_accounts(run)),
        compares=request.compares,
        planes=request.profile.planes,
    )


def _baselines(request: ScanRequest) -> Iterator[Baseline]:
    for unit in request.configuration.terraform.baselines:
        yield Baseline(unit, "terraform", request.target, ProofLevel.CONFIGURED)


def _accounts(run: Run) -> Iterator[Baseline]:
    """The accounts that were asked: policies of the plane `account` judge each of them."""
    found: dict[str, Baseline] = {}
    for part in run.collected:
        at = {(answer.unit, answer.subject): answer.at for answer in part.answers}
        for asked in part.asked:
            account = set_unit(asked.unit)
            if account != asked.unit:
                baseline = Baseline(account, part.collector, part.target, ProofLevel.OBSERVED)
                question = Question(asked.subject, asked.unit, at.get((asked.unit, asked.subject)))
                for kind in asked.kinds:
                    found.setdefault(account, baseline).asked.setdefault(kind, []).append(question)
    yield from found.values()


# -- policies ----------------------------------------------------------------------------------


def _catalogue(request: ScanRequest, run: Run, kept: KeptPolicies) -> Catalogue:
    """The policies of all directories: those that judge something here loaded, the others as
    stubs. Two with one id are an error, wherever they lie. Policies that do not ship are loaded if
    anything here could be of their kind, so that their mistakes are told."""
    classes = load_kinds(MODULES)
    directory = request.only_policies or policies_directory()
    shipped = load_policies(directory, classes, kinds_here(request, run), kept)
    others = [load_policies(each, classes, run.kinds, kept) for each in request.policy_directories]
    catalogues = [shipped, *others]
    merged = Catalogue(
        tuple(policy for catalogue in catalogues for policy in catalogue.policies),
        tuple(stub for catalogue in catalogues for stub in catalogue.stubs),
    )
    places: dict[str, str] = {}
    for item in merged.everything:
        if item.id in places:
            message = f"{item.id} is already the id of {places[item.id]}"
            raise PolicyError(message, path=item.path, hint="Give one of them another id.")
        places[item.id] = item.path
    for name in request.configuration.parameters:
        if name not in places:
            raise UsageError(
                f"{request.configuration.path}: parameters for {name}, which is no policy",
                hint="See `policyscan policy list` for all ids.",
            )
    for word in request.configuration.waivers.policies_never:
        if not any(is_selected(name, (word,)) for name in places):
            raise UsageError(
                f"{request.configuration.path}: waivers.policies_never names {word}, which is no "
                "policy and no family",
                hint="See `policyscan policy list` for all ids.",
            )
    for word in request.select:
        if not any(replace(request, select=(word,)).selects(name) for name in places):
            raise UsageError(
                f"no policy is called {word}", hint="See `policyscan policy list` for all ids."
            )
    return merged


def kinds_here(request: ScanRequest, run: Run) -> frozenset[str]:
    """The kinds of what was found. A baseline and an account are judged for what they lack too."""
    if request.configuration.terraform.baselines or request.configuration.parameters:
        return run.kinds
    asked = {kind for part in run.collected for each in part.asked for kind in each.kinds}
    return frozenset(resource.kind for resource in run.resources) | asked


def needed_kinds(
    directories: Sequence[Folder], select: Sequence[str] = (), *, shipped: Path | None = None
) -> frozenset[str]:
    """The kinds that policies judge, and those that tell more of them. They are read from the heads
    of the files of policies: those in `directories` and those that ship, or the ones in `shipped`
    in their place; with `select`, only the named."""
    classes = load_kinds(MODULES)
    judged = frozenset(
        kind
        for directory in (shipped or policies_directory(), *directories)
        for item in load_policies(directory, classes, frozenset()).everything
        if is_selected(item.id, select)
        for kind in item.kinds
    )
    return judged.union(*(TOLD_BY.get(kind, ()) for kind in judged))


def _controls(request: ScanRequest, catalogue: Catalogue) -> Controls:
    """The controls in force, whose criteria and policies all exist."""
    file = request.configuration.controls
    return load_controls(
        file.path if file else "",
        file.data if file else None,
        criteria=load_criteria(),
        policies=[item.id for item in catalogue.everything],
    )
