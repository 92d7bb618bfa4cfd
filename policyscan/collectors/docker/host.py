"""What containers share with their host: namespaces, and paths that lead to the engine's socket."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from policyscan.collectors.docker.fields import Record
from policyscan.collectors.interface import Answer
from policyscan.resources.containers import Mount
from policyscan.values import Maybe, Unknown, Why, is_known

_SOCKETS = re.compile(
    r"(?:docker|containerd|podman|crio|dockershim|cri-dockerd|buildkitd)(?:\.raw)?\.sock"
    r"|docker_engine",
    re.IGNORECASE,
)
"""How the sockets of engines are called, wherever they lie."""
_USUAL = (
    "/run/docker.sock",
    "/var/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
)
_OF_USERS = re.compile(r"/run/user(?:/[0-9]+(?:/podman)?)?")
"""Where engines without root keep theirs."""


class Host:
    """What all containers of one engine have in common."""

    def __init__(
        self,
        containers: Mapping[str, Record],
        version: Answer | None,
        info: Record,
        volumes: Record,
        users: Mapping[str, Maybe[str]],
        roots: Mapping[str, set[str]],
    ) -> None:
        self.containers = containers
        self.info = info
        self.volumes = volumes
        self.users = users
        """By the id of an image, the user that it names."""
        self.roots = roots
        """By the id of an image, its accounts besides root that have user id 0."""
        self._sockets = (*_USUAL, *_own_socket(version))

    # -- what the engine does to all -----------------------------------------------------------

    def confines(self, option: str) -> Maybe[bool]:
        """Whether the engine lists an option (`rootless`, `userns`) as in force for all."""
        if self.info.answer is None:
            return self.info.unknown("SecurityOptions")
        listed = self.info.texts("SecurityOptions")
        if not isinstance(listed, tuple):
            return self.info.unknown("SecurityOptions")
        names = {each.split(",")[0] for each in listed if isinstance(each, str)}
        return bool(names & {option, f"name={option}"})

    # -- namespaces ----------------------------------------------------------------------------

    def shares(self, record: Record, path: str) -> Maybe[bool]:
        """Whether a container is in a namespace of its host: by itself, or by being in that of
        another container that is."""
        seen: set[int] = set()
        while id(record) not in seen:
            seen.add(id(record))
            mode = record.text(path)
            if not isinstance(mode, str):
                return record.unknown(path)
            if not mode.startswith("container:"):
                return mode == "host"
            other = self._container(mode.removeprefix("container:"))
            if other is None:
                return Unknown(Why.NOT_SEEN, f"the container whose namespace {path} names")
            record = other
        return Unknown(Why.NOT_SEEN, f"a {path} that does not lead back to itself")

    def _container(self, name: str) -> Record | None:
        found = self.containers.get(name)
        if found is not None or not name:
            return found
        for key, record in self.containers.items():
            called = record.text("Name")
            same = isinstance(called, str) and called.lstrip("/") == name
            if same or (len(name) >= 12 and key.startswith(name)):
                return record
        return None

    # -- mounts --------------------------------------------------------------------------------

    def device(self, volume: str) -> Maybe[str | None]:
        """The directory of the host that a volume is; None for one that the engine keeps."""
        if self.volumes.answer is None:
            return self.volumes.unknown("Volumes")
        rows = self.volumes.data if isinstance(self.volumes.data, list) else []
        for row in rows:
            if isinstance(row, dict) and row.get("Name") == volume:
                device = row.get("Device")
                return device if isinstance(device, str) else None
        return Unknown(Why.NOT_SEEN, f"the volume {volume[:80]}")

    def leads_to_socket(self, mount: Mount) -> Maybe[bool]:
        """Whether a mount gives its container the socket of an engine. That it is read-only does
        not matter to a socket."""
        source = mount.source
        if source is None:
            return False
        if not isinstance(source, str):
            return source if isinstance(source, Unknown) else Unknown(Why.NOT_SEEN, "a mount")
        path = source.replace("\\", "/")
        if _SOCKETS.search(posixpath.basename(path)):
            return True
        if not _is_path(path):
            return False
        path = posixpath.normpath(path).replace("//", "/")
        if _is_above(path, self._sockets) or _OF_USERS.fullmatch(path.removeprefix("/var")):
            if path == "/var":
                return Unknown(Why.OUTSIDE, "whether /var/run is a directory of its own there")
            return True
        return False


def _own_socket(version: Answer | None) -> tuple[str, ...]:
    """The socket that the engine was asked by."""
    data = version.data if version is not None else None
    socket = data.get("Socket") if isinstance(data, dict) else None
    return (posixpath.normpath(socket),) if isinstance(socket, str) and _is_path(socket) else ()


def _is_above(path: str, sockets: tuple[str, ...]) -> bool:
    prefix = path if path.endswith("/") else f"{path}/"
    return any(socket == path or socket.startswith(prefix) for socket in sockets)


def _is_path(text: Any) -> bool:
    return isinstance(text, str) and text.startswith("/")


def any_of(values: list[Maybe[bool]]) -> Maybe[bool]:
    """Whether one of the values is true: true if one is known to be, unknown if one may be."""
    unknown: Unknown | None = None
    for value in values:
        if value is True:
            return True
        if not is_known(value):
            unknown = value if isinstance(value, Unknown) else unknown
    return False if unknown is None else unknown
