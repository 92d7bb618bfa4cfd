"""String functions."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from policyscan.collectors.terraform.functions import patterns
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Function, Table, list_made_by
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import Plain, Value
from policyscan.values import Ref, Unknown, Why, glued

SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters that Go's `unicode.IsSpace` names."""


def piece(call: Invocation, value: Value) -> str | Ref | Unknown:
    """A value as a piece of text."""
    if isinstance(value.plain, Ref) and value.plain.attribute:
        return value.plain
    reason = reason_of(value)
    return call.text_of(value) if reason is None else reason


def clusters(call: Invocation, text: str) -> Sequence[str]:
    """What a reader sees as characters. Texts with joined ones are not computed with."""
    if text.isascii() and "\r\n" not in text:
        return text
    found = unicodedata.normalize("NFC", text)
    if "\r\n" in found or any(
        unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf", "Sk")
        or "\u1100" <= char <= "\u11ff"
        or "\U0001f1e6" <= char <= "\U0001f1ff"
        for char in found
        if char > "\x7f"
    ):
        raise call.unsupported("a text without joined characters")
    return found


def mapped(change: Callable[[str], str]) -> Callable[[Invocation], Plain]:
    """A function of one string that turns each fragment of it into one of the result."""

    def apply(call: Invocation) -> Plain:
        reason = reason_of(call.arguments[0])
        if reason is not None:
            changed = tuple(filter(None, map(change, reason.fragments)))
            return replace(reason.derived, fragments=changed)
        return change(call.text(0))

    return apply


def each_mapped(change: Callable[[str], str]) -> Callable[[Invocation], Plain]:
    """As `mapped`, for a change of letter by letter: the pieces keep their order."""

    def apply(call: Invocation) -> Plain:
        reason = reason_of(call.arguments[0])
        if reason is not None and reason.parts:
            return glued(changed_parts(reason, change))
        return mapped(change)(call)

    return apply


def changed_parts(text: Unknown, change: Callable[[str], str]) -> Iterator[str | Unknown]:
    """The pieces of a text after a change of each letter on its own."""
    for part in text.parts:
        if isinstance(part, str):
            yield change(part)
        elif isinstance(part, Ref):
            yield Unknown(Why.COMPUTED, f"the text of {part}", part.where)
        else:
            yield part.derived


def plainly(change: Callable[[str], str]) -> Function:
    """A function of one string."""
    return lambda call: change(call.text(0))


def _join(call: Invocation) -> Plain | Value:
    separator = call.text(0)
    members: list[Value] = []
    open_ends: list[Unknown] = []
    for index in range(1, len(call.arguments)):
        found, rest = call.open_items(index)
        members += found
        open_ends += [rest] if rest is not None else []
    pieces = [piece(call, value) for value in members]
    if len(members) == 1 and not open_ends and isinstance(members[0].plain, (str, Ref, Unknown)):
        return call.pass_on(members[0])
    call.room_for(sum(len(p) for p in pieces if isinstance(p, str)) + len(separator) * len(pieces))
    if open_ends:
        some = glued([*pieces, open_ends[0]])
        assert isinstance(some, Unknown)
        return replace(some, parts=())
    return glued([part for p in pieces for part in (separator, p)][1:])


def _split(call: Invocation) -> Plain:
    separator, text = call.text(0), call.text(1)
    return call.texts(text.split(separator) if separator else text)


def _substr(call: Invocation) -> Plain:
    text = clusters(call, call.text(0))
    offset, length = call.integer(1), call.integer(2)
    if offset < 0:
        offset = max(0, offset + len(text))
    return "".join(text[offset:] if length < 0 else text[offset : offset + length])


def _title(text: str) -> str:
    previous, changed = " ", []
    for char in text:
        separator = not (previous.isalnum() or previous == "_") and (
            previous.isascii() or previous in SPACE
        )
        changed.append(_upper(char) if separator else char)
        previous = char
    return "".join(changed)


def _upper(text: str) -> str:
    """Letter by letter, as Go does: `ß` stays."""
    return "".join(up if len(up := char.upper()) == 1 else char for char in text)


def _lower(text: str) -> str:
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


def _trim(call: Invocation) -> Plain:
    cut = call.text(1)
    return mapped(lambda text: text.strip(cut) if cut else text)(call)


def _indent(call: Invocation) -> Plain:
    spaces, text = call.integer(0), call.text(1)
    if spaces < 0:
        raise call.error("a number of spaces is required")
    call.room_for(len(text) + text.count("\n") * spaces)
    return text.replace("\n", "\n" + " " * spaces)


def _replace(call: Invocation) -> Plain:
    wanted, substitute = call.text(1), call.text(2)
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        return patterns.substitute(call, wanted[1:-1], call.text(0), substitute)
    reason = reason_of(call.arguments[0])
    if reason is not None and reason.parts and len(wanted) == 1:
        return glued(changed_parts(reason, lambda part: part.replace(wanted, substitute)))
    if reason is not None:
        # A longer text may also occur across the ends of a fragment.
        kept = reason.fragments if len(wanted) == 1 else ()
        changed = (fragment.replace(wanted, substitute) for fragment in kept)
        return replace(reason.derived, fragments=tuple(filter(None, changed)))
    text = call.text(0)
    call.room_for(len(text) + text.count(wanted) * len(substitute))
    return text.replace(wanted, substitute)


def _dirname(text: str) -> str:
    cleaned = posixpath.normpath(text[: text.rfind("/") + 1] or ".")
    return "/" + cleaned.lstrip("/") if cleaned.startswith("/") else cleaned


def _basename(text: str) -> str:
    if not text:
        return "."
    return text.rstrip("/").rpartition("/")[2] or "/"


TABLE: Table = {
    "basename": (plainly(_basename), 1, 1),
    "chomp": (plainly(lambda text: text.rstrip("\r\n")), 1, 1),
    "dirname": (plainly(_dirname), 1, 1),
    "endswith": (lambda call: call.text(0).endswith(call.text(1)), 2, 2),
    "indent": (_indent, 2, 2),
    "join": (_join, 2, None),
    "lower": (each_mapped(_lower), 1, 1),
    "regex": (lambda call: patterns.first(call, call.text(0), call.text(1)), 2, 2),
    "regexall": (lambda call: patterns.every(call, call.text(0), call.text(1)), 2, 2),
    "replace": (_replace, 3, 3),
    "split": (list_made_by(_split), 2, 2),
    "startswith": (lambda call: call.text(0).startswith(call.text(1)), 2, 2),
    "strcontains": (lambda call: call.text(1) in call.text(0), 2, 2),
    "strrev": (lambda call: "".join(reversed(clusters(call, call.text(0)))), 1, 1),
    "substr": (_substr, 3, 3),
    "title": (plainly(_title), 1, 1),
    "trim": (_trim, 2, 2),
    "trimprefix": (lambda call: call.text(0).removeprefix(call.text(1)), 2, 2),
    "trimspace": (mapped(lambda text: text.strip(SPACE)), 1, 1),
    "trimsuffix": (lambda call: call.text(0).removesuffix(call.text(1)), 2, 2),
    "upper": (each_mapped(_upper), 1, 1),
}
