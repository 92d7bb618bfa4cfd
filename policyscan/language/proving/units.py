"""In which unit a value was read: an address or a name means another thing in each."""

from __future__ import annotations

from policyscan.language.proving.walk import Frame, Proof, Walk
from policyscan.resources.base import Resource


def unit_of(walk: Walk, frame: Frame | None, part: Proof) -> str | None:
    """The unit in which a value was read; None if it may be one of several, or none."""
    units = _units(walk, frame, part)
    return next(iter(units)) if len(units) == 1 else None


def one_root(walk: Walk, frame: Frame | None, left: Proof, right: Proof) -> bool | None:
    """Whether two values were read in one unit; None if that is not known. Where no resource was
    looked at, all is of one."""
    a, b = _units(walk, frame, left), _units(walk, frame, right)
    if a and b and not a & b:
        return False
    if len(a) == len(b) == 1:
        return True
    return None if a or b or walk.units else True


def _units(walk: Walk, frame: Frame | None, part: Proof) -> set[str]:
    """The units that it may be. What was made may come from whatever was looked at."""
    judged = walk.names.get("resource")
    own = {judged.origin.unit} if isinstance(judged, Resource) else set()
    if part.path is None:
        return own.union(*walk.units.values())
    if not part.owner:
        return own
    for scope in (frame, part.frame):
        found = _around(scope, part.owner)
        if found:
            return found
    return walk.units.get(part.owner, set())


def _around(frame: Frame | None, owner: str) -> set[str]:
    """The units of the variables around that have this address."""
    units = set()
    while frame is not None:
        value = frame.proof.value
        if frame.proof.owner == owner and isinstance(value, Resource):
            units.add(value.origin.unit)
        frame = frame.outer
    return units
