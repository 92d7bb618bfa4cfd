"""What a repository shows that a person has to confirm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from policyscan.data import data_file, load_table
from policyscan.errors import ReadError
from policyscan.findings.model import Plane
from policyscan.findings.places import location_of
from policyscan.findings.report import Report
from policyscan.pipeline import Survey
from policyscan.resources.base import Resource
from policyscan.resources.keys import Secret
from policyscan.resources.masking import mask
from policyscan.resources.scope import QUESTIONS
from policyscan.text.display import one_line, path_text
from policyscan.text.tree import DirectoryTree

_REGION = re.compile(
    r'"((?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?'
    r'-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-[1-9])"'
)
_VALUES = (".tfvars", ".tfvars.json")
_READ_BY_ITSELF = re.compile(r"(?:.*/)?(?:terraform|[^/]*\.auto)\.tfvars(?:\.json)?")
_TERRAFORM = (".tf", ".tf.json", *_VALUES)


class ExchangeSecret(Struct, frozen=True):
    """A secret that holds a key of an exchange, as far as files tell."""

    address: str
    place: str
    name: str
    """Empty if it is not known."""
    exchange: str
    """The one exchange that its name names, or empty."""
    storage: str
    answers: Mapping[str, tuple[str, str]]
    """By question of scope, the answer and its basis, where there is one."""


class Facts(Struct, frozen=True):
    """What the proposed files are made from."""

    project: str
    report: Report
    secrets: tuple[ExchangeSecret, ...]
    scope: Mapping[str, tuple[str, ...]]
    """By root or file, what is taken for granted of its resources, a phrase for each question."""
    unscoped: int
    """Roots and files of which nothing is."""
    account_kinds: tuple[str, ...]
    baselines: tuple[str, ...]
    """Roots that hold what policies on whole accounts judge."""
    var_files: tuple[str, ...]
    """Files of values that Terraform reads only if it is told to."""
    regions: tuple[str, ...]
    registers: tuple[str, ...]
    """Registers of keys that are there already."""


def facts_of(path: Path, found: Survey) -> Facts:
    """What `path` shows, of which `found` is the scan."""
    tree = DirectoryTree(path)
    files = [name for name in tree.files() if name.endswith(_TERRAFORM)]
    scope = _scope(found)
    kinds = {policy.kind for policy in found.report.policies if policy.plane is Plane.ACCOUNT}
    return Facts(
        project=path_text(path.resolve().name),
        report=found.report,
        secrets=tuple(_secrets(found)),
        scope={unit: phrases for unit, phrases in scope.items() if phrases},
        unscoped=sum(not phrases for phrases in scope.values()),
        account_kinds=tuple(sorted(kinds)),
        baselines=tuple(sorted(_units(found, kinds))),
        var_files=tuple(
            name
            for name in files
            if name.endswith(_VALUES)
            and not _READ_BY_ITSELF.fullmatch(name)
            and path_text(name) == name
        ),
        regions=tuple(sorted(_regions(tree, files))),
        registers=found.report.coverage.units.get("register", ()),
    )


def _secrets(found: Survey) -> Iterator[ExchangeSecret]:
    for secret in found.inventory.of(Secret.kind):
        if not isinstance(secret, Secret) or not isinstance(secret.purpose, str):
            continue
        if secret.purpose != "exchange_api_key":
            continue
        name = secret.name if isinstance(secret.name, str) else ""
        place = location_of(secret.origin.span)
        yield ExchangeSecret(
            address=mask(secret.address),
            place=path_text(place.place) if place else "",
            name=name if one_line(mask(name)) == name else "",
            exchange=_exchange(f"{secret.address} {name}"),
            storage=secret.store,
            answers=_answers(secret),
        )


def _exchange(text: str) -> str:
    """The exchange whose certain words occur in a text, if there is exactly one."""
    lowered = text.lower()
    found = set()
    for file in data_file("exchanges").glob("*.yaml"):
        words: list[str] = load_table(f"exchanges/{file.name}")["words"]
        if file.stem != "several" and any(word.replace(" ", "") in lowered for word in words):
            found.add(file.stem)
    return found.pop() if len(found) == 1 else ""


def _answers(resource: Resource) -> dict[str, tuple[str, str]]:
    return {
        question: (getattr(resource, question), resource.scope[question])
        for question in QUESTIONS
        if question in resource.scope and isinstance(getattr(resource, question), str)
    }


def _scope(found: Survey) -> dict[str, tuple[str, ...]]:
    """By unit, in the order of their names; no phrase for one of which nothing is known."""
    units: dict[str, list[Mapping[str, tuple[str, str]]]] = {}
    for resource in found.inventory.resources:
        units.setdefault(path_text(resource.origin.unit), []).append(_answers(resource))
    return {
        unit: tuple(_phrase(question, answers) for question in QUESTIONS) if any(answers) else ()
        for unit, answers in sorted(units.items())
    }


def _phrase(question: str, answers: list[Mapping[str, tuple[str, str]]]) -> str:
    """`tier high 2 (tagged), not known 3`."""
    counted = Counter(answer[question] for answer in answers if question in answer)
    parts = [f"{value} {number} ({basis})" for (value, basis), number in counted.most_common()]
    missing = len(answers) - counted.total()
    return f"{question} {', '.join([*parts, *([f'not known {missing}'] if missing else [])])}"


def _units(found: Survey, kinds: set[str]) -> set[str]:
    """The roots of Terraform that hold a resource of these kinds."""
    return {
        path_text(resource.origin.unit)
        for resource in found.inventory.resources
        if resource.kind in kinds and resource.origin.collector == "terraform"
    }


def _regions(tree: DirectoryTree, files: list[str]) -> set[str]:
    """The regions that Terraform names in quotes."""
    found: set[str] = set()
    for name in files:
        try:
            text = tree.read(name).data.decode("utf-8", "replace")
        except ReadError:
            continue  # the scan has told it
        found.update(_REGION.findall(text))
    return found
