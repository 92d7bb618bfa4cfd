"""Every CI system says in its own words that a run is for a pull request, and where that goes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from policyscan.cli.pull_request import (
    head_commits,
    is_pull_request,
    line_to_add,
    source_branches,
    target_branch,
)

# What each system sets, from its own documentation.
GITHUB = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main", "GITHUB_HEAD_REF": "pr"}
REQUESTS: list[tuple[dict[str, str], str, tuple[str, ...]]] = [
    (GITHUB, "main", ("pr",)),
    ({**GITHUB, "GITHUB_EVENT_NAME": "pull_request_target"}, "main", ("pr",)),
    ({**GITHUB, "GITHUB_EVENT_NAME": "pull_request_review"}, "main", ("pr",)),
    (
        {
            "GITHUB_EVENT_NAME": "merge_group",
            "GITHUB_REF": "refs/heads/gh-readonly-queue/release/2.x/pr-104-a18ae",
        },
        "release/2.x",
        (),
    ),
    ({"FORGEJO_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": "main"}, "main", ()),
    (
        {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_MERGE_REQUEST_EVENT_TYPE": "merge_train",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "desk/limits",
        },
        "main",
        ("desk/limits",),
    ),
    (
        {
            "BUILD_REASON": "PullRequest",
            "SYSTEM_PULLREQUEST_PULLREQUESTID": "17",
            "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
            "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/users/ada/x",
        },
        "main",
        ("users/ada/x",),
    ),
    (
        {"CHANGE_ID": "12", "CHANGE_TARGET": "main", "CHANGE_BRANCH": "pr", "BRANCH_NAME": "PR-12"},
        "main",
        ("pr",),
    ),
    ({"ghprbPullId": "12", "ghprbTargetBranch": "main"}, "main", ()),
    (
        {
            "BITBUCKET_PR_ID": "3",
            "BITBUCKET_PR_DESTINATION_BRANCH": "main",
            "BITBUCKET_BRANCH": "pr",
        },
        "main",
        ("pr",),
    ),
    ({"CIRCLE_PULL_REQUEST": "https://github.com/o/r/pull/4", "CIRCLE_BRANCH": "pr"}, "", ("pr",)),
    ({"CIRRUS_PR": "5", "CIRRUS_BASE_BRANCH": "main"}, "main", ()),
    ({"DRONE_PULL_REQUEST": "5", "DRONE_TARGET_BRANCH": "main"}, "main", ()),
    (
        {
            "CI_PIPELINE_EVENT": "pull_request",
            "CI_COMMIT_PULL_REQUEST": "5",
            "CI_COMMIT_TARGET_BRANCH": "main",
            "CI_COMMIT_SOURCE_BRANCH": "pr",
        },
        "main",
        ("pr",),
    ),
    ({"BUILDKITE_PULL_REQUEST": "12", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"}, "main", ()),
    ({"TRAVIS_PULL_REQUEST": "12", "TRAVIS_BRANCH": "main"}, "main", ()),
    (
        {
            "CODEBUILD_WEBHOOK_EVENT": "PULL_REQUEST_UPDATED",
            "CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main",
        },
        "main",
        (),
    ),
    (
        {
            "bamboo_repository_pr_key": "1",
            "bamboo_repository_pr_targetBranch": "main",
            "bamboo_repository_pr_sourceBranch": "pr",
        },
        "main",
        ("pr",),
    ),
    (
        {
            "BUDDY_RUN_PR_NO": "1",
            "BUDDY_RUN_PR_BASE_BRANCH": "main",
            "BUDDY_RUN_PR_HEAD_BRANCH": "pr",
        },
        "main",
        ("pr",),
    ),
    (
        {
            "BUDDY_EXECUTION_PULL_REQUEST_ID": "1",
            "BUDDY_EXECUTION_PULL_REQUEST_BASE_BRANCH": "main",
        },
        "main",
        (),
    ),
    (
        {"CM_PULL_REQUEST": "true", "CM_PULL_REQUEST_DEST": "main", "CM_BRANCH": "pr"},
        "main",
        ("pr",),
    ),
    (
        {"SD_PULL_REQUEST": "1", "PR_BASE_BRANCH_NAME": "main", "PR_BRANCH_NAME": "origin/pr"},
        "main",
        ("origin/pr",),
    ),
    ({"VELA_PULL_REQUEST": "1", "VELA_PULL_REQUEST_TARGET": "main"}, "main", ()),
    (
        {"CI_PULL_REQUEST_NUMBER": "1", "CI_PULL_REQUEST_TARGET_BRANCH": "main"},
        "main",
        (),
    ),
    ({"JOB_TYPE": "presubmit", "PULL_NUMBER": "9", "PULL_BASE_REF": "main"}, "main", ()),
]
OTHERS = [
    {},
    {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/main"},
    {"GITHUB_EVENT_NAME": "schedule"},
    {"BUILDKITE_PULL_REQUEST": "false"},
    {"TRAVIS_PULL_REQUEST": "false", "TRAVIS_BRANCH": "main"},
    {"CI_MERGE_REQUEST_IID": ""},
    {"BUILD_REASON": "Manual"},
    {"CI_PIPELINE_SOURCE": "push"},
    {"CM_PULL_REQUEST": "false", "CM_BRANCH": "main"},
    {"TEAMCITY_VERSION": "2025.11"},
]


@pytest.mark.parametrize(("environ", "target", "sources"), REQUESTS)
def test_requests_and_where_they_go(
    environ: dict[str, str], target: str, sources: tuple[str, ...]
) -> None:
    assert is_pull_request(environ)
    assert target_branch(environ) == target
    assert source_branches(environ) == sources
    assert line_to_add(environ) == f"--trust origin/{target or 'BRANCH'}"


@pytest.mark.parametrize("environ", OTHERS)
def test_what_is_no_request(environ: dict[str, str]) -> None:
    assert not is_pull_request(environ)


@pytest.mark.parametrize(
    ("event", "record", "expected"),
    [
        ("workflow_run", {"workflow_run": {"event": "pull_request"}}, True),
        ("workflow_run", {"workflow_run": {"event": "push"}}, False),
        ("issue_comment", {"issue": {"pull_request": {"url": "u"}}}, True),
        ("issue_comment", {"issue": {}}, False),
        ("workflow_run", [], True),
        ("workflow_run", None, True),
    ],
)
def test_events_that_may_be_about_a_request(
    event: str, record: object, expected: bool, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    if record is not None:
        path.write_text(json.dumps(record))
    environ = {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(path)}
    assert is_pull_request(environ) is expected


@pytest.mark.parametrize(
    "name",
    [
        "main\n::stop-commands::x",
        "main; rm -rf /",
        "$(id)",
        "-main",
        "a..b",
        "a//b",
        "../x",
        "a/",
        "\x1b[2J",
        "\u202eniam",
        "x" * 300,
        "a b",
        "",
    ],
)
def test_a_branch_without_a_plain_name_is_not_repeated(name: str) -> None:
    environ = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_BASE_REF": name}
    assert target_branch(environ) == ""
    assert line_to_add(environ) == "--trust origin/BRANCH"


def test_commits_of_the_request() -> None:
    environ = {
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "ABC1234",
        "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA": "a",
        "TRAVIS_PULL_REQUEST_SHA": "not of this system",
    }
    assert head_commits(environ) == {"abc1234"}


def test_an_event_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "event.json"
    os.mkfifo(pipe)
    huge = tmp_path / "huge.json"
    huge.write_bytes(b"[" * 9_000_000)
    for path in (pipe, huge, tmp_path, tmp_path / "none", Path("/dev/zero")):
        environ = {"GITHUB_EVENT_NAME": "workflow_run", "GITHUB_EVENT_PATH": str(path)}
        assert is_pull_request(environ)
