"""From what a configuration says to the resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from policyscan.collectors.code.exchange_signs import credential_terms
from policyscan.collectors.code.logging_facts import Facts
from policyscan.collectors.code.programs import Seen
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind
from policyscan.resources.exchanges import exchanges
from policyscan.resources.logging import LEVELS, AttachPoint, Framework, LoggingConfig
from policyscan.text.source import Span
from policyscan.values import Many, Maybe, PartialList, Unknown, Why


def application_config(
    address: str,
    framework: str,
    facts: Facts,
    *,
    program: Seen | None,
    target: str,
) -> LoggingConfig:
    """The configuration of what a program logs."""
    level, level_chain = facts.level()
    present, terms, redaction_chain = facts.redaction()
    wire, wire_chain = facts.wire_debug()
    if wire is False and (doubt := _at_debug(level)) is not None:
        wire, wire_chain = doubt, level_chain
    attach: Maybe[str | None] = facts.attach
    if present is False:
        attach = None
    elif attach is None:
        needs = "where redaction is attached"
        attach = present if isinstance(present, Unknown) else Unknown(Why.COMPUTED, needs)
    chains: dict[str, Chain] = {
        "level": level_chain,
        "redaction_present": redaction_chain,
        "redacted_terms": redaction_chain,
        "attach_point": redaction_chain,
        "http_wire_debug": wire_chain,
    }
    return LoggingConfig(
        address=address,
        origin=Origin("code", target, unit_of(facts.place), facts.place, ProofLevel.HEURISTIC),
        chains=_with_place(chains, facts.place),
        framework=cast("Framework", framework),
        form="application",
        program=program.files.address if program else "",
        level=level,
        redaction_present=present,
        redacted_terms=terms,
        attach_point=cast("Maybe[AttachPoint | None]", attach),
        exchange_terms=exchange_terms(program),
        http_wire_debug=wire,
    )


def _at_debug(level: Maybe[str | None]) -> Unknown | None:
    """Why it is not known what client libraries write, if they are let write everything."""
    if isinstance(level, Unknown):
        return level.derived
    if isinstance(level, str) and LEVELS.index(level) <= LEVELS.index("debug"):
        return Unknown(Why.OUTSIDE, f"what the client of the exchange writes at the level {level}")
    return None


def unit_of(place: Span) -> str:
    """The unit of a configuration is the file in which it begins."""
    return place.source.path


def _with_place(chains: Mapping[str, Chain], place: Span) -> dict[str, Chain]:
    """The chains; a value that is written nowhere follows from the whole."""
    whole = (Step(StepKind.IMPLIED, "the configuration as a whole", place),)
    return {path: chain or whole for path, chain in chains.items()}


def exchange_terms(program: Seen | None) -> Many[str]:
    """What must not be logged by the names of the exchanges that a program talks to; of a server
    that belongs to no program, by those of all exchanges."""
    if program is None:
        return credential_terms(frozenset(each.name for each in exchanges()))
    names = program.exchanges
    terms = credential_terms(names)
    open_ended = sorted(name for name in names if not credential_terms(frozenset({name})))
    if open_ended:
        needs = f"the headers that authenticate towards {', '.join(open_ended)}"
        return PartialList(terms, Unknown(Why.OUTSIDE, needs))
    return terms
