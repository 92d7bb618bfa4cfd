"""Functions that read files: confined to the tree, and unknown where they are not modelled."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.terraform import operators, scalars
from policyscan.collectors.terraform.expressions import compute
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import (
    EvaluationError,
    Trail,
    Value,
    derive,
    member,
    unknown,
)
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Step, StepKind
from policyscan.text.hcl.syntax import Call, Expression
from policyscan.text.source import Source, Span
from policyscan.values import Unknown, Why, reason_or

if TYPE_CHECKING:
    from policyscan.collectors.terraform.expansion import Node
    from policyscan.collectors.terraform.instance import ModuleInstance

FILE_FUNCTIONS = frozenset(
    {
        "file",
        "fileexists",
        "templatefile",
        "fileset",
        "filebase64",
        "filemd5",
        "filesha1",
        "filesha256",
        "filesha512",
        "filebase64sha256",
        "filebase64sha512",
        "abspath",
        "pathexpand",
    }
)
MAX_FILE = 1_000_000


def read_file(node: Call, arguments: Sequence[Value], instance: ModuleInstance) -> Value:
    """`file`, `fileexists` and `templatefile`; the other file functions are unknown."""
    path = arguments[0].plain if arguments else None
    if node.name not in ("file", "fileexists", "templatefile") or not isinstance(path, str):
        reason = arguments[0].unknown if arguments else None
        if reason is not None:
            return derive(reason, node.span, arguments)
        return unknown(Why.UNSUPPORTED, f"the result of {node.name}()", node.span, arguments)
    inside = posixpath.normpath(posixpath.join(instance.root.path or ".", path))
    if posixpath.isabs(path) or inside.startswith(".."):
        return unknown(Why.OUTSIDE, f"{path}, which lies outside the tree", node.span, arguments)
    try:
        source = instance.root.tree.read(inside, limit=MAX_FILE)
    except ReadError as error:
        if node.name == "fileexists":
            missing = error.reason is GapReason.UNREADABLE
            return derive(not missing, node.span, arguments)
        return unknown(Why.FILE_MISSING, f"the file {inside}", node.span, arguments)
    if node.name == "templatefile":
        return _render(node, source, arguments, instance)
    try:
        text = source.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{inside} is not UTF-8 text", node.span) from error
    if node.name == "fileexists":
        return derive(True, node.span, arguments)
    step = Step(StepKind.EXPRESSION, f"the file {inside}", source.whole())
    return member(derive(text, node.span, arguments), Value(text, Trail(step)), node.span)


def _render(
    node: Call, source: Source, arguments: Sequence[Value], instance: ModuleInstance
) -> Value:
    """The template `source` with the members of the second argument as its names."""
    from policyscan.text.hcl import read_template

    names = arguments[1].plain if len(arguments) == 2 else None
    if isinstance(names, Unknown):
        return derive(names, node.span, arguments)
    if not isinstance(names, dict):
        raise EvaluationError("templatefile() needs a path and a map", node.span)
    try:
        template = read_template(source)
    except ReadError:
        needs = f"the template {source.path}, which cannot be read"
        return unknown(Why.SYNTAX_ERROR, needs, node.span, arguments)
    return _filled(template, names, instance, node.span, arguments)


def _filled(
    template: Expression,
    names: Mapping[str, Value],
    instance: ModuleInstance,
    span: Span,
    parents: Sequence[Value],
) -> Value:
    """The text of the template with these names, made at `span`."""
    if instance.root.in_template:
        raise EvaluationError("a template does not read others", span)
    instance.root.in_template = True
    try:
        made = compute(template, Scope(instance, names=names))
    finally:
        instance.root.in_template = False
    text = scalars.to_text(made.plain)
    plain = made.plain if text is None else text
    return member(derive(plain, span, parents), Value(plain, made.trail, made.sensitive), span)


def rendered(node: Node, span: Span) -> Value:
    """The text of the data source `template_file`."""
    from policyscan.collectors.terraform.body import BodyView

    view = BodyView(node.block.body, node.scope, node.block.header)
    written, given = view.get("template"), view.get("vars")
    if written is None:
        return unknown(Why.MISSING, f"the template of {node.address}", span)
    parents = [written] if given is None else [written, given]
    instance = node.scope.instance
    return operators.lift(parents, span, lambda chosen: _from_text(chosen, instance, span))


def _from_text(chosen: list[Value], instance: ModuleInstance, span: Span) -> Value:
    """The text in the first value as a template, with the members of the second as its names."""
    from policyscan.text.hcl.fragment import template
    from policyscan.text.hcl.grammar import Budget

    text, names = chosen[0].plain, chosen[1].plain if len(chosen) > 1 else {}
    if not isinstance(text, str) or not isinstance(names, dict):
        reasons = [value.unknown for value in chosen if value.unknown is not None]
        reason = reason_or(next(iter(reasons), None), Why.COMPUTED, "the template", span)
        return derive(reason.derived, span, chosen)
    places = [step.span for step in chosen[0].trail.chain() if step.span is not None]
    try:
        read = template(text.encode(), places[-1] if places else span, Budget(), exact=False)
    except ReadError:
        return unknown(Why.SYNTAX_ERROR, "a template that can be read", span, chosen)
    return _filled(read, names, instance, span, chosen)
