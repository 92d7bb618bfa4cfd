"""All resources of one root, by type, with what the mappers of kinds ask about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import BodyView
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.handed import HandedOver
from policyscan.collectors.terraform.instance import ModuleInstance, Root
from policyscan.collectors.terraform.value import EvaluationError, Value, literal
from policyscan.errors import ParseError
from policyscan.resources.base import Chain, Gap, Origin, ProofLevel
from policyscan.text.hcl.syntax import Block, Expression, ObjectItems
from policyscan.values import Unknown, Why, first, reason_or

MAX_MOVES = 100
_BORDER = re.compile(r"[.\[]")
_OUTSIDE_QUOTES = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')
_LITERAL = re.compile(r'"([^"\\$%\s]{1,2048})"')
NO_INSTANCE = "it stands for no instance"


def settle(outcomes: dict[tuple[str, int], str], key: tuple[str, int], outcome: str) -> None:
    """Record what became of a block that may stand for several things: normalised wins over
    joined, and either over having no instance."""
    if outcomes.get(key, NO_INSTANCE) == NO_INSTANCE or outcome == "":
        outcomes[key] = outcome


def _text(value: Value | None) -> str:
    return value.plain if value is not None and isinstance(value.plain, str) else ""


def _address(expression: Expression) -> str:
    """The address of a resource or module as written, without white space between its parts."""
    return _OUTSIDE_QUOTES.sub(lambda match: match[1] or "", expression.span.text)


def _spelled(expression: Expression) -> str:
    """The name of a provider: `aws`, `aws.east`."""
    return _address(expression).strip('"')


def _provider_name(block: Block) -> str:
    alias = block.body.arguments.get("alias")
    return ".".join([block.labels[0], *([_spelled(alias.value)] if alias is not None else ())])


def _passed_providers(call: Block) -> dict[str, str]:
    """The names of providers outside a module by those inside."""
    argument = call.body.arguments.get("providers")
    items = argument.value if argument is not None else None
    if not isinstance(items, ObjectItems):
        return {}
    return {_spelled(item.key): _spelled(item.value) for item in items.items}


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
        self._imports = self._read_imports()
        self._regions: dict[tuple[str, int], str] = {}
        self._unread = self._something_unread()
        self._handed = HandedOver(root.lost)

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
            "names": (self._imports[address],) if address in self._imports else (),
            "origin": Origin(
                "terraform",
                self.target,
                self.unit,
                node.block.header,
                ProofLevel.CONFIGURED,
                region=self._region_text(node),
            ),
            "conditional": first(node.conditional, node.scope.instance.conditional),
            "chains": {**chains, **built.chains},
            "seals": built.seals,
        }

    def missing(self, what: str, node: Node) -> Unknown | None:
        """Why the absence of a companion of `node` is not definite; None if it is."""
        if not self.unseen:
            return None
        return Unknown(Why.NOT_SEEN, f"{what}, which may be in {self.unseen}", node.block.header)

    def elsewhere(self, what: str, node: Node) -> Unknown | None:
        """Why there may be more of `node` than is here: text of the root was not read, or a module
        that is not here is given the node. None if neither is so."""
        place = self._unread or self._handed.call_given(node.address)
        if not place:
            return None
        return Unknown(Why.NOT_SEEN, f"{what}, which may be in {place}", node.block.header)

    def _something_unread(self) -> str:
        """What of the root's own text was not read or not evaluated; empty if all was."""
        if self.gaps or self.root.budget.crowded or self.root.budget.exhausted:
            return self.unit
        unread = (instance.module.unread for instance in self.root.walk())
        return next(filter(None, unread), "")

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
        chosen = node.block.body.arguments.get("provider")
        type_ = node.block.labels[0].partition("_")[0]
        name = type_ if chosen is None else _spelled(chosen.value)
        instance: ModuleInstance | None = node.scope.instance
        while instance is not None:
            for block in instance.module.providers:
                if _provider_name(block) == name:
                    return BodyView(block.body, instance.scope, block.header)
            if instance.call is not None:
                passed = _passed_providers(instance.call.block)
                if name not in passed and "." in name:
                    return None
                name = passed.get(name, name)
            instance = instance.parent
        return None

    def _default_tags(self, node: Node) -> Value | None:
        provider = self.provider(node)
        views, reason = provider.blocks("default_tags") if provider is not None else ((), None)
        if not views and reason is not None:
            return literal(reason, node.block.header)
        return views[0].get("tags") if views else None

    def region(self, node: Node) -> Value | None:
        """The region argument of the resource, or else of its provider."""
        own = self.evaluate(node, "region")
        provider = self.provider(node)
        return own if own is not None or provider is None else provider.get("region")

    def _region_text(self, node: Node) -> str:
        """The region if it is known, of each provider read once; else nothing."""
        arguments = node.block.body.arguments
        if "region" in arguments:
            return _text(self.region(node))
        chosen = arguments.get("provider")
        name = node.block.labels[0].partition("_")[0] if chosen is None else _spelled(chosen.value)
        key = name, id(node.scope.instance)
        if key not in self._regions:
            self._regions[key] = _text(self.region(node))
        return self._regions[key]

    def _read_imports(self) -> dict[str, str]:
        """By address, the id under which an `import` block of the root says that it exists."""
        found: dict[str, str] = {}
        for block in self.root.top.module.imports:
            ends = block.body.arguments
            if {"to", "id"} <= ends.keys() and "for_each" not in ends:
                literal_id = _LITERAL.fullmatch(ends["id"].value.span.text)
                if literal_id is not None:
                    found[_address(ends["to"].value)] = literal_id[1]
        return found

    def _read_moves(self) -> dict[str, str]:
        """The address before each `moved` block by the one after it."""
        moves: dict[str, str] = {}
        for instance in self.root.walk():
            prefix = f"{instance.address}." if instance.address else ""
            for block in instance.module.moves:
                ends = block.body.arguments
                if "from" in ends and "to" in ends:
                    before, after = (prefix + _address(ends[end].value) for end in ("from", "to"))
                    moves.setdefault(after, before)
        return moves

    def _identity(self, address: str) -> str:
        """The address that the resource had before all `moved` blocks."""
        name = address
        for _ in range(min(len(self._moves), MAX_MOVES)):
            # The longest part first: a resource is moved inside its module before the module is.
            ends = [*(border.start() for border in _BORDER.finditer(name)), len(name)]
            end = next((end for end in reversed(ends) if name[:end] in self._moves), 0)
            if not end:
                break
            name = self._moves[name[:end]] + name[end:]
        return "" if name == address else name

    def evaluate(self, node: Node, name: str) -> Value | None:
        """One argument of an instance."""
        return self.view(node).get(name)
