"""Which secret a value names, or was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.links import Links, each_case
from policyscan.collectors.terraform.value import Value
from policyscan.resources.base import Chain
from policyscan.resources.secret_names import secret_of_arn
from policyscan.values import OneOf, Ref, Unknown, Why

STORES = ("aws_secretsmanager_secret", "aws_ssm_parameter")
TYPES = (*STORES, "aws_secretsmanager_secret_version", "aws_secretsmanager_secret_rotation")

_NAMES = ("secret_id", "name", "arn")
"""Arguments by which a version or a data source says which secret it is of."""
_SIGN = re.compile(r"[/_.-]")
"""A name without any of these is a word like `production`, which values have for other reasons."""
_MAX_HOPS = 5


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
        elif isinstance(value.plain, Unknown) and _may_name(value.plain):
            source = self._links.source(value)
            if source is None or source.address.startswith(("data.", "module.")):
                into.more(value.plain.derived, why)

    def of_hole(self, hole: Ref | Unknown, why: Chain, into: Gathering) -> None:
        """Add the secret that stands in a text, if it is one."""
        ref = hole if isinstance(hole, Ref) else hole.of
        node = self._links.node(ref.address) if ref is not None else None
        if ref is not None and node is not None and node.block.labels[0] in TYPES:
            into.add(self._resolved(ref, _MAX_HOPS), why)
        elif isinstance(hole, Unknown) and _may_name(hole):
            into.more(hole.derived, why)

    def _is_or_may_be(self, value: Value) -> bool:
        return self._found(value) is not None or _may_name(value.plain)

    def _found(self, value: Value) -> Any:
        """A secret that the value certainly names or is made from; None if there is none."""
        mentioned = self._links.mentioned(value, *TYPES)
        if mentioned is not None:
            return self._resolved(mentioned, _MAX_HOPS)
        if not isinstance(value.plain, str):
            return None
        if secret_of_arn(value.plain) is None and not _SIGN.search(value.plain):
            return None
        found = self.by_name(value.plain)
        return found if isinstance(found, Ref) or secret_of_arn(value.plain) else None

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
