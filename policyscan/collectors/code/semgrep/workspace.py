"""A clean place to run semgrep in: copies of the files under names of our own, and nothing else.

The directory is ours alone. There is no repository, no ignore file, no settings file, and on the
search path only the one program that semgrep cannot start without.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from policyscan.collectors.code.semgrep.answer import FOLDER
from policyscan.collectors.code.semgrep.engines import OPTIONS, Engine
from policyscan.collectors.code.semgrep.leftovers import FOLDERS, PREFIX, RULES, locked, sweep
from policyscan.collectors.code.semgrep.model import Rule
from policyscan.text import git
from policyscan.text.interrupts import held
from policyscan.text.process import Command, find_program

FILE_SECONDS = 20
"""How long semgrep may look at one file; by the clock on the wall, so busy machines need more."""
_NEEDED = ("uname",)
"""Programs that semgrep starts, to learn how names are looked up on this system."""


class Given(Struct, frozen=True):
    """A file that semgrep is given."""

    name: str
    """`000001.py`: only the suffix, which is one of ours, comes from the tree."""
    data: bytes


@contextmanager
def workspace(files: Sequence[Given], rules: Sequence[Rule]) -> Iterator[Path]:
    """A directory with these files and rules, removed in the end. Raises `OSError`."""
    sweep()
    made = tempfile.TemporaryDirectory
    with (
        held() as hold,
        made(prefix=PREFIX, ignore_cleanup_errors=True) as temporary,
        locked(Path(temporary)),
    ):
        folder = Path(temporary).resolve()
        for name in FOLDERS:
            (folder / name).mkdir(mode=0o700)
        for program in _NEEDED:
            (folder / "programs" / program).symlink_to(_system_program(program))
        (folder / RULES).write_text(json.dumps({"rules": list(map(_plain, rules))}))
        for file in files:
            (folder / FOLDER / file.name).write_bytes(file.data)
        with hold.lifted():
            yield folder


def _system_program(name: str) -> str:
    """Where the system keeps it; by PATH, which may lead into the scanned tree, only if nowhere."""
    return shutil.which(name, path=os.defpath) or find_program(name)


def _plain(rule: Rule) -> dict[str, Any]:
    """The rule without its metadata, which semgrep would repeat with every match."""
    return {key: value for key, value in rule.body.items() if key != "metadata"}


def command(engine: Engine, folder: Path) -> Command:
    """How an engine is started in a workspace."""
    options = (*OPTIONS, f"--timeout={FILE_SECONDS}", FOLDER)
    line = (*engine.arguments, *options)
    return Command(line, folder, _environment(folder), executable=engine.executable)


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of the caller's: no proxy, no token, no settings. Git is not on the path; if it were
    found none the less it would run nothing."""
    home = str(folder / "home")
    refused = (
        ("core.fsmonitor", "false"),
        ("core.hooksPath", "/dev/null"),
        ("core.attributesFile", "/dev/null"),
        ("protocol.allow", "never"),
        ("safe.bareRepository", "explicit"),
    )
    settings = {"GIT_CONFIG_COUNT": str(len(refused))}
    for index, (key, value) in enumerate(refused):
        settings |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    return settings | {
        "PATH": str(folder / "programs"),
        "HOME": home,
        "TMPDIR": str(folder / "temporary"),
        "XDG_CACHE_HOME": home,
        "XDG_CONFIG_HOME": home,
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUSERBASE": site.getuserbase(),
        "PYTHONUTF8": "1",
        "SEMGREP_ENABLE_VERSION_CHECK": "0",
        "SEMGREP_LOG_FILE": str(folder / "home" / "semgrep.log"),
        "SEMGREP_SEND_METRICS": "off",
        "SEMGREP_SETTINGS_FILE": str(folder / "home" / "settings.yml"),
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
        **git.ALONE,
    }
