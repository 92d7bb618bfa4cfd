"""Foreign text inside Markdown: readable, and without the power to link, embed, mention or write
HTML, neither by the syntax nor by what GitHub and GitLab find in the text after it was rendered."""

from __future__ import annotations

import re
from itertools import groupby

from policyscan.text.display import clipped, one_line, visible
from policyscan.text.logsafe import without_orders

# A run of exactly one backtick on either side, on one line: a code span, whose content is inert.
_CODE = re.compile(r"((?<!`)`(?!`)[^`\n]+(?<!`)`(?!`))")
_MARKUP = re.compile(
    r"[\\`*_~\[\]!|<>&$@]|:(?=//|[\w+-]+:)|(?<=www)\.|\#|(?<=\#)(?=\d)"
    r"|^[ \t]*[=-](?=[=\- \t]*$)"  # the line under a heading
    r"|(?<=\bGH)-(?=\d)|(?<![0-9a-z])[0-9a-f]{7,}(?![0-9a-z])",
    re.IGNORECASE | re.MULTILINE,
)
_WORD_JOINER = "\u2060"
_HARMLESS = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    ".": f"&#46;{_WORD_JOINER}",
    # Mentions, references, commits and emoji are found after entities and backslashes are gone.
    "@": f"@{_WORD_JOINER}",
    ":": f"&#58;{_WORD_JOINER}",
}

# What may be read into plain text: words, numbers and marks between them.
_WORD = re.compile(r"[\w\-/.,;:()'\"=+?%–—…·]+")
_NO_WORD = re.compile(
    r"(?<![^\W_])_|_(?![^\W_])"  # emphasis
    r"|:(?!$)|//"  # schemes and what goes without one, emoji
    r"|www\."
    r"|(?<!\d)%"  # milestones of GitLab
    r"|[0-9a-f]{7}"  # commits
    r"|[a-z]{2}-\d",  # GH-1 and issues of other systems
    re.IGNORECASE,
)
_MARKER = re.compile(r"(?:[-+]|[=-]+|\d{1,9}[.)])(?= |$)")
_RUN = re.compile(r"`+")
_MOST_BACKTICKS = 60
_TOO_MANY = re.compile(f"`{{{_MOST_BACKTICKS + 1},}}")
"""A code span of more than 80 is none for GitHub, nor a fence of more than 255."""


def escaped(text: str) -> str:
    """`text` for a Markdown document, with its lists and code spans. It has to stand as whole
    paragraphs: a lone backtick in what follows in the same paragraph could pair with its own."""
    pieces = _CODE.split(visible(text))
    pieces[::2] = [_MARKUP.sub(_escape, piece) for piece in pieces[::2]]
    pieces[1::2] = map(without_orders, pieces[1::2])
    return "".join(pieces)


def inline(text: str, limit: int = 400) -> str:
    """At most about `limit` characters of `text` on one line. Words stay as they are; everything
    that could be more than a word stands in code spans, in which nothing is found, and from which
    it can be copied as it is."""
    return _no_marker(_told(clipped(one_line(text), limit).split(" ")))


def prose(text: str, limit: int = 800) -> str:
    """`inline` text whose own code spans are taken for that: sentences of a policy."""
    joined = ""
    for number, piece in enumerate(_CODE.split(clipped(one_line(" ".join(text.split())), limit))):
        part = piece if number % 2 else _told(piece.split(" "))
        apart = piece.startswith(" ") or joined.endswith(" ") or joined[-1:] == part[:1] == "`"
        joined = f"{joined.rstrip(' ')}{' ' if apart and joined else ''}{part}"
        joined += " " if piece.endswith(" ") else ""
    return _no_marker(joined.strip(" "))


def code(text: str, limit: int = 400) -> str:
    """`text` on one line as a code span; a name, a path, a value."""
    content = clipped(one_line(text), limit).strip(" ")
    return _span(content) if content else ""


def code_block(text: str) -> str:
    """`text` as an indented block of code, which nothing in it can end."""
    return "\n".join(f"    {line}" for line in without_orders(visible(text)).split("\n"))


def fenced(lines: list[str]) -> str:
    """Lines as a fenced block of code, which nothing in it can end."""
    text = _fewer_backticks(without_orders("\n".join(map(one_line, lines))))
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}\n{text}\n{fence}"


def _told(tokens: list[str]) -> str:
    runs = groupby((token for token in tokens if token), key=_is_word)
    return " ".join(" ".join(run) if is_word else _span(" ".join(run)) for is_word, run in runs)


def _no_marker(text: str) -> str:
    """`text` that begins no list and no heading, should it stand at the start of a line."""
    marker = _MARKER.match(text)
    return f"{text[: marker.end() - 1]}\\{text[marker.end() - 1 :]}" if marker else text


def _is_word(token: str) -> bool:
    return bool(_WORD.fullmatch(token)) and not _NO_WORD.search(token)


def _span(content: str) -> str:
    content = _fewer_backticks(without_orders(content))
    fence = "`" * (_longest(content) + 1)
    pad = " " if content.startswith("`") or content.endswith("`") else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def _longest(text: str) -> int:
    return max(map(len, _RUN.findall(text)), default=0)


def _fewer_backticks(text: str) -> str:
    return _TOO_MANY.sub("`" * _MOST_BACKTICKS + "…", text)


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    if not found:
        return _WORD_JOINER
    if found in _HARMLESS:
        return _HARMLESS[found]
    before = match.string[: match.start()][-1:]
    if found.isalnum():  # fewer than 7 digits are no commit
        return _WORD_JOINER.join(found[at : at + 6] for at in range(0, len(found), 6))
    if found == "-" and before.isalnum():
        return f"{found}{_WORD_JOINER}"
    return f"{found[:-1]}\\{found[-1]}"
