"""A Docker engine as it is: its images and containers, asked through the docker SDK, read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.docker.subjects import PERMISSIONS, SUBJECTS

if TYPE_CHECKING:
    from policyscan.collectors.interface import Answer, Item, Reading, Said, Target


class DockerCollector:
    """Asks an engine what it knows; never runs, pulls or unpacks anything.

    Settings: `host` (default: DOCKER_HOST, else the context in use, else the socket of this
    machine), `images` (names; none for all), `containers` (whether to ask for them as well),
    `timeout` (seconds for one request).
    """

    name = "docker"
    kinds: tuple[str, ...] = tuple(PERMISSIONS)
    subjects: Mapping[str, tuple[str, ...]] = SUBJECTS
    permissions: Mapping[str, tuple[str, ...]] = PERMISSIONS

    def collect(self, target: Target, reading: Reading) -> Iterator[Said]:
        """What the engine says of itself, then of its images, then of its containers."""
        from policyscan.collectors.docker.asking import ask  # late: often not needed

        return ask(target, reading)

    def read(self, answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
        """The images and containers in the answers, unit by unit, and the tallies."""
        from policyscan.collectors.docker.reading import read_all  # late: often not needed

        return read_all(answers, reading)

    def doctor(self, target: Target) -> Iterator[tuple[str, str]]:
        """Whether the docker SDK is here, which engine would be asked, and whether it answers."""
        from policyscan.collectors.docker.doctor import examine  # late: often not needed

        return examine(target)
