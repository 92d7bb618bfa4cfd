"""The controls in force: a draft that ships, which a file of the firm extends or replaces."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from policyscan.data import data_file
from policyscan.findings.model import family_of
from policyscan.findings.report import Strength
from policyscan.text.complaints import suggestion
from policyscan.text.yaml import Entry, read_settings

ID = r"[A-Z][A-Z0-9]*(?:[-.][A-Z0-9]+)*"
TOP = ("version", "extends", "controls")
BASES = ("draft", "none")
KEYS = ("id", "statement", "owner", "frequency", "policies", "criteria")
"""Of one control, in the order in which they are written."""

_DRAFT = "controls.yaml"
_DRAFT_TOP = ("version", "draft", "as_of", "controls")
_DRAFT_KEYS = ("id", "statement", "suggested_owner", "frequency", "criteria")
TAKEN_OVER = ("statement", "frequency", "criteria")
"""What a control that the draft has as well may leave out."""


class ControlRule(Struct, frozen=True):
    """A control as it is written down."""

    id: str
    statement: str
    owner: str
    frequency: str
    strengths: Mapping[str, Strength]
    """How strong its evidence is, by criterion."""
    policies: tuple[str, ...] | None = None
    """Ids and families; None for those policies that name the control themselves."""
    suggested_owner: str = ""
    draft: bool = False
    own_criteria: bool = False
    """Whether the firm wrote the criteria, so that they hold for all of its policies."""

    def holds(self, policy_id: str, names: str) -> bool:
        """Whether a policy whose file names the control `names` is evidence for this one."""
        if self.policies is None:
            return names == self.id
        return not {policy_id, family_of(policy_id)}.isdisjoint(self.policies)


class Controls(Struct, frozen=True):
    """The controls in force, and the file that they come from."""

    path: str
    """`draft` without a file of the firm."""
    digest: str
    rules: tuple[ControlRule, ...]


def load_controls(
    path: str, data: bytes | None, *, criteria: Collection[str], policies: Collection[str]
) -> Controls:
    """The controls in the firm's file, or the draft without one. Raises `FileError` for a criterion
    or a policy that is not among those given, and for whatever else is wrong, with its place."""
    draft_data = data_file(_DRAFT).read_bytes()
    if data is None:
        return Controls("draft", _digest(draft_data), tuple(_draft(draft_data, criteria)))
    fields = read_settings(path, data, TOP, version=1)
    extends = fields["extends"].choice(BASES) if "extends" in fields else "draft"
    if extends == "none" and not ("controls" in fields and fields["controls"].items()):
        raise fields["extends"].error("a file that extends nothing needs controls")
    rules = {rule.id: rule for rule in _draft(draft_data, criteria)} if extends == "draft" else {}
    own: dict[str, Entry] = {}
    for entry in fields["controls"].items() if "controls" in fields else ():
        rule = _rule(entry, rules, criteria, policies)
        if rule.id in own:
            raise entry.fields(KEYS)["id"].error(
                f"'{rule.id}' is already the id of the control at {own[rule.id].place}"
            )
        own[rule.id] = entry
        rules[rule.id] = rule
    return Controls(path, _digest(data), tuple(rules.values()))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _draft(data: bytes, criteria: Collection[str]) -> Iterator[ControlRule]:
    """The controls that ship."""
    top = read_settings(_DRAFT, data, _DRAFT_TOP, version=1)
    for entry in top["controls"].items():
        fields = entry.fields(_DRAFT_KEYS, _DRAFT_KEYS)
        yield ControlRule(
            id=fields["id"].matching(ID, "CTL-ROT"),
            statement=fields["statement"].text(),
            owner="",
            frequency=fields["frequency"].text(),
            strengths=_strengths(fields["criteria"], criteria),
            suggested_owner=fields["suggested_owner"].text(),
            draft=True,
        )


def _rule(
    entry: Entry,
    known: Mapping[str, ControlRule],
    criteria: Collection[str],
    policies: Collection[str],
) -> ControlRule:
    """A control of the firm; what it leaves out is taken from the one of its id in the draft."""
    fields = entry.fields(KEYS, ("id", "owner"))
    name = fields["id"].matching(ID, "CTL-ROT")
    base = known.get(name)
    if base is None:
        entry.fields(KEYS, TAKEN_OVER)
    own = {key: fields[key].text() for key in ("statement", "frequency") if key in fields}
    return ControlRule(
        id=name,
        owner=fields["owner"].text(),
        statement=own["statement"] if base is None else own.get("statement", base.statement),
        frequency=own["frequency"] if base is None else own.get("frequency", base.frequency),
        strengths=(
            base.strengths
            if base is not None and "criteria" not in fields
            else _strengths(fields["criteria"], criteria)
        ),
        policies=_policies(fields["policies"], policies) if "policies" in fields else None,
        own_criteria="criteria" in fields,
    )


def _strengths(entry: Entry, known: Collection[str]) -> dict[str, Strength]:
    """The criteria of a control, each under its strength."""
    found: dict[str, Strength] = {}
    for word, group in entry.fields([strength.value for strength in Strength]).items():
        for item in group.items():
            name = item.text()
            if name not in known:
                raise item.error(f"there is no criterion '{name}'{suggestion(name, known)}")
            if name in found:
                raise item.error(f"'{name}' is there twice; it is {found[name].value} already")
            found[name] = Strength(word)
    return found


def _policies(entry: Entry, known: Collection[str]) -> tuple[str, ...]:
    """Ids and families of policies."""
    names = {*known, *(family_of(name) for name in known)}
    for item in entry.items():
        if item.text() not in names:
            raise item.error(
                f"there is no policy or family '{item.text()}'{suggestion(item.text(), names)}",
                hint="See `policyscan policy list` for all ids.",
            )
    return entry.texts()
