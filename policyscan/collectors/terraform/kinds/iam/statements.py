"""Statements as resources: their addresses, and what they have from the place of their policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.iam.documents import written
from policyscan.collectors.terraform.value import Value, derive
from policyscan.resources.base import Step, StepKind
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.written import Written, labelled
from policyscan.values import Many, Maybe, PartialList, Unknown, Why, first


class Place(Struct, frozen=True):
    """A policy in its place: what its statements have in common."""

    node: Node
    kind: str
    attached_to: Many[Maybe[str]] = ()
    principal_class: Maybe[str] = "other"
    boundary: Maybe[str | None] = None
    service: str = ""
    label: str = ""
    """Which policy of the block it is; ends with a dot."""
    managed: Maybe[str | None] = None
    conditional: Unknown | None = None


class Statements:
    """The statements of one root as they become resources."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._addresses: Counter[str] = Counter()

    def of_argument(self, place: Place, argument: str) -> Iterator[IamStatement]:
        """The statements of the document that is an argument, and what became of the block."""
        node = place.node
        value = self._declared.evaluate(node, argument)
        if value is None:
            needs = f"the {argument} of {node.address}"
            missing = Unknown(Why.MISSING, needs, node.block.header)
            value = derive(missing, node.block.header, ())
        found = list(self.of_document(place, value, argument))
        self._declared.note(node.block, "" if found else "its policy has no statement")
        yield from found

    def of_document(self, place: Place, value: Value, argument: str) -> Iterator[IamStatement]:
        """The statements of the document in a value."""
        header = place.node.block.header
        step = Step(StepKind.ATTRIBUTE, f"{place.node.address}.{argument}", header)
        yield from self.made(place, written(document_of(value), (step,)))

    def made(self, place: Place, listed: Iterable[Written]) -> Iterator[IamStatement]:
        """The resources that statements are, in their order."""
        every = list(listed)
        for sid, statement in labelled(every):
            whole = len(every) == 1 and isinstance(place.managed, str)
            suffix = place.label.rstrip(".") if whole else place.label + sid
            yield self._statement(place, statement, self._unique(f"{place.node.address}#{suffix}"))

    def _unique(self, address: str) -> str:
        """The address, numbered from the second time on that it is asked for."""
        self._addresses[address] += 1
        count = self._addresses[address]
        return address if count == 1 else self._unique(f"{address}-{count}")

    def _statement(self, place: Place, statement: Written, address: str) -> IamStatement:
        values = dict(statement.values)
        if place.kind == "resource":
            values["resources"] = _itself(values.get("resources", ()), place.attached_to)
        common = self._declared.common(place.node, fields.Fields(place.node.block.header))
        identity, origin = common["identity"], common["origin"]
        doubts = (common["conditional"], place.conditional, statement.conditional)
        common |= {
            "address": address,
            "identity": identity + address.removeprefix(place.node.address) if identity else "",
            "conditional": first(*doubts),
            "chains": {**common["chains"], **statement.chains},
            "origin": replace(origin, span=statement.span or origin.span),
        }
        return IamStatement(
            **common,
            **values,
            policy_kind=place.kind,
            service=place.service,
            attached_to=place.attached_to,
            principal_class=place.principal_class,
            boundary=place.boundary,
            managed=place.managed,
        )


def _itself(resources: Any, attached_to: Any) -> Any:
    """The resources of a resource policy, which calls what it is attached to `*`."""
    if isinstance(resources, PartialList):
        return PartialList(_itself(resources.known, attached_to), resources.unknown)
    if not isinstance(resources, tuple):
        return resources
    return tuple(
        attached_to[0] if isinstance(each, str) and each == "*" else each for each in resources
    )
