"""Strings: the standard functions of CEL and its string extension (cel-spec, doc/extensions).

Places in a string are counted in code points from 0. A result longer than `MAX_STRING`, and a
place outside the string, is a fault.
"""

from __future__ import annotations

from policyscan.language.functions.arithmetic import MAX_STRING, Fault, TooLarge
from policyscan.language.functions.signatures import Function, method
from policyscan.language.types import BOOL, INT, STRING, ListOf
from policyscan.values import Unknown

MAX_PARTS = 10_000
"""Strings that `split` makes."""
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters of the Unicode property White_Space, which are fewer than Python strips."""


def lower_ascii(text: str) -> str:
    """`text` with A to Z in lower case and every other character as it is."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def upper_ascii(text: str) -> str:
    """`text` with a to z in upper case and every other character as it is."""
    return text.encode("utf-8", "surrogatepass").upper().decode("utf-8", "surrogatepass")


def char_at(text: str, place: int) -> str:
    """The character at a place, empty right behind the last one. Raises Fault."""
    _within(text, place)
    return text[place : place + 1]


def index_of(text: str, part: str, start: int = 0) -> int:
    """The first place, from `start` on, at which `part` begins, or -1. Raises Fault."""
    _within(text, start)
    return text.find(part, start)


def last_index_of(text: str, part: str, start: int | None = None) -> int:
    """The last place, at `start` or before it, at which `part` begins, or -1. Raises Fault."""
    if start is None:
        return text.rfind(part)
    _within(text, start)
    return text.rfind(part, 0, start + len(part))


def substring(text: str, start: int, end: int | None = None) -> str:
    """The characters from `start` on, up to but without the one at `end`. Raises Fault."""
    _within(text, start)
    if end is None:
        return text[start:]
    _within(text, end)
    if start > end:
        raise Fault(f"no substring from {start} to {end}")
    return text[start:end]


def replace(text: str, old: str, new: str, limit: int = -1) -> str:
    """`text` with the first `limit` occurrences of `old` replaced; all, if it is negative. An
    empty `old` stands before every character and at the end. Raises Fault."""
    count = text.count(old)
    count = count if limit < 0 else min(count, limit)
    _short_enough(len(text) + count * max(0, len(new) - len(old)), text)
    return text.replace(old, new, count)


def split(text: str, separator: str, limit: int = -1) -> tuple[str, ...]:
    """The parts between the separators, `limit` at most if that is not negative; the last keeps
    the rest. An empty separator parts all characters. Raises Fault."""
    if limit == 0:
        return ()
    count = text.count(separator) + 1 if separator else len(text)
    if (count if limit < 0 else min(count, limit)) > MAX_PARTS:
        raise TooLarge(f"a list of at most {MAX_PARTS} members")
    if separator:
        return tuple(text.split(separator, limit - 1 if limit > 0 else -1))
    if limit < 0 or limit >= len(text):
        return tuple(text) or ("",)
    return (*text[: limit - 1], text[limit - 1 :])


def join(parts: tuple[str, ...], separator: str = "") -> str:
    """The parts one after the other, the separator between them. Raises Fault."""
    whole = sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1)
    _short_enough(whole, "")
    return separator.join(parts)


def trim(text: str) -> str:
    """`text` without the white space, by Unicode, at its ends."""
    return text.strip(_SPACE)


def reverse(text: str) -> str:
    """The characters in reverse order."""
    return text[::-1]


def _within(text: str, place: int) -> None:
    if not 0 <= place <= len(text):
        raise Fault(f"no place {place} in a string of {len(text)} characters")


def _short_enough(length: int, text: str) -> None:
    """A result may be as long as what was given, however long that is."""
    if length > max(MAX_STRING, len(text)):
        raise TooLarge(f"a string of at most {MAX_STRING} characters")


_TWO = (STRING, STRING)
_TEXTS = ListOf(STRING)


def _first(text: Unknown) -> str:
    """What a text certainly starts with."""
    return text.parts[0] if text.parts and isinstance(text.parts[0], str) else ""


def _last(text: Unknown) -> str:
    return text.parts[-1] if text.parts and isinstance(text.parts[-1], str) else ""


def _starts(text: Unknown, part: str) -> bool | None:
    known = _first(text)
    return True if known.startswith(part) else None if part.startswith(known) else False


def _ends(text: Unknown, part: str) -> bool | None:
    known = _last(text)
    return True if known.endswith(part) else None if part.endswith(known) else False


def _contains(text: Unknown, part: str) -> bool | None:
    return any(part in piece for piece in text.fragments) or None


ROWS = (
    Function(
        "startsWith",
        (method(_TWO, BOOL),),
        str.startswith,
        "Whether a string starts with another.",
        '"arn:aws:kms".startsWith("arn:")',
        partly=_starts,
    ),
    Function(
        "endsWith",
        (method(_TWO, BOOL),),
        str.endswith,
        "Whether a string ends with another.",
        '"bot.example.com".endsWith(".example.com")',
        partly=_ends,
    ),
    Function(
        "contains",
        (method(_TWO, BOOL),),
        str.__contains__,
        "Whether a string holds another.",
        '"prod-bot".contains("-")',
        partly=_contains,
    ),
    Function(
        "lowerAscii",
        (method((STRING,), STRING),),
        lower_ascii,
        "The string with A to Z in lower case.",
        '"ProdÉ".lowerAscii() == "prodÉ"',
    ),
    Function(
        "upperAscii",
        (method((STRING,), STRING),),
        upper_ascii,
        "The string with a to z in upper case.",
        '"prodé".upperAscii() == "PRODé"',
    ),
    Function(
        "charAt",
        (method((STRING, INT), STRING),),
        char_at,
        "The character at a place, empty behind the last one.",
        '"bot".charAt(0) == "b"',
    ),
    Function(
        "indexOf",
        (method(_TWO, INT), method((*_TWO, INT), INT)),
        index_of,
        "The first place of a string in another, from a place on if one is given, or -1.",
        '"a-b-c".indexOf("-") == 1 && "a-b-c".indexOf("-", 2) == 3',
    ),
    Function(
        "lastIndexOf",
        (method(_TWO, INT), method((*_TWO, INT), INT)),
        last_index_of,
        "The last place of a string in another, up to a place if one is given, or -1.",
        '"a-b-c".lastIndexOf("-") == 3 && "a-b-c".lastIndexOf("-", 2) == 1',
    ),
    Function(
        "substring",
        (method((STRING, INT), STRING), method((STRING, INT, INT), STRING)),
        substring,
        "The characters from a place on, up to but without another if one is given.",
        '"prod-bot".substring(5) == "bot" && "prod-bot".substring(0, 4) == "prod"',
    ),
    Function(
        "replace",
        (method((*_TWO, STRING), STRING), method((*_TWO, STRING, INT), STRING)),
        replace,
        "The string with every occurrence of another replaced, or the first so many.",
        '"a_b_c".replace("_", "-") == "a-b-c" && "a_b_c".replace("_", "-", 1) == "a-b_c"',
    ),
    Function(
        "split",
        (method(_TWO, _TEXTS), method((*_TWO, INT), _TEXTS)),
        split,
        "The parts of a string between the separators, at most so many if a limit is given.",
        '"a,b,c".split(",") == ["a", "b", "c"] && "a,b,c".split(",", 2) == ["a", "b,c"]',
    ),
    Function(
        "join",
        (method((_TEXTS,), STRING), method((_TEXTS, STRING), STRING)),
        join,
        "The strings of a list as one, with the separator between them if one is given.",
        '["a", "b"].join("-") == "a-b"',
    ),
    Function(
        "trim",
        (method((STRING,), STRING),),
        trim,
        "The string without white space at its ends.",
        '" bot\\n".trim() == "bot"',
    ),
    Function(
        "reverse",
        (method((STRING,), STRING),),
        reverse,
        "The string with its characters in reverse order.",
        '"bot".reverse() == "tob"',
    ),
)
"""The functions of strings."""
