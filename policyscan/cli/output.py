"""Where reports go: standard output, or files that are either complete or untouched."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from policyscan.errors import PolicyscanError, UsageError
from policyscan.text.interrupts import held, listening

STDOUT = "-"
_ELSEWHERE = "Name another file with -o."
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
    "sarif-full",
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
    return outputs


def check_files(outputs: Iterable[Output], scanned: Path | None) -> tuple[Path | None, ...]:
    """Where each report will really be written to; None for standard output. Raises `UsageError`
    if one cannot be written there, or two would go to one file, under whatever names."""
    places = tuple(
        None if output.to_stdout else check_file(Path(output.path), scanned) for output in outputs
    )
    files = [place for place in places if place and not is_stream(place)]
    for index, place in enumerate(files):
        if any(_is_one_file(place, other) for other in files[:index]):
            raise UsageError(
                f"two reports would go to {place}", hint="Give each a file of its own."
            )
    return places


def check_file(path: Path, scanned: Path | None) -> Path:
    """The file that a report for `path` will really be written to; its directory is made.

    Raises `UsageError` if it cannot be a file, or if a symbolic link on the way lies in the
    scanned tree or the repository around it, whose author must not choose where we write.
    """
    from policyscan.text.git import top_of  # late: `policyscan --version` writes nothing

    absolute = _absolute(path)
    try:
        if scanned:
            _refuse_links_of(top_of(scanned.resolve()), absolute)
        if is_stream(absolute):
            return absolute
        target = absolute.resolve()
        if target.is_dir():
            raise UsageError(f"{path} is a directory", hint=f"Name a file: {path}/report")
        if target.exists() and not target.is_file():
            raise UsageError(f"{path} is not a file", hint=_ELSEWHERE)
        target.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError) as error:  # in this order: links in a circle, NUL
        why = error.strerror if isinstance(error, OSError) else str(error)
        if isinstance(error, FileExistsError):  # the only way in which `mkdir` meets one here
            why = f"{error.filename} is no directory"
        raise UsageError(f"{path}: {why}", hint=_ELSEWHERE) from None
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise UsageError(f"{target.parent} is not writable", hint=_ELSEWHERE)
    if target.exists() and not os.access(target, os.W_OK):
        raise UsageError(f"{path} is write-protected", hint=_ELSEWHERE)
    return target


def write_file(target: Path, data: bytes) -> None:
    """Puts `data` there whole or not at all: a temporary file, flushed to disk, then renamed.
    Raises `PolicyscanError` if the system refuses."""
    try:
        if is_stream(target):
            with listening(afresh=True):  # it may wait for a reader without end
                target.write_bytes(data)
        else:
            with held():
                _replace(target, data)
    except OSError as error:
        raise PolicyscanError(
            f"{target}: the report was not written: {error.strerror}",
            hint="Free some space or name another file with -o, and run it again.",
        ) from None


def write_stdout(data: bytes) -> None:
    """Prints a report. A reader that went away (`| head`) changes nothing about the verdict.
    Raises `PolicyscanError` if it is closed or the system refuses."""
    if sys.stdout is None:
        raise PolicyscanError(
            "standard output is closed: the report was not written", hint="Name a file with -o."
        )
    try:
        put(data)
    except OSError as error:
        raise PolicyscanError(
            f"standard output: the report was not written whole: {error.strerror}",
            hint="Name a file with -o, and run it again.",
        ) from None


def put(data: bytes) -> None:
    """Prints all of `data`, unless its reader goes away. Raises `OSError` if the system refuses."""
    stream = sys.stdout
    try:
        with listening(afresh=True):
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()
    except BrokenPipeError:
        _forget(stream)
    except OSError:
        _forget(stream)
        raise


def _forget(stream: TextIO) -> None:
    """What is left in its buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _parse(value: str) -> Output:
    name, equals, path = value.partition("=")
    if not name or (equals and not path):
        raise UsageError(
            f"-o {value!r} is not FORMAT or FORMAT=FILE", hint="For example: -o html=report.html"
        )
    return Output(name, path or STDOUT)


def _is_one_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, as on a disk that ignores case. Hard links do not: a
    report replaces the name that it is written to."""
    return one.name.casefold() == other.name.casefold() and one.parent.samefile(other.parent)


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


def is_stream(target: Path) -> bool:
    """A device or a pipe (`/dev/null`, `>(gzip)`) is written to, never replaced."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def _replace(target: Path, data: bytes) -> None:
    directory = _enter(target.parent)
    temporary = f".policyscan-{os.urandom(8).hex()}.tmp"
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(temporary, flags, 0o666, dir_fd=directory), "wb") as file:
            with suppress(FileNotFoundError):  # who could not read the old one reads no new one
                former = os.stat(target.name, dir_fd=directory, follow_symlinks=False)
                os.fchmod(file.fileno(), stat.S_IMODE(former.st_mode) & 0o666)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, target.name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    finally:
        with suppress(OSError):  # after the renaming there is nothing left to remove
            os.unlink(temporary, dir_fd=directory)
        os.close(directory)


def _enter(directory: Path) -> int:
    """A descriptor of a directory that was found to lie there, without links; if there is one on
    the way now, somebody put it there since. Raises `OSError`."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(directory.anchor, flags)
    for name in directory.parts[1:]:
        outer = descriptor
        try:
            descriptor = os.open(name, flags, dir_fd=outer)
        finally:
            os.close(outer)
    return descriptor
