"""Where reports go: standard output, or files that are either complete or untouched."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from policyscan.errors import PolicyscanError, UsageError

STDOUT = "-"
FORMATS = (
    "annotations",
    "comment",
    "console",
    "csv",
    "gitlab-codequality",
    "gitlab-sast",
    "html",
    "json",
    "junit",
    "junit-azure",
    "junit-gitlab",
    "markdown",
    "sarif",
)
"""The formats that ship, for the help: to ask what is installed takes longer than to print it."""


@dataclass(frozen=True, slots=True)
class Output:
    """One report asked for: a format, and a file or `-`."""

    format: str
    path: str

    @property
    def to_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.path == STDOUT


def parse_outputs(values: list[str]) -> tuple[Output, ...]:
    """The `-o FORMAT[=FILE]` of a command line; without any, the console view."""
    outputs = tuple(_parse(value) for value in values) or (Output("console", STDOUT),)
    if sum(output.to_stdout for output in outputs) > 1:
        formats = " and ".join(output.format for output in outputs if output.to_stdout)
        raise UsageError(
            f"{formats} cannot share standard output",
            hint="Give all but one a file: -o json=report.json",
        )
    paths = [_absolute(output.path) for output in outputs if not output.to_stdout]
    twice = next((path for path in paths if paths.count(path) > 1), None)
    if twice:
        raise UsageError(f"two reports would go to {twice}", hint="Give each a file of its own.")
    return outputs


def check_file(path: Path, scanned: Path | None) -> Path:
    """The file that a report for `path` will really be written to; its directory is made.

    Raises `UsageError` if it cannot be a file, or if a symbolic link on the way lies in the
    scanned tree, whose author must not choose where we write.
    """
    absolute = _absolute(path)
    if scanned:
        _refuse_links_of(scanned.resolve(), absolute)
    target = absolute.resolve()
    if target.is_dir():
        raise UsageError(f"{path} is a directory", hint=f"Name a file: {path}/report")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", hint="Name another file with -o.") from None
    if not os.access(target.parent, os.W_OK) and not _is_stream(target):
        raise UsageError(f"{target.parent} is not writable", hint="Name another file with -o.")
    return target


def write_file(target: Path, data: bytes) -> None:
    """Puts `data` there whole or not at all: a temporary file, flushed to disk, then renamed.
    Raises `PolicyscanError` if the system refuses."""
    try:
        if _is_stream(target):
            target.write_bytes(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise PolicyscanError(
            f"{target}: the report was not written: {error.strerror}",
            hint="Free some space or name another file with -o, and run it again.",
        ) from None


def write_stdout(data: bytes) -> None:
    """Prints a report. A reader that went away (`| head`) changes nothing about the verdict."""
    stream = sys.stdout
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parse(value: str) -> Output:
    name, equals, path = value.partition("=")
    if not name or (equals and not path):
        raise UsageError(
            f"-o {value!r} is not FORMAT or FORMAT=FILE", hint="For example: -o html=report.html"
        )
    return Output(name, path or STDOUT)


def _refuse_links_of(tree: Path, path: Path) -> None:
    for part in (path, *path.parents):
        if part.is_symlink() and (part.parent.resolve() / part.name).is_relative_to(tree):
            raise UsageError(
                f"{part} is a symbolic link inside the scanned tree; no report is written there",
                hint="Name a file outside of the scanned tree.",
            )


def _absolute(path: str | Path) -> Path:
    """Without `..`, but with every symbolic link still in it."""
    return Path(os.path.normpath(Path.cwd() / path))


def _is_stream(target: Path) -> bool:
    """A device or a pipe (`/dev/null`, `>(gzip)`) is written to, never replaced."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _replace(target: Path, data: bytes) -> None:
    directory = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    temporary = f".{target.name[:100]}.{os.getpid()}.tmp"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(temporary, flags, 0o666, dir_fd=directory), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, target.name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    finally:
        with suppress(OSError):  # after the renaming there is nothing left to remove
            os.unlink(temporary, dir_fd=directory)
        os.close(directory)
