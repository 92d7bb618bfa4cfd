"""x"""

from __future__ import annotations

from policyscan.resources.rotation_program import ProgramFacts, unseen
from policyscan.text.source import Source


def shell_facts(source: Source) -> ProgramFacts:
    return unseen("x")
