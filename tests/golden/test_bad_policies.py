"""Every way in which the author of a policy can be wrong, and the exact words that follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from policyscan.cli import main
from tests.golden.bad_policies import MESSAGES, cases, said_of

_SAID = re.compile(r"^== (.*)\n((?:(?!== ).*\n)*?)\n?(?=== |\Z)", re.MULTILINE)
EXPECTED: dict[str, str] = dict(_SAID.findall(MESSAGES.read_text("utf-8")))
BAD = [title for title in cases() if title != "good"]


def test_there_are_enough_of_them() -> None:
    assert list(EXPECTED) == BAD
    assert len(BAD) >= 100


def test_the_good_one_is_read() -> None:
    code, said = said_of(cases()["good"])
    assert code in (0, 1, 4), said
    assert "DESK-NET-009" in said or "1 pass" in said


@pytest.mark.parametrize("title", BAD)
def test_what_is_said(title: str) -> None:
    """`python -m tests.golden.bad_policies` writes the expected words anew."""
    code, said = said_of(cases()[title])
    assert (code, said) == (2, EXPECTED[title])
    assert re.match(r"policyscan: house/a\.yaml:\d+:\d+: \S", said)
    assert re.search(r"^ *\^+$", said, re.MULTILINE), "no caret"


def test_so_says_the_command_that_tests_policies(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.yaml").write_text(cases()["a field of a list"], "utf-8")
    assert main(["policy", "test", str(tmp_path)]) == 2
    out, err = capfd.readouterr()
    assert "a.yaml:8:27: list(Rule) has no fields\n" in out + err
