"""Where the file of waivers lies: it is looked up like the configuration, never in the scanned tree
as such."""

from __future__ import annotations

from pathlib import Path

from policyscan.config import Configuration
from policyscan.errors import UsageError
from policyscan.findings.waivers import FILE_NAME, WaiverFile, parse_waivers
from policyscan.text.files import Disk, Files


def waivers_path(named: str, configuration: Configuration) -> tuple[str, bool]:
    """The path of the file, from the working directory or as the caller reads paths, and whether
    somebody named it, so that it has to be there: on the command line (`named`), or in the
    configuration, or else it is the one beside the configuration."""
    if named:
        return named, True
    beside = Path(configuration.path).parent if configuration.path else Path()
    name = configuration.waivers.file
    return str(beside / (name or FILE_NAME)), bool(name)


def load_waivers(
    named: str, configuration: Configuration, cwd: Path, files: Files | None = None
) -> WaiverFile | None:
    """The waivers in force; None if there is no file of them. It is read from `files`, which is the
    disk if it is not given.

    Raises `UsageError` with the place for a file that is missing, not readable or not understood.
    """
    name, is_named = waivers_path(named, configuration)
    path = Path(name)
    files = files or Disk(cwd)
    if not is_named and not files.exists(path):
        _refuse_near_names(path.parent, files)
        return None
    try:
        data = files.read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise UsageError(
            f"{name}: {reason or 'cannot be read'}", hint="Name another file with --waivers."
        ) from None
    return parse_waivers(name, data)


def _refuse_near_names(directory: Path, files: Files) -> None:
    for name in ("waivers.yml",):
        if files.exists(directory / name):
            raise UsageError(
                f"{name} is not read",
                hint=f"Call it {FILE_NAME}, or name it with --waivers {name}.",
            )
