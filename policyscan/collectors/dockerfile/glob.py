"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`."""

from __future__ import annotations

from collections.abc import Iterator


class Glob:
    """A pattern of literal characters, `?` (any one) and `*` (any number); a backslash escapes.

    Matching follows all ways through the pattern at once, one bit per position, so that its time
    is bounded by the length of the text times the length of the pattern.
    """

    def __init__(self, pattern: str) -> None:
        self.tokens = list(_tokens(pattern))

    def apply(self, operator: str, text: str, replacement: str = "") -> str:
        """The text after a substitution with one of the operators `#` `##` `%` `%%` `/` `//`."""
        if operator in ("#", "##"):
            end = self._prefix(text, longest=operator == "##")
            return text if end is None else text[end:]
        if operator in ("%", "%%"):
            backwards = _Reversed(self.tokens)
            end = backwards._prefix(text[::-1], longest=operator == "%%")
            return text if end is None else text[: len(text) - end]
        return self._replace(text, replacement, every=operator == "//")

    def _prefix(self, text: str, *, longest: bool, start: int = 0) -> int | None:
        """Where a match that begins at `start` ends; None if none does."""
        tokens = self.tokens
        goal = 1 << len(tokens)
        states = self._skip_stars(1)
        found = start if states & goal else None
        for index in range(start, len(text)):
            if found is not None and not longest:
                return found
            states = self._skip_stars(self._step(states, text[index]))
            if not states:
                return found
            if states & goal:
                found = index + 1
        return found

    def _step(self, states: int, char: str) -> int:
        following = 0
        for position, token in enumerate(self.tokens):
            if not states >> position & 1:
                continue
            if token is _STAR:
                following |= 1 << position
            elif token in (_ANY, char):
                following |= 1 << (position + 1)
        return following

    def _skip_stars(self, states: int) -> int:
        for position, token in enumerate(self.tokens):
            if token is _STAR and states >> position & 1:
                states |= 1 << (position + 1)
        return states

    def _replace(self, text: str, replacement: str, *, every: bool) -> str:
        parts: list[str] = []
        at = 0
        while at <= len(text):
            end = self._prefix(text, longest=True, start=at)
            if end is None:
                parts.append(text[at : at + 1])
                at += 1
                continue
            parts.append(replacement)
            if end == at:
                parts.append(text[at : at + 1])
            at = max(end, at + 1)
            if not every:
                break
        return "".join(parts) + text[at:]


class _Reversed(Glob):
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens[::-1]


_STAR = "**"
_ANY = "??"


def _tokens(pattern: str) -> Iterator[str]:
    escaped = False
    for char in pattern:
        if escaped:
            yield char
        elif char == "*":
            yield _STAR
        elif char == "?":
            yield _ANY
        elif char != "\\":
            yield char
        escaped = char == "\\" and not escaped
    if escaped:
        yield "\\"
