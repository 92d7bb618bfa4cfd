"""What blocks: a profile is a list of rules in YAML, and the first that holds decides.

The last rule of each list has no condition, so that nothing is left undecided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from policyscan.data import policies_directory
from policyscan.errors import GapReason, UsageError
from policyscan.findings.model import Change, Finding, GapRecord, Plane, Severity, Verdict
from policyscan.findings.report import Profile
from policyscan.resources.base import ProofLevel
from policyscan.resources.scope import BASES
from policyscan.text.files import Disk

if TYPE_CHECKING:
    from policyscan.text.files import Files
    from policyscan.text.yaml import Entry

_FINDING_CONDITIONS: Mapping[str, Collection[str]] = {
    "verdict": (Verdict.FAIL.value, Verdict.UNKNOWN.value),
    "severity": [member.value for member in Severity],
    "plane": [member.value for member in Plane],
    "proof": [member.value for member in ProofLevel],
    "scope": BASES,
    "conditional": ("true", "false"),
    "change": [member.value for member in Change],
}
_GAP_CONDITIONS: Mapping[str, Collection[str]] = {
    "reason": [member.value for member in GapReason],
    "change": [member.value for member in Change],
}


class Rule(Struct, frozen=True):
    """One rule: it holds if every fact it names has one of the words it lists."""

    when: Mapping[str, tuple[str, ...]]
    blocks: bool
    because: str

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether every condition is met."""
        return all(facts[name] in words for name, words in self.when.items())

    def sentence(self, subject: str) -> str:
        """The rule as a sentence for reports."""
        conditions = " and ".join(
            f"{name} is {' or '.join(words)}" for name, words in self.when.items()
        )
        which = f"A {subject} whose {conditions}" if conditions else f"Any other {subject}"
        return f"{which} {'blocks' if self.blocks else 'does not block'}: {self.because}"


class ProfileRules(Struct, frozen=True):
    """A profile as loaded: decides what blocks and says why in words."""

    name: str
    path: str
    """Where it was read from, as given; for a shipped profile its name."""
    sha256: str
    findings: tuple[Rule, ...]
    gaps: tuple[Rule, ...]
    planes: tuple[str, ...] = (Plane.CHANGE.value,)
    """The planes whose policies judge everything; those of others judge an account's baselines."""

    def blocks_finding(self, finding: Finding) -> tuple[bool, str]:
        """Whether it blocks, and why or why not; what passes, is waived or does not apply never
        does, and needs no reason."""
        if finding.verdict not in (Verdict.FAIL, Verdict.UNKNOWN):
            return False, ""
        return _first(
            self.findings,
            {
                "verdict": finding.verdict.value,
                "severity": finding.severity.value,
                "plane": finding.plane.value,
                "proof": finding.resource.proof.value,
                "scope": finding.scope_basis,
                "conditional": str(bool(finding.conditional)).lower(),
                "change": finding.change or "",
            },
        )

    def blocks_gap(self, gap: GapRecord) -> tuple[bool, str]:
        """Whether a gap blocks, and why or why not."""
        return _first(self.gaps, {"reason": gap.reason.value, "change": gap.change or ""})

    def record(self) -> Profile:
        """The profile as reports print it."""
        sentences = [f"Policies of these planes judge everything: {', '.join(self.planes)}"]
        sentences += [rule.sentence("finding") for rule in self.findings]
        sentences += [rule.sentence("gap") for rule in self.gaps]
        name = self.name if self.path == self.name else f"{self.name} ({self.path})"
        return Profile(name, self.sha256, tuple(sentences))


def profile_names() -> tuple[str, ...]:
    """The names of the profiles that ship."""
    return tuple(sorted(path.stem for path in _shipped().glob("*.yaml")))


def load_profile(name_or_file: str, cwd: Path, files: Files | None = None) -> ProfileRules:
    """A shipped profile by its name, or a file (relative to `cwd`) if it ends in `.yaml`, read from
    `files`, which is the disk if it is not given.

    Raises `UsageError` with the place.
    """
    names = profile_names()
    if name_or_file in names:
        return parse_profile(name_or_file, (_shipped() / f"{name_or_file}.yaml").read_bytes())
    if not name_or_file.endswith((".yaml", ".yml")):
        raise UsageError(
            f"there is no profile {name_or_file!r}",
            hint=f"Shipped: {', '.join(names)}. A profile of your own is a file: ./gate.yaml",
        )
    try:
        data = (files or Disk(cwd)).read(Path(name_or_file))
    except OSError as error:
        raise UsageError(
            f"{name_or_file}: {error.strerror or 'cannot be read'}",
            hint=f"Shipped profiles: {', '.join(names)}.",
        ) from None
    return parse_profile(name_or_file, data)


def parse_profile(path: str, data: bytes) -> ProfileRules:
    """The profile in `data`; `path` is what messages show."""
    from policyscan.text.yaml import read_settings

    fields = read_settings(path, data, ("version", "name", "planes", "findings", "gaps"), version=1)
    missing = [key for key in ("name", "findings", "gaps") if key not in fields]
    if missing:
        raise UsageError(f"{path}: a profile needs {', '.join(missing)}")
    return ProfileRules(
        fields["name"].text(),
        path,
        hashlib.sha256(data).hexdigest(),
        _rules(fields["findings"], _FINDING_CONDITIONS),
        _rules(fields["gaps"], _GAP_CONDITIONS),
        _planes(fields.get("planes")),
    )


def _planes(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return (Plane.CHANGE.value,)
    known = [member.value for member in Plane]
    return tuple(item.choice(known, "plane") for item in entry.items())


def _shipped() -> Path:
    return policies_directory() / "profiles"


def _first(rules: tuple[Rule, ...], facts: Mapping[str, str]) -> tuple[bool, str]:
    rule = next(rule for rule in rules if rule.holds(facts))
    return rule.blocks, rule.because


def _rules(entry: Entry, conditions: Mapping[str, Collection[str]]) -> tuple[Rule, ...]:
    rules = tuple(_rule(item, conditions) for item in entry.items())
    if not rules or rules[-1].when:
        raise entry.error(
            f"the last rule of {entry.name} must have no 'when'",
            hint="It decides whatever no rule above it decided.",
        )
    return rules


def _rule(entry: Entry, conditions: Mapping[str, Collection[str]]) -> Rule:
    fields = entry.fields(("when", "blocks", "because"), required=("blocks", "because"))
    when: dict[str, tuple[str, ...]] = {}
    if "when" in fields:
        for name, words in fields["when"].fields(tuple(conditions)).items():
            when[name] = tuple(word.choice(conditions[name]) for word in words.items())
    return Rule(
        when, fields["blocks"].choice(("true", "false")) == "true", fields["because"].text()
    )
