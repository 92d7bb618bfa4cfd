"""The one module that starts processes: an argument list, an absolute path, an environment of our
own, and an end to each.

A child runs in a process group of its own, so that what it started ends with it. It is stopped when
its time is over, when it says more than was asked for, and when we are interrupted.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from msgspec import Struct

from policyscan.text.interrupts import held

MOST_OUTPUT = 1 << 29
"""Bytes of standard output that are kept unless the caller says otherwise."""
MOST_COMPLAINTS = 1 << 16
"""Bytes of standard error that are kept; what follows is read and forgotten."""

_CHUNK = 1 << 18
_FIRST_PAUSE = 0.0005
_LONGEST_PAUSE = 0.05


class Command(Struct, frozen=True):
    """What to start, and with what around it. Nothing is inherited."""

    arguments: Sequence[str]
    """Beginning with the name by which the program is to know itself."""
    directory: Path
    environment: Mapping[str, str]
    executable: str = ""
    """The absolute path of the program; empty if the first argument is that."""


class Done(Struct, frozen=True):
    """How a process ended."""

    code: int
    """Its exit status; negative for the number of the signal that ended it."""
    output: bytes
    complaints: bytes
    """Standard error, or the beginning of it."""


def run(command: Command, *, timeout: float, most: int = MOST_OUTPUT) -> Done:
    """Run to the end. Raises `OSError` if it does not start or says more than `most` bytes,
    `TimeoutError`, which is one, after `timeout` seconds, and `ValueError` for arguments that no
    process can be given."""
    deadline = time.monotonic() + timeout
    with held() as hold, _start(command, subprocess.DEVNULL, subprocess.PIPE) as process:
        try:
            with hold.lifted():
                said = _both(process, deadline, most)
                _await_end(process, deadline)
        finally:
            _stop(process)
    output, complaints = said
    return Done(process.returncode, output, complaints)


class Conversation:
    """A process that answers questions one by one; to be closed."""

    def __init__(self, command: Command) -> None:
        """Raises `OSError` if it does not start."""
        with held():  # should this raise, it reads the end of its input
            self._process = _start(command, subprocess.PIPE, subprocess.DEVNULL)
        self._buffer = bytearray()

    def ask(self, question: bytes) -> None:
        """Write to its standard input. Raises `OSError`."""
        assert self._process.stdin is not None
        self._process.stdin.write(question)

    def take_line(self, deadline: float) -> bytes:
        """The next line of its answer with its end. Raises `OSError`, also if it is not there when
        `time.monotonic` reaches `deadline`."""
        while (end := self._buffer.find(b"\n")) < 0:
            self._fill(deadline)
        return self.take(end + 1, deadline)

    def take(self, size: int, deadline: float) -> bytes:
        """The next `size` bytes, on the same terms."""
        while len(self._buffer) < size:
            self._fill(deadline)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def close(self) -> None:
        """End it."""
        self._buffer.clear()
        with held(), self._process, suppress(BrokenPipeError):
            _stop(self._process)

    def _fill(self, deadline: float) -> None:
        assert self._process.stdout is not None
        left = max(0.0, deadline - time.monotonic())
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(left):
                raise TimeoutError("no answer in time")
        chunk = os.read(self._process.stdout.fileno(), _CHUNK)
        if not chunk:
            raise OSError("it ended early")
        self._buffer += chunk


def find_program(name: str, *, avoid: Path | None = None) -> str:
    """The absolute path of an installed program. Nothing is looked up in the directory to `avoid`,
    nor by a relative entry of PATH, which would be one of the scanned tree. Raises
    `FileNotFoundError`."""
    found = shutil.which(name, path=search_path(avoid))
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def search_path(avoid: Path | None = None) -> str:
    """PATH without its relative entries, and without those in the directory to `avoid`."""
    folders = map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep))
    return os.pathsep.join(
        str(folder)
        for folder in folders
        if folder.is_absolute() and not (avoid and _lies_in(folder, avoid))
    )


def _lies_in(folder: Path, directory: Path) -> bool:
    try:
        return folder.resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError):  # links in a circle lead nowhere
        return True


def _start(command: Command, stdin: int, stderr: int) -> subprocess.Popen[bytes]:
    executable = command.executable or command.arguments[0]
    if not Path(executable).is_absolute():
        raise ValueError(f"not an absolute path: {executable}")
    return subprocess.Popen(  # noqa: S603 - an argument list and an absolute path
        command.arguments,
        executable=executable,
        cwd=command.directory,
        env=command.environment,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        bufsize=0,
        process_group=0,
    )


def _both(process: subprocess.Popen[bytes], deadline: float, most: int) -> tuple[bytes, bytes]:
    """Standard output and standard error, each up to its end."""
    assert process.stdout is not None
    assert process.stderr is not None
    output = bytearray()
    complaints = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output)
        selector.register(process.stderr, selectors.EVENT_READ, complaints)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError("no end in time")
            for key, _ in ready:
                _read_some(key, selector)
            del complaints[MOST_COMPLAINTS:]
            if len(output) > most:
                raise OSError(f"it says more than {most:,} bytes")
    return bytes(output), bytes(complaints)


def _read_some(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    pipe: IO[bytes] = key.fileobj  # type: ignore[assignment]
    chunk = os.read(pipe.fileno(), _CHUNK)
    if chunk:
        key.data.extend(chunk)
    else:
        selector.unregister(pipe)


def _await_end(process: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait without collecting its status: until that is done its number, and so that of its group,
    is nobody else's."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return _await_and_collect(process, deadline)
    pause = _FIRST_PAUSE
    flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while os.waitid(os.P_PID, process.pid, flags) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("no end in time")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    return None


def _await_and_collect(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError("no end in time") from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process, and whatever of its group is left."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
