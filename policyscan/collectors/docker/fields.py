"""Looks values up in what is kept of an answer; what is not of the right type is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from policyscan.collectors.interface import Answer
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.containers import SecretUse
from policyscan.values import Many, Maybe, PartialList, Unknown, Why

_NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


class Record:
    """What one thing says of itself: a mapping, and the answer that it is from."""

    def __init__(self, answer: Answer | None, unanswered: str) -> None:
        """Without an answer all of it is unknown, for what `unanswered` would tell."""
        self.answer = answer
        self.data: Any = answer.data if answer is not None else None
        self._unanswered = Unknown(Why.NOT_SEEN, unanswered)

    def unknown(self, path: str) -> Unknown:
        """Why the value at a path is not known."""
        if self.answer is None:
            return self._unanswered
        return Unknown(Why.NOT_SEEN, f"{path} as the engine documents it")

    def at(self, path: str) -> Any:
        """The value at a path; None if it is not set, an `Unknown` if that cannot be told."""
        value = self.data
        if self.answer is None:
            return self._unanswered
        for name in path.split("."):
            if value is None:
                return None
            if not isinstance(value, dict) or "malformed" in value:
                return self.unknown(path)
            value = value.get(name)
        return value

    def text(self, path: str) -> Maybe[str]:
        """A text; empty if it is not set."""
        found: Maybe[str] = self._typed(path, str, "")
        return found

    def flag(self, path: str) -> Maybe[bool]:
        """True or false; false if it is not set."""
        found: Maybe[bool] = self._typed(path, bool, False)
        return found

    def limit(self, path: str) -> Maybe[int | None]:
        """A number above 0; None for no limit."""
        value: Maybe[int] = self._typed(path, int, 0)
        return value if not isinstance(value, int) or value > 0 else None

    def _typed(self, path: str, wanted: type, default: Any) -> Any:
        value = self.at(path)
        if value is None:
            return default
        right = isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool)
        return value if right or isinstance(value, Unknown) else self.unknown(path)

    def texts(self, path: str) -> Many[Maybe[str]]:
        """A list of texts; empty if it is not set."""
        value = self.at(path)
        if value is None:
            return ()
        if not isinstance(value, list):
            return value if isinstance(value, Unknown) else self.unknown(path)
        return tuple(each if isinstance(each, str) else self.unknown(path) for each in value)

    def moment(self, path: str) -> Maybe[datetime | None]:
        """A time; None if it is not set, which engines also write as the year 1."""
        text = self.text(path)
        if not isinstance(text, str):
            return text
        try:
            found = datetime.fromisoformat(text) if text else _NO_TIME
            found = found if found.tzinfo else found.replace(tzinfo=UTC)
            return None if found.year <= _NO_TIME.year else found.astimezone(UTC)
        except (ValueError, OverflowError):
            return self.unknown(path)

    def chain(self, path: str) -> Chain:
        """The provenance of the value at a path."""
        if self.answer is None:
            return (Step(StepKind.ANSWER, path),)
        return Step(StepKind.ANSWER, path), self.answer.call()

    def chains(self, **paths: str) -> dict[str, Chain]:
        """The provenance of fields, each by its path in the answer."""
        return {name: self.chain(path) for name, path in paths.items()}


def tags_of(record: Record) -> Maybe[Mapping[str, Maybe[str]]]:
    """The labels; those whose values were not kept have an unknown one."""
    labels = record.at("Config.Labels")
    if labels is None:
        return {}
    if not isinstance(labels, dict):
        return labels if isinstance(labels, Unknown) else record.unknown("Config.Labels")
    if "malformed" in labels:
        return record.unknown("Config.Labels")
    unread = Unknown(Why.NOT_SEEN, "the value of a label, which is not kept")
    return {
        str(name): value if isinstance(value, str) else unread for name, value in labels.items()
    }


def secret_uses(found: Any) -> tuple[list[SecretUse], Unknown | None]:
    """The secrets that an answer tells of, and why there may be more."""
    uses: list[SecretUse] = []
    doubt: Unknown | None = None
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict) and "doubt" in each:
            doubt = Unknown(Why.OUTSIDE, str(each["doubt"]))
        else:
            uses.append(SecretUse.model_validate(each))
    return uses, doubt


def partial(known: list[Any], doubt: Unknown | None) -> Any:
    """A list, open if there may be more."""
    return tuple(known) if doubt is None else PartialList(tuple(known), doubt)
