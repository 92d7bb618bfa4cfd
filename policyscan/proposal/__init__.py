"""What `policyscan init` proposes for a repository: a configuration, a register of keys and
controls.

Everything that nobody has confirmed stands in comments. The files as written load without an error
and change no verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from policyscan.config import FILE_NAME, Configuration
from policyscan.findings.profiles import load_profile
from policyscan.pipeline import ScanRequest, survey
from policyscan.proposal.configuration import configuration_text
from policyscan.proposal.controls import controls_text
from policyscan.proposal.facts import Facts, facts_of
from policyscan.proposal.register import register_text

CONTROLS = "controls.yaml"
REGISTER = "keys.yaml"


class Proposal(Struct, frozen=True):
    """Files by name, and what they are made from."""

    files: dict[str, str]
    facts: Facts


def propose(
    path: Path,
    existing: Collection[str],
    *,
    now: datetime,
    progress: Callable[[str], None] = lambda _: None,
) -> Proposal:
    """The files that a repository lacks; those that are `existing` are left out. Raises
    `UsageError` if `path` is no directory."""
    request = ScanRequest(
        path=path,
        configuration=Configuration(),
        profile=load_profile("advise", path),
    )
    facts = facts_of(path, survey(request, now=now, progress=progress))
    texts = {
        FILE_NAME: configuration_text(facts, controls="" if CONTROLS in existing else CONTROLS),
        REGISTER: register_text(facts),
        CONTROLS: controls_text(facts.report),
    }
    if facts.registers:
        del texts[REGISTER]
    return Proposal({name: text for name, text in texts.items() if name not in existing}, facts)
