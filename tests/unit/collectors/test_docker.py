"""The collector of an engine: what it sends, what it keeps, and what becomes of bad answers."""

from __future__ import annotations

import io
import itertools
import json
import socket
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.docker import DockerCollector, engine, records, subjects
from policyscan.collectors.docker.engine import Engine, load_sdk
from policyscan.collectors.docker.guard import RefusedError
from policyscan.collectors.docker.signs import of_line
from policyscan.collectors.interface import Answer, Asked, Reading, Target
from policyscan.errors import GapReason
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.resources.containers import ContainerImage, ContainerWorkload
from policyscan.values import PartialList, Unknown, is_known
from tests.unit.collectors.unix_server import Reply, Server, reply, serving

ID = "sha256:" + "0" * 64
CID = "a" * 64
IMAGE = {"Id": ID, "RepoTags": ["desk/bot:1"], "Config": {"User": "10001", "Env": ["A=b"]}}
CONTAINER = {"Id": CID, "Name": "/bot", "Config": {"User": "10001"}, "HostConfig": {}}
GOOD: dict[str, Reply] = {
    "/images/json": reply([{"Id": ID, "RepoTags": ["desk/bot:1"]}]),
    f"/images/{ID}/json": reply(IMAGE),
    f"/images/{ID}/history": reply([{"CreatedBy": "USER 10001"}]),
    "/info": reply({"SecurityOptions": []}),
    "/containers/json": reply([{"Id": CID, "Names": ["/bot"]}]),
    f"/containers/{CID}/json": reply(CONTAINER),
    "/volumes": reply({"Volumes": None}),
}
KINDS = frozenset({"ContainerImage", "ContainerWorkload"})


class Seen:
    """What came of asking."""

    def __init__(self, items: list[Any], read: list[Any]) -> None:
        self.items = items
        self.gaps = [each for each in items if isinstance(each, Gap)]
        self.asked = {each.subject: each for each in items if isinstance(each, Asked)}
        self.answers = [each for each in items if isinstance(each, Answer)]
        self.resources = [each for each in read if isinstance(each, Resource)]
        self.tallies = [each for each in read if isinstance(each, Tally)]

    @property
    def image(self) -> ContainerImage:
        [found] = [each for each in self.resources if isinstance(each, ContainerImage)]
        return found

    @property
    def container(self) -> ContainerWorkload:
        [found] = [each for each in self.resources if isinstance(each, ContainerWorkload)]
        return found


def ask(host: str, kinds: frozenset[str] = KINDS, **settings: Any) -> Seen:
    target = Target("docker", "docker", {"host": host, "timeout": 1.0, **settings})
    reading = Reading("docker", target.settings, datetime.now(UTC), kinds)
    collector = DockerCollector()
    items = [*collector.collect(target, reading)]
    answers = [each for each in items if isinstance(each, Answer)]
    return Seen(items, [*collector.read(answers, reading)])


_number = itertools.count()


def asked(place: Path, replies: Mapping[str, Reply], **settings: Any) -> tuple[Seen, Server]:
    with serving(place / f"{next(_number)}.sock", {**GOOD, **replies}) as server:
        return ask(server.host, **settings), server


# -- what is sent ------------------------------------------------------------------------------


def test_everything_is_asked_once_and_the_books_balance(tmp_path: Path) -> None:
    seen, server = asked(tmp_path, {})
    assert seen.gaps == []
    assert server.requests == [
        "GET /version",
        "GET /v1.41/images/json?only_ids=0&all=0",
        f"GET /v1.41/images/{ID}/json",
        f"GET /v1.41/images/{ID}/history",
        "GET /v1.41/info",
        "GET /v1.41/containers/json?limit=-1&all=1&size=0&trunc_cmd=0",
        f"GET /v1.41/containers/{CID}/json",
        "GET /v1.41/volumes",
    ]
    assert all(
        each.failed is None and each.calls == each.pages == 1 for each in seen.asked.values()
    )
    assert [(t.kind, t.found, t.normalised, t.balanced) for t in seen.tallies] == [
        ("ContainerImage", 1, 1, True),
        ("ContainerWorkload", 1, 1, True),
    ]
    assert {*seen.asked} == {each for of in subjects.PERMISSIONS.values() for each in of}
    assert seen.image.origin.observed_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_nothing_is_asked_for_kinds_that_nobody_judges(tmp_path: Path) -> None:
    _, server = asked(tmp_path, {}, kinds=frozenset({"ContainerImage"}))
    assert not any("containers" in each or "volumes" in each for each in server.requests)
    _, server = asked(tmp_path, {}, kinds=frozenset({"ContainerWorkload"}))
    assert not any("images" in each for each in server.requests)


def test_nothing_of_a_users_configuration_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "aHVudGVyMjpodW50ZXIy"
    config = {"auths": {"localhost": {"auth": secret}}, "HttpHeaders": {"X-Desk": secret}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "netrc").write_text(f"machine localhost login desk password {secret}\n")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    seen, server = asked(tmp_path, {})
    assert seen.gaps == []
    sent = b"".join(server.raw)
    assert secret.encode() not in sent
    names = {line.split(b":")[0].lower() for line in sent.split(b"\r\n") if b": " in line}
    assert names <= {b"host", b"user-agent", b"accept", b"connection", b"accept-encoding"}


WRITES: dict[str, Callable[[Any], object]] = {
    "create": lambda client: client.create_container("desk/bot"),
    "start": lambda client: client.start(CID),
    "pull": lambda client: client.pull("desk/bot"),
    "build": lambda client: client.build(fileobj=io.BytesIO(), custom_context=True),
    "remove": lambda client: client.remove_container(CID),
    "remove image": lambda client: client.remove_image("desk/bot"),
    "exec": lambda client: client.exec_create(CID, "sh"),
    "export": lambda client: client.export(CID),
    "save": lambda client: client.get_image("desk/bot"),
    "archive": lambda client: client.get_archive(CID, "/"),
    "logs": lambda client: client.logs(CID),
    "prune": lambda client: client.prune_images(),
    "login": lambda client: client.login("desk", "x"),
    "push": lambda client: client.push("desk/bot"),
    "commit": lambda client: client.commit(CID),
    "events": lambda client: client.events(),
    "secrets": lambda client: client.secrets(),
    "attach": lambda client: client.attach(CID),
    "search": lambda client: client.search("bot"),
    "distribution": lambda client: client.inspect_distribution("desk/bot"),
    "delete by hand": lambda client: client.delete(f"{client.base_url}/v1.41/images/x"),
    "body": lambda client: client.get(f"{client.base_url}/info", data="x"),
    "past the names": lambda client: client.get(f"{client.base_url}/v1.41/images/../x/json"),
    "encoded": lambda client: client.get(f"{client.base_url}/v1.41/images/%2e%2e/json"),
}


@pytest.mark.parametrize("write", WRITES)
def test_what_does_more_than_read_is_never_sent(write: str, tmp_path: Path) -> None:
    with serving(tmp_path / "s.sock", GOOD) as server:
        client = Engine(load_sdk(), server.host, 2.0)._client
        with pytest.raises(RefusedError):
            WRITES[write](client)
        assert server.requests == []


def test_images_by_name(tmp_path: Path) -> None:
    replies = {"/images/desk/bot:1/json": reply(IMAGE)}
    names = ("desk/bot:1", "desk/gone:2", "../../containers/json", "-x", "a\nb")
    seen, server = asked(tmp_path, replies, images=names)
    assert seen.image.address == "image:desk/bot:1"
    assert not any("containers" in each for each in server.requests)
    assert "/images/json" not in "".join(server.requests)
    assert [(gap.subject, gap.reason) for gap in seen.gaps] == [
        ("desk/gone:2", GapReason.UNREACHABLE),
        ("../../containers/json", GapReason.UNREACHABLE),
        ("-x", GapReason.UNREACHABLE),
        ("a\nb", GapReason.UNREACHABLE),
    ]
    assert "was not pulled" in seen.gaps[0].message
    assert "docker pull" in seen.gaps[0].message
    assert seen.asked[subjects.IMAGE].whole is False
    assert seen.tallies[0].balanced


# -- what becomes of bad answers ---------------------------------------------------------------


def drips(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(50):
        connection.sendall(b" ")
        time.sleep(0.2)


def hangs(connection: socket.socket) -> None:
    time.sleep(20)


def breaks_off(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[{"Id": ')
    connection.shutdown(socket.SHUT_RDWR)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"100000\r\n" + b" " * 0x100000 + b"\r\n")


REDIRECT = reply({}, "301 Moved", "Location: /v1.41/containers/json\r\n")
BAD: dict[str, tuple[Reply, GapReason]] = {
    "denied": (reply({"message": "by a plug-in"}, "403 Forbidden"), GapReason.DENIED),
    "not logged in": (reply({}, "401 Unauthorized"), GapReason.DENIED),
    "error": (reply({"message": "panic"}, "500 Internal"), GapReason.UNREADABLE),
    "throttled": (reply({}, "429 Too Many"), GapReason.THROTTLED),
    "redirect": (REDIRECT, GapReason.UNREADABLE),
    "no json": (reply(b"<html>"), GapReason.UNPARSEABLE),
    "empty": (reply(b""), GapReason.UNPARSEABLE),
    "deep": (reply(b"[" * 200_000), GapReason.UNPARSEABLE),
    "bad bytes": (reply(b'["\xff\xfe'), GapReason.UNPARSEABLE),
    "huge number": (reply(b"[" + b"9" * 10_000 + b"]"), GapReason.UNPARSEABLE),
    "other type": (reply("text"), GapReason.UNPARSEABLE),
    "null": (reply(None), GapReason.UNPARSEABLE),
    "no http": (b"SSH-2.0-OpenSSH_9.2\r\n", GapReason.UNREACHABLE),
    "drips": (drips, GapReason.UNREACHABLE),
    "hangs": (hangs, GapReason.UNREACHABLE),
    "breaks off": (breaks_off, GapReason.UNREACHABLE),
    "endless": (endless, GapReason.TOO_LARGE),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_answer_is_a_gap_and_the_others_are_read(bad: str, tmp_path: Path) -> None:
    answer, reason = BAD[bad]
    began = time.monotonic()
    seen, _ = asked(tmp_path, {"/images/json": answer})
    assert time.monotonic() - began < 10
    assert [(gap.reason, gap.hides, gap.unit) for gap in seen.gaps] == [
        (reason, ("ContainerImage",), "docker")
    ]
    assert seen.asked[subjects.IMAGES].failed is reason
    assert seen.container.user_is_root is False


@pytest.mark.parametrize("bad", ["denied", "error", "no json", "null", "drips"])
def test_an_image_that_cannot_be_looked_at_is_there_and_unknown(bad: str, tmp_path: Path) -> None:
    seen, _ = asked(tmp_path, {f"/images/{ID}/json": BAD[bad][0]})
    assert [gap.reason for gap in seen.gaps] == [BAD[bad][1]]
    image = seen.image
    assert image.address == "image:desk/bot:1"
    for field in ("user", "user_is_root", "base_image", "health_check", "created_at"):
        assert isinstance(getattr(image, field), Unknown), field
    assert isinstance(image.secrets, PartialList)
    assert seen.tallies[0].balanced


def test_a_container_that_cannot_be_looked_at_is_there_and_unknown(tmp_path: Path) -> None:
    seen, _ = asked(tmp_path, {f"/containers/{CID}/json": BAD["error"][0]})
    container = seen.container
    assert container.address == f"container:{CID}"
    fields = {*type(container).model_fields} - type(container).HIDDEN
    fields -= {"address", "platform", "role", "environment", "tier", "tags", "secret_variables"}
    assert {name for name in fields if is_known(getattr(container, name))} == set()


def test_what_is_removed_meanwhile_is_left_out_for_that_reason(tmp_path: Path) -> None:
    gone = reply({"message": "no such"}, "404 Not Found")
    seen, _ = asked(tmp_path, {f"/images/{ID}/json": gone, f"/containers/{CID}/json": gone})
    assert seen.gaps == []
    assert seen.resources == []
    assert [t.dropped for t in seen.tallies] == [{"removed while it was asked about": 1}] * 2
    assert all(t.balanced for t in seen.tallies)


def test_rows_without_an_id(tmp_path: Path) -> None:
    seen, _ = asked(
        tmp_path, {"/images/json": reply([{"Id": ID}, {"Id": 7}, {}, None, {"Id": ID}])}
    )
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNPARSEABLE]
    assert seen.tallies[0].balanced
    assert seen.image.user == "10001"


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    seen = ask(f"unix://{tmp_path}/none.sock")
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREACHABLE]
    assert seen.gaps[0].hides == ("ContainerImage", "ContainerWorkload")
    assert seen.resources == []
    assert all(each.failed for each in seen.asked.values())


@pytest.mark.parametrize(
    "host", ["ssh://desk@host", "tcp://", "nonsense", "unix://", "npipe:////x"]
)
def test_addresses_that_are_none(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "DEFAULT_SOCKET", "unix:///nonexistent.sock")
    seen = ask(host or "x")
    assert len(seen.gaps) == 1
    assert seen.resources == []


def test_the_password_in_an_address_is_not_shown() -> None:
    seen = ask("tcp://desk:hunter2hunter2@127.0.0.1:1")
    assert "hunter2" not in repr(seen.items)


def test_a_server_that_is_no_engine(tmp_path: Path) -> None:
    with serving(tmp_path / "s.sock", {"/version": reply([]), "/_ping": reply(b"hi")}) as server:
        seen = ask(server.host)
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNPARSEABLE]
    assert len(server.requests) == 2


def test_an_engine_that_may_not_be_spoken_to() -> None:
    error = ConnectionError("aborted", PermissionError(13, "Permission denied"))
    assert engine._caused_by(error, PermissionError)
    assert not engine._caused_by(
        ConnectionError("aborted", FileNotFoundError(2, "x")), PermissionError
    )


def test_without_the_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "docker", None)
    seen = ask("unix:///x")
    [gap] = seen.gaps
    assert gap.reason is GapReason.NOT_FETCHED
    assert 'pip install "policyscan[docker]"' in gap.message
    [asked_] = seen.asked.values()
    assert (asked_.calls, asked_.pages, asked_.failed) == (0, 0, GapReason.NOT_FETCHED)
    [(_, found)] = DockerCollector().doctor(Target("docker", "docker", {}))
    assert found.startswith("missing")


# -- what is kept and read ---------------------------------------------------------------------

SECRET = "correct-horse-battery"
CONFIG = {
    "User": "10001",
    "Env": [f"API_SECRET={SECRET}", f"NOTE={SECRET}", "PATH=/bin"],
    "Labels": {"note": SECRET, "environment": "production", "desk.token": SECRET},
    "Cmd": ["bot", f"--api-secret={SECRET}"],
    "Entrypoint": ["sh", "-c", f"PASSWORD={SECRET} exec bot"],
    "Healthcheck": {"Test": ["CMD-SHELL", f"curl -u a:{SECRET} http://localhost"]},
}
LINES = [
    f"RUN |1 NPM_TOKEN={SECRET} /bin/sh -c npm ci # buildkit",
    f"/bin/sh -c #(nop)  ENV API_SECRET={SECRET}",
    f"/bin/sh -c #(nop)  ARG NPM_TOKEN={SECRET}",
    f"LABEL note={SECRET}",
    f"RUN /bin/sh -c API_PASSWORD={SECRET} make # buildkit",
    "COPY .env /app/ # buildkit",
]


def test_values_that_may_be_secret_are_taken_out(tmp_path: Path) -> None:
    host = {
        "LogConfig": {"Type": "splunk", "Config": {"splunk-token": SECRET}},
        "SecurityOpt": ["seccomp={" + SECRET + "}"],
        "Binds": None,
    }
    replies: dict[str, Reply] = {
        f"/images/{ID}/json": reply({**IMAGE, "Config": CONFIG, "ContainerConfig": CONFIG}),
        f"/images/{ID}/history": reply([{"CreatedBy": line, "Comment": SECRET} for line in LINES]),
        f"/containers/{CID}/json": reply(
            {**CONTAINER, "Config": CONFIG, "HostConfig": host, "Args": [SECRET], "Path": SECRET}
        ),
        "/volumes": reply(
            {"Volumes": [{"Name": "nas", "Options": {"o": f"password={SECRET}", "device": "/d"}}]}
        ),
    }
    seen, _ = asked(tmp_path, replies)
    assert seen.gaps == []
    assert SECRET not in repr(seen.items)
    assert SECRET not in repr(seen.resources)
    assert [(use.instruction, use.name) for use in seen.image.secrets] == [  # type: ignore[union-attr]
        ("ENV", "API_SECRET"),
        ("CMD", "api-secret"),
        ("ENTRYPOINT", "PASSWORD"),
        ("ARG", "NPM_TOKEN"),
        ("RUN", "API_PASSWORD"),
        ("COPY", ".env"),
    ]
    assert seen.image.environment_names == ("API_SECRET", "NOTE", "PATH")
    assert seen.image.tags["environment"] == "production"  # type: ignore[index]
    assert isinstance(seen.image.tags["note"], Unknown)  # type: ignore[index]
    assert seen.container.log_driver == "splunk"
    uses = seen.container.secret_variables
    assert "API_SECRET" in [use.name for use in uses]  # type: ignore[union-attr]


KEPT = {
    "org.opencontainers.image.base.name": "docker.io/library/alpine:3.20",
    "org.opencontainers.image.source": "https://git.example.com/desk/bot/blob/main/Dockerfile",
    "com.docker.compose.project": "desk",
    "environment": "production",
    "policyscan:role": "trading",
}
DROPPED = {
    "org.opencontainers.image.title": SECRET,
    "org.opencontainers.image.base.name": "alpine 3.20",
    "org.opencontainers.image.source": f"https://desk:{SECRET}@git.example.com/desk",
    "environment": "the desk in Frankfurt",
    "env": "AKIA" + "IOSFODNN7" + "EXAMPLE",
    "note": "production",
}


def test_of_labels_only_what_says_what_a_thing_is_is_kept() -> None:
    assert records.image({"Config": {"Labels": KEPT}})["Config"]["Labels"] == KEPT
    dropped = records.image({"Config": {"Labels": DROPPED}})["Config"]["Labels"]
    assert dropped == dict.fromkeys(DROPPED)


@pytest.mark.parametrize("volumes", [7, "x", {}, {"Volumes": 7}, {"Volumes": {"a": 1}}, []])
def test_lists_of_volumes_that_are_none(volumes: Any) -> None:
    json.dumps(records.volumes(volumes))


def test_a_token_is_found_under_any_name() -> None:
    token = "ghp_" + "a1B2" * 9
    found = [*of_line(f"ENV NOTE={token}"), *of_line(f"RUN git clone https://{token}@x/y")]
    assert [each["because"] for each in found] == ["the value is a GitHub token"] * 2
    assert token not in repr(found)
    kept = records.image({"Config": {"Env": [f"{token}=x"], "Labels": {token: "x"}}})
    assert token not in repr(kept)


WRONG: list[Any] = [7, True, "text", ["x"], {"x": 1}, [None], [[]], 1.5, "x" * 10_000]
IMAGE_PATHS = (
    "Config Config.User Config.Env Config.Labels Config.Healthcheck Config.Healthcheck.Test Created"
    " RepoTags RepoDigests RootFS RootFS.Layers Id"
).split()
CONTAINER_PATHS = (
    "Config Config.User Config.Env Config.Labels HostConfig HostConfig.Privileged HostConfig.CapAdd"
    " HostConfig.CapDrop HostConfig.SecurityOpt HostConfig.NetworkMode HostConfig.PidMode Mounts"
    " HostConfig.IpcMode HostConfig.Memory HostConfig.PidsLimit HostConfig.RestartPolicy State Name"
    " HostConfig.LogConfig HostConfig.Binds HostConfig.UsernsMode Image Id"
).split()


def spoilt(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(data))
    at = copy
    *above, last = path.split(".")
    for name in above:
        at = at.setdefault(name, {})
    at[last] = value
    return copy


def read(answers: list[Answer]) -> list[Any]:
    return [*DockerCollector().read(answers, Reading("docker"))]


@pytest.mark.parametrize("path", IMAGE_PATHS)
def test_values_of_other_types_are_unknown_and_break_nothing(path: str) -> None:
    for value in WRONG:
        kept = records.image(spoilt(IMAGE, path, value))
        json.dumps(kept)
        [image, tally] = read([Answer("docker", subjects.IMAGE, kept, ID)])
        assert tally.balanced
        if path == "Config.User" and not isinstance(value, str):
            assert isinstance(image.user_is_root, Unknown)


@pytest.mark.parametrize("path", CONTAINER_PATHS)
def test_wrong_types_in_a_container_never_make_it_look_better(path: str) -> None:
    for value in WRONG:
        kept = records.container(spoilt(CONTAINER, path, value))
        json.dumps(kept)
        [container, tally] = read([Answer("docker", subjects.CONTAINER, kept, CID)])
        assert tally.balanced
        if path == "HostConfig":
            assert not is_known(container.privileged) or isinstance(value, dict)
        if path == "HostConfig.Privileged" and value is not True:
            assert isinstance(container.privileged, Unknown)
        if path == "Mounts" and value != {"x": 1}:
            assert container.docker_socket is not False


def container_with(host: Mapping[str, Any], *others: Answer, **more: Any) -> ContainerWorkload:
    data = records.container({**CONTAINER, "HostConfig": host, **more})
    own = Answer("docker", subjects.CONTAINER, data, CID)
    found = read([own, *others])
    return next(each for each in found if isinstance(each, Resource) and CID in each.names)  # type: ignore[return-value]


INFO = Answer("docker", subjects.INFO, {"SecurityOptions": []})
VOLUMES = Answer(
    "docker",
    subjects.VOLUMES,
    [{"Name": "plain"}, {"Name": "run", "Device": "/var/run"}, {"Name": "tmp", "Device": "/tmp"}],
)
ENGINE = Answer("docker", subjects.VERSION, {"Socket": "/srv/engine/d.sock"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("/var/run/docker.sock", True),
        ("/run/docker.sock", True),
        ("/run//docker.sock/", True),
        ("/run/../run/docker.sock", True),
        ("/run/containerd/containerd.sock", True),
        ("/run/containerd", True),
        ("/run/user/1000/docker.sock", True),
        ("/run/user/1000", True),
        ("/run/podman", True),
        ("/var/run", True),
        ("/run", True),
        ("/", True),
        ("//", True),
        ("/srv/engine", True),
        ("/srv", True),
        ("\\\\.\\pipe\\docker_engine", True),
        ("/home/desk/mine-docker.sock", True),
        ("/var", None),
        ("/runner", False),
        ("/run/secrets", False),
        ("/var/lib/desk", False),
        ("/tmp/docker.sock.md", True),
        ("/etc/docker", False),
    ],
)
def test_paths_that_lead_to_the_socket(source: str, expected: bool | None) -> None:
    mounts = [{"Type": "bind", "Source": source, "Destination": "/x", "RW": False}]
    for found in (
        container_with({}, INFO, VOLUMES, ENGINE, Mounts=mounts).docker_socket,
        container_with({"Binds": [f"{source}:/x:ro"]}, INFO, VOLUMES, ENGINE).docker_socket,
    ):
        assert (found if isinstance(found, bool) else None) is expected


@pytest.mark.parametrize(
    ("volume", "expected"), [("plain", False), ("run", True), ("tmp", False), ("other", None)]
)
def test_a_volume_that_is_a_bind_mount_in_disguise(volume: str, expected: bool | None) -> None:
    mounts = [
        {"Type": "volume", "Name": volume, "Source": "/d/_data", "Destination": "/x", "RW": True}
    ]
    found = container_with({}, INFO, VOLUMES, Mounts=mounts).docker_socket
    assert (found if isinstance(found, bool) else None) is expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], False),
        (["no-new-privileges"], True),
        (["no-new-privileges:true"], True),
        (["no-new-privileges=TRUE"], True),
        (["no-new-privileges=1"], True),
        (["no-new-privileges=false"], False),
        (["no-new-privileges:0"], False),
        (["no-new-privileges", "no-new-privileges=false"], False),
        (["no-new-privileges=false", "no-new-privileges"], True),
        (["label=no-new-privileges"], False),
        (["no-new-privileges=maybe"], None),
    ],
)
def test_every_spelling_of_no_new_privileges(options: list[str], expected: bool | None) -> None:
    found = container_with({"SecurityOpt": options}, INFO).no_new_privileges
    assert (found if isinstance(found, bool) else None) is expected


@pytest.mark.parametrize(
    ("listed", "mode", "expected"),
    [
        ([], "", False),
        (["name=rootless"], "", True),
        (["name=userns"], "", True),
        (["name=userns"], "host", False),
        (["name=rootless"], "host", True),
        (["name=seccomp,profile=userns"], "", False),
    ],
)
def test_user_id_0_may_be_an_ordinary_user_of_the_host(
    listed: list[str], mode: str, expected: bool
) -> None:
    info = Answer("docker", subjects.INFO, {"SecurityOptions": listed})
    container = container_with({"UsernsMode": mode}, info, Config={"User": "0"})
    assert container.root_is_mapped is expected
    assert container.user_is_root is True


def other(name: str, mode: str) -> list[Answer]:
    id_ = name[0] * 64
    data = {"Id": id_, "Name": f"/{name}", "Config": {}, "HostConfig": {"NetworkMode": mode}}
    return [Answer("docker", subjects.CONTAINER, records.container(data), id_)]


def test_a_namespace_of_another_container_is_followed() -> None:
    def network(mode: str, *others: Answer) -> object:
        found = container_with({"NetworkMode": mode}, *others).host_network
        return found if isinstance(found, bool) else None

    assert network("host") is True
    assert network("bridge") is False
    assert network("container:feed", *other("feed", "host")) is True
    assert network("container:" + "f" * 64, *other("feed", "none")) is False
    assert (
        network("container:feed", *other("feed", "container:east"), *other("east", "host")) is True
    )
    assert network("container:feed", *other("feed", "container:bot")) is None
    assert network("container:gone") is None


def test_the_user_of_the_image_is_in_force_where_the_container_names_none() -> None:
    data = {**CONTAINER, "Image": ID, "Config": {"User": ""}}
    own = Answer("docker", subjects.CONTAINER, records.container(data), CID)
    image = Answer("docker", subjects.IMAGE, records.image(IMAGE), ID)
    container = next(each for each in read([own, image]) if isinstance(each, ContainerWorkload))
    assert (container.user, container.user_is_root) == ("10001", False)
    container = next(each for each in read([own]) if isinstance(each, ContainerWorkload))
    assert (container.user, container.user_is_root) == (None, True)


def test_an_account_of_user_id_0_is_root_in_a_container_as_in_its_image() -> None:
    made = "|0 /bin/sh -c useradd --non-unique --uid 0 svc"
    image = [
        Answer("docker", subjects.IMAGES, [{"Id": ID}]),
        Answer("docker", subjects.IMAGE, {"Id": ID, "Config": {"User": "svc"}}, ID),
        Answer("docker", subjects.HISTORY, records.history([{"CreatedBy": made}]), ID),
    ]
    found = container_with({}, *image, Image=ID, Config={"User": "svc"})
    assert found.user_is_root is True
    other_one = container_with({}, *image, Image=ID, Config={"User": "nobody"})
    assert other_one.user_is_root is False


def test_limits_and_words() -> None:
    host = {
        "Memory": 64 << 20,
        "PidsLimit": -1,
        "RestartPolicy": {"Name": ""},
        "CapAdd": ["cap_net_admin", "SYS_TIME"],
        "CapDrop": ["all"],
    }
    found = container_with(host, INFO)
    assert (found.memory_limit, found.pids_limit, found.restart) == (64 << 20, None, "no")
    assert found.capabilities_added == ("NET_ADMIN", "SYS_TIME")
    assert found.all_capabilities_dropped is True
