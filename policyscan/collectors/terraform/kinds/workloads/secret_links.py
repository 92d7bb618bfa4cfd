"""Which secret a value names, or was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.links import Links, each_case
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain
from policyscan.resources.secret_names import secret_of_arn
from policyscan.resources.secret_signs import secret_name
from policyscan.values import OneOf, Ref, Unknown, Why

STORES = ("aws_secretsmanager_secret", "aws_ssm_parameter")
TYPES = (*STORES, "aws_secretsmanager_secret_version", "aws_secretsmanager_secret_rotation")

_NAMES = ("secret_id", "name", "arn")
"""Arguments by which a version or a data source says which secret it is of."""
_POINTING = frozenset({"arn", "id", "name", "version_id", "key_id"})
_SIGN = re.compile(r"[/_.-]")
"""A name without any of these is a word like `production`, which values have for other reasons."""
_NAME_IN_ARN = re.compile(r":secret:|:parameter/")
_MAX_HOPS = 5
MAX_NAME = 2_048
"""Characters of the name of a parameter; AWS takes no more than 1,011."""


class SecretLinks:
    """The secrets that the arguments of a root lead to."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def named(self, value: Value) -> Any:
        """The secret in an argument that names one: a `Ref`, its ARN or its name."""

        def name(one: Value) -> Any:
            found = self._found(one)
            if found is None and isinstance(one.plain, str):
                found = self.by_name(one.plain)
            return fields.text(one) if found is None else found

        return each_case(value, name)

    def by_name(self, name: str) -> Any:
        """The secret of that name or ARN: a `Ref` if it is in the root, or else the text."""
        arn = secret_of_arn(name)
        for store in STORES:
            for each in (name,) if arn is None else arn.names:
                node = self._links.named(store, "name", each)
                if node is not None:
                    return Ref(node.address, "name", node.block.header)
        return name if arn is None else arn.text

    def of_value(self, value: Value, why: Chain, into: Gathering) -> None:
        """Add the secret that the value of a variable names or holds, if it does."""
        if isinstance(value.plain, OneOf):
            if any(
                self._found(case) is not None or _may_name(case.plain) for case in _cases(value)
            ):
                into.more(value.plain.unknown.derived, why)
            return
        found = self._found(value)
        if found is not None:
            into.add(found, why)
        elif isinstance(value.plain, str) and self._is_path(value.plain):
            needs = f"which of the parameters below {value.plain} it reads"
            into.more(Unknown(Why.OUTSIDE, needs, value.trail.step.span), why)
        elif isinstance(value.plain, Unknown) and _may_name(value.plain):
            source = self._links.source(value)
            if source is None or source.address.startswith(("data.", "module.")):
                into.more(value.plain.derived, why)

    def is_content(self, value: Value) -> bool:
        """Whether a value that is not known was read out of a secret: it is, or is made from, an
        attribute that is called one, of any resource or data source."""
        return any(
            ref.address.split(".")[-2:-1] == ["random_password"] or bool(secret_name(ref.attribute))
            for ref in self._links.read(value)
        )

    def of_hole(self, hole: Ref | Unknown, why: Chain, into: Gathering) -> None:
        """Add the secret that stands in a text, if it is one."""
        found = self.in_hole(hole)
        if found is not None:
            into.add(found, why)
        elif isinstance(hole, Unknown) and _may_name(hole):
            into.more(hole.derived, why)

    def in_hole(self, hole: Ref | Unknown) -> Any:
        """The secret that a piece of a text was read from; None if it was not."""
        ref = hole if isinstance(hole, Ref) else hole.of
        node = self._links.node(ref.address) if ref is not None else None
        if ref is None or node is None or node.block.labels[0] not in TYPES:
            return None
        return self._resolved(ref, _MAX_HOPS)

    def _is_path(self, text: str) -> bool:
        """Whether parameters of the root lie below this path."""
        path = text.rstrip("/") + "/"
        return path.startswith("/") and len(path) > 1 and path in self._paths

    @cached_property
    def _paths(self) -> frozenset[str]:
        declared = self._links.declared
        values = (declared.evaluate(node, "name") for node in declared.nodes(STORES[1]))
        names = (v.plain for v in values if v is not None and isinstance(v.plain, str))
        return frozenset(
            name[: match.end()] for name in names for match in re.finditer("/", name[:MAX_NAME])
        )

    def _found(self, value: Value) -> Any:
        """A secret that the value certainly names or is made from; None if there is none."""
        mentioned = self._links.mentioned(value, *TYPES)
        if mentioned is not None:
            return self._resolved(mentioned, _MAX_HOPS)
        if isinstance(value.plain, Unknown):
            holes = (part for part in value.plain.parts if not isinstance(part, str))
            found = (self.in_hole(hole) for hole in holes)
            return next((each for each in found if each is not None), self._in_arn(value.plain))
        if not isinstance(value.plain, str):
            return None
        if secret_of_arn(value.plain) is None and not _SIGN.search(value.plain):
            return None
        found_by_name = self.by_name(value.plain)
        known = isinstance(found_by_name, Ref) or secret_of_arn(value.plain) is not None
        return found_by_name if known else None

    def _in_arn(self, text: Unknown) -> Any:
        """The secret of an ARN in which account or region are not known, though its name is."""
        end = text.parts[-1] if text.parts else ""
        if not isinstance(end, str) or not _NAME_IN_ARN.search(end):
            return None
        arn = secret_of_arn("".join(p if isinstance(p, str) else "0" for p in text.parts))
        found = (self.by_name(name) for name in arn.names) if arn is not None else ()
        first = arn.names[0] if arn is not None else None
        return next((each for each in found if isinstance(each, Ref)), first)

    def _resolved(self, ref: Ref, hops: int) -> Any:
        """The secret that a version or a data source is of, as far as it is told."""
        node = self._links.node(ref.address)
        assert node is not None
        if node.block.type != "data" and node.block.labels[0] in STORES:
            return ref
        for value in self._told(node):
            inner = self._links.mentioned(value, *TYPES)
            if inner is not None and inner.address != ref.address and hops:
                return self._resolved(inner, hops - 1)
            text = fields.text(value)
            if isinstance(text, str):
                return self.by_name(text)
            if isinstance(text, Unknown) and text.fragments:
                return text
        return ref

    def _told(self, node: Node) -> Iterator[Value]:
        found = (self._links.declared.evaluate(node, name) for name in _NAMES)
        return (value for value in found if value is not None)


def points(plain: Ref | Unknown) -> bool:
    """Whether a text that is not known is an id, ARN or name, and not a content."""
    of = plain if isinstance(plain, Ref) else plain.of
    return of is not None and of.attribute in _POINTING


def _cases(value: Value) -> Iterator[Value]:
    assert isinstance(value.plain, OneOf)
    return (item.value for item in value.plain.alternatives)


def _may_name(plain: Any) -> bool:
    """Whether a text that is not known may name a secret: not if all that is missing in it is
    something that AWS gives to another resource."""
    if not isinstance(plain, Unknown) or plain.of is not None:
        return False
    if plain.parts:
        return any(_may_name(part) for part in plain.parts)
    return plain.why is not Why.COMPUTED
