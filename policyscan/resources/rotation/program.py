"""What a program that rotates keys does, as far as its text shows."""

from __future__ import annotations

import re

from policyscan.resources.rotation.facts import ProgramFacts, unseen
from policyscan.text.source import Source
from policyscan.values import Why

MAX_BYTES = 250_000
"""A larger text is not looked at."""
_SIGNS = re.compile(
    rb"AWSPENDING|AWSCURRENT|update[-_]secret[-_]version[-_]stage|subAccountApi|finishSecret"
)


def shows_rotation(source: Source) -> bool:
    """Whether the text of a program has words that only the rotation of a key needs."""
    return len(source.data) <= MAX_BYTES and _SIGNS.search(source.data) is not None


def facts_of(source: Source) -> ProgramFacts:
    """What the program does, by its language."""
    if len(source.data) > MAX_BYTES:
        return unseen(f"what {source.path} does, which is too large", why=Why.BUDGET)
    first = source.data[:80].split(b"\n", 1)[0]
    if source.path.endswith(".py") or (first.startswith(b"#!") and b"python" in first):
        from policyscan.resources.rotation.python import python_facts

        return python_facts(source)
    if source.path.endswith((".sh", ".bash")) or (first.startswith(b"#!") and b"sh" in first):
        from policyscan.resources.rotation.shell import shell_facts

        return shell_facts(source)
    needs = f"what {source.path} does, whose language is not read"
    return unseen(needs, source.whole(), Why.UNSUPPORTED)
