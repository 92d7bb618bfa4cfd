"""A root and the module instances below it: lazily evaluated, each value once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from policyscan.collectors.terraform import data_sources, expressions, operators, types
from policyscan.collectors.terraform.budget import MAX_BLOCKS, MAX_INSTANCES, Budget
from policyscan.collectors.terraform.expansion import Expansion, Node, expand
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Trail,
    Value,
    derive,
    literal,
    unknown,
)
from policyscan.resources.base import Step, StepKind
from policyscan.text.hcl.syntax import Block, Literal
from policyscan.text.source import Span
from policyscan.values import Ref, Unknown, Why

if TYPE_CHECKING:
    from policyscan.collectors.terraform.module import Module
    from policyscan.text.tree import Tree

META = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
MAX_MODULE_DEPTH = 20


class Root:
    """One root directory and everything its module calls reach."""

    def __init__(
        self,
        tree: Tree,
        module: Module,
        load: Callable[[ModuleInstance, str, Block], Module | None],
        inputs: Mapping[str, Value],
    ) -> None:
        self.tree = tree
        self.path = module.path
        self.inputs = inputs
        """Values of root variables, by tfvars files and options, strongest already chosen."""
        self.load = load
        """The module that a call means, or None if it is not there (the caller records why)."""
        self.budget = Budget()
        self.in_template = False
        """While a template file is rendered: it must not read others."""
        self.nodes: dict[str, Node] = {}
        """Instances of resources by absolute address."""
        self.lost: list[Node] = []
        """Instances of module calls whose module is not here."""
        self.instances: dict[str, ModuleInstance] = {}
        """Instances of modules by absolute address; the root's own is `""`."""
        self.top = ModuleInstance(self, module, "", None, None)

    def attribute_of(self, ref: Ref, name: str, span: Span) -> Value:
        """The attribute `name` of the resource or module instance that `ref` stands for."""
        if ref.address in self.instances:
            return self.instances[ref.address].output(name, span)
        node = self.nodes.get(ref.address)
        if node is None:
            needs = f"module {ref.address}, which is not here"
            of = Ref(ref.address, name, ref.where)
            return derive(Unknown(Why.MODULE_MISSING, needs, span, of=of), span, ())
        return node.scope.instance.attribute_of(node, name, span)

    def walk(self) -> Iterator[ModuleInstance]:
        """Every module instance, callers before callees, in order of declaration."""
        todo = [self.top]
        while todo:
            instance = todo.pop(0)
            yield instance
            todo[:0] = instance.children()


class ModuleInstance:
    """One module in one place: its variables have values."""

    def __init__(
        self,
        root: Root,
        module: Module,
        address: str,
        parent: ModuleInstance | None,
        call: Node | None,
    ) -> None:
        self.root = root
        self.module = module
        self.address = address
        self.parent = parent
        self.call = call
        self.budget = root.budget
        self.scope = Scope(self)
        self._numbers: dict[int, tuple[int, object]] = {}
        self._known: dict[tuple[str, str], Value] = {}
        self._running: set[tuple[str, str]] = set()
        self._expansions: dict[str, Expansion] = {}
        root.instances[address] = self

    def number_of(self, thing: object) -> int:
        """A number that means this very object and no other."""
        return self._numbers.setdefault(id(thing), (len(self._numbers), thing))[0]

    # -- names ---------------------------------------------------------------------------------

    def resolve(self, root_name: str, name: str, span: Span, scope: Scope) -> Value:
        """What `root_name.name` means here."""
        match root_name:
            case "var":
                return self._used(self.variable(name, span), f"var.{name}", span)
            case "local":
                return self._used(self.local(name, span), f"local.{name}", span)
            case "each":
                if scope.each is None or name not in ("key", "value"):
                    raise EvaluationError(f"there is no each.{name} here", span)
                return self._used(scope.each[name == "value"], f"each.{name}", span)
            case "count":
                if scope.count_index is None or name != "index":
                    raise EvaluationError(f"there is no count.{name} here", span)
                return self._used(scope.count_index, "count.index", span)
            case "module":
                return self._expand_call(name, span).value(span, f"module.{name}")
            case "path" if name == "cwd":
                return unknown(Why.OUTSIDE, "the directory that Terraform runs in", span)
            case "path":
                return literal(self._path(name), span)
            case "terraform":
                return unknown(Why.VARIABLE_UNSET, f"terraform.{name}", span)
            case "self":
                return unknown(Why.COMPUTED, f"self.{name}", span)
        return self.resolve_resource(f"{root_name}.{name}", span)

    @staticmethod
    def _used(value: Value, label: str, span: Span) -> Value:
        step = Step(StepKind.REFERENCE, label, span)
        return Value(value.plain, Trail(step, (value.trail,)), value.sensitive)

    def _path(self, name: str) -> str:
        if name != "module":
            return "."
        return posixpath.relpath(self.module.path or ".", self.root.path or ".")

    def _once(self, kind: str, name: str, span: Span, make: Callable[[], Value]) -> Value:
        key = (kind, name)
        if key not in self._known:
            if key in self._running:
                raise EvaluationError(f"{name} depends on itself", span)
            self._running.add(key)
            try:
                self._known[key] = make()
            finally:
                self._running.discard(key)
        return self._known[key]

    def _undeclared(self, what: str, span: Span) -> Value:
        """A name that this module does not declare, or only where it was not read."""
        unread = self.module.unread
        if not unread:
            raise EvaluationError(f"{what} is not declared", span)
        return unknown(Why.NOT_SEEN, f"{what}, which may be declared in {unread}", span)

    # -- variables and locals ------------------------------------------------------------------

    def variable(self, name: str, span: Span) -> Value:
        """The value of an input variable, converted to its type."""
        block = self.module.variables.get(name)
        if block is None:
            return self._undeclared(f"variable {name}", span)
        return self._once("var", name, span, lambda: self._variable(name, block))

    def _variable(self, name: str, block: Block) -> Value:
        given = self._given(name)
        arguments = block.body.arguments
        if given is not None and given.plain is None and _is_false(block, "nullable"):
            given = None
        if given is None and "default" in arguments:
            kind = StepKind.MODULE_DEFAULT if self.parent else StepKind.ROOT_DEFAULT
            default = expressions.evaluate(arguments["default"].value, self.scope)
            given = _stepped(default, kind, f"default of var.{name}", arguments["default"].span)
        if given is None:
            missing = f"a value for var.{name}"
            if self.parent is not None:
                missing = f"the argument {name} of {self.address}"
            given = unknown(Why.VARIABLE_UNSET, missing, block.header)
        value = self._typed(given, block)
        if _is_true(block, "sensitive"):
            return Value(value.plain, value.trail, sensitive=True)
        return value

    def _given(self, name: str) -> Value | None:
        if self.parent is None or self.call is None:
            return self.root.inputs.get(name)
        argument = self.call.block.body.arguments.get(name)
        if argument is None or name in META:
            return None
        value = expressions.evaluate(argument.value, self.call.scope)
        label = f"{self.address}.{name}"
        return _stepped(value, StepKind.MODULE_ARGUMENT, label, argument.span)

    def _typed(self, value: Value, block: Block) -> Value:
        wanted = block.body.arguments.get("type")
        if wanted is None:
            return value
        try:
            type_ = types.parse_type(wanted.value)
            return types.convert(
                value, type_, lambda default: expressions.evaluate(default, self.scope)
            )
        except EvaluationError as error:
            return unknown(Why.EVALUATION_ERROR, error.message, error.span, (value,))

    def local(self, name: str, span: Span) -> Value:
        """The value of a local."""
        argument = self.module.locals.get(name)
        if argument is None:
            return self._undeclared(f"local.{name}", span)
        return self._once(
            "local",
            name,
            span,
            lambda: _stepped(
                expressions.evaluate(argument.value, self.scope),
                StepKind.LOCAL,
                f"local.{name}",
                argument.span,
            ),
        )

    # -- resources -----------------------------------------------------------------------------

    def resolve_resource(self, name: str, span: Span) -> Value:
        """The resource or data source `name` as a value: one object, a list or a map of them."""
        if name not in self.module.resources:
            return self._undeclared(name, span)
        return self.expansion(name).value(span, name)

    def expansion(self, name: str) -> Expansion:
        """The instances of the resource or data source `name`."""
        if name not in self._expansions:
            block = self.module.resources[name]
            address = f"{self.address}.{name}" if self.address else name
            self._expansions[name] = self._expand(block, address)
            for node in self._expansions[name].nodes:
                self.root.nodes[node.address] = node
        return self._expansions[name]

    def _expand(self, block: Block, address: str) -> Expansion:
        key = ("expand", address)
        if key in self._running:
            raise EvaluationError(f"{address} depends on itself", block.header)
        limit = MAX_INSTANCES if block.type == "module" else MAX_BLOCKS
        if not self.budget.admit(1, limit):
            return Expansion((), Unknown(Why.BUDGET, f"fewer instances than {limit}"))
        self._running.add(key)
        try:
            return expand(block, address, self.scope)
        finally:
            self._running.discard(key)

    def attribute_of(self, node: Node, name: str, span: Span) -> Value:
        """The attribute `name` of a resource of this module."""
        from policyscan.collectors.terraform.body import BodyView

        argument = node.block.body.arguments.get(name)
        label = f"{node.address}.{name}"
        if argument is not None:
            value = self._once(
                "attribute", label, span, lambda: expressions.evaluate(argument.value, node.scope)
            )
            value = self._or_computed(value, node, name, span)
            if isinstance(value.plain, Unknown):
                of = Ref(node.address, name, node.block.header)
                value = Value(replace(value.plain, of=of), value.trail, value.sensitive)
            return self._used(value, label, span)
        compute = data_sources.computed(node, name)
        if compute is not None:
            value = self._once("attribute", label, span, lambda: compute(node, span))
            return self._used(value, label, span)
        view = BodyView(node.block.body, node.scope, node.block.header)
        if view.has_blocks(name):
            return view.blocks_value(name, span)
        return self._computed(node, name, span)

    def _or_computed(self, value: Value, node: Node, name: str, span: Span) -> Value:
        """The value, or what the provider chooses where it is null."""
        return operators.lift(
            [value],
            span,
            lambda chosen: (
                self._computed(node, name, span) if chosen[0].plain is None else chosen[0]
            ),
        )

    @staticmethod
    def _computed(node: Node, name: str, span: Span) -> Value:
        """An attribute that is not configured: its identity, or unknown."""
        label = f"{node.address}.{name}"
        if name in ("id", "arn", "name") or name.endswith(("_id", "_arn")):
            return derive(Ref(node.address, name, node.block.header), span, (), label)
        why = Why.DATA_SOURCE if node.block.type == "data" else Why.COMPUTED
        of = Ref(node.address, name, node.block.header)
        return derive(Unknown(why, label, node.block.header, of=of), span, (), label)

    # -- module calls --------------------------------------------------------------------------

    def children(self) -> Iterator[ModuleInstance]:
        """The instances of all module calls that are here, in order."""
        for name, block in self.module.calls.items():
            try:
                expansion = self._expand_call(name, block.header)
            except EvaluationError:
                continue
            for node in expansion.nodes:
                if node.address in self.root.instances:
                    yield self.root.instances[node.address]

    def call_nodes(self, name: str) -> tuple[Node, ...]:
        """The instances of one module call."""
        return self._expand_call(name, self.module.calls[name].header).nodes

    def _expand_call(self, name: str, span: Span) -> Expansion:
        block = self.module.calls.get(name)
        if block is None:
            missing = self._undeclared(f"module {name}", span)
            return Expansion((), missing.plain)
        key = f"module.{name}"
        if key not in self._expansions:
            address = f"{self.address}.{key}" if self.address else key
            expansion = self._expand(block, address)
            self._expansions[key] = expansion
            module = self.root.load(self, name, block) if expansion.nodes else None
            if module is None:
                self.root.lost.extend(expansion.nodes)
                return expansion
            for node in expansion.nodes:
                ModuleInstance(self.root, module, node.address, self, node)
        return self._expansions[key]

    def output(self, name: str, span: Span) -> Value:
        """An output of this module."""
        block = self.module.outputs.get(name)
        if block is None or "value" not in block.body.arguments:
            return self._undeclared(f"output {name} of {self.address}", span)
        argument = block.body.arguments["value"]
        value = self._once(
            "output",
            name,
            span,
            lambda: _stepped(
                expressions.evaluate(argument.value, self.scope),
                StepKind.MODULE_OUTPUT,
                f"{self.address}.{name}",
                argument.span,
            ),
        )
        return self._used(value, f"{self.address}.{name}", span)

    @property
    def conditional(self) -> Unknown | None:
        """Why it is not known whether this module instance exists."""
        instance: ModuleInstance | None = self
        while instance is not None and instance.call is not None:
            if instance.call.conditional is not None:
                return instance.call.conditional
            instance = instance.parent
        return None

    @property
    def depth(self) -> int:
        """The number of module calls above."""
        return self.address.count("module.")


def _stepped(value: Value, kind: StepKind, label: str, span: Span) -> Value:
    return Value(value.plain, Trail(Step(kind, label, span), (value.trail,)), value.sensitive)


def _flag(block: Block, name: str) -> object:
    argument = block.body.arguments.get(name)
    is_literal = argument is not None and isinstance(argument.value, Literal)
    return argument.value.value if is_literal else None  # type: ignore[union-attr]


def _is_false(block: Block, name: str) -> bool:
    return _flag(block, name) is False


def _is_true(block: Block, name: str) -> bool:
    return _flag(block, name) is True
