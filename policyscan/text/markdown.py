"""Foreign text inside Markdown: readable, with its lists and code spans, and without the power to
link, embed, mention or write HTML."""

from __future__ import annotations

import re

from policyscan.text.display import visible

# A run of exactly one backtick on either side, on one line: a code span, whose content is inert.
_CODE = re.compile(r"((?<!`)`(?!`)[^`\n]+(?<!`)`(?!`))")
_MARKUP = re.compile(r"[\\`*_~\[\]!|#<>&$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_WORD_JOINER = "\u2060"
_HARMLESS = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    ":": "&#58;",
    ".": "&#46;",
    "@": f"@{_WORD_JOINER}",  # mentions are found after entities and backslashes are gone
}


def escaped(text: str) -> str:
    """`text` for a Markdown document. It has to stand as whole paragraphs: a lone backtick in
    what follows in the same paragraph could pair with one of its own."""
    pieces = _CODE.split(visible(text))
    pieces[::2] = [_MARKUP.sub(_escape, piece) for piece in pieces[::2]]
    return "".join(pieces)


def code_block(text: str) -> str:
    """`text` as an indented block of code, which nothing in it can end."""
    return "\n".join(f"    {line}" for line in visible(text).split("\n"))


def _escape(match: re.Match[str]) -> str:
    return _HARMLESS.get(match[0], f"\\{match[0]}")
