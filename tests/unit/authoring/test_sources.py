"""Which collectors fill a kind."""

from __future__ import annotations

from policyscan.authoring.sources import collector_kinds, sources_of
from policyscan.resources.kinds import MODULES


def test_every_kind_has_a_source() -> None:
    assert [kind for kind in MODULES if not sources_of(kind)] == []


def test_collectors_name_kinds_that_exist() -> None:
    named = {kind for kinds in collector_kinds().values() for kind in kinds}
    assert named == set(MODULES)


def test_files_come_before_what_runs() -> None:
    assert sources_of("SecurityGroup") == ("terraform", "aws")
    assert sources_of("RotationProcess") == ("schedules", "terraform")
    assert sources_of("Nothing") == ()
