"""The files by which a repository steers the gate that judges it."""

from __future__ import annotations

from typing import ClassVar

from policyscan.resources.base import Resource
from policyscan.values import Maybe


class GateFile(Resource):
    """A file that steers the gate, or runs it, compared with the trusted side."""

    kind: ClassVar[str] = "GateFile"

    path: str
    """From the top of the repository."""
    steers: str
    """What it is: `configuration`, `policies`, `profile`, `waivers`, `baseline`, `controls`,
    `workflow` (what runs the gate), `hook`, `owners` (who has to agree to changes) or `ignore`
    (what git leaves out, or gives in another form)."""
    state: Maybe[str]
    """`unchanged`, `changed`, `added` or `removed`, seen from the trusted side. What only the
    trusted side has changed since the two parted is `unchanged`."""
    in_force: bool
    """Whether this run goes by it, as it is on the trusted side."""
    effect: str | None
    """What the change would do, as far as that is plain to see: `exclude, 3 lines added`."""
