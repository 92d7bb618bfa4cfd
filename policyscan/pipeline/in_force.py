"""What is in force in a run: policies, controls, and what judging needs besides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from policyscan.data import policies_directory
from policyscan.errors import UsageError
from policyscan.evaluate import Judging
from policyscan.findings.controls import Controls, load_controls
from policyscan.findings.criteria import load_criteria
from policyscan.inventory import TOLD_BY, stated
from policyscan.pipeline.overrides import check_parameters
from policyscan.policy import Catalogue, load_policies
from policyscan.policy.claims import Claims
from policyscan.policy.kept import KeptPolicies
from policyscan.request import Run, ScanRequest, is_selected
from policyscan.resources.base import ProofLevel
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.units import set_unit
from policyscan.text.files import Folder
from policyscan.witnesses import Baseline, Question

_SEE = "See `policyscan policy list` for all ids; those of a folder count with --policies."


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
    catalogue = Catalogue(request.loaded) if request.loaded else _catalogue(request, run, kept)
    kept.save()
    _check_names(request, catalogue)
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
        explains=request.explains,
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
    classes, claims = load_kinds(MODULES), Claims()
    named = request.configuration.parameters

    def load(folder: Folder, only: frozenset[str]) -> Catalogue:
        return load_policies(folder, classes, only, kept, named=named, claims=claims)

    shipped = load(request.only_policies or policies_directory(), kinds_here(request, run))
    others = [load(each, run.kinds) for each in request.policy_directories]
    catalogues = [shipped, *others]
    return Catalogue(
        tuple(policy for catalogue in catalogues for policy in catalogue.policies),
        tuple(stub for catalogue in catalogues for stub in catalogue.stubs),
    )


def _check_names(request: ScanRequest, catalogue: Catalogue) -> None:
    """Raises `UsageError` for a word of the request that means no policy."""
    check_parameters(request.configuration, catalogue)
    places = {item.id for item in catalogue.everything}
    for word in request.configuration.waivers.policies_never:
        if not any(is_selected(name, (word,)) for name in places):
            raise UsageError(
                f"{request.configuration.path}: waivers.policies_never names {word}, which is no "
                "policy and no family",
                hint=_SEE,
            )
    for word in request.select:
        if not any(replace(request, select=(word,)).selects(name) for name in places):
            raise UsageError(f"no policy is called {word}", hint=_SEE)


def kinds_here(request: ScanRequest, run: Run) -> frozenset[str]:
    """The kinds of what was found. A baseline and an account are judged for what they lack too."""
    if request.configuration.terraform.baselines or request.configuration.parameters:
        return run.kinds
    asked = {kind for part in run.collected for each in part.asked for kind in each.kinds}
    return frozenset(resource.kind for resource in run.resources) | asked


def kinds_to_ask(request: ScanRequest) -> frozenset[str]:
    """The kinds for which live targets are asked."""
    if request.loaded:
        return _with_tellers(
            kind for policy in request.loaded for kind in (*policy.kinds, *policy.related)
        )
    directories, select = request.policy_directories, request.select
    return needed_kinds(directories, select, shipped=request.only_policies)


def needed_kinds(
    directories: Sequence[Folder], select: Sequence[str] = (), *, shipped: Path | None = None
) -> frozenset[str]:
    """The kinds that policies judge or look at, and those that tell more of them. They are read
    from the files of policies as they stand: those in `directories` and those that ship, or the
    ones in `shipped` in their place; with `select`, only the named."""
    classes = load_kinds(MODULES)
    return _with_tellers(
        kind
        for directory in (shipped or policies_directory(), *directories)
        for item in load_policies(directory, classes, frozenset()).everything
        if is_selected(item.id, select)
        for kind in (*item.kinds, *item.related)
    )


def _with_tellers(kinds: Iterable[str]) -> frozenset[str]:
    """These kinds, and those that tell more of them."""
    judged = frozenset(kinds)
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
