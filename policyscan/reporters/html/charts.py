"""Bars as inline SVG: sizes in percent, colours and patterns from the style sheet.

Each bar says in its `<title>` and `<desc>` what it shows; the numbers stand in the table beside it.
"""

from __future__ import annotations

from markupsafe import Markup

from policyscan.findings import Verdict
from policyscan.reporters.html.tally import Tally
from policyscan.reporters.html.words import number, verdict_word
from policyscan.text.display import one_line

# From what asks for attention to what does not.
ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS, Verdict.NOT_APPLICABLE)

_BAR = Markup(
    '<svg class="bar" width="100%" height="12" role="img" focusable="false">'
    "<title>{}</title><desc>{}</desc>{}</svg>"
)
_PART = Markup('<rect class="b-{}" x="{}%" y="0" width="{}%" height="12"></rect>')


def bar(title: str, parts: list[tuple[str, str, int]], whole: int) -> Markup:
    """A bar whose parts (class, words, amount) stand one after the other, out of `whole`."""
    drawn, position = [], 0
    for style, _, amount in parts:
        if amount:
            drawn.append(_PART.format(style, _percent(position, whole), _percent(amount, whole)))
        position += amount
    text = ", ".join(f"{words} {number(amount)}" for _, words, amount in parts)
    return _BAR.format(
        one_line(title), f"{text}; the full width is {number(whole)}", Markup("").join(drawn)
    )


def verdict_bar(tally: Tally, title: str) -> Markup:
    """How the verdicts of one row divide."""
    parts = [(v.value, verdict_word(v).lower(), tally[v]) for v in ORDER]
    return bar(title, parts, tally.total)


def severity_bar(fails: int, blocking: int, whole: int, title: str) -> Markup:
    """How many fail, blocking ones first, out of `whole`."""
    parts = [("fail", "blocking", blocking), ("advice", "not blocking", fails - blocking)]
    return bar(title, parts, whole)


def _percent(amount: int, whole: int) -> str:
    return f"{100 * amount / whole:.2f}"
