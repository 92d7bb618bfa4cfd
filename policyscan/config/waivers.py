"""`waivers` of the configuration: which failures may be accepted, by whom and for how long.

waivers:
  file: security/waivers.yaml
  longest: 180
  soon: 14
  approvers: [bo, cy]
  policies_never: [PS-SEC-001]
  inline: false
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from policyscan.text.yaml import Entry

KEYS = ("file", "longest", "soon", "approvers", "policies_never", "inline")


class WaiverSettings(Struct, frozen=True):
    """What a waiver is held to."""

    file: str = ""
    """The file of waivers, from where the configuration lies; empty for `waivers.yaml`."""
    longest: int = 365
    """Days from the day on which it was granted to the last one on which it may hold."""
    soon: int = 14
    """Days before its end at which it is told to be ending."""
    approvers: tuple[str, ...] = ()
    """Who may approve; empty for anybody but the owner."""
    policies_never: tuple[str, ...] = ()
    """Ids and families of policies whose failures are never accepted."""
    inline: bool = True
    """Whether comments beside the code can accept a failure."""


def read_waivers(entry: Entry | None) -> WaiverSettings:
    """The section as settings. Raises `UsageError` with the place."""
    if entry is None:
        return WaiverSettings()
    fields = entry.fields(KEYS)
    usual = WaiverSettings()
    return WaiverSettings(
        file=fields["file"].text() if "file" in fields else "",
        longest=fields["longest"].number() if "longest" in fields else usual.longest,
        soon=fields["soon"].number() if "soon" in fields else usual.soon,
        approvers=_approvers(fields.get("approvers")),
        policies_never=fields["policies_never"].texts() if "policies_never" in fields else (),
        inline="inline" not in fields or fields["inline"].choice(("true", "false")) == "true",
    )


def _approvers(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    names = entry.texts()
    if not names:
        raise entry.error("nobody could approve a waiver", "Name somebody, or leave it out.")
    return names
