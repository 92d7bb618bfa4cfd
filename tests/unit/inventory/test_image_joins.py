"""Images joined with the stages that they were built from, and with no others."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policyscan.collectors.docker import DockerCollector, subjects
from policyscan.collectors.dockerfile import DockerfileCollector
from policyscan.collectors.interface import Answer, Reading
from policyscan.inventory import Inventory
from policyscan.resources.base import Resource, StepKind
from policyscan.text.tree import DirectoryTree
from tests.scanning import write

STAGE = """
    FROM registry.example.com/team/base:4
    COPY bot /app/
    RUN /app/bot --check
    CMD ["/app/bot"]
"""
LINES = ("COPY bot -> /app/", "RUN /app/bot --check", "CMD /app/bot")
OUTSIDE = "USER 10001"


def image(
    name: str,
    lines: Sequence[str],
    *,
    user: str = "10001",
    labels: dict[str, str] | None = None,
    layers: Sequence[str] = (),
) -> list[Answer]:
    id_ = f"sha256:{name}"
    data: dict[str, Any] = {
        "Id": id_,
        "RepoTags": [name],
        "Config": {"User": user, "Labels": labels or {}},
        "RootFS": {"Layers": list(layers)},
    }
    history = [{"CreatedBy": line} for line in reversed(lines)]
    return [
        Answer("docker", subjects.IMAGE, data, id_),
        Answer("docker", subjects.HISTORY, history, id_),
    ]


def judged(root: Path, files: dict[str, str], answers: list[Answer]) -> dict[str, Any]:
    """All resources by address, joined."""
    write(root, dict(files))
    reading = Reading("here")
    found = [
        *DockerfileCollector().read(DirectoryTree(root), sorted(files), reading),
        *DockerCollector().read(answers, reading),
    ]
    resources = Inventory(each for each in found if isinstance(each, Resource)).resources
    return {resource.address: resource for resource in resources}


def user_of(root: Path, answers: list[Answer], stage: str = STAGE) -> object:
    """What is known of whether the only stage runs as root: an answer, or `unknown`."""
    known = judged(root, {"Dockerfile": stage}, answers)["Dockerfile#stage-1"].user_is_root
    return known if isinstance(known, bool) else "unknown"


def test_the_image_decides_what_the_base_leaves_open(tmp_path: Path) -> None:
    found = judged(tmp_path, {"Dockerfile": STAGE}, image("desk/bot:1", (OUTSIDE, *LINES)))
    stage = found["Dockerfile#stage-1"]
    assert (stage.user, stage.user_is_root) == ("10001", False)
    step = stage.provenance("user_is_root")[0]
    assert (step.kind, step.label) == (
        StepKind.JOIN,
        "image:desk/bot:1, which was built from it",
    )


def test_the_stage_tells_what_the_image_stands_on(tmp_path: Path) -> None:
    found = judged(tmp_path, {"Dockerfile": STAGE}, image("desk/bot:1", (OUTSIDE, *LINES)))
    built = found["image:desk/bot:1"]
    assert (built.base_image, built.base_tag) == ("registry.example.com/team/base", "4")
    assert built.provenance("base_tag")[0].label == "built from Dockerfile#stage-1"


def test_root_is_decided_as_well(tmp_path: Path) -> None:
    assert user_of(tmp_path, image("bot:1", (OUTSIDE, *LINES), user="")) is True


def test_a_name_alone_shows_nothing(tmp_path: Path) -> None:
    answers = image("registry.example.com/team/base-bot:4", (OUTSIDE, "CMD /app/bot --live"))
    assert user_of(tmp_path, answers) == "unknown"


def test_one_line_that_differs_or_is_missing_or_comes_after(tmp_path: Path) -> None:
    for lines in (
        LINES[:-1],
        LINES[1:],
        (*LINES[:2], "CMD /app/other"),
        (LINES[1], LINES[0], LINES[2]),
        (*LINES, "RUN chown root /app"),
        (*LINES, "USER root"),
    ):
        assert user_of(tmp_path, image("bot:1", (OUTSIDE, *lines))) == "unknown", lines


def test_labels_of_the_build_may_stand_at_the_end(tmp_path: Path) -> None:
    assert user_of(tmp_path, image("bot:1", (OUTSIDE, *LINES, "LABEL commit"))) is False


SHORT = 'FROM registry.example.com/team/base:4\nCMD ["/app/bot"]\n'


def test_a_short_stage_needs_something_that_confirms_it(tmp_path: Path) -> None:
    lines = (OUTSIDE, "CMD /app/bot")
    assert user_of(tmp_path, image("bot:1", lines), SHORT) == "unknown"
    base = {"org.opencontainers.image.base.name": "registry.example.com/team/base:4"}
    assert user_of(tmp_path, image("bot:1", lines, labels=base), SHORT) is False
    source = {
        "org.opencontainers.image.source": "https://git.example.com/desk/blob/main/Dockerfile"
    }
    assert user_of(tmp_path, image("bot:1", lines, labels=source), SHORT) is False


def test_a_base_that_is_here_confirms_or_contradicts(tmp_path: Path) -> None:
    base = image("registry.example.com/team/base:4", (OUTSIDE,), layers=("a", "b"))
    lines = (OUTSIDE, "CMD /app/bot")
    assert (
        user_of(tmp_path, [*base, *image("bot:1", lines, layers=("a", "b", "c"))], SHORT) is False
    )
    other = image("bot:1", (OUTSIDE, *LINES), layers=("x", "c"))
    assert user_of(tmp_path, [*base, *other]) == "unknown"


def test_a_label_that_names_another_base_contradicts(tmp_path: Path) -> None:
    base = {"org.opencontainers.image.base.name": "docker.io/library/alpine:3.20"}
    assert user_of(tmp_path, image("bot:1", (OUTSIDE, *LINES), labels=base)) == "unknown"


def test_two_stages_that_look_alike_are_told_apart_by_a_label_alone(tmp_path: Path) -> None:
    files = {"a/Dockerfile": STAGE, "b/Dockerfile": STAGE.replace("base:4", "base:5")}
    found = judged(tmp_path, files, image("bot:1", (OUTSIDE, *LINES)))
    assert not isinstance(found["a/Dockerfile#stage-1"].user_is_root, bool)
    assert not isinstance(found["b/Dockerfile#stage-1"].user_is_root, bool)
    labels = {"org.opencontainers.image.source": "https://git.example.com/x/a/Dockerfile"}
    found = judged(tmp_path, files, image("bot:1", (OUTSIDE, *LINES), labels=labels))
    assert found["a/Dockerfile#stage-1"].user_is_root is False
    assert not isinstance(found["b/Dockerfile#stage-1"].user_is_root, bool)
    assert found["image:bot:1"].base_tag == "4"


def test_images_that_disagree_decide_nothing(tmp_path: Path) -> None:
    first = image("bot:1", (OUTSIDE, *LINES))
    second = image("bot:2", ("USER 0", *LINES), user="0")
    assert user_of(tmp_path, [*first, *second]) == "unknown"
    assert user_of(tmp_path, [*first, *image("bot:2", (OUTSIDE, *LINES))]) is False


def test_what_a_stage_knows_itself_stays(tmp_path: Path) -> None:
    stage = STAGE + "    USER trader\n"
    answers = image("bot:1", (OUTSIDE, *LINES, "USER trader"), user="trader")
    found = judged(tmp_path, {"Dockerfile": stage}, answers)["Dockerfile#stage-1"]
    assert found.user == "trader"
    assert found.provenance("user")[0].kind is StepKind.INSTRUCTION


def test_a_stage_on_a_stage_is_the_lines_of_both(tmp_path: Path) -> None:
    stage = (
        "FROM registry.example.com/team/base:4 AS below\nCOPY bot /app/\nRUN /app/bot --check\n"
        'FROM golang:1.23 AS build\nRUN make\nFROM below\nCMD ["/app/bot"]\n'
    )
    found = judged(tmp_path, {"Dockerfile": stage}, image("bot:1", (OUTSIDE, *LINES)))
    assert found["Dockerfile#stage-3"].user_is_root is False
    assert found["image:bot:1"].base_family is not None


def test_an_account_with_user_id_0_is_root_in_the_image_too(tmp_path: Path) -> None:
    stage = "FROM alpine:3.20\nARG WHO=0\nCOPY bot /app/\nRUN adduser -D -u ${WHO} trader\n"
    stage += "USER trader\n"
    lines = ("ARG WHO", "COPY bot -> /app/", "RUN adduser -D -u ${WHO} trader", "USER trader")
    found = judged(tmp_path, {"Dockerfile": stage}, image("bot:1", lines, user="trader"))
    assert found["Dockerfile#stage-1"].user_is_root is True
    assert found["image:bot:1"].user_is_root is True


def test_a_broken_or_empty_stage_joins_nothing(tmp_path: Path) -> None:
    broken = STAGE + "    COPY one\n"
    assert user_of(tmp_path, image("bot:1", (OUTSIDE, *LINES)), broken) == "unknown"
    empty = "FROM registry.example.com/team/base:4\n"
    assert user_of(tmp_path, image("bot:1", (OUTSIDE, *LINES)), empty) == "unknown"
