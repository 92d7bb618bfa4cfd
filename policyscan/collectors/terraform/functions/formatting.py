"""`format` and `formatlist`: the verbs of Go's printf that Terraform has."""

from __future__ import annotations

import re
from collections.abc import Sequence

from policyscan.collectors.terraform.functions.encoding import json_text
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Table
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import Plain, Value
from policyscan.values import PartialList, Ref, Undetermined, Unknown, glued

MAX_WIDTH = 1000

_VERB = re.compile(
    r"%(?:%|(?P<flags>[-+ 0#]*)(?P<width>[0-9]{1,6})?(?:\.(?P<precision>[0-9]{1,6}))?"
    r"(?:\[(?P<index>[0-9]{1,6})\])?(?P<verb>[a-zA-Z]))"
)


def _format(call: Invocation) -> Plain:
    return _render(call, call.text(0), call.arguments[1:])


def _formatlist(call: Invocation) -> Plain:
    spec = call.text(0)
    columns: list[Sequence[Value] | Value] = []
    lengths = set()
    for argument in call.arguments[1:]:
        plain = argument.plain
        if isinstance(plain, (PartialList, Unknown)):
            raise Undetermined(plain.unknown if isinstance(plain, PartialList) else plain)
        columns.append(plain if isinstance(plain, tuple) else argument)
        if isinstance(plain, tuple):
            lengths.add(len(plain))
    if len(lengths) > 1:
        raise call.error("the lists have different lengths")
    rows = []
    for row in range(lengths.pop() if lengths else 1):
        call.spend(1 + len(columns))
        values = [column if isinstance(column, Value) else column[row] for column in columns]
        rows.append(call.make(_render(call, spec, values)))
    return tuple(rows)


def _render(call: Invocation, spec: str, arguments: Sequence[Value]) -> Plain:
    pieces: list[str | Ref | Unknown] = []
    position = following = used = size = 0
    while (start := spec.find("%", position)) >= 0:
        match = _VERB.match(spec, start)
        if match is None:
            raise call.error("a verb of the format is not understood")
        pieces.append(spec[position:start])
        position = match.end()
        if match[0] == "%%":
            pieces.append("%")
            continue
        following = int(match["index"]) if match["index"] else following + 1
        if not 1 <= following <= len(arguments):
            raise call.error("there are fewer arguments than verbs")
        used = max(used, following)
        pieces.append(_verb(call, match, arguments[following - 1]))
        last = pieces[-1]
        size += len(last) if isinstance(last, str) else 0
        call.room_for(size)
    if used < len(arguments):
        raise call.error("there are more arguments than verbs")
    return glued([*pieces, spec[position:]])


def _verb(call: Invocation, match: re.Match[str], value: Value) -> str | Ref | Unknown:
    reason = reason_of(value)
    if reason is not None:
        if match["verb"] not in "sv" or match["width"] or match["precision"]:
            return reason.derived
        return value.plain if isinstance(value.plain, Ref) and value.plain.attribute else reason
    try:
        text = _verb_text(call, match["verb"], value, match)
    except Undetermined as undetermined:
        return undetermined.unknown.derived
    return text


def _verb_text(call: Invocation, verb: str, value: Value, match: re.Match[str]) -> str:
    flags, width = match["flags"], int(match["width"] or 0)
    precision = match["precision"]
    if value.plain is None:
        raise call.unsupported("a value that is not null")
    if "#" in flags or max(width, int(precision or 0)) > MAX_WIDTH:
        raise call.unsupported("a simpler format")
    if verb == "f":
        return f"%{flags}{width or ''}.{precision or 6}f" % call.number_of(value)
    if precision is not None:
        raise call.unsupported("a simpler format")
    if verb == "d":
        number = call.number_of(value)
        if not isinstance(number, int):
            raise call.error("a whole number is required")
        return f"%{flags}{width or ''}d" % number
    if "0" in flags and width:
        raise call.unsupported("a simpler format")
    text = _plain_text(call, verb, value)
    return text.ljust(width) if "-" in flags else text.rjust(width)


def _plain_text(call: Invocation, verb: str, value: Value) -> str:
    match verb:
        case "v" if not isinstance(value.plain, (str, int, float)):
            return json_text(call, value)
        case "s" | "v":
            return call.text_of(value)
        case "q":
            return json_text(call, call.make(call.text_of(value)))
        case "t":
            return "true" if call.truth_of(value) else "false"
        case "b" | "e" | "E" | "g" | "G" | "o" | "x" | "X":
            raise call.unsupported(f"the verb %{verb}")
    raise call.error("a verb of the format is not understood")


TABLE: Table = {
    "format": (_format, 1, None),
    "formatlist": (_formatlist, 1, None),
}
