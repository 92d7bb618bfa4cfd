from __future__ import annotations

import pytest

from policyscan.cli.delivery import use_colour
from policyscan.cli.environment import start_of
from policyscan.cli.pull_request import is_pull_request

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


@pytest.mark.parametrize(
    ("environ", "repository"),
    [
        ({}, ""),
        (
            {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r"},
            "https://github.com/o/r",
        ),
        ({"GITHUB_REPOSITORY": "o/r"}, ""),
        ({"CI_PROJECT_URL": "https://gitlab.example:8443/g/p"}, "https://gitlab.example:8443/g/p"),
        (
            {"BUILD_REPOSITORY_URI": "https://org@dev.azure.com/org/p/_git/r"},
            "https://dev.azure.com/org/p/_git/r",
        ),
        (
            {"GIT_URL": "https://me:token@git.example/r.git?private=1#x"},
            "https://git.example/r.git",
        ),
        ({"GIT_URL": "git@github.com:o/r.git"}, ""),
        ({"GIT_URL": "https://me:a@b@git.example/r"}, "https://git.example/r"),
        ({"GIT_URL": "https:///r"}, ""),
    ],
)
def test_where_the_repository_is_without_credentials(
    environ: dict[str, str], repository: str
) -> None:
    assert start_of(environ).repository == repository
