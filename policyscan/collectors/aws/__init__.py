"""An AWS account as it is: asked through boto3, read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from policyscan.collectors.aws.operations import PERMISSIONS, SUBJECTS

if TYPE_CHECKING:
    from policyscan.collectors.interface import Answer, Item, Reading, Said, Target


class AwsCollector:
    """Asks an account, in one or several regions, with operations that only read.

    Settings: `regions` (default: the one of the environment or the profile), `profile`, `role` and
    `external_id` (to go on as another role), `budget` (seconds for one service in one region).
    """

    name = "aws"
    kinds: tuple[str, ...] = tuple(PERMISSIONS)
    subjects: Mapping[str, tuple[str, ...]] = SUBJECTS
    permissions: Mapping[str, tuple[str, ...]] = PERMISSIONS

    def collect(self, target: Target, reading: Reading) -> Iterator[Said]:
        """Every answer for the kinds that are asked for, region by region."""
        from policyscan.collectors.aws.asking import ask  # late: it needs boto3

        return ask(target, reading)

    def read(self, answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
        """The resources in the answers, unit by unit, and the tallies."""
        from policyscan.collectors.aws.reading import read_all  # late: often not needed

        return read_all(answers, reading)

    def doctor(self, target: Target) -> Iterator[tuple[str, str]]:
        """Whether boto3 is here, whose credentials are in use, and which regions would be asked."""
        from policyscan.collectors.aws.doctor import examine  # late: often not needed

        return examine(target)
