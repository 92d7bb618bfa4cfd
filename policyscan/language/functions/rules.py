"""Rules of packet filters: what they let in and out, judged on what is known of them."""

from __future__ import annotations

from typing import Any

from policyscan.language.functions.answers import Answer, Clue, why_open
from policyscan.language.functions.signatures import Function, function
from policyscan.language.types import BOOL, INT, STRING, ListOf, MapOf, Object
from policyscan.resources import cidr as cidrs
from policyscan.resources import egress
from policyscan.resources.network import Rule
from policyscan.values import Unknown


def reaches_internet(rules: object, ports: Any, max_public: Any) -> Answer:
    """Whether some of the ports take packets from the internet."""
    open_settings = tuple(each for each in (ports, max_public) if isinstance(each, Unknown))
    if open_settings:
        return Answer(None, reasons=open_settings)
    reach = cidrs.reachable(rules, ports, max_public)
    clues = (
        Clue(
            argument=0,
            index=witness.rule_index,
            rest="" if witness.cidr_index is None else f".cidrs[{witness.cidr_index}]",
            value=witness.cidr,
            note=witness.note,
        )
        for witness in reach.witnesses
    )
    return Answer(reach.answer, tuple(clues), reach.reasons)


def sends_only_to(rules: object, allowed: Any, prefix_lists: Any) -> Answer:
    """Whether the rules let out to the allowed ranges and prefix lists alone."""
    opened = why_open(allowed) + why_open(prefix_lists)
    if opened:
        return Answer(None, reasons=opened)
    return _sending(egress.sends_only_to(rules, allowed, prefix_lists))


def sends_only_on(rules: object, ports: Any) -> Answer:
    """Whether the rules let out over these TCP ports alone."""
    opened = why_open(ports)
    return Answer(None, reasons=opened) if opened else _sending(egress.sends_only_on(rules, ports))


def _sending(sending: egress.Sending) -> Answer:
    clues = (
        Clue(0, breach.rule_index, breach.place, breach.value, breach.note)
        for breach in sending.breaches
    )
    return Answer(sending.answer, tuple(clues), sending.reasons)


_RULES = ListOf(Object(Rule))
_TEXTS = ListOf(STRING)

ROWS = (
    Function(
        "reaches_internet",
        (function((_RULES, _TEXTS, MapOf(STRING, INT)), BOOL),),
        reaches_internet,
        "Whether one of the ports takes packets from more of the internet than a network of the "
        "prefix length that is given for its family.",
        'reaches_internet(resource.ingress, ["22"], {"v4": 8, "v6": 16})',
        lifted=True,
    ),
    Function(
        "sends_only_to",
        (function((_RULES, _TEXTS, _TEXTS), BOOL),),
        sends_only_to,
        "Whether the rules let out to the listed ranges and prefix lists alone.",
        'sends_only_to(resource.egress, ["10.0.0.0/8"], [])',
        lifted=True,
    ),
    Function(
        "sends_only_on",
        (function((_RULES, _TEXTS), BOOL),),
        sends_only_on,
        "Whether the rules let out over the listed TCP ports alone.",
        'sends_only_on(resource.egress, ["443"])',
        lifted=True,
    ),
)
"""The functions of rules."""
