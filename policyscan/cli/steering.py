"""What steers the gate: loads it all from one side, and keeps the books of what came from where."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.trust import Side, refuse_untrusted
from policyscan.config import load_configuration
from policyscan.errors import UsageError
from policyscan.findings.profiles import load_profile, profile_names
from policyscan.findings.report import InForce
from policyscan.gate.waivers.reading import load_waivers
from policyscan.text.display import path_text

if TYPE_CHECKING:
    from policyscan.findings.difference import Before
    from policyscan.findings.profiles import ProfileRules
    from policyscan.findings.waivers import WaiverFile
    from policyscan.text.files import Folder


class Steering:
    """Everything in force; each mistake is a `UsageError`."""

    profile: ProfileRules
    policies: tuple[Folder, ...]
    waivers: WaiverFile | None
    baseline: Before | None

    def __init__(self, side: Side, options: argparse.Namespace, default: str) -> None:
        """Loads the configuration alone, which says what there is to look at."""
        self._side = side
        self._options = options
        self._default = default
        self._read: list[tuple[str, Path]] = []
        named = Path(options.config) if options.config else None
        with self._told():
            self.configuration = load_configuration(named, Path.cwd(), side.files)
        if self.configuration.path:
            self._note("configuration", self.configuration.path)

    def load(self) -> None:
        """Loads the rest."""
        name = self._options.profile or self.configuration.profile or self._default
        with self._told():
            self.profile = load_profile(name, Path.cwd(), self._side.files)
            self.policies = tuple(map(self._policies, self._options.policies))
            self.waivers = load_waivers(
                self._options.waivers, self.configuration, Path.cwd(), self._side.files
            )
            self.baseline = self._baseline()
        if name not in profile_names():
            self._note("profile", name)
        for directory in self._options.policies:
            self._note("policies", directory)
        for target in self.configuration.targets:
            if target.settings.get("ca_file"):
                self._note("CAs", str(target.settings["ca_file"]))
        if self.baseline is not None:
            self._note("baseline", self.baseline.name)
        if self.waivers is not None:
            self._note("waivers", self.waivers.path)
        if self.configuration.controls:
            self._note("controls", self.configuration.controls.path)

    def refuse(self, scanned: Path | None, environ: Mapping[str, str]) -> None:
        """Raises `UsageError` if a pull request can have written any of it."""
        if not self._side.trust:
            refuse_untrusted(self._read, scanned or Path(), environ)

    @property
    def in_force(self) -> tuple[InForce, ...]:
        """What was loaded, and from where; what ships is left out."""
        return tuple(
            InForce(role, path_text(str(path)), self._side.files.source(path))
            for role, path in self._read
        )

    def _note(self, role: str, path: str) -> None:
        self._read.append((role, Path(path)))

    def _baseline(self) -> Before | None:
        """The stored list to compare with: the one that is named, or else that of the
        configuration, unless a commit is named."""
        named = getattr(self._options, "baseline", "")
        compared = [name for name in ("base", "staged") if getattr(self._options, name, "")]
        if named and compared:
            message = f"--{compared[0]} and --baseline name two things to compare with"
            raise UsageError(message, hint="Name one.")
        configured = self.configuration.baseline
        if compared or not (named or configured):
            return None
        from policyscan.gate.baseline import load  # late: few runs have a stored list

        if named:
            try:
                return load(named, self._side.files.read(Path(named)))
            except OSError as error:
                raise UsageError(
                    f"--baseline {named}: {error.strerror or 'cannot be read'}",
                    hint="Write one: policyscan baseline write",
                ) from None
        return load(configured.path, configured.data) if configured else None

    def _policies(self, directory: str) -> Folder:
        try:
            return self._side.files.folder(Path(directory))
        except OSError as error:
            message = f"--policies {directory}: {error.strerror or error}"
            raise UsageError(message, hint="Name a folder of policies.") from None

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A complaint about a file of the trusted side says that it is: the one in the work tree
        may look right."""
        try:
            yield
        except UsageError as error:
            if self._side.trust:
                said = f"Read from {self._side.trust}, not from the work tree."
                error.hint = f"{error.hint} {said}".strip()
            raise
