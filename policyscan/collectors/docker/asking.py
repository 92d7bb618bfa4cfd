"""Asks an engine: one request after another, in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.collectors.docker import records, subjects
from policyscan.collectors.docker.engine import (
    SECONDS,
    Engine,
    GoneError,
    NotThereError,
    load_sdk,
    shown,
)
from policyscan.collectors.docker.subjects import NAME, PERMISSIONS
from policyscan.collectors.interface import Answer, Asked, Reading, Said, Target
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap

IMAGES = ("ContainerImage",)
CONTAINERS = ("ContainerWorkload",)
MAX_THINGS = 10_000
"""Images, and containers, that are asked about one by one."""


def ask(target: Target, reading: Reading) -> Iterator[Said]:
    """Everything that an engine says of the kinds that are asked for."""
    asking = _Asking(target, reading.kinds)
    try:
        engine = Engine(load_sdk(), str(target.settings.get("host") or ""), asking.seconds)
    except ReadError as error:
        yield from asking.nothing(error)
        return
    try:
        yield from asking.everything(engine)
    finally:
        engine.close()


class _Question(Struct):
    """What became of one question so far."""

    kinds: tuple[str, ...]
    whole: bool = True
    calls: int = 0
    pages: int = 0
    failed: GapReason | None = None


class _Asking:
    """The questions to one engine, and what became of them."""

    def __init__(self, target: Target, kinds: frozenset[str]) -> None:
        self.unit = target.name
        self.kinds = kinds
        self.names = tuple(dict.fromkeys(str(name) for name in target.settings.get("images") or ()))
        self.seconds = float(target.settings.get("timeout") or SECONDS)
        self.with_images = "ContainerImage" in kinds
        self.with_containers = "ContainerWorkload" in kinds and bool(
            target.settings.get("containers", not self.names)
        )
        self.asked: dict[str, _Question] = {}
        self.gone: GoneError | None = None

    def nothing(self, error: ReadError) -> Iterator[Said]:
        """What is left to say if there is no engine to ask."""
        kinds = tuple(kind for kind in PERMISSIONS if kind in self.kinds)
        yield Gap.of(error, hides=kinds, unit=self.unit)
        yield Asked(self.unit, subjects.VERSION, kinds, 0, 0, error.reason)

    def everything(self, engine: Engine) -> Iterator[Said]:
        """All questions in order; once the engine is gone, none that are left."""
        kinds = tuple(kind for kind in PERMISSIONS if kind in self.kinds)
        yield from self._ask(engine, subjects.VERSION, kinds, lambda: self._version(engine))
        if self.with_images:
            yield from self._images(engine)
        if self.with_containers:
            yield from self._containers(engine)
        for subject, question in self.asked.items():
            yield Asked(
                self.unit,
                subject,
                question.kinds,
                question.calls,
                question.pages,
                question.failed,
                question.whole,
            )

    def _version(self, engine: Engine) -> Any:
        return records.version(engine.version(), engine.address)

    # -- images --------------------------------------------------------------------------------

    def _images(self, engine: Engine) -> Iterator[Said]:
        if self.names:
            yield from self._named(engine)
            return
        found: list[str] = []
        listing = self._ask(
            engine, subjects.IMAGES, IMAGES, lambda: _list(records.images(engine.images()))
        )
        for item in listing:
            found += _ids(item)
            yield item
            yield from self._without_id(item, subjects.IMAGES, IMAGES)
        yield from self._each(engine, subjects.IMAGE, IMAGES, found, _image)
        yield from self._each(engine, subjects.HISTORY, IMAGES, found, _history)

    def _named(self, engine: Engine) -> Iterator[Said]:
        """The images that were asked for by name; others may be there."""
        found: list[str] = []
        for name in self.names:
            if not NAME.fullmatch(name):
                message = "this is not the name of an image"
                yield self._failed(
                    subjects.IMAGE, IMAGES, ReadError(GapReason.UNREACHABLE, name, message)
                )
                continue
            for item in self._ask(
                engine, subjects.IMAGE, IMAGES, partial(_image, engine, name), name
            ):
                found += _ids(item)
                yield item
        if subjects.IMAGE in self.asked:
            self.asked[subjects.IMAGE].whole = False
        found = [*dict.fromkeys(found)]
        yield from self._each(engine, subjects.HISTORY, IMAGES, found, _history)

    # -- containers ----------------------------------------------------------------------------

    def _containers(self, engine: Engine) -> Iterator[Said]:
        yield from self._ask(engine, subjects.INFO, CONTAINERS, lambda: records.info(engine.info()))
        found: list[str] = []
        listing = self._ask(
            engine,
            subjects.CONTAINERS,
            CONTAINERS,
            lambda: _list(records.containers(engine.containers())),
        )
        for item in listing:
            found += _ids(item)
            yield item
            yield from self._without_id(item, subjects.CONTAINERS, CONTAINERS)
        yield from self._each(engine, subjects.CONTAINER, CONTAINERS, found, _container)
        yield from self._ask(
            engine, subjects.VOLUMES, CONTAINERS, lambda: _list(records.volumes(engine.volumes()))
        )

    # -- questions -----------------------------------------------------------------------------

    def _each(
        self,
        engine: Engine,
        subject: str,
        kinds: tuple[str, ...],
        ids: list[str],
        call: Callable[[Engine, str], Any],
    ) -> Iterator[Said]:
        """The same question about each thing. What was removed since it was listed is no gap."""
        for name in ids[:MAX_THINGS]:
            yield from self._ask(
                engine, subject, kinds, partial(call, engine, name), name, listed=True
            )
        if len(ids) > MAX_THINGS:
            message = f"only the first {MAX_THINGS} of {len(ids)} were asked about"
            yield self._failed(subject, kinds, ReadError(GapReason.TRUNCATED, subject, message))

    def _ask(
        self,
        engine: Engine,
        subject: str,
        kinds: tuple[str, ...],
        call: Callable[[], Any],
        about: str = "",
        *,
        listed: bool = False,
    ) -> Iterator[Said]:
        """One question: its answer, or the gap that it leaves."""
        question = self.asked.setdefault(subject, _Question(kinds))
        if self.gone is not None:
            question.failed = question.failed or self.gone.reason
            return
        before = engine.calls
        try:
            data = call()
        except NotThereError as error:
            question.calls += engine.calls - before
            if listed:
                question.pages += 1
                yield Answer(self.unit, subject, {"Removed": True}, about, 1, engine.now)
            else:
                yield self._failed(subject, kinds, _not_here(error, about))
        except ReadError as error:
            question.calls += engine.calls - before
            yield self._failed(subject, kinds, error)
            if isinstance(error, GoneError) and not engine.ping():
                self.gone = error
        else:
            question.calls += engine.calls - before
            question.pages += 1
            yield Answer(self.unit, subject, data, about, 1, engine.now)

    def _without_id(self, item: Said, subject: str, kinds: tuple[str, ...]) -> Iterator[Gap]:
        """What a list names in a way that it cannot be asked about."""
        if not isinstance(item, Answer):
            return
        bad = sum(not _ids(replace(item, data=[each])) for each in item.data)
        if bad:
            message = f"{bad} of the list have no id"
            yield self._failed(subject, kinds, ReadError(GapReason.UNPARSEABLE, subject, message))

    def _failed(self, subject: str, kinds: tuple[str, ...], error: ReadError) -> Gap:
        question = self.asked.setdefault(subject, _Question(kinds))
        question.failed = question.failed or error.reason
        return Gap.of(error, hides=kinds, unit=self.unit)


def _not_here(error: ReadError, name: str) -> ReadError:
    """An image that was asked for and that the engine does not have: nothing is ever pulled."""
    message = f"the engine has no image {shown(name)}, and it was not pulled: docker pull brings it"
    return ReadError(error.reason, name, message)


def _image(engine: Engine, name: str) -> Any:
    return _record(name, engine.image(name), records.image)


def _history(engine: Engine, name: str) -> Any:
    return _list(records.history(engine.history(name)))


def _container(engine: Engine, name: str) -> Any:
    return _record(name, engine.container(name), records.container)


def _list(data: Any) -> Any:
    if not isinstance(data, list):
        raise ReadError(GapReason.UNPARSEABLE, "the engine", "the answer is not a list")
    return data


def _record(name: str, data: Any, record: Callable[[Any], Any]) -> Any:
    if not isinstance(data, dict):
        message = f"the answer is a {type(data).__name__}"
        raise ReadError(GapReason.UNPARSEABLE, name, message)
    return record(data)


def _ids(item: Said) -> list[str]:
    """The ids in an answer that lists things, or that is about one, each once."""
    if not isinstance(item, Answer):
        return []
    listed = item.data if isinstance(item.data, list) else [item.data]
    found = (each.get("Id") for each in listed if isinstance(each, dict))
    return [*dict.fromkeys(name for name in found if isinstance(name, str) and name)]
