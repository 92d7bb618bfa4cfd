"""From the answers of an engine to its images and containers, and the books."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from policyscan.collectors.docker import subjects
from policyscan.collectors.docker.containers import container_of
from policyscan.collectors.docker.count import count
from policyscan.collectors.docker.fields import Record
from policyscan.collectors.docker.host import Host
from policyscan.collectors.docker.images import image_of, roots_of
from policyscan.collectors.interface import Answer, Item, Reading
from policyscan.resources.base import Origin, Tally

REMOVED = "removed while it was asked about"
NO_ID = "without an id"


def read_all(answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
    """The images, then the containers, unit by unit, each with its tally."""
    for unit in dict.fromkeys(answer.unit for answer in answers):
        here = _Unit(unit, reading.target, [each for each in answers if each.unit == unit])
        yield from here.images()
        yield from here.containers()


class _Unit:
    """The answers of one engine."""

    def __init__(self, name: str, target: str, answers: Sequence[Answer]) -> None:
        self.name = name
        self.target = target
        self.answers = answers
        self._by: dict[tuple[str, str], Answer] = {}
        for answer in answers:
            self._by.setdefault((answer.subject, answer.about), answer)

    def images(self) -> Iterator[Item]:
        """The images that were listed or named."""
        things, dropped = self._things(subjects.IMAGES, subjects.IMAGE)
        for name, answer in things:
            record = self._record(subjects.IMAGE, name, answer)
            history = self._record(subjects.HISTORY, name)
            origin = self._origin(subjects.IMAGES, record)
            yield image_of(name, origin, self._listed(name), record, history)
        if things or dropped or self._was_asked(subjects.IMAGES, subjects.IMAGE):
            yield self._tally("ContainerImage", len(things), dropped)

    def containers(self) -> Iterator[Item]:
        """The containers that were listed."""
        things, dropped = self._things(subjects.CONTAINERS, subjects.CONTAINER)
        records = {name: self._record(subjects.CONTAINER, name, each) for name, each in things}
        users = {
            name: self._record(subjects.IMAGE, name, answer).text("Config.User")
            for name, answer in self._things(subjects.IMAGES, subjects.IMAGE)[0]
            if answer is not None
        }
        roots = {name: roots_of(self._record(subjects.HISTORY, name)) for name in users}
        host = Host(
            records,
            self._by.get((subjects.VERSION, "")),
            self._record(subjects.INFO, ""),
            self._record(subjects.VOLUMES, ""),
            users,
            roots,
        )
        for name, record in records.items():
            yield container_of(name, self._origin(subjects.CONTAINERS, record), record, host)
        if things or dropped or self._was_asked(subjects.CONTAINERS, subjects.CONTAINER):
            yield self._tally("ContainerWorkload", len(things), dropped)

    def _things(
        self, listing: str, single: str
    ) -> tuple[list[tuple[str, Answer | None]], dict[str, int]]:
        """Each thing by id with what it says of itself, and what was left out for which reason."""
        found: dict[str, Answer | None] = {}
        dropped: dict[str, int] = {}
        lists = [each for each in self.answers if each.subject == listing]
        singles = [each for each in self.answers if each.subject == single]
        about = {_id_of(each.data) or each.about: each for each in singles}
        about.update({each.about: each for each in singles if each.about})
        for answer in lists:
            for row in answer.data if isinstance(answer.data, list) else ():
                name = _id_of(row)
                if name is None:
                    dropped[NO_ID] = dropped.get(NO_ID, 0) + 1
                else:
                    found.setdefault(name, about.get(name))
        if not lists:
            for answer in singles:
                found.setdefault(_id_of(answer.data) or answer.about, answer)
        for name in [name for name, each in found.items() if each is not None and _removed(each)]:
            dropped[REMOVED] = dropped.get(REMOVED, 0) + 1
            del found[name]
        return [*found.items()], dropped

    def _record(self, subject: str, name: str, answer: Answer | None = None) -> Record:
        about = f" about {name}" if name else ""
        found = answer if answer is not None else self._by.get((subject, name))
        return Record(found, f"the answer to {subject}{about}")

    def _origin(self, listing: str, record: Record) -> Origin:
        """Where a thing comes from: what it says of itself, or else the list that names it."""
        lists = (each for each in self.answers if each.subject == listing)
        answer = record.answer if record.answer is not None else next(lists)
        return answer.origin("docker", self.target)

    def _listed(self, name: str) -> dict[str, Any]:
        """What the list says of an image."""
        answer = self._by.get((subjects.IMAGES, ""))
        rows = answer.data if answer is not None and isinstance(answer.data, list) else ()
        return next((row for row in rows if _id_of(row) == name), {})

    def _was_asked(self, *of: str) -> bool:
        return any(answer.subject in of for answer in self.answers)

    def _tally(self, kind: str, normalised: int, dropped: dict[str, int]) -> Tally:
        found = count(self.answers, kind, self.name)
        return Tally(self.target, kind, found, normalised, dropped, unit=self.name)


def _id_of(data: Any) -> str | None:
    found = data.get("Id") if isinstance(data, dict) else None
    return found if isinstance(found, str) and found else None


def _removed(answer: Answer) -> bool:
    return isinstance(answer.data, dict) and answer.data.get("Removed") is True
