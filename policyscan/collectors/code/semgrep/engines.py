"""Which semgrep is here: the one that is installed beside the running interpreter, or none.

Neither PATH nor the working directory is asked, as both may lie in the scanned tree.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import site
import sys

from msgspec import Struct

OLDEST = (1, 150)
"""Earlier versions lack options that keep the scanned tree from steering it."""

OPTIONS = (
    "--config=rules.json",
    "--project-root=.",
    "--x-ignore-semgrepignore-files",
    "--no-git-ignore",
    "--disable-nosem",
    "--no-rewrite-rule-ids",
    "--metrics=off",
    "--disable-version-check",
    "--max-target-bytes=0",
    "--max-memory=4000",
    "--timeout-threshold=1",
    "--json",
    "--verbose",  # or it does not say what it skipped
)


class Engine(Struct, frozen=True):
    """One way to start semgrep."""

    name: str
    executable: str
    """The absolute path of the program."""
    arguments: tuple[str, ...]
    """How its command line begins, with the name by which the program is to know itself."""
    version: str


def find_engines() -> tuple[Engine, ...]:
    """The ways to start the installed semgrep, the fastest first; none if it is missing or too old.

    The native program knows what to do from the name by which it is called; the plain one, in
    Python, takes seconds to start and calls the native one in the end."""
    found = _distribution()
    if found is None or not is_supported(version := str(found.version)):
        return ()
    engines = []
    native = str(found.locate_file("semgrep/bin/semgrep-core"))
    if os.access(native, os.X_OK):
        engines.append(Engine("native", native, ("osemgrep", "scan", "--experimental"), version))
    if sys.executable:
        python = (sys.executable, "-P", "-m", "semgrep.console_scripts.pysemgrep", "scan")
        engines.append(Engine("plain", sys.executable, python, version))
    return tuple(engines)


def is_supported(version: str) -> bool:
    """Whether a version is one of those that are driven here."""
    numbers = re.match(r"(\d+)\.(\d+)\.", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= OLDEST


def _distribution() -> importlib.metadata.Distribution | None:
    folders = site.getsitepackages()
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return next(iter(importlib.metadata.distributions(name="semgrep", path=folders)), None)
