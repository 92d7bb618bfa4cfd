"""What a mutant is, and what kind of test finds it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from policyscan.policy import Policy
from policyscan.text.complaints import Place


class Hint(StrEnum):
    """What a test has to show so that it finds a mutant."""

    LIMIT = "a resource exactly at the limit, and one just beyond it"
    ORDER = "a resource on each side of the limit"
    EQUAL = "a resource for which both sides are equal, and one for which they differ"
    MEMBER = "a resource whose value is in the list, and one whose value is not"
    ALL_BUT_ONE = "a resource for which everything else holds, and this does not"
    ONLY_ONE = "a resource for which this holds, and none of the others does"
    SOME = "a resource for which some of these hold, and some do not"
    OPPOSITE = "a resource for which this holds, and one for which it does not"
    MIXED = "a resource with a list of which some members do what is asked, and some do not"
    BRANCH = "a resource for each branch, on which the two branches say different things"
    NUMBER = "a resource at the number that is written, and one just beyond it"
    TEXT = "a resource with the very text that is written"
    OPERATOR = "a resource on which both operators say different things"
    FIELD = "a resource that differs in this field and in the one that took its place"
    FUNCTION = "a resource whose value the function changes"
    OPERAND = "a resource on which the operand that is left out decides"
    APPLIES = "a resource that the policy is not about, and that it would not pass"
    HOLDS = "a resource that fails"
    NEVER = "a resource that passes"
    LEFT_OUT = "a resource on which only this member of the list decides"
    EMPTIED = "a resource on which the list decides"
    FLAG = "a resource on which the parameter decides"
    COUNT = "a set with exactly as many members, and one with one less"


class Change(Struct, frozen=True):
    """What is different in a mutant, and where."""

    key: str
    """What of the policy: `when`, `require`, `params.max_age_days`."""
    before: str
    after: str
    hint: Hint
    ordinal: int = 1
    """Which of several places that read the same."""

    @property
    def name(self) -> str:
        """`require: resource.days <= 7 -> resource.days < 7`, one line, the same as long as that
        part of the policy is; two of one policy are never called the same."""
        number = f" (no. {self.ordinal})" if self.ordinal > 1 else ""
        return f"{self.key}: {self.before} -> {self.after}{number}"


class Mutant(Struct, frozen=True):
    """A policy with one change."""

    policy: Policy
    change: Change
    place: Place
    """Where the change is made, in the file of the policy."""

    @property
    def name(self) -> str:
        """What the change is called."""
        return self.change.name
