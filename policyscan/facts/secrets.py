"""Which secrets a resource holds, told apart without telling them.

A resource holds the seals of its secrets if its collector knows their values, and otherwise only
where they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from policyscan.resources.base import Resource
from policyscan.resources.seals import seal
from policyscan.resources.secret_values import secret_texts
from policyscan.text.source import Span
from policyscan.values import PartialList

FIELDS = {"DockerfileStage": "secrets", "Workload": "secret_variables", "Secret": "value_from"}
"""By kind, the field that tells of secrets that are written out."""
_MEMBER = re.compile(r"\[(\d+)\]")
_REFERENCE = re.compile(r"\s*(?:var|local|module|data|each|self|[a-z]+_[a-z_0-9]+)[.\[]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def secrets_of(resource: Resource) -> frozenset[str]:
    """One seal for each secret that is known, or text in which one is written out. What a variable
    brings from elsewhere is not among them."""
    return frozenset(chain(map(seal, _texts(resource)), *resource.seals.values()))


def hidden_of(resource: Resource) -> frozenset[str]:
    """The same of the values of a resource that are masked for what brings them."""
    return frozenset(map(seal, secret_texts(resource)))


def _texts(resource: Resource) -> Iterator[str]:
    field = FIELDS.get(resource.kind, "")
    members = getattr(resource, field, ())
    known = members.known if isinstance(members, PartialList) else members
    for path, way in resource.chains.items() if field else ():
        if path in resource.seals or path.partition("[")[0] != field:
            continue
        if way and (name := _written(path, known)):
            step = way[-1]
            if step.span is not None:
                text = step.span.text
                if resource.kind == "Secret":
                    text = _argument(step.span, step.label.rpartition(": ")[2])
                yield from _held(text, name, whole=resource.kind == "DockerfileStage")


def _held(text: str, name: str, *, whole: bool) -> Iterator[str]:
    """The texts that are written in an expression, and not what it refers to, which may come to be
    called something else; of a script, of the lines that name the variable."""
    lines = [line for line in text.splitlines() if name in line]
    text = "\n".join(lines) if len(text.splitlines()) > 1 and lines else text
    found = _TEXT.findall(text)
    if found and not whole:
        yield from found
    elif whole or not _REFERENCE.match(text):
        yield " ".join(text.split())


def _argument(span: Span, name: str) -> str:
    """What an argument of a block is, or all that is written in the block if it is not found;
    `span` is the first line of the block."""
    body = span.source.data[span.end :].partition(b"\n}")[0].decode("utf-8", "replace")
    form = rf'(?ms)^([ \t]*)"?{re.escape(name)}"?[ \t]*[=:](.*?)(?=^\1[\w"]|\Z)'
    found = re.search(form, body)
    return found[2] if found else body


def _written(path: str, members: Any) -> str:
    """The name of a secret of a list, or of the field, if it is written out; a list says nothing
    itself."""
    if not isinstance(members, Sequence) or isinstance(members, str):
        return path
    found = _MEMBER.search(path)
    if found is None or int(found[1]) >= len(members):
        return ""
    member = members[int(found[1])]
    is_written = getattr(member, "source", "literal") == "literal"
    return getattr(member, "name", "") or path if is_written else ""
