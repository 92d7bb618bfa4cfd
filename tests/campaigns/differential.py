"""Known values: both tiers of ours and Google's CEL give the same value, or an error each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from policyscan.errors import PolicyError
from policyscan.language import compile_expression
from policyscan.language.fast import LEFT
from policyscan.values import Unknown
from tests.campaigns.estate import KNOWN, drawn_values
from tests.campaigns.grammar import Expression, Generator, common, smallest
from tests.campaigns.oracle import Oracle, Refused, comparable
from tests.campaigns.rows import LETTERS

LIMITS = {
    "<start> or <end> is greater than <string>.size()": "substring() up to the end, an error there",
    "more than a duration can be": "a sum of durations beyond 292 years, which it cuts to that",
    "beyond the years 1 to 9999 in that time zone": "a time that no date has where it is asked for",
}
"""What errors say on one side that is right, or wrong, for a known reason."""
VALUES_EACH = 2
"""Sets of values on which each expression is tried."""
_ERROR = "error"


@dataclass(frozen=True)
class Disagreement:
    """What one expression is on each side."""

    text: str
    ours: object
    theirs: object
    is_refused: bool = False
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = "".join(f"\n    {name} = {value!r}" for name, value in self.values.items())
        return f"{self.text}\n    ours:   {self.ours}\n    Google: {self.theirs}{shown}"


@dataclass
class Comparison:
    """What a campaign has found so far."""

    compared: int = 0
    quick: int = 0
    """Those that the fast tier has answered."""
    errors: int = 0
    """Those of which both sides made an error."""
    excused: Counter[str] = field(default_factory=Counter)
    found: list[Disagreement] = field(default_factory=list)


class Differential:
    """One campaign; the same seed makes the same one."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._generator = Generator(common(), self._random)
        self._oracle = Oracle()
        self.seen = Comparison()

    def run(self, count: int) -> Comparison:
        """Compares that many expressions."""
        for _ in range(count):
            kind = "bool" if self._random.random() < 0.4 else self._random.choice(LETTERS["A"])
            expression = self._generator.expression(kind, self._random.choice((2, 3, 3, 4)))
            for _ in range(VALUES_EACH):
                self._compare(expression, drawn_values(self._random))
        return self.seen

    def _compare(self, expression: Expression, values: Mapping[str, Any]) -> None:
        try:
            disagreement = self.disagreement(str(expression), values)
        except Refused as reason:
            self.seen.excused[str(reason)] += 1
            return
        if disagreement is None:
            return
        refused = disagreement.is_refused
        small = smallest(expression, lambda each: self._differs(str(each), values, refused))
        self._note(str(small), values)

    def _note(self, text: str, values: Mapping[str, Any]) -> None:
        found = self.disagreement(text, values, count=False)
        assert found is not None
        names = set(re.findall(r"[a-z_]+", text))
        used = {name: value for name, value in values.items() if name in names}
        if "resource" in used:
            fields = set(re.findall(r"resource\.([a-z_]+)", text))
            used["resource"] = {name: getattr(used["resource"], name) for name in fields}
        self.seen.found.append(replace(found, values=used))

    def _differs(self, text: str, values: Mapping[str, Any], refused: bool) -> bool:
        try:
            found = self.disagreement(text, values, count=False)
        except Refused:
            return False
        return found is not None and found.is_refused is refused

    def disagreement(
        self, text: str, values: Mapping[str, Any], *, count: bool = True
    ) -> Disagreement | None:
        """How the two sides differ on one expression. Raises Refused with a known reason."""
        try:
            program = compile_expression(text.replace("~", ""), KNOWN, is_condition=False)
        except PolicyError as error:
            return Disagreement(text, f"refused: {error.message}", "not asked", is_refused=True)
        answer = program.value(**values)
        ours = comparable(answer)
        quick = program.quick(values)
        if quick is not LEFT and comparable(quick) != ours:
            return Disagreement(text, f"fast {comparable(quick)}, slow {ours}", "not asked")
        try:
            answered = self._oracle.value(text, values)
        except Refused as error:
            raise Refused(str(error)[:200]) from None
        theirs = comparable(answered)
        if count:
            self.seen.compared += 1
            self.seen.errors += ours == theirs == _ERROR
            self.seen.quick += quick is not LEFT
        if ours == theirs:
            return None
        for error in (answer, answered):
            _excuse(error)
        return Disagreement(text, ours, theirs)


def _excuse(answer: object) -> None:
    """Raises Refused if an answer is an error for which the oracle is to blame."""
    if isinstance(answer, Unknown):
        for said, why in LIMITS.items():
            if said in answer.needs:
                raise Refused(why)
