"""The mutants of one condition of a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from policyscan.errors import PolicyError
from policyscan.language import Environment, Origin, Program, compile_expression
from policyscan.language.syntax.parser import parse
from policyscan.language.syntax.tree import (
    Comprehension,
    ListLiteral,
    Literal,
    Logic,
    Node,
    Ternary,
    walk,
    written,
)
from policyscan.mutation.edits import Edit, edits
from policyscan.mutation.model import Change, Hint
from policyscan.mutation.names import wrong_names

_LONG, _INSIDE = 120, 40
"""Characters of what a part is called, and of what may be left out inside of it."""


class Condition(Struct, frozen=True):
    """A condition that is to be changed."""

    key: str
    """`when` or `require`."""
    text: str
    environments: Sequence[Environment]
    """One for each kind that is judged."""
    words: Mapping[str, Sequence[str]]
    """By word, those that may stand in its place."""

    def mutants(self) -> Iterator[tuple[Change, int, Program]]:
        """Every sound change that makes another condition, where in the text it is, and what the
        condition is then."""
        root = parse(self.text)
        around = {id(child): node for node in walk(root) for child in node.children()}
        wrong = wrong_names(root, self.environments[0])
        seen = {written(root)}
        for edit in (*self._whole(root), *edits(root), *wrong):
            for each in (edit, *self._other_words(edit)):
                program = self._program(each.applied(root))
                if program is None:
                    continue
                if (canonical := written(parse(program.text))) not in seen:
                    seen.add(canonical)
                    yield self._change(each, root, around), each.target.start, program
                break

    def _whole(self, root: Node) -> Iterator[Edit]:
        """The condition as if it always held; one that must hold also as if it never did."""
        always, never = (Literal(root.start, root.end, value) for value in (True, False))
        yield Edit(root, always, Hint.APPLIES if self.key == "when" else Hint.HOLDS)
        if self.key == "require":
            yield Edit(root, never, Hint.NEVER)

    def _other_words(self, edit: Edit) -> Iterator[Edit]:
        """Where a text can only be one of a few words, another of them."""
        target = edit.target
        if isinstance(target, Literal) and isinstance(target.value, str):
            for word in self.words.get(target.value, ()):
                yield replace(edit, changed=replace(target, value=word))

    def _program(self, text: str) -> Program | None:
        """The program, if the text is sound for every kind."""
        try:
            programs = [compile_expression(text, each, Origin()) for each in self.environments]
        except PolicyError:
            return None
        return programs[0]

    def _change(self, edit: Edit, root: Node, around: Mapping[int, Node]) -> Change:
        """What is different; of a constant, with what stands around it."""
        if edit.target is root and isinstance(edit.changed, Literal):
            return Change(self.key, "the condition", written(edit.changed), edit.hint)
        shown = edit.target
        while isinstance(shown, (Literal, ListLiteral)) and id(shown) in around:
            shown = around[id(shown)]
        after = edit.changed if shown is edit.target else parse(edit.applied(shown))
        return Change(self.key, _gist(shown), _gist(after), edit.hint)


def _gist(node: Node) -> str:
    """What a part of an expression is called: on one line, of a long one the insides left out."""
    text = written(node)
    if len(text) <= _LONG:
        return text

    def shorter(part: Node) -> str | None:
        is_long = isinstance(part, (Logic, Comprehension, Ternary)) and len(written(part)) > _INSIDE
        return "(...)" if is_long and part is not node else None

    return written(node, shorter)
