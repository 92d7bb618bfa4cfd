"""What commands print besides reports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = str(Path(sys.executable).parent / "policyscan")


def printed(redirected: str, *arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" "$@" {redirected}', PROGRAM, *arguments],
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("action", ["list", "kinds"])
def test_a_full_device_is_no_defect(action: str) -> None:
    """However little there is to print."""
    code, _, said = printed("> /dev/full", "policy", action)
    assert code == 4
    assert "standard output: not everything was printed: No space left on device" in said
    assert "defect" not in said


def test_nobody_need_read_it() -> None:
    assert printed(">&-", "policy", "list")[0] == 0
    assert printed("2>&-", "policy", "show", "nothing")[0] == 2
    assert printed("2> /dev/full", "policy", "show", "nothing")[0] == 2


def test_any_locale_will_do(tmp_path: Path) -> None:
    """It is UTF-8, as reports are."""
    name = tmp_path / "é\u2713.json"
    (tmp_path / "a.tf").write_text("")
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    code, said, _ = printed("", "baseline", "write", str(name), str(tmp_path), **plain)
    assert code == 0
    assert "wrote " in said and ".json: 0 failures" in said
