"""Syntax trees as one line of text, so that a test can say what it expects."""

from __future__ import annotations

from policyscan.text.hcl import read_hcl
from policyscan.text.hcl import syntax as hcl
from policyscan.text.hcl.syntax import Expression, File
from policyscan.text.source import Source


def parse(text: str | bytes) -> File:
    return read_hcl(Source("main.tf", text.encode() if isinstance(text, str) else text))


def value(text: str) -> Expression:
    """The value of the argument `x` when `text` stands behind its equals sign."""
    file = parse(f"x = {text}\n")
    assert file.errors == ()
    return file.body.arguments["x"].value


def shape(node: Expression | str) -> str:
    """Operators in prefix form; literals as Python writes them."""
    match node:
        case str():
            return f".{node}"
        case hcl.Literal():
            return repr(node.value)
        case hcl.Template():
            return f"T({_all(node.parts)})"
        case hcl.TemplateIf():
            return f"If({shape(node.condition)} {shape(node.then)} {shape(node.otherwise)})"
        case hcl.TemplateFor():
            names = f"{node.key},{node.value}" if node.key else node.value
            return f"For({names} {shape(node.collection)} {shape(node.body)})"
        case hcl.Name():
            return node.name
        case hcl.Attribute():
            return f"{shape(node.target)}.{node.name}"
        case hcl.Index():
            return f"{shape(node.target)}[{shape(node.key)}]"
        case hcl.Splat():
            mark = "[*]" if node.full else ".*"
            return f"{shape(node.target)}{mark}({_all(node.steps)})"
        case hcl.Call():
            return f"{node.name}({_all(node.arguments)}{' ...' if node.expand else ''})"
        case hcl.TupleItems():
            return f"[{_all(node.items)}]"
        case hcl.ObjectItems():
            items = (f"{shape(item.key)}: {shape(item.value)}" for item in node.items)
            return f"{{{', '.join(items)}}}"
        case hcl.For():
            names = f"{node.key_name},{node.value_name}" if node.key_name else node.value_name
            key = f"{shape(node.key)} => " if node.key else ""
            tail = f" if {shape(node.condition)}" if node.condition else ""
            group = "..." if node.group else ""
            return (
                f"for({names} in {shape(node.collection)}: {key}{shape(node.value)}{group}{tail})"
            )
        case hcl.Conditional():
            return f"(? {shape(node.condition)} {shape(node.then)} {shape(node.otherwise)})"
        case hcl.Binary():
            return f"({node.operator} {shape(node.left)} {shape(node.right)})"
        case hcl.Unary():
            return f"({node.operator} {shape(node.operand)})"


def _all(nodes: tuple[Expression | str, ...]) -> str:
    return " ".join(shape(node) for node in nodes)
