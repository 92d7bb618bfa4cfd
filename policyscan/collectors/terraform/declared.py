"""All resources of one root, by type, with what the mappers of kinds ask about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import BodyView
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.instance import ModuleInstance, Root
from policyscan.collectors.terraform.value import EvaluationError, Value
from policyscan.errors import ParseError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel
from policyscan.text.hcl.syntax import Block
from policyscan.values import Unknown, Why, first, reason_or

MAX_MOVES = 100
NO_INSTANCE = "it stands for no instance"


def settle(outcomes: dict[tuple[str, int], str], key: tuple[str, int], outcome: str) -> None:
    """Record what became of a block that may stand for several things: normalised wins over
    joined, and either over having no instance."""
    if outcomes.get(key, NO_INSTANCE) == NO_INSTANCE or outcome == "":
        outcomes[key] = outcome


class Declared:
    """The instances of all resource blocks of a root, evaluated on demand."""

    def __init__(self, root: Root, target: str, unseen: str) -> None:
        self.root = root
        self.target = target
        self.unit = root.path or "."
        self.unseen = unseen
        """What of this root could not be seen, or empty: then absence is definite."""
        self.outcome: dict[tuple[str, int], str] = {}
        """What became of each block, by path and offset; empty text for normalised."""
        self.gaps: list[Gap] = []
        self._by_type: dict[str, list[Node]] = {}
        for instance in root.walk():
            self._enter(instance)
        self._moves = self._read_moves()

    def _enter(self, instance: ModuleInstance) -> None:
        for name, block in instance.module.resources.items():
            if block.type != "resource":
                continue
            self.note(block, NO_INSTANCE)
            try:
                nodes = instance.expansion(name).nodes
            except EvaluationError as error:
                self.gaps.append(Gap.of(ParseError(name, error.message, span=error.span)))
                continue
            self._by_type.setdefault(block.labels[0], []).extend(nodes)

    def types(self) -> dict[str, int]:
        """The number of instances by type."""
        return {type_: len(nodes) for type_, nodes in self._by_type.items() if nodes}

    def nodes(self, *types: str) -> Iterator[Node]:
        """The instances of these types."""
        for type_ in types:
            yield from self._by_type.get(type_, ())

    def note(self, block: Block, outcome: str) -> None:
        """Record what became of a block; `""` is normalised."""
        settle(self.outcome, (block.header.source.path, block.header.start), outcome)

    def view(self, node: Node) -> BodyView:
        """The arguments and blocks of an instance."""
        return BodyView(node.block.body, node.scope, node.block.header)

    def common(self, node: Node, built: fields.Fields) -> dict[str, Any]:
        """The fields that every resource has."""
        tags, chains = self._tags(node)
        address = node.address
        return {
            "address": address,
            "identity": self._identity(address),
            "tags": tags,
            "origin": Origin(
                "terraform", self.target, self.unit, node.block.header, ProofLevel.CONFIGURED
            ),
            "conditional": first(node.conditional, node.scope.instance.conditional),
            "chains": {**chains, **built.chains},
        }

    def missing(self, what: str, node: Node) -> Unknown | None:
        """Why the absence of a companion of `node` is not definite; None if it is."""
        if not self.unseen:
            return None
        return Unknown(Why.NOT_SEEN, f"{what}, which may be in {self.unseen}", node.block.header)

    def _tags(self, node: Node) -> tuple[Any, dict[str, Chain]]:
        own = self.view(node).get("tags")
        default = self._default_tags(node)
        found: dict[str, Any] = {}
        chains: dict[str, Chain] = {}
        for name, value in (("default_tags", default), ("tags", own)):
            if value is None:
                continue
            if not isinstance(value.plain, dict):
                return reason_or(value.unknown, Why.COMPUTED, name, node.block.header), {}
            for key, item in value.plain.items():
                found[key] = fields.text(item)
                chains[f'tags["{key}"]'] = fields.chain(item, f"{name}.{key}")
        return found, chains

    def provider(self, node: Node) -> BodyView | None:
        """The provider block that configures this instance, if it is in the root and plain."""
        alias = ""
        chosen = node.block.body.arguments.get("provider")
        if chosen is not None:
            alias = chosen.value.span.text.partition(".")[2]
        instance: ModuleInstance | None = node.scope.instance
        if instance is not None and instance.call is not None:
            if alias or "providers" in instance.call.block.body.arguments:
                return None
            instance = self.root.top
        for block in self.root.top.module.providers:
            named = block.body.arguments.get("alias")
            name = "" if named is None else str(getattr(named.value, "value", ""))
            if block.labels[0] == "aws" and name == alias:
                return BodyView(block.body, self.root.top.scope, block.header)
        return None

    def _default_tags(self, node: Node) -> Value | None:
        provider = self.provider(node)
        views, _ = provider.blocks("default_tags") if provider is not None else ((), None)
        return views[0].get("tags") if views else None

    def region(self, node: Node) -> Value | None:
        """The region argument of the resource's provider."""
        provider = self.provider(node)
        return provider.get("region") if provider is not None else None

    def _read_moves(self) -> list[tuple[str, str]]:
        moves = []
        for instance in self.root.walk():
            prefix = f"{instance.address}." if instance.address else ""
            for block in instance.module.moves:
                ends = block.body.arguments
                if "from" in ends and "to" in ends:
                    before, after = (
                        prefix + "".join(ends[end].value.span.text.split())
                        for end in ("from", "to")
                    )
                    moves.append((before, after))
        return moves

    def _identity(self, address: str) -> str:
        """The address that the resource had before all `moved` blocks."""
        name = address
        for _ in range(min(len(self._moves), MAX_MOVES)):
            for before, after in self._moves:
                if name == after or name.startswith((after + ".", after + "[")):
                    name = before + name[len(after) :]
                    break
            else:
                break
        return "" if name == address else name

    def evaluate(self, node: Node, name: str) -> Value | None:
        """One argument of an instance."""
        argument = node.block.body.arguments.get(name)
        if argument is None:
            return None
        value = evaluate(argument.value, node.scope)
        return None if value.plain is None else value
