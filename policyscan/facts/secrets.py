"""Which secrets a resource holds, told apart without telling them.

A resource never holds the text of a secret, only where it is written. Whether it is another than
before is asked of digests with a key that is made for each run and leaves it in nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from policyscan.resources.base import Resource
from policyscan.resources.secret_values import secret_texts
from policyscan.text.source import Span
from policyscan.values import PartialList

FIELDS = {"DockerfileStage": "secrets", "Workload": "secret_variables", "Secret": "value_from"}
"""By kind, the field that tells of secrets that are written out."""
_MEMBER = re.compile(r"\[(\d+)\]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')


def secrets_of(resource: Resource) -> frozenset[str]:
    """One digest for each text in which a secret is written out, the same for the same text in one
    run. What a variable brings from elsewhere is not among them."""
    return frozenset(map(_digest, _texts(resource)))


def hidden_of(resource: Resource) -> frozenset[str]:
    """The same of the values of a resource that are masked for what brings them."""
    return frozenset(map(_digest, secret_texts(resource)))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=_key()).hexdigest()


@cache
def _key() -> bytes:
    return os.urandom(32)


def _texts(resource: Resource) -> Iterator[str]:
    field = FIELDS.get(resource.kind, "")
    members = getattr(resource, field, ())
    known = members.known if isinstance(members, PartialList) else members
    for path, chain in resource.chains.items() if field else ():
        span = chain[-1].span if chain else None
        if span is not None and path.partition("[")[0] == field and _is_written(path, known):
            if resource.kind == "DockerfileStage":
                yield " ".join(span.text.split())
            else:  # not what it refers to, which may be called something else
                yield from _TEXT.findall(_body(span) if resource.kind == "Secret" else span.text)


def _body(span: Span) -> str:
    """What follows the first line of a block, up to the line that ends it."""
    rest = span.source.data[span.end :].partition(b"\n}")[0]
    return rest.decode("utf-8", "replace")


def _is_written(path: str, members: Any) -> bool:
    """Whether a member of a list is a secret that is written out; a list says nothing itself."""
    if not isinstance(members, Sequence) or isinstance(members, str):
        return True
    found = _MEMBER.search(path)
    if found is None or int(found[1]) >= len(members):
        return False
    return getattr(members[int(found[1])], "source", "literal") == "literal"
