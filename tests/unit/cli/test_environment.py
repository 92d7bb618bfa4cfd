from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.cli.delivery import use_colour
from policyscan.cli.environment import start_of
from policyscan.cli.pull_request import is_pull_request
from policyscan.cli.trust import refuse_untrusted
from policyscan.errors import UsageError

REQUESTS = [
    {"GITHUB_EVENT_NAME": "pull_request"},
    {"GITHUB_EVENT_NAME": "pull_request_target"},
    {"CI_MERGE_REQUEST_IID": "7"},
    {"CI_PIPELINE_SOURCE": "merge_request_event"},
    {"CHANGE_ID": "12"},
    {"BUILD_REASON": "PullRequest"},
    {"BUILDKITE_PULL_REQUEST": "12"},
    {"TRAVIS_PULL_REQUEST": "12"},
    {"CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_UPDATED"},
]
OTHERS = [
    {},
    {"GITHUB_EVENT_NAME": "push"},
    {"BUILDKITE_PULL_REQUEST": "false"},
    {"TRAVIS_PULL_REQUEST": "false"},
    {"CI_MERGE_REQUEST_IID": ""},
    {"BUILD_REASON": "Manual"},
]


@pytest.mark.parametrize("environ", REQUESTS)
def test_pull_requests(environ: dict[str, str]) -> None:
    assert is_pull_request(environ)
    assert start_of(environ).trigger == "pull_request"


@pytest.mark.parametrize("environ", OTHERS)
def test_everything_else(environ: dict[str, str]) -> None:
    assert not is_pull_request(environ)


@pytest.mark.parametrize(
    ("environ", "trigger"),
    [
        ({}, "manual"),
        ({"CI": "true"}, "push"),
        ({"GITHUB_EVENT_NAME": "schedule", "CI": "true"}, "schedule"),
        ({"CI_PIPELINE_SOURCE": "web"}, "web"),
    ],
)
def test_triggers(environ: dict[str, str], trigger: str) -> None:
    assert start_of(environ).trigger == trigger


def test_actors() -> None:
    assert start_of({"GITHUB_ACTOR": "ana"}).actor == "ana"
    assert start_of({"GITLAB_USER_LOGIN": "bo"}).actor == "bo"
    assert start_of({}).actor


PULL_REQUEST = {"CI_MERGE_REQUEST_IID": "7"}


@pytest.mark.parametrize("option", ["config", "profile", "policies"])
def test_what_steers_the_gate_must_not_lie_in_the_tree(
    quiet_environment: Path, option: str
) -> None:
    tree = quiet_environment / "tree"
    tree.mkdir()
    inside = [(option, Path("tree/x.yaml"))]
    refuse_untrusted(inside, tree, {})
    refuse_untrusted([(option, Path("x.yaml"))], tree, PULL_REQUEST)
    with pytest.raises(UsageError, match="inside the scanned tree") as caught:
        refuse_untrusted(inside, tree, PULL_REQUEST)
    assert f"--{option} ../base/x.yaml" in caught.value.hint


def test_controls_are_named_by_the_configuration_and_by_no_option(quiet_environment: Path) -> None:
    (quiet_environment / "tree").mkdir()
    with pytest.raises(UsageError, match="the controls file tree") as caught:
        inside = [("controls file", Path("tree/controls.yaml"))]
        refuse_untrusted(inside, quiet_environment / "tree", PULL_REQUEST)
    assert "controls: controls.yaml of ../base/policyscan.yaml" in caught.value.hint


def test_links_do_not_hide_where_it_lies(quiet_environment: Path) -> None:
    tree = quiet_environment / "tree"
    tree.mkdir()
    (tree / "real.yaml").write_text("")
    (quiet_environment / "outside.yaml").symlink_to(tree / "real.yaml")
    (tree / "inside.yaml").symlink_to("/dev/null")
    for name in ("outside.yaml", "tree/inside.yaml", "tree/../tree/real.yaml"):
        with pytest.raises(UsageError):
            refuse_untrusted([("config", Path(name))], tree, PULL_REQUEST)


class Stream:
    def __init__(self, terminal: bool) -> None:
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "environ", "colour"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"TERM": "dumb"}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (False, {"FORCE_COLOR": "1"}, True),
        (True, {"FORCE_COLOR": "0"}, False),
        (True, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours(terminal: bool, environ: dict[str, str], colour: bool) -> None:
    assert use_colour(Stream(terminal), environ) is colour  # type: ignore[arg-type]
