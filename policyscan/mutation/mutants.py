"""From a policy to its mutants."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec.structs import replace as with_

from policyscan.errors import PolicyError
from policyscan.language import Origin, Program, compile_expression
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import (
    Comprehension,
    Literal,
    Logic,
    Node,
    Ternary,
    written,
)
from policyscan.mutation.constants import MAX_MEMBERS, Variation, variations
from policyscan.mutation.edits import Edit, edits
from policyscan.mutation.model import Change, Hint, Mutant
from policyscan.mutation.words import words_of
from policyscan.policy import Policy
from policyscan.policy.origin import ScalarOrigin
from policyscan.policy.reader import environments_of
from policyscan.resources.base import Resource
from policyscan.text.complaints import Place
from policyscan.text.yaml import Entry, read_yaml

Kinds = Mapping[str, type[Resource]]


def mutants_of(policy: Policy, kinds: Kinds) -> Iterator[Mutant]:
    """Every mutant of a policy, no two alike, in the order of its file."""
    top = read_yaml(policy.document)
    assert top is not None, "a policy was read from this file"
    counts: Counter[str] = Counter()
    for mutant in _all(policy, top.entries(), kinds):
        counts[mutant.name] += 1
        change = with_(mutant.change, ordinal=counts[mutant.name])
        yield with_(mutant, change=change)


def spared(policy: Policy) -> int:
    """How many members of its long lists are not left out one by one."""
    lists = [each.default for each in policy.params if isinstance(each.default, tuple)]
    return sum(max(0, len(each) - MAX_MEMBERS) for each in lists)


def _all(policy: Policy, keys: Mapping[str, Entry], kinds: Kinds) -> Iterator[Mutant]:
    if policy.when:
        for change, place, program in _changed(policy, "when", policy.when, keys["when"], kinds):
            yield Mutant(replace(policy, when=program.text, when_program=program), change, place)
    for change, place, program in _changed(
        policy, "require", policy.require, keys["require"], kinds
    ):
        yield Mutant(replace(policy, require=program.text, require_program=program), change, place)
    for parameter in policy.params:
        given = keys["params"].entries()[parameter.name].entries()["default"]
        for variation in variations(parameter.default):
            others = [
                replace(each, default=variation.value) if each is parameter else each
                for each in policy.params
            ]
            change = _change_of(f"params.{parameter.name}", variation)
            yield Mutant(
                replace(policy, params=tuple(others)), change, _place(given, variation.path)
            )
    if policy.expect_min:
        at = _place(keys["expect_min"], ())
        for least in (policy.expect_min - 1, policy.expect_min + 1):
            change = Change("expect_min", str(policy.expect_min), str(least), Hint.COUNT)
            yield Mutant(replace(policy, expect_min=least), change, at)


# -- expressions -------------------------------------------------------------------------------


def _changed(
    policy: Policy, key: str, text: str, entry: Entry, kinds: Kinds
) -> Iterator[tuple[Change, Place, Program]]:
    """The sound edits of a condition."""
    root = parse(text)
    origin = ScalarOrigin.of(entry)
    words = words_of(policy.kinds, kinds)
    seen = {written(root)}
    for edit in (*_whole(key, root), *edits(root)):
        for each in (edit, *_other_words(edit, words)):
            changed = each.applied(root)
            program = _program(policy, changed, kinds)
            if program is None:
                continue
            if (canonical := written(parse(changed))) not in seen:
                seen.add(canonical)
                is_whole = each.target is root and isinstance(each.changed, Literal)
                before = "the condition" if is_whole else _gist(each.target)
                change = Change(key, before, _gist(each.changed), each.hint)
                yield change, origin.place(text, each.target.start), program
            break


def _other_words(edit: Edit, words: Mapping[str, tuple[str, ...]]) -> Iterator[Edit]:
    """Where a text can only be one of a few words, another of them."""
    if isinstance(edit.target, Literal) and isinstance(edit.target.value, str):
        for word in words.get(edit.target.value, ()):
            yield with_(edit, changed=with_(edit.target, value=word))


def _whole(key: str, root: Node) -> Iterator[Edit]:
    """The condition as if it always held; one that must hold also as if it never did."""
    yield Edit(root, Literal(root.start, root.end, True), _WHOLE[key])
    if key == "require":
        yield Edit(root, Literal(root.start, root.end, False), Hint.NEVER)


_WHOLE = {"when": Hint.APPLIES, "require": Hint.HOLDS}


def _program(policy: Policy, text: str, kinds: Kinds) -> Program | None:
    """The program, if the text is sound for every kind that the policy judges."""
    environments = environments_of(policy.kinds, policy.scope, policy.params, kinds)
    try:
        return [compile_expression(text, each, Origin(policy.path)) for each in environments][0]
    except PolicyError:
        return None


def _gist(node: Node) -> str:
    """What a part of an expression is called: on one line, of a long one the insides left out."""
    text = written(node)
    if len(text) <= _LONG:
        return text

    def shorter(part: Node) -> str | None:
        is_long = isinstance(part, (Logic, Comprehension, Ternary)) and len(written(part)) > _INSIDE
        return "(...)" if is_long and part is not node else None

    return written(node, shorter)


_LONG, _INSIDE = 120, 40


# -- parameters --------------------------------------------------------------------------------


def _change_of(key: str, variation: Variation) -> Change:
    names = [part for part in variation.path if isinstance(part, str)]
    after = "left out" if variation.after is None else _spelt(variation.after)
    return Change(".".join((key, *names)), _spelt(variation.before), after, variation.hint)


def _spelt(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _INSIDE or not isinstance(value, tuple) else "[...]"


def _place(entry: Entry, path: tuple[str | int, ...]) -> Place:
    for step in path:
        entry = entry.items()[step] if isinstance(step, int) else entry.entries()[step]
    return entry.document.place(entry.start)
