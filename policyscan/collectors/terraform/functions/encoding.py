"""Encodings and digests."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import quote_plus

from policyscan.collectors.terraform import scalars
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.functions.invocation import Invocation
from policyscan.collectors.terraform.functions.table import Function, Table
from policyscan.collectors.terraform.members import reason_of
from policyscan.collectors.terraform.value import JsonText, Plain, UnknownJson, Value
from policyscan.values import OneOf, PartialList, Ref, Undetermined, Unknown, glued

_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)
"""What Go's encoder escapes besides what JSON demands."""


def json_text(call: Invocation, value: Value) -> str:
    """The value as JSON, as Terraform writes it: no spaces, keys sorted."""
    text = encoded(call, value)
    if isinstance(text, Unknown):
        raise Undetermined(text.derived)
    return text


def encoded(call: Invocation, value: Value) -> str | Unknown:
    """The value as JSON. What is not known in it is a hole, in quotes if it is certainly text."""
    size = 0
    pieces: list[str | Ref | Unknown] = []
    texts: list[str] = []
    for part in _json_pieces(call, value):
        if isinstance(part, str):
            size += len(part)
            call.room_for(size)
            texts.append(part)
        else:
            pieces += ["".join(texts), part]
            texts = []
    return glued([*pieces, "".join(texts)])


def _json_pieces(call: Invocation, value: Value) -> Iterator[str | Ref | Unknown]:
    call.spend()
    plain = value.plain
    if plain is None:
        yield "null"
    elif isinstance(plain, (Ref, Unknown, OneOf, PartialList)):
        yield from _hole(value)
    elif isinstance(plain, str):
        yield f'"{_escaped(plain)}"'
    elif isinstance(plain, dict):
        opening = "{"
        for key in sorted(plain):
            yield f'{opening}"{_escaped(key)}":'
            yield from _json_pieces(call, plain[key])
            opening = ","
        yield "}" if plain else "{}"
    elif isinstance(plain, tuple):
        opening = "["
        for item in plain:
            yield opening
            yield from _json_pieces(call, item)
            opening = ","
        yield "]" if plain else "[]"
    else:
        yield call.text_of(value)


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].translate(_ESCAPES)


def _hole(value: Value) -> Iterator[str | Ref | Unknown]:
    """A value that is not known. A list, or what may be one, stands for itself."""
    plain = value.plain
    if isinstance(plain, Ref) and plain.attribute:
        yield from ('"', plain, '"')
    elif isinstance(plain, Unknown) and plain.parts:
        yield '"'
        for part in plain.parts:
            yield _escaped(part) if isinstance(part, str) else part
        yield '"'
    elif isinstance(plain, PartialList):
        yield plain.unknown.derived
    else:
        reason = reason_of(value)
        assert reason is not None
        yield reason.derived


def _jsonencode(call: Invocation) -> Plain:
    document = call.arguments[0]
    try:
        text = encoded(call, document)
    except Undetermined as undetermined:
        text = undetermined.unknown.derived
    if isinstance(text, Unknown):
        return UnknownJson.of_parts(text, document)
    return JsonText(text, document)


def _jsondecode(call: Invocation) -> Plain | Value:
    argument = call.arguments[0]
    if isinstance(argument.plain, Unknown) and argument.plain.parts:
        return call.pass_on(document_of(argument))
    text = call.text(0)
    call.room_for(len(text))

    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        decoded = json.loads(
            text, parse_int=scalars.to_number, parse_float=scalars.to_number, parse_constant=refuse
        )
    except ValueError as error:
        raise call.error("the text is not JSON") from error
    return _wrap(call, decoded)


def _wrap(call: Invocation, decoded: object) -> Value:
    call.spend()
    if isinstance(decoded, dict):
        return call.make({str(key): _wrap(call, item) for key, item in decoded.items()})
    if isinstance(decoded, list):
        return call.make(tuple(_wrap(call, item) for item in decoded))
    assert decoded is None or isinstance(decoded, (str, int, float))
    return call.make(decoded)


def _base64decode(call: Invocation) -> Plain:
    try:
        text = call.text(0).replace("\r", "").replace("\n", "")
        return base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise call.error("the text is not base64 of UTF-8") from error


def _data(call: Invocation) -> bytes:
    return call.text(0).encode("utf-8", "surrogatepass")


def _digest(algorithm: str) -> Function:
    return lambda call: hashlib.new(algorithm, _data(call), usedforsecurity=False).hexdigest()


def _not_computed(call: Invocation) -> Plain:
    raise call.unsupported("the result")


TABLE: Table = {
    "base64decode": (_base64decode, 1, 1),
    "base64encode": (lambda call: base64.b64encode(_data(call)).decode("ascii"), 1, 1),
    "formatdate": (_not_computed, 2, 2),
    "jsondecode": (_jsondecode, 1, 1),
    "jsonencode": (_jsonencode, 1, 1),
    "md5": (_digest("md5"), 1, 1),
    "sha1": (_digest("sha1"), 1, 1),
    "sha256": (_digest("sha256"), 1, 1),
    "sha512": (_digest("sha512"), 1, 1),
    "timeadd": (_not_computed, 2, 2),
    "urlencode": (lambda call: quote_plus(_data(call), safe="-_.~"), 1, 1),
    "yamldecode": (_not_computed, 1, 1),
    "yamlencode": (_not_computed, 1, 1),
}
