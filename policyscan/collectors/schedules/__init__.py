"""Schedules: crontabs, timers of systemd and scheduled workflows, for the jobs that rotate keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.collectors.schedules.names import form_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.collectors.interface import Item, Reading
    from policyscan.text.tree import Tree


class SchedulesCollector:
    """Reads crontabs, `*.timer` with its service, and GitHub workflows."""

    name = "schedules"
    kinds: tuple[str, ...] = ("RotationProcess",)

    def claims(self, path: str, head: bytes) -> bool:  # noqa: ARG002 - the name decides
        """True for a file that is named like a schedule."""
        return form_of(path) is not None

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """The jobs that rotate keys in all files, in the order of the paths."""
        from policyscan.collectors.schedules.collector import read_all  # late: often not needed

        return read_all(tree, paths, reading)
