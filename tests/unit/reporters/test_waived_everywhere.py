"""What is accepted stays in every report, with who, why and until when."""

from __future__ import annotations

import re
from html import unescape

import pytest
from msgspec.structs import replace

from policyscan.findings import Verdict
from tests.every_format import render_all
from tests.sample_report import sample_report

WITHOUT = {"sarif", "annotations", "gitlab-codequality", "gitlab-sast"}
"""What code scanning and merge requests show is open; of a waived failure they are told nothing."""


@pytest.mark.parametrize("form", sorted(render_all(sample_report()).keys() - WITHOUT))
def test_a_waived_failure_comes_with_its_waiver(form: str) -> None:
    named = [
        replace(one, owner="Anastasia", approver="Borislav") for one in sample_report().waivers
    ]
    report = replace(sample_report(), waivers=tuple(named))
    [finding] = report.of(Verdict.WAIVED)
    [waiver] = [one for one in report.waivers if one.id == finding.waiver]
    text = " ".join(unescape(render_all(report)[form].decode()).split())
    for told in (waiver.id, waiver.reason, waiver.owner, waiver.approver, waiver.expires):
        assert told
        assert told in text


@pytest.mark.parametrize("form", ["comment", "console", "csv", "junit", "markdown", "sarif-full"])
def test_a_comment_nobody_is_known_to_own_names_nobody(form: str) -> None:
    waivers = tuple(replace(one, owner="", approver="") for one in sample_report().waivers)
    text = render_all(replace(sample_report(), waivers=waivers))[form].decode()
    assert not re.search(r"owner\s*,|approver\s*[,)]|\(\)", text)
