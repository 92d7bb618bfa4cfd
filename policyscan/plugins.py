"""Collectors and reporters, found through entry points.

The built-in ones use the same door as everybody's. Only what is installed beside policyscan counts:
nothing in a scanned tree can add a plug-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from policyscan.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

    from policyscan.collectors.interface import FileCollector, LiveCollector
    from policyscan.reporters.interface import Reporter

COLLECTORS = "policyscan.collectors"
LIVE_COLLECTORS = "policyscan.live_collectors"
REPORTERS = "policyscan.reporters"


def installed(group: str) -> Mapping[str, EntryPoint]:
    """The plug-ins of a group by name, sorted, none of them loaded. Two of one name are an error,
    because which one would run must not depend on the order of installation."""
    return by_name(_every().select(group=group))


@cache
def _every() -> Any:
    """Those of all that is installed; to read them takes a while."""
    from importlib.metadata import entry_points

    return entry_points()


def by_name(points: Iterable[EntryPoint]) -> Mapping[str, EntryPoint]:
    """Entry points by name, sorted; raises `UsageError` if two carry one name."""
    found: dict[str, EntryPoint] = {}
    for point in sorted(points, key=lambda point: point.name):
        if point.name in found:
            owners = " and ".join(sorted({_owner(found[point.name]), _owner(point)}))
            raise UsageError(
                f"{point.name!r} of {point.group} comes from {owners}",
                hint="Uninstall one of them.",
            )
        found[point.name] = point
    return found


def load_collectors() -> tuple[FileCollector, ...]:
    """One instance of every collector of files, in order of their names."""
    return tuple(_load(point)() for point in installed(COLLECTORS).values())


def live_collectors() -> tuple[str, ...]:
    """The names of the collectors that ask what runs."""
    return tuple(installed(LIVE_COLLECTORS))


def load_live_collector(name: str) -> LiveCollector:
    """The collector that asks one sort of target. Raises `UsageError` if there is none."""
    points = installed(LIVE_COLLECTORS)
    if name not in points:
        raise UsageError(
            f"nothing here can ask {name!r}", hint=f"Installed: {', '.join(points) or 'nothing'}."
        )
    return cast("LiveCollector", _load(points[name])())


def load_reporter(name: str, settings: Mapping[str, object]) -> Reporter:
    """The reporter of one format, with those `settings` that it takes (`width`, `category`).

    Raises `UsageError` if there is none of that name.
    """
    from inspect import signature

    points = installed(REPORTERS)
    if name not in points:
        raise UsageError(
            f"there is no format {name!r}", hint=f"Installed formats: {', '.join(points)}."
        )
    make = _load(points[name])
    taken = signature(make).parameters
    wanted = {key: value for key, value in settings.items() if key in taken}
    return cast("Reporter", make(**wanted))


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"the plug-in {point.name!r} of {_owner(point)} does not load: {error}",
            hint=f"Reinstall or uninstall {_owner(point)}.",
        ) from error


def _owner(point: EntryPoint) -> str:
    return point.dist.name if point.dist else point.module
