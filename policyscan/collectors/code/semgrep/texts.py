"""How much of the source a match hands on: as much as its rule asks for, cut, and no secret."""

from __future__ import annotations

import re

from policyscan.collectors.code.semgrep.answer import Place, Seen
from policyscan.collectors.code.semgrep.model import BETWEEN, MAX_TEXT
from policyscan.resources.masking import mask, secret_name

_LONGEST = 4 * MAX_TEXT
"""Characters that are looked at; the rest is cut away in any case."""
_COMPARED = re.compile(r"([\w.]{1,100})[\"']?\]?\s*[!=]=+\s*[\"']")


def as_shown(seen: Seen) -> Seen:
    """What was found in a file, in order and each once, with texts that may be kept."""
    found = {(place.start, place.end, place.rule, shown(place.text)) for place in seen.places}
    places = [Place(rule, start, end, text) for start, end, rule, text in sorted(found)]
    return Seen(places, seen.faults)


def shown(text: str) -> str:
    """The text of a match as it may be kept. Its parts are names and, last, a value: what has the
    name of a secret is one, whatever stands between the two."""
    *names, value = text[:_LONGEST].split(BETWEEN)
    name = next((name for name in names if secret_name(_last_word(name))), "")
    if name:
        head = f"{_last_word(name)} = "
        value = mask(head + value).removeprefix(head)
    for found in reversed(list(_COMPARED.finditer(value))):
        value = _compared(value, found)
    return BETWEEN.join((*map(mask, names), mask(value)))[:MAX_TEXT]


def _compared(text: str, found: re.Match[str]) -> str:
    """The text without what the value of a secret is compared with."""
    head = f"{found[1]} = "
    hidden = mask(head + text[found.end() - 1 :]).removeprefix(head)
    return text[: found.end() - 1] + hidden


def _last_word(name: str) -> str:
    words = re.findall(r"[\w-]+", name)
    return words[-1] if words else ""
