"""Which thing that was seen is the one that code declares.

One declared resource and one observed are a pair if nothing else fits: by ARN, id, name or tags,
the strongest first. Where two fit, neither is joined, and the reason is told. By name or tags, a
thing of one environment is not joined to one of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from policyscan.resources.base import ProofLevel, Resource
from policyscan.resources.units import GLOBAL, region_of
from policyscan.values import Unknown

NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "Detector": ("service", "region"),
    "IamAccessKey": ("user",),
    "LogGroup": ("name",),
    "Secret": ("store", "name"),
    "SecurityGroup": ("name",),
    "TlsServerConfig": (),
    "Trail": ("name",),
}
"""The kinds that are joined; and the fields that together name a thing of a kind within its account
and region, none for a kind whose things have no names."""

FIXED: Mapping[str, tuple[str, ...]] = {"SecurityGroup": ("form", "vpc")}
"""Fields that a thing keeps for life, besides those that name it."""

_Keys = Callable[[Resource], Iterator[object]]
"""What a resource may have in common with its counterpart."""


class Pair(Struct, frozen=True):
    """One thing, as it is declared and as it was seen."""

    declared: Resource
    observed: Resource
    joined_by: str
    """`ARN`, `id`, `name`, `name and tags` or `tags`."""


class Doubt(Struct, frozen=True):
    """A declared resource that was not joined because several things may be meant."""

    declared: Resource
    candidates: tuple[Resource, ...]
    reason: str


class Counterparts(Struct, frozen=True):
    """All pairs, and what is left on either side, in the order of the inventory."""

    pairs: tuple[Pair, ...]
    doubts: tuple[Doubt, ...]
    declared: tuple[Resource, ...]
    """What is declared and in no pair, the doubtful left out."""
    observed: tuple[Resource, ...]
    """What was seen, is in no pair, and no candidate of a doubt."""


def counterparts(resources: Iterable[Resource]) -> Counterparts:
    """The pairs among these resources; of what was seen twice, the first time counts."""
    declared: dict[str, list[Resource]] = {}
    observed: dict[str, dict[tuple[str, str], Resource]] = {}
    for one in resources:
        if one.kind not in NAMED_BY or getattr(one, "form", "") == "rules":
            continue  # rules of a group that stands elsewhere are no thing of their own
        if one.origin.proof is ProofLevel.CONFIGURED:
            declared.setdefault(one.kind, []).append(one)
        elif one.origin.proof is ProofLevel.OBSERVED:
            observed.setdefault(one.kind, {}).setdefault((one.origin.unit, one.address), one)
    joining = [
        _Joining(kind, declared.get(kind, ()), tuple(observed.get(kind, {}).values()))
        for kind in sorted({*declared, *observed})
    ]
    return Counterparts(
        tuple(pair for each in joining for pair in each.pairs),
        tuple(doubt for each in joining for doubt in each.doubts),
        tuple(one for each in joining for one in each.declared.values()),
        tuple(one for each in joining for one in each.observed.values()),
    )


class _Joining:
    """The pairs of one kind, found level by level; what a level settles is gone for the next."""

    def __init__(
        self, kind: str, declared: Sequence[Resource], observed: Sequence[Resource]
    ) -> None:
        self.kind = kind
        self.declared = dict(enumerate(declared))
        self.observed = dict(enumerate(observed))
        self.pairs: list[Pair] = []
        self.doubts: list[Doubt] = []
        self._level("ARN", lambda one: _called(one, arn=True))
        self._level("id", lambda one: _called(one, arn=False))
        self._level("name", _named)
        self._level("tags", _marks)
        self.pairs.sort(key=lambda pair: (pair.declared.origin.unit, pair.declared.address))

    def _level(self, name: str, keys: _Keys) -> None:
        """Joins what has a key in common. Of what a key gives several candidates, the tags may
        decide; if they do not, it is in doubt."""
        by_key: dict[object, list[int]] = {}
        for number, one in self.observed.items():
            for key in keys(one):
                by_key.setdefault(key, []).append(number)
        edges = {
            number: {
                candidate
                for key in keys(one)
                for candidate in by_key.get(key, ())
                if may_be(one, self.observed[candidate])
                and (name != "tags" or _tags_agree(one, self.observed[candidate]))
            }
            for number, one in self.declared.items()
            if "[?]" not in one.address  # any number of things
        }
        elsewhere: dict[int, set[int]] = {}
        if name in ("name", "tags"):
            elsewhere = {
                n: {c for c in found if _apart(self.declared[n], self.observed[c])}
                for n, found in edges.items()
            }
            edges = {n: found - elsewhere[n] for n, found in edges.items()}
        edges = {number: found for number, found in edges.items() if found}
        self._settle(edges, name)
        left = {number: found & self.observed.keys() for number, found in edges.items()}
        left = {n: found for n, found in left.items() if n in self.declared and found}
        if name == "name":
            agreeing = {n: {c for c in left[n] if self._agree(n, c)} for n in left}
            self._settle({n: found for n, found in agreeing.items() if found}, "name and tags")
            left = {n: f & self.observed.keys() for n, f in left.items() if n in self.declared}
        self._doubt({n: found for n, found in left.items() if found}, name)
        self._leave_apart(elsewhere)

    def _leave_apart(self, elsewhere: Mapping[int, set[int]]) -> None:
        """What is called alike and is of another environment is no pair; and since its tag may be
        what changed, nobody says that it is missing."""
        left = {n: sorted(f & self.observed.keys()) for n, f in elsewhere.items()}
        for number, found in left.items():
            if number in self.declared and found:
                one = self.declared.pop(number)
                other = self.observed[found[0]].environment
                reason = f"what is called alike is of {other}, and this of {one.environment}"
                candidates = tuple(self.observed[candidate] for candidate in found)
                self.doubts.append(Doubt(one, candidates, reason))
        for candidate in {each for found in left.values() for each in found}:
            self.observed.pop(candidate, None)

    def _agree(self, number: int, candidate: int) -> bool:
        return _tags_agree(self.declared[number], self.observed[candidate])

    def _settle(self, edges: Mapping[int, set[int]], name: str) -> None:
        """Joins those that have one candidate, whose only claimant they are."""
        claims = _claims(edges)
        for number, found in edges.items():
            (candidate, *others) = found
            if not others and len(claims[candidate]) == 1:
                one, other = self.declared.pop(number), self.observed.pop(candidate)
                self.pairs.append(Pair(one, other, name))

    def _doubt(self, edges: Mapping[int, set[int]], name: str) -> None:
        claims = _claims(edges)
        for number, found in edges.items():
            several = sorted(found)
            candidates = tuple(self.observed[candidate] for candidate in several)
            if len(candidates) > 1:
                reason = f"{len(candidates)} things that were seen have the same {name}"
            else:
                claimants = len(claims[several[0]])
                reason = f"{claimants} things that are declared have the same {name}"
            self.doubts.append(Doubt(self.declared[number], candidates, reason))
        for number in edges:
            del self.declared[number]
        for candidate in claims:
            del self.observed[candidate]


def _claims(edges: Mapping[int, set[int]]) -> dict[int, list[int]]:
    """The declared ones by each of their candidates."""
    found: dict[int, list[int]] = {}
    for number, candidates in edges.items():
        for candidate in candidates:
            found.setdefault(candidate, []).append(number)
    return found


# -- what two have in common -------------------------------------------------------------------


def _called(one: Resource, *, arn: bool) -> Iterator[object]:
    """What it is called without doubt: by others, and of what was seen, by its own address."""
    seen = one.origin.proof is ProofLevel.OBSERVED
    name = getattr(one, "name", None)
    own = (one.address, *((name,) if isinstance(name, str) else ())) if seen else ()
    for called in dict.fromkeys((*one.names, *own)):
        if called.startswith("arn:") is arn:
            yield called


def name_of(one: Resource) -> tuple[str, ...] | None:
    """The values of the fields that name it; None if not all are known. That none is written
    means that one is chosen when it is made."""
    fields = NAMED_BY[one.kind]
    values = (getattr(one, field, None) for field in fields)
    known = tuple(value for value in values if isinstance(value, str) and value)
    return known if fields and len(known) == len(fields) else None


def _named(one: Resource) -> Iterator[object]:
    name = name_of(one)
    if name is not None:
        yield name


def _marks(one: Resource) -> Iterator[object]:
    """The tags that say which thing this is."""
    for key, value in _tags(one).items():
        if key == "Name" or key.startswith("policyscan:"):
            yield key, value


def _tags(one: Resource) -> Mapping[str, str]:
    """The tags, without those of AWS; none if any is not known."""
    tags = one.tags
    if not isinstance(tags, Mapping) or not all(isinstance(each, str) for each in tags.values()):
        return {}
    return {key: str(value) for key, value in tags.items() if not key.startswith("aws:")}


def _tags_agree(declared: Resource, observed: Resource) -> bool:
    """Whether all tags that are declared were seen, at least one."""
    wanted, found = _tags(declared), _tags(observed)
    return bool(wanted) and wanted.items() <= found.items()


# -- what keeps two apart ----------------------------------------------------------------------


def may_be(declared: Resource, observed: Resource) -> bool:
    """Whether nothing that is known says that these are two things."""
    region = region_of(observed.origin.unit)
    if declared.origin.region and region not in ("", GLOBAL, declared.origin.region):
        return False
    kind = declared.kind
    return all(
        _may_equal(getattr(declared, field), getattr(observed, field))
        for field in (*NAMED_BY[kind], *FIXED.get(kind, ()))
    )


def _apart(declared: Resource, observed: Resource) -> bool:
    """Whether somebody says of both to which environment they belong, and says two."""
    said = all(
        isinstance(one.environment, str) and one.scope.get("environment") in _SAID
        for one in (declared, observed)
    )
    return said and declared.environment != observed.environment


_SAID = ("declared", "tagged")


def _may_equal(declared: object, observed: object) -> bool:
    """Whether a declared text may be that one."""
    if not isinstance(observed, str):
        return True
    if isinstance(declared, Unknown) and declared.parts:
        return _fits(declared.parts, observed)
    return not isinstance(declared, str) or declared == observed


def _fits(parts: Sequence[object], text: str) -> bool:
    """Whether the pieces that are known stand in the text in their order."""
    first, last = parts[0], parts[-1]
    if isinstance(first, str) and not text.startswith(first):
        return False
    if isinstance(last, str) and not text.endswith(last):
        return False
    position = 0
    for part in parts:
        if isinstance(part, str):
            position = text.find(part, position)
            if position < 0:
                return False
            position += len(part)
    return True
