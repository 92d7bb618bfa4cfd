"""Rules of packet filters: what they let in and out, judged on what is known of them."""

from __future__ import annotations

from typing import Any

from policyscan.language.functions.answers import Answer, Clue, why_open
from policyscan.language.functions.ranges import try_ports, try_ranges
from policyscan.language.functions.signatures import Function, Trial, function
from policyscan.language.types import BOOL, INT, STRING, ListOf, MapOf, Object
from policyscan.resources import cidr as cidrs
from policyscan.resources import egress
from policyscan.resources.network import Rule
from policyscan.values import UNSEEN, PartialList


def reaches_internet(rules: Any, ports: Any, max_public: Any) -> Answer:
    """Whether some of the ports take packets from the internet. Raises ValueError."""
    open_settings = why_open(ports) + why_open(max_public)
    if open_settings:
        return Answer(None, reasons=open_settings)
    if not all(0 <= length <= 128 for length in max_public.values()):
        raise ValueError("the length of a prefix is 0 to 128")
    reach = cidrs.reachable(_known(rules), ports, max_public)
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


def sends_only_to(rules: Any, allowed: Any, prefix_lists: Any) -> Answer:
    """Whether the rules let out to the allowed ranges and prefix lists alone. Raises ValueError."""
    opened = why_open(allowed) + why_open(prefix_lists)
    if opened:
        return Answer(None, reasons=opened)
    return _sending(egress.sends_only_to(_known(rules), allowed, prefix_lists))


def sends_only_on(rules: Any, ports: Any) -> Answer:
    """Whether the rules let out over these TCP ports alone. Raises ValueError."""
    opened = why_open(ports)
    if opened:
        return Answer(None, reasons=opened)
    return _sending(egress.sends_only_on(_known(rules), ports))


def _known(rules: Any) -> Any:
    """The rules, up to the first that is not known; the condition may have made the list."""
    members = rules.known if isinstance(rules, PartialList) else rules
    if isinstance(members, (tuple, list)):
        for number, rule in enumerate(members):
            if not isinstance(rule, Rule):
                return PartialList(tuple(members[:number]), *(why_open(rule) or (UNSEEN,)))
    return rules


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
        trials=(Trial(1, try_ports),),
    ),
    Function(
        "sends_only_to",
        (function((_RULES, _TEXTS, _TEXTS), BOOL),),
        sends_only_to,
        "Whether the rules let out to the listed ranges and prefix lists alone.",
        'sends_only_to(resource.egress, ["10.0.0.0/8"], [])',
        lifted=True,
        trials=(Trial(1, try_ranges),),
    ),
    Function(
        "sends_only_on",
        (function((_RULES, _TEXTS), BOOL),),
        sends_only_on,
        "Whether the rules let out over the listed TCP ports alone.",
        'sends_only_on(resource.egress, ["443"])',
        lifted=True,
        trials=(Trial(1, try_ports),),
    ),
)
"""The functions of rules."""
