"""Which resources are given to modules that are not here, and may be added to there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.instance import META
from policyscan.collectors.terraform.value import Value, members
from policyscan.values import OneOf, Ref

_BORDER = re.compile(r"[.\[]|\Z")


class HandedOver:
    """The resources that stand in the arguments of some module calls."""

    def __init__(self, calls: Sequence[Node]) -> None:
        self._calls: dict[str, str] = {}
        for call in calls:
            for name, argument in call.block.body.arguments.items():
                if name not in META:
                    for ref in _references(evaluate(argument.value, call.scope)):
                        self._calls.setdefault(ref.address, call.address)

    def call_given(self, address: str) -> str:
        """The call that is given this resource or a module around it; empty if none is."""
        around = (address[: border.start()] for border in _BORDER.finditer(address))
        return next((self._calls[name] for name in around if name in self._calls), "")


def _references(value: Value) -> Iterator[Ref]:
    """All references in a value, each member once however often it is shared."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        plain = waiting[-1].plain
        inner = tuple(members(waiting.pop()))
        if isinstance(plain, Ref):
            yield plain
        elif isinstance(plain, OneOf):
            inner = tuple(alternative.value for alternative in plain.alternatives)
        if inner and id(plain) not in seen:
            seen.add(id(plain))
            waiting.extend(inner)
