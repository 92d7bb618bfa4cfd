"""The steps of a rotation program in Python, in the order in which it takes them. Its text is
parsed and never run."""

from __future__ import annotations

import ast
import warnings

from policyscan.resources.rotation.facts import ProgramFacts, facts_from, unseen
from policyscan.resources.rotation.flow import Flow
from policyscan.text.source import Source
from policyscan.values import Unknown, Why

_SERVICE_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
"""What Secrets Manager asks of a function, in this order; one that fails ends the rotation."""
_ENTRIES = ("lambda_handler", "handler", "main", "run", "rotate")


def python_facts(source: Source) -> ProgramFacts:
    """What the program does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.data)
        return _facts(source, tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return unseen(
            f"what {source.path} does: it is not Python", source.whole(), Why.SYNTAX_ERROR
        )


def _facts(source: Source, tree: ast.Module) -> ProgramFacts:
    flow = Flow(tree)
    branches = _branches(tree)
    if len(branches) >= 3:
        for step in _SERVICE_STEPS:
            flow.follow(branches.get(step, []))
    else:
        flow.follow(tree.body)
        entry = next((name for name in _ENTRIES if name in flow.functions), "")
        if not flow.events and entry:
            flow.follow_function(entry)
    if not flow.events and not flow.strange:
        flow.strange = "where it begins"
    rest = None
    if flow.strange:
        needs = f"what {flow.strange} does in {source.path}"
        rest = Unknown(Why.OUTSIDE, needs, source.whole())
    return facts_from(
        tuple(event.step for event in flow.events),
        tuple(event.step for event in flow.events if not event.conditional),
        flow.rollback,
        _doubts(flow, source),
        rest,
    )


def _doubts(flow: Flow, source: Source) -> dict[str, Unknown]:
    """What is there and may not hold: a key that is tried, and the rotation goes on anyway."""
    steps = [event.step for event in flow.events]
    if "validate" not in steps or "promote" not in steps:
        return {}
    at = steps.index("promote")
    around = set(flow.events[at].guards)
    if any(e.step == "validate" and e.stops and set(e.guards) <= around for e in flow.events[:at]):
        return {}
    needs = f"whether {source.path} stops if the new key does not work"
    return {"validates_before_promote": Unknown(Why.CONDITION, needs, source.whole())}


def _branches(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    """By step of Secrets Manager, what the program does when asked for it."""
    found: dict[str, list[ast.stmt]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            _enter(found, node.test, node.body)
        elif isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchValue):
            _enter(found, node.pattern.value, node.body)
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None and isinstance(value, ast.Name):
                    call = ast.Call(func=value, args=[], keywords=[])
                    _enter(found, key, [ast.copy_location(ast.Expr(call), value)])
    return found


def _enter(found: dict[str, list[ast.stmt]], test: ast.expr, body: list[ast.stmt]) -> None:
    nodes = [test.left, *test.comparators] if isinstance(test, ast.Compare) else [test]
    if isinstance(test, ast.Compare) and not isinstance(test.ops[0], ast.Eq):
        return
    for node in nodes:
        if isinstance(node, ast.Constant) and node.value in _SERVICE_STEPS:
            found.setdefault(str(node.value), body)
