"""The collector against a real engine: it reads what the engine has, and changes nothing."""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from policyscan.collectors.docker import DockerCollector
from policyscan.collectors.interface import Answer, Asked, Reading, Target
from policyscan.config import Configuration
from policyscan.errors import GapReason
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.pipeline import ScanRequest, scan, survey
from policyscan.plugins import installed, load_reporter
from policyscan.resources.base import Gap, Resource, Tally
from policyscan.values import Unknown
from tests.live.engine import Engine, running_engine, tar_of, why_not
from tests.scanning import verdicts, write

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

KINDS = frozenset({"ContainerImage", "ContainerWorkload"})
LAYER = tar_of({"bot": b"#!/bin/sh\n"})
DIFF = f"sha256:{hashlib.sha256(LAYER).hexdigest()}"
BASE: dict[str, Any] = {
    "architecture": "amd64",
    "os": "linux",
    "rootfs": {"type": "layers", "diff_ids": [DIFF]},
    "history": [{"created_by": "COPY bot / # buildkit"}],
}


@pytest.fixture(scope="module")
def _engine() -> Iterator[Engine]:
    with running_engine() as engine:
        yield engine


@pytest.fixture
def engine(_engine: Engine) -> Engine:
    """An engine with nothing in it."""
    _engine.empty()
    return _engine


class Seen:
    """All that a look at an engine brought."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.gaps = [each for each in items if isinstance(each, Gap)]
        self.asked = [each for each in items if isinstance(each, Asked)]
        self.answers = [each for each in items if isinstance(each, Answer)]
        read = [*DockerCollector().read(self.answers, Reading("docker"))]
        self.by = {each.address: each for each in read if isinstance(each, Resource)}
        self.tallies = [each for each in read if isinstance(each, Tally)]
        assert all(tally.balanced for tally in self.tallies)

    def __getitem__(self, address: str) -> Any:
        return self.by[address]


def asking(engine: Engine, **settings: Any) -> Iterator[Any]:
    target = Target("docker", "docker", {"host": engine.host, **settings})
    return DockerCollector().collect(
        target, Reading("docker", target.settings, datetime.now(UTC), KINDS)
    )


def look(engine: Engine, **settings: Any) -> Seen:
    return Seen([*asking(engine, **settings)])


def request(engine: Engine, path: Path | None = None, **settings: Any) -> ScanRequest:
    return ScanRequest(
        path=path,
        configuration=Configuration(),
        profile=load_profile("ci", Path("/")),
        targets=(Target("docker", "docker", {"host": engine.host, **settings}),),
    )


def scanned(engine: Engine, path: Path | None = None, **settings: Any) -> Report:
    return scan(request(engine, path, **settings), now=datetime.now(UTC))


def rendered(report: Report) -> Iterator[str]:
    for name in installed("policyscan.reporters"):
        text = load_reporter(name, {"width": 100, "verbose": True}).render(report)
        yield text.decode() if isinstance(text, bytes) else text


# -- images ------------------------------------------------------------------------------------

HOSTILE: dict[str, Any] = {
    "no-config": BASE,
    "null-config": {**BASE, "config": None},
    "empty-history": {**BASE, "history": []},
    "no-history": {key: value for key, value in BASE.items() if key != "history"},
    "control": {**BASE, "config": {"User": "a\x1b[31m\nroot", "Env": ["A\x1b]0;x\x07=b"]}},
    "bidi": {**BASE, "config": {"User": "\u202etoor", "Labels": {"\u202elabel": "\u202ex"}}},
    "huge-user": {**BASE, "config": {"User": "u" * 100_000}},
    "huge-label": {**BASE, "config": {"User": "7", "Labels": {"l" * 50_000: "x" * 100_000}}},
    "many-variables": {**BASE, "config": {"User": "7", "Env": [f"V{i}=x" for i in range(20_000)]}},
    "odd-variables": {
        **BASE,
        "config": {"User": "7", "Env": [None, "A", "=x", "B=c\x00d", "", "="]},
    },
    "year-1": {**BASE, "created": "0001-01-01T00:00:00Z", "config": {"User": "7"}},
    "year-9999": {**BASE, "created": "9999-12-31T23:59:59.999999999-14:00"},
    "huge-line": {**BASE, "history": [{"created_by": "RUN " + "y" * 200_000}]},
    "odd-line": {**BASE, "history": [{"created_by": "#(nop) \x00 |9 \x1b[2J ENV"}]},
    "many-lines": {
        **BASE,
        "history": [*BASE["history"], *[{"created_by": "ENV A=b", "empty_layer": True}] * 6_000],
    },
    "bad-bytes": json.dumps({**BASE, "config": {"User": "a@@"}})
    .encode()
    .replace(b"@@", b"\xff\xfe"),
    "twice": json.dumps({**BASE, "config": {"User": "7"}}).encode()[:-1]
    + b', "Config": {"User": "0"}}',
    "other-system": {**BASE, "os": "windows", "config": {"User": "ContainerAdministrator"}},
    "template": {**BASE, "config": {"User": "{{7*7}}${HOME}", "Labels": {"<script>": "</td>"}}},
}
ROOT = {
    "no-config": True,
    "null-config": True,
    "empty-history": True,
    "no-history": True,
    "control": None,
    "huge-user": None,
    "huge-label": False,
    "many-variables": False,
    "odd-variables": False,
    "year-1": False,
    "year-9999": True,
    "twice": True,
    "template": False,
}
"""What the users of these images are, by the documentation: no user is root."""


def test_hostile_images_are_read_and_judged(engine: Engine) -> None:
    loaded = []
    for name, config in HOSTILE.items():
        try:
            engine.load(f"hostile/{name}:1", config, (LAYER,))
        except RuntimeError:  # the engine itself may refuse one
            continue
        loaded.append(name)
    assert len(loaded) >= 12
    seen = look(engine)
    assert seen.gaps == [] or {gap.reason for gap in seen.gaps} == {GapReason.UNPARSEABLE}
    assert {f"image:hostile/{name}:1" for name in loaded} == {*seen.by}
    for name in {*ROOT} & {*loaded}:
        found = seen[f"image:hostile/{name}:1"].user_is_root
        assert (found if isinstance(found, bool) else None) is ROOT[name], name
    report = scanned(engine)
    assert not [gap for gap in report.gaps if gap.reason is GapReason.CRASHED]
    judged = [f for f in report.findings if f.policy_id == "PS-IMG-002"]
    assert len(judged) == len(loaded)
    for text in rendered(report):
        assert "\x1b]" not in text
        assert "\x00" not in text
        assert "\u202e" not in text
        assert "u" * 5_000 not in text


def test_an_image_without_a_name_has_the_address_of_its_id(engine: Engine) -> None:
    id_ = engine.load("", {**BASE, "config": {"User": "7"}}, (LAYER,))
    [image] = look(engine).by.values()
    assert image.address == f"image:{id_}"
    assert (image.references, image.digest) == ((), None)


@pytest.mark.skipif(shutil.which("docker") is None, reason="no docker: scripts/setup-tools")
def test_what_is_read_is_what_docker_inspect_shows(engine: Engine) -> None:
    engine.build("desk/bot:1.4", DOCKERFILE, {"bot": b"x"})
    config = {
        "User": "trader",
        "Env": ["A=b", "C=d"],
        "Healthcheck": {"Test": ["CMD", "/bot"]},
        "Labels": {"environment": "production"},
    }
    engine.load(
        "desk/feed:2", {**BASE, "created": "2026-05-04T03:02:01Z", "config": config}, (LAYER,)
    )
    engine.load("desk/none:1", {**BASE, "config": {"Healthcheck": {"Test": ["NONE"]}}}, (LAYER,))
    host = engine.client.create_host_config(cap_add=["NET_ADMIN"], mem_limit="64m", pids_limit=50)
    engine.client.create_container("desk/feed:2", ["/bot"], name="feed", host_config=host)
    seen = look(engine)
    assert seen.gaps == []
    for name in ("desk/bot:1.4", "desk/feed:2", "desk/none:1"):
        image = seen[f"image:{name}"]
        assert shown(engine, name, "{{.Config.User}}") == (image.user or "")
        environment = json.loads(shown(engine, name, "{{json .Config.Env}}")) or []
        assert [each.partition("=")[0] for each in environment] == [*image.environment_names]
        assert json.loads(shown(engine, name, "{{json .RepoTags}}")) == [*image.references]
        assert json.loads(shown(engine, name, "{{json .RootFS.Layers}}")) == [*image.layers]
        created = shown(engine, name, "{{.Created}}")
        assert (image.created_at is None) is created.startswith("0001")
        if image.created_at:
            assert f"{image.created_at:%Y-%m-%dT%H:%M:%S}" == created[:19]
        lines = command(engine, "history", "--no-trunc", "-q", name).split()
        assert len(image.history) == len(lines)
    assert seen["image:desk/bot:1.4"].health_check is True
    assert seen["image:desk/none:1"].health_check is False
    feed = seen["container:feed"]
    assert shown(engine, "feed", "{{.Config.User}}") == feed.user == "trader"
    assert json.loads(shown(engine, "feed", "{{.HostConfig.Memory}}")) == feed.memory_limit
    assert json.loads(shown(engine, "feed", "{{.HostConfig.PidsLimit}}")) == feed.pids_limit == 50
    assert shown(engine, "feed", "{{.HostConfig.LogConfig.Type}}") == feed.log_driver
    assert shown(engine, "feed", "{{.State.Running}}") == str(feed.running).lower()


def shown(engine: Engine, name: str, template: str) -> str:
    return command(engine, "inspect", "--format", template, name).strip()


def command(engine: Engine, *arguments: str) -> str:
    run = subprocess.run(
        ["docker", "-H", engine.host, *arguments], capture_output=True, text=True, check=True
    )
    return run.stdout


# -- images and Dockerfiles --------------------------------------------------------------------

DOCKERFILE = """
FROM scratch
ARG VERSION=1.4
ENV DESK=eu DIRECTORY=/app
LABEL org.opencontainers.image.title=bot
WORKDIR app
COPY bot ./
ADD bot /opt/
EXPOSE 8080
VOLUME /data
HEALTHCHECK CMD ["/app/bot", "--check"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/bot"]
USER 10001:10001
CMD echo live
"""
BOT = """
FROM desk/base:1
COPY bot /app/
ENV MODE=live
LABEL desk=eu
CMD ["/app/bot", "--live"]
"""


def test_a_build_of_a_stage_joins_it(engine: Engine, tmp_path: Path) -> None:
    engine.build("desk/base:1", "FROM scratch\nCOPY bot /\nUSER 10001\n", {"bot": b"x"})
    engine.build("desk/bot:1", BOT, {"bot": b"y"})
    engine.build("desk/same:1", BOT.replace("desk=eu", "house=eu"), {"bot": b"z"})
    write(tmp_path, {"bot/Dockerfile": BOT})
    report = scanned(engine, tmp_path)
    assert verdicts(report, "PS-IMG-001") == {"bot/Dockerfile#stage-1": "pass"}
    stage = survey(request(engine, tmp_path), now=datetime.now(UTC)).inventory.of("DockerfileStage")
    [step, *_] = stage[0].provenance("user_is_root")
    assert step.label == "image:desk/bot:1, which was built from it"
    assert verdicts(report, "PS-IMG-004")["image:desk/bot:1"] == "pass"
    assert verdicts(report, "PS-IMG-004")["image:desk/same:1"] == "unknown"


def test_without_the_engine_the_stage_stays_unknown(engine: Engine, tmp_path: Path) -> None:
    write(tmp_path, {"bot/Dockerfile": BOT})
    engine.build("desk/base:1", "FROM scratch\nCOPY bot /\nUSER 10001\n", {"bot": b"x"})
    report = scanned(engine, tmp_path)
    assert verdicts(report, "PS-IMG-001") == {"bot/Dockerfile#stage-1": "unknown"}


def test_every_instruction_survives_the_way_through_the_engine(
    engine: Engine, tmp_path: Path
) -> None:
    """The engine's own builder wrote the history, and all lines of the Dockerfile fit it."""
    dockerfile = DOCKERFILE.replace("FROM scratch", "FROM desk/base:1")
    engine.build("desk/base:1", "FROM scratch\nCOPY bot /\nUSER 7\n", {"bot": b"x"})
    engine.build("desk/bot:1.4", dockerfile.replace("USER 10001:10001\n", ""), {"bot": b"x"})
    write(tmp_path, {"Dockerfile": dockerfile.replace("USER 10001:10001\n", "")})
    report = scanned(engine, tmp_path)
    assert verdicts(report, "PS-IMG-001") == {"Dockerfile#stage-1": "pass"}


def test_images_by_name_are_looked_at_and_never_pulled(engine: Engine) -> None:
    engine.load("desk/bot:1", {**BASE, "config": {"User": "7"}}, (LAYER,))
    engine.load("desk/other:1", BASE, (LAYER,))
    seen = look(engine, images=("desk/bot:1", "desk/missing:1"))
    assert [*seen.by] == ["image:desk/bot:1"]
    [gap] = seen.gaps
    assert (gap.subject, gap.reason) == ("desk/missing:1", GapReason.UNREACHABLE)
    assert "was not pulled" in gap.message
    report = scanned(engine, images=("desk/bot:1", "desk/missing:1"))
    assert report.summary.exit_code == 3


# -- containers --------------------------------------------------------------------------------

CONFINED: dict[str, Any] = {"cap_drop": ["ALL"], "security_opt": ["no-new-privileges"]}
"""Arguments of the SDK; the fields below are those of the kind."""
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "plain": ({}, {"privileged": False, "docker_socket": False, "restart": "no"}, "fail"),
    "confined": (
        CONFINED,
        {"all_capabilities_dropped": True, "no_new_privileges": True, "host_network": False},
        "pass",
    ),
    "privileged": ({**CONFINED, "privileged": True}, {"privileged": True}, "fail"),
    "capability": (
        {**CONFINED, "cap_add": ["net_admin", "CAP_SYS_TIME"]},
        {"capabilities_added": ("NET_ADMIN", "SYS_TIME")},
        "fail",
    ),
    "colon": (
        {**CONFINED, "security_opt": ["no-new-privileges:true"]},
        {"no_new_privileges": True},
        "pass",
    ),
    "equals": (
        {**CONFINED, "security_opt": ["no-new-privileges=1"]},
        {"no_new_privileges": True},
        "pass",
    ),
    "off": (
        {**CONFINED, "security_opt": ["no-new-privileges=false"]},
        {"no_new_privileges": False},
        "fail",
    ),
    "network": ({**CONFINED, "network_mode": "host"}, {"host_network": True}, "fail"),
    "pid": ({**CONFINED, "pid_mode": "host"}, {"host_pid": True}, "fail"),
    "ipc": ({**CONFINED, "ipc_mode": "host"}, {"host_ipc": True}, "fail"),
    "behind": ({**CONFINED, "network_mode": "container:network"}, {"host_network": True}, "fail"),
    "beside": ({**CONFINED, "network_mode": "container:confined"}, {"host_network": False}, "pass"),
    "root-of-host": ({**CONFINED, "binds": ["/:/host:ro"]}, {"docker_socket": True}, "fail"),
    "run": ({**CONFINED, "binds": ["/run:/r"]}, {"docker_socket": True}, "fail"),
    "data": ({**CONFINED, "binds": ["/srv:/srv:ro"]}, {"docker_socket": False}, "pass"),
    "volume": ({**CONFINED, "binds": ["cache:/cache"]}, {"docker_socket": False}, "pass"),
    "disguised": ({**CONFINED, "binds": ["disguised:/x"]}, {"docker_socket": True}, "fail"),
    "limits": (
        {**CONFINED, "mem_limit": 64 << 20, "pids_limit": 100, "read_only": True},
        {"memory_limit": 64 << 20, "pids_limit": 100, "read_only_root": True},
        "pass",
    ),
    "restart": (
        {**CONFINED, "restart_policy": {"Name": "unless-stopped"}},
        {"restart": "unless-stopped", "memory_limit": None, "pids_limit": None},
        "pass",
    ),
    "logs": (
        {**CONFINED, "log_config": {"type": "none", "config": {}}},
        {"log_driver": "none"},
        "pass",
    ),
}


def test_containers_with_every_right_of_their_own(engine: Engine) -> None:
    client = engine.client
    image = engine.load("desk/bot:1", {**BASE, "config": {"User": "trader"}}, (LAYER,))
    options = {"type": "none", "o": "bind", "device": "/var/run"}
    client.create_volume("disguised", driver_opts=options)
    own = {**CONFINED, "binds": [f"{engine.socket}:/docker.sock:ro"]}
    above = {**CONFINED, "binds": [f"{engine.place}:/e"]}
    socket = {"docker_socket": True}
    cases = {**CASES, "socket": (own, socket, "fail"), "above-socket": (above, socket, "fail")}
    for name, (arguments, _, _) in cases.items():
        given = dict(arguments)
        if "log_config" in given:
            given["log_config"] = log_config(given["log_config"])
        host = client.create_host_config(**given)
        client.create_container(image, ["/bot"], name=name, host_config=host)
    seen = look(engine)
    assert seen.gaps == []
    for name, (_, fields, _) in cases.items():
        container = seen[f"container:{name}"]
        assert {key: getattr(container, key) for key in fields} == fields, name
        assert (container.user, container.user_is_root) == ("trader", False)
    report = scanned(engine)
    expected = {f"container:{name}": verdict for name, (_, _, verdict) in cases.items()}
    assert verdicts(report, "PS-IMG-008") == expected


def log_config(given: dict[str, Any]) -> Any:
    from docker.types import LogConfig

    return LogConfig(**given)


@pytest.mark.parametrize(
    ("image", "own", "user", "root"),
    [
        ("trader", None, "trader", False),
        ("trader", "root", "root", True),
        ("trader", "0:0", "0:0", True),
        ("", None, None, True),
        ("", "10001", "10001", False),
        ("0", None, "0", True),
    ],
)
def test_the_user_in_force(
    engine: Engine, image: str, own: str | None, user: str | None, root: bool
) -> None:
    engine.load("desk/bot:1", {**BASE, "config": {"User": image}}, (LAYER,))
    engine.client.create_container("desk/bot:1", ["/bot"], name="bot", user=own)
    container = look(engine)["container:bot"]
    assert (container.user, container.user_is_root) == (user, root)


@pytest.mark.skipif(shutil.which("busybox") is None, reason="no busybox: scripts/setup-tools")
def test_a_container_that_runs(engine: Engine) -> None:
    busybox = Path(str(shutil.which("busybox"))).read_bytes()
    layer = tar_of({"bin/busybox": busybox})
    digest = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    config = {**BASE, "rootfs": {"type": "layers", "diff_ids": [digest]}}
    engine.load("desk/box:1", {**config, "config": {"User": "10001"}}, (layer,))
    client = engine.client
    host = client.create_host_config(network_mode="none")
    client.create_container(
        "desk/box:1", ["/bin/busybox", "sleep", "60"], name="box", host_config=host
    )
    client.start("box")
    try:
        assert look(engine)["container:box"].running is True
    finally:
        client.remove_container("box", force=True)


def test_an_engine_that_maps_root(tmp_path: Path) -> None:
    with running_engine("--no-new-privileges") as engine:
        engine.load("desk/bot:1", BASE, (LAYER,))
        engine.client.create_container("desk/bot:1", ["/bot"], name="bot")
        seen = look(engine)
        options = engine.client.info()["SecurityOptions"]
        listed = "name=no-new-privileges" in options
        assert seen["container:bot"].no_new_privileges is listed
        assert seen["container:bot"].root_is_mapped is False


# -- secrets -----------------------------------------------------------------------------------

SECRET = "Zq7correcthorsebattery9"


def test_secrets_appear_nowhere(engine: Engine, tmp_path: Path) -> None:
    dockerfile = f"""
    FROM scratch
    ARG NPM_TOKEN={SECRET}
    ENV API_SECRET={SECRET} NOTE={SECRET}
    LABEL note={SECRET} org.opencontainers.image.vendor={SECRET}
    COPY bot /
    HEALTHCHECK CMD ["/bot", "--api-secret={SECRET}"]
    ENTRYPOINT ["/bot", "--password={SECRET}"]
    CMD ["--token={SECRET}"]
    """
    engine.build("desk/bot:1", dockerfile.replace("\n    ", "\n"), {"bot": b"x"})
    host = engine.client.create_host_config(
        log_config=log_config({"type": "syslog", "config": {"tag": SECRET, "labels": SECRET}}),
        binds=["/srv:/srv"],
    )
    engine.client.create_container(
        "desk/bot:1",
        [f"--passphrase={SECRET}"],
        name="bot",
        environment={"PASSWORD": SECRET, "OTHER": SECRET},
        labels={"desk": SECRET},
        host_config=host,
    )
    engine.client.create_volume(
        "nas", driver_opts={"type": "cifs", "o": f"password={SECRET}", "device": "//x/y"}
    )
    seen = look(engine)
    everything = repr(seen.items) + repr(seen.by)
    report = scanned(engine)
    for text in (everything, *rendered(report)):
        assert SECRET not in text
    image = verdicts(report, "PS-IMG-005")
    assert image == {"image:desk/bot:1": "fail"}
    names = {use.name for use in seen["container:bot"].secret_variables}
    assert {"API_SECRET", "PASSWORD", "passphrase"} <= names
    assert "NOTE" not in names


# -- an engine that goes -----------------------------------------------------------------------


def filled(engine: Engine, number: int = 6) -> None:
    for each in range(number):
        config = {**BASE, "config": {"User": "7", "Labels": {"n": str(each)}}}
        engine.load(f"desk/bot:{each}", config, (LAYER,))
    for each in range(number):
        engine.client.create_container(f"desk/bot:{each}", ["/bot"], name=f"bot{each}")


@pytest.mark.parametrize("after", [0, 2, 5, 9, 12])
def test_an_engine_that_is_stopped_is_a_gap_in_time(after: int, engine: Engine) -> None:
    filled(engine, 3)
    items = asking(engine, timeout=1.5)
    got = [*itertools.islice(items, after)]
    engine.send(signal.SIGSTOP)
    began = time.monotonic()
    try:
        got += [*items]
    finally:
        engine.send(signal.SIGCONT)
    assert time.monotonic() - began < 8
    seen = Seen(got)
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREACHABLE]
    assert "did not answer in time" in seen.gaps[0].message
    assert any(each.failed is GapReason.UNREACHABLE for each in seen.asked)
    assert len(seen.answers) == after
    assert_nothing_looks_better(seen)


def assert_nothing_looks_better(seen: Seen) -> None:
    """What was seen is as it is; what was not is unknown."""
    for address, resource in seen.by.items():
        kind = address.partition(":")[0]
        if isinstance(resource.user_is_root, Unknown):
            assert not any(
                each.about in resource.names and "json" in each.subject for each in seen.answers
            )
        else:
            assert resource.user == "7", address
        if kind == "image" and resource.history == ():
            assert not isinstance(resource.secrets, tuple), address


@pytest.mark.parametrize("after", [1, 4, 7])
def test_an_engine_that_is_killed_is_a_gap(after: int) -> None:
    with running_engine() as engine:
        filled(engine, 3)
        items = asking(engine, timeout=2)
        got = [*itertools.islice(items, after)]
        engine.kill()
        seen = Seen([*got, *items])
    assert [gap.reason for gap in seen.gaps] == [GapReason.UNREACHABLE]
    assert len(seen.answers) == after
    assert_nothing_looks_better(seen)


def test_a_scan_of_an_engine_that_is_gone_is_incomplete() -> None:
    with running_engine() as engine:
        engine.stop()
        report = scanned(engine)
    assert report.summary.exit_code == 3
    assert [gap.reason for gap in report.gaps] == [GapReason.UNREACHABLE]


# -- and is left as it was ---------------------------------------------------------------------


def test_a_scan_changes_nothing(engine: Engine) -> None:
    filled(engine, 3)
    client = engine.client
    before = state(client)
    since = int(time.time())
    time.sleep(1.1)
    began = int(time.time())
    scanned(engine)
    scanned(engine, images=("desk/bot:1", "desk/missing:2"))
    time.sleep(1.1)
    events = [*client.events(since=began, until=int(time.time()), decode=True)]
    assert since <= began
    assert events == []
    assert state(client) == before


def state(client: Any) -> Any:
    images = sorted((row["Id"], tuple(row["RepoTags"])) for row in client.images(all=True))
    containers = sorted((row["Id"], row["State"]) for row in client.containers(all=True))
    return images, containers


def test_two_looks_agree(engine: Engine) -> None:
    filled(engine, 3)
    first, second = look(engine), look(engine)
    assert [replace_time(each) for each in first.answers] == [
        replace_time(each) for each in second.answers
    ]


def replace_time(answer: Answer) -> Answer:
    from msgspec.structs import replace as with_

    return with_(answer, at=None)
