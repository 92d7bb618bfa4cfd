"""Where the value of a secret comes from, as far as the configuration holds or handles it.

Whatever a plain argument is given ends up in the state, in the plan, and in everything that reads
them. A placeholder that is replaced outside of Terraform does not: a version of a secret in Secrets
Manager is read back as it was written, so that later versions stay unseen. A parameter is read back
as it is now: `ignore_changes` keeps Terraform from overwriting its value, not from storing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.value import (
    JsonText,
    Plain,
    UnknownJson,
    Value,
    members,
    root_defaults,
)
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.placeholders import is_placeholder, may_be_placeholder
from policyscan.resources.seals import seal
from policyscan.resources.secret_signs import secret_name
from policyscan.text.hcl.syntax import Block, TupleItems
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why, reason_or

ORDER = ("read_back", "literal", "file", "variable", "generated", "resource")
"""What puts a value into Terraform; of several the first one is told."""

SAFE = ("placeholder", "write_only", "outside")
_PLACEHOLDER, _WRITE_ONLY, _OUTSIDE = SAFE
_GENERATORS = ("random_", "tls_", "htpasswd_")
_MAX_LEAVES = 1_000

_LAST_INDEX = re.compile(r"\[[^\]]{0,200}\]$")

Kind = str | Unknown


def value_source(
    declared: Declared, node: Node, arguments: tuple[str, ...], *, read_back: bool
) -> tuple[Kind, Chain]:
    """Where the value comes from that a block gives by one of the arguments; the chain names the
    place and never the value. `read_back` if Terraform reads what the value is now."""
    view = declared.view(node)
    found: list[tuple[Kind, str]] = []
    assumed: Chain = ()
    for name in arguments:
        value = view.get(name)
        if value is not None:
            ignored = name in _ignored(node.block)
            found.append((_source(value, ignored=ignored, read_back=read_back), name))
            assumed = tuple(step for leaf in _leaves(value) for step in root_defaults(leaf))
        written = view.get(f"{name}_wo")
        if written is not None:
            kind = _source(written, ignored=False, read_back=False)
            plain = isinstance(kind, str) and kind in ("literal", "file")
            found.append((kind if plain else _WRITE_ONLY, f"{name}_wo"))
    kind, name = worst(found) if found else (_OUTSIDE, "no value")
    label = f"{node.address}: {name}"
    step = Step(StepKind.ATTRIBUTE, label, node.block.header)
    rests = isinstance(kind, str) and kind == _PLACEHOLDER
    return kind, (step, *assumed) if rests else (step,)


def seals_of(
    declared: Declared, nodes: Iterable[Node], arguments: tuple[str, ...]
) -> frozenset[str]:
    """The seals of all that is known of the values that blocks give by the arguments."""
    views = map(declared.view, nodes)
    values = (view.get(name + end) for view in views for name in arguments for end in ("", "_wo"))
    leaves = (leaf for value in values if value is not None for leaf in _leaves(value))
    return frozenset(seal(text) for leaf in leaves for text in _pieces(leaf.plain))


def _pieces(plain: Plain) -> Iterator[str]:
    """The texts that are known of a leaf."""
    pieces = plain.parts if isinstance(plain, Unknown) else (plain,)
    yield from (piece for piece in pieces if isinstance(piece, str))


def worst(found: list[tuple[Kind, Any]]) -> tuple[Kind, Any]:
    """The first in the order of what is worst; what is not known stands before what is safe."""

    def rank(item: tuple[Kind, Any]) -> int:
        if isinstance(item[0], Unknown):
            return len(ORDER)
        return (*ORDER, "", *SAFE).index(item[0])

    return min(found, key=rank)


def _ignored(block: Block) -> frozenset[str]:
    """The arguments whose changes Terraform does not undo."""
    names: set[str] = set()
    for inner in block.body.of_type("lifecycle"):
        argument = inner.body.arguments.get("ignore_changes")
        if argument is None:
            continue
        value = argument.value
        items = value.items if isinstance(value, TupleItems) else (value,)
        names |= {item.span.text.strip().strip('"') for item in items}
    everything = {"secret_string", "secret_binary", "value", "insecure_value"}
    return frozenset(names | everything if "all" in names else names)


def _source(value: Value, *, ignored: bool, read_back: bool) -> Kind:
    """What puts the value there, whether or not later changes are ignored."""
    found = [(_of_leaf(leaf, ignored), None) for leaf in _leaves(value)]
    kind = worst(found)[0] if found else _PLACEHOLDER
    if not ignored:
        return kind
    if read_back:
        return "read_back"
    if isinstance(kind, str) and kind in ("generated", "resource"):
        return _PLACEHOLDER
    if isinstance(kind, str) and kind in ("variable", "file"):
        where = value.trail.step.span
        return Unknown(Why.UNSUPPORTED, "whether the first value is only a placeholder", where)
    return kind


def _leaves(value: Value) -> Iterator[Value]:
    """The texts that make up the value: of a JSON document those that are named like secrets."""
    document = document_of(value) if _is_object(value.plain) else value
    if not isinstance(document.plain, dict):
        yield from _texts(value)
        return
    table = document.plain
    some_are_named = any(map(secret_name, table))
    for name, item in table.items():
        for leaf in _texts(item):
            if not (some_are_named and not secret_name(name) and _is_setting(leaf)):
                yield leaf


def _is_object(plain: Plain) -> bool:
    """Whether a text may be a JSON object, or was made as one."""
    if isinstance(plain, (JsonText, UnknownJson)):
        return True
    start = plain.parts[:1] if isinstance(plain, Unknown) else (plain,)
    return any(isinstance(text, str) and text.lstrip().startswith("{") for text in start)


def _is_setting(value: Value) -> bool:
    """Whether a member beside secrets that has no name of one may be a plain setting: a text that
    is written, or the attribute of something else, such as the address of a database."""
    return isinstance(value.plain, str) or _of_leaf(value, ignored=False) == "resource"


def _texts(value: Value) -> Iterator[Value]:
    waiting = [value]
    for _ in range(_MAX_LEAVES):
        if not waiting:
            return
        value = waiting.pop()
        plain = value.plain
        if isinstance(plain, OneOf):
            waiting += [alternative.value for alternative in plain.alternatives]
        elif isinstance(plain, (tuple, dict, PartialList)):
            waiting += members(value)
        elif not (plain is None or isinstance(plain, (bool, int, float))):
            yield value
    reason = Unknown(Why.BUDGET, f"at most {_MAX_LEAVES} members", None)
    yield Value(reason, value.trail)


def _of_leaf(value: Value, ignored: bool) -> Kind:
    plain = value.plain
    if isinstance(plain, str):
        if not (may_be_placeholder(plain) if ignored else is_placeholder(plain)):
            return _way(value)
        return _PLACEHOLDER if ignored or not root_defaults(value) else "variable"
    if isinstance(plain, Unknown) and plain.parts and not isinstance(plain, UnknownJson):
        holes = [part for part in plain.parts if not isinstance(part, str)]
        return worst([(_of_hole(hole), None) for hole in holes])[0]
    return _of_hole(plain)


def _way(value: Value) -> Kind:
    """How a known text comes into the configuration."""
    steps = value.trail.chain()
    if any(step.kind is StepKind.TFVARS for step in steps):
        return "variable"
    return "file" if any(step.label.startswith("the file ") for step in steps) else "literal"


def _of_hole(plain: Plain) -> Kind:
    ref = plain.of if isinstance(plain, Unknown) else plain
    if isinstance(ref, Ref):
        type_ = _LAST_INDEX.sub("", ref.address).split(".")[-2:][0]
        return "generated" if type_.startswith(_GENERATORS) else "resource"
    assert isinstance(plain, Unknown)
    match plain.why:
        case Why.VARIABLE_UNSET:
            return "variable"
        case Why.FILE_MISSING:
            return "file"
        case Why.NONDETERMINISTIC:
            return "generated"
        case Why.COMPUTED | Why.DATA_SOURCE | Why.MODULE_MISSING:
            return "resource"
    return reason_or(plain.derived, plain.why, plain.needs, plain.where)
