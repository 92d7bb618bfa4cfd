"""A Docker engine of its own: a private daemon with its own socket, data and state, removed after.

It has no bridge and touches neither the firewall nor the routes of the machine, and no daemon that
the machine may have is used.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

OPTIONS = (
    "--storage-driver",
    "vfs",
    "--bridge",
    "none",
    "--iptables=false",
    "--ip-forward=false",
    "--ip-masq=false",
)


def why_not() -> str:
    """Why there can be no engine here; empty if there can."""
    if shutil.which("dockerd") is None:
        return "no dockerd: scripts/setup-tools installs it"
    if os.geteuid() and subprocess.run(["sudo", "-n", "true"], check=False).returncode:
        return "dockerd needs root, or sudo without a password"
    return ""


def _states(pid: int) -> list[str]:
    """The states of all threads of a process: `T` is one that is stopped."""
    found = []
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):
            found.append(stat.read_text().rpartition(")")[2].split()[0])
    return found


def _wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not done() and time.monotonic() < end:
        time.sleep(0.01)


def _as_root(*command: str) -> list[str]:
    return [*command] if os.geteuid() == 0 else ["sudo", "-n", *command]


class Engine:
    """A daemon that can be stopped, hung and killed."""

    def __init__(self, place: Path, options: tuple[str, ...] = ()) -> None:
        self.place = place
        self.options = options
        self.socket = place / "d.sock"
        self.host = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None
        self._client: Any = None

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        command = _as_root(
            "dockerd",
            *("--host", self.host, "--data-root", str(self.place / "data")),
            *("--exec-root", str(self.place / "exec"), "--pidfile", str(self.place / "pid")),
            *(() if os.geteuid() == 0 else ("--group", str(os.getgid()))),
            *OPTIONS,
            *self.options,
        )
        with (self.place / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(300):
            if self._process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.1)
        raise RuntimeError((self.place / "log").read_text("utf-8", "replace")[-3000:])

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection, suppress(OSError):
            connection.settimeout(5)
            connection.connect(str(self.socket))
            connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return b"200 OK" in connection.recv(100)
        return False

    @property
    def client(self) -> Any:
        """A plain client, to build things with."""
        import docker

        if self._client is None:
            self._client = docker.APIClient(base_url=self.host, version="auto", timeout=60)
        return self._client

    def _leave(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    @property
    def pid(self) -> int:
        return int((self.place / "pid").read_text())

    def send(self, number: signal.Signals, pid: int = 0) -> None:
        """Sends a signal to the daemon; one that stops it is waited for."""
        pid = pid or self.pid
        command = _as_root("kill", f"-{number.value}", str(pid))
        subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
        if number is signal.SIGSTOP:
            _wait_for(lambda: all(state == "T" for state in _states(pid)))

    def kill(self) -> None:
        """Ends it at once, as the kernel does when there is no memory left."""
        self._leave()
        children = self._children()
        self.send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(30)
        for child in children:
            self.send(signal.SIGKILL, child)

    def stop(self) -> None:
        """Ends it and all that it started."""
        if self._process is None:
            return
        self._leave()
        if self._process.poll() is None:
            children = self._children()
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
                self._process.wait(30)
            for child in children:
                self.send(signal.SIGKILL, child)
        for point in _mounted_below(self.place):
            subprocess.run(_as_root("umount", "-l", point), check=False)

    def _children(self) -> list[int]:
        """Its own containerd, which it does not take along when it is killed."""
        file = self.place / "exec" / "containerd" / "containerd.pid"
        text = subprocess.run(_as_root("cat", str(file)), capture_output=True, check=False).stdout
        return [int(text)] if text.strip().isdigit() else []

    # -- what is put into it -------------------------------------------------------------------

    def load(self, name: str, config: Any, layers: tuple[bytes, ...] = ()) -> str:
        """Loads an image whose configuration is `config`, as JSON or as raw bytes, and gives its
        id. Raises whatever the engine says."""
        before = {row["Id"] for row in self.client.images()}
        for line in self.client.load_image(saved(name, config, layers)):
            if "error" in line:
                raise RuntimeError(line["error"])
        after = {row["Id"] for row in self.client.images()} - before
        return next(iter(after), "")

    def build(self, name: str, dockerfile: str, files: Mapping[str, bytes] | None = None) -> str:
        """Builds a Dockerfile with the classic builder, and gives the id of the image."""
        context = tar_of({"Dockerfile": dockerfile.encode(), **(files or {})})
        lines = [
            *self.client.build(fileobj=io.BytesIO(context), custom_context=True, tag=name, rm=True)
        ]
        problems = [json.loads(line).get("error") for line in b"".join(lines).splitlines() if line]
        assert not any(problems), problems
        return str(self.client.inspect_image(name)["Id"])

    def empty(self) -> None:
        """Removes all containers, images and volumes."""
        client = self.client
        for row in client.containers(all=True):
            client.remove_container(row["Id"], force=True, v=True)
        for _ in range(3):
            for row in client.images(all=True):
                with suppress(Exception):
                    client.remove_image(row["Id"], force=True)
        for row in client.volumes()["Volumes"] or ():
            client.remove_volume(row["Name"], force=True)


def _mounted_below(place: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    points = [line.split()[1] for line in lines]
    return sorted((each for each in points if each.startswith(f"{place}/")), reverse=True)


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """A tar archive."""
    written = io.BytesIO()
    folders = dict.fromkeys(
        parent.as_posix() for name in files for parent in reversed(Path(name).parents[:-1])
    )
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name in folders:
            member = tarfile.TarInfo(name)
            member.type, member.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(member)
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o755
            archive.addfile(member, io.BytesIO(data))
    return written.getvalue()


def saved(name: str, config: Any, layers: tuple[bytes, ...] = ()) -> bytes:
    """An image in the form of `docker save`."""
    raw = config if isinstance(config, bytes) else json.dumps(config).encode()
    files = {"config.json": raw}
    files |= {f"layer{number}.tar": layer for number, layer in enumerate(layers)}
    manifest = [
        {
            "Config": "config.json",
            "RepoTags": [name] if name else None,
            "Layers": [each for each in files if each.startswith("layer")],
        }
    ]
    return tar_of({**files, "manifest.json": json.dumps(manifest).encode()})


@contextmanager
def running_engine(*options: str) -> Iterator[Engine]:
    """A daemon for the length of the block."""
    place = Path(tempfile.mkdtemp(prefix="psd", dir="/tmp"))
    engine = Engine(place, options)
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()
        subprocess.run(_as_root("rm", "-rf", "--one-file-system", str(place)), check=False)
