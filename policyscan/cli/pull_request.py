"""What a CI system says of the pull or merge request that a run is for. Whoever opens a request
chooses the names of branches, so that none is shown or compared unless it is plain."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

_NO = ("", "false", "0")
_BRANCH = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_+#-]|[./](?![./]|$)){0,199}")
_QUEUE = re.compile(r"refs/heads/gh-readonly-queue/(.+)/pr-[0-9]+-[0-9a-f]+")
_EVENTS = ("GITHUB_EVENT_NAME", "FORGEJO_EVENT_NAME", "GITEA_EVENT_NAME")
_INDIRECT = ("workflow_run", "issue_comment")
"""Events that may be about a pull request; what started them says so."""
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}")
_MOST_BYTES = 8_000_000


class _System(Struct, frozen=True):
    """The variables of one CI system: any of the marks, unless it is a word for "no", means that
    a request is being built."""

    marks: tuple[str, ...]
    target: tuple[str, ...] = ()
    """The branch that the request goes to."""
    source: tuple[str, ...] = ()
    """The branch that it comes from."""
    head: tuple[str, ...] = ()
    """Its newest commit."""


_SYSTEMS = (
    _System(  # GitLab, merge trains included, and its pipelines for repositories elsewhere
        ("CI_MERGE_REQUEST_IID", "CI_EXTERNAL_PULL_REQUEST_IID"),
        ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME"),
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_SHA"),
    ),
    _System(  # Azure Pipelines
        ("SYSTEM_PULLREQUEST_PULLREQUESTID", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER"),
        ("SYSTEM_PULLREQUEST_TARGETBRANCHNAME", "SYSTEM_PULLREQUEST_TARGETBRANCH"),
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH",),
        ("SYSTEM_PULLREQUEST_SOURCECOMMITID",),
    ),
    _System(  # Jenkins: multibranch, and the plug-ins for GitHub, GitLab, Bitbucket and Gerrit
        ("CHANGE_ID", "ghprbPullId", "gitlabMergeRequestIid", "BITBUCKET_PULL_REQUEST_ID"),
        ("CHANGE_TARGET", "ghprbTargetBranch", "gitlabTargetBranch", "BITBUCKET_TARGET_BRANCH"),
        ("CHANGE_BRANCH", "ghprbSourceBranch", "gitlabSourceBranch", "BITBUCKET_SOURCE_BRANCH"),
        ("ghprbActualCommit", "gitlabMergeRequestLastCommit"),
    ),
    _System(("GERRIT_CHANGE_NUMBER",), ("GERRIT_BRANCH",), (), ("GERRIT_PATCHSET_REVISION",)),
    _System(
        ("BITBUCKET_PR_ID",),
        ("BITBUCKET_PR_DESTINATION_BRANCH",),
        ("BITBUCKET_BRANCH",),
        ("BITBUCKET_COMMIT",),
    ),
    _System(
        ("CIRCLE_PULL_REQUEST", "CIRCLE_PULL_REQUESTS", "CIRCLE_PR_NUMBER"),
        (),
        ("CIRCLE_BRANCH",),
        ("CIRCLE_SHA1",),
    ),
    _System(("CIRRUS_PR",), ("CIRRUS_BASE_BRANCH",)),
    _System(("DRONE_PULL_REQUEST",), ("DRONE_TARGET_BRANCH",), ("DRONE_SOURCE_BRANCH",), ()),
    _System(  # Woodpecker; older ones call the event of the build
        ("CI_COMMIT_PULL_REQUEST",),
        ("CI_COMMIT_TARGET_BRANCH",),
        ("CI_COMMIT_SOURCE_BRANCH",),
        (),
    ),
    _System(
        ("BUILDKITE_PULL_REQUEST",),
        ("BUILDKITE_PULL_REQUEST_BASE_BRANCH",),
        ("BUILDKITE_BRANCH",),
        ("BUILDKITE_COMMIT",),
    ),
    _System(
        ("TRAVIS_PULL_REQUEST",),
        ("TRAVIS_BRANCH",),
        ("TRAVIS_PULL_REQUEST_BRANCH",),
        ("TRAVIS_PULL_REQUEST_SHA",),
    ),
    _System(
        ("APPVEYOR_PULL_REQUEST_NUMBER",),
        ("APPVEYOR_REPO_BRANCH",),
        ("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH",),
        ("APPVEYOR_PULL_REQUEST_HEAD_COMMIT",),
    ),
    _System(
        ("SEMAPHORE_GIT_PR_NUMBER",),
        ("SEMAPHORE_GIT_BRANCH",),
        ("SEMAPHORE_GIT_PR_BRANCH",),
        ("SEMAPHORE_GIT_PR_SHA",),
    ),
    _System(("BITRISE_PULL_REQUEST",), ("BITRISEIO_GIT_BRANCH_DEST",), ("BITRISE_GIT_BRANCH",)),
    _System(("CF_PULL_REQUEST_NUMBER",), ("CF_PULL_REQUEST_TARGET",), ("CF_BRANCH",)),
    _System(
        ("bamboo_repository_pr_key",),
        ("bamboo_repository_pr_targetBranch",),
        ("bamboo_repository_pr_sourceBranch",),
    ),
    _System(  # Buddy, by the names of today and of before
        ("BUDDY_RUN_PR_NO", "BUDDY_RUN_PR_ID", "BUDDY_EXECUTION_PULL_REQUEST_ID"),
        ("BUDDY_RUN_PR_BASE_BRANCH", "BUDDY_EXECUTION_PULL_REQUEST_BASE_BRANCH"),
        ("BUDDY_RUN_PR_HEAD_BRANCH", "BUDDY_EXECUTION_PULL_REQUEST_HEAD_BRANCH"),
    ),
    _System(
        ("CM_PULL_REQUEST", "CM_PULL_REQUEST_NUMBER"), ("CM_PULL_REQUEST_DEST",), ("CM_BRANCH",)
    ),  # Codemagic
    _System(("SD_PULL_REQUEST",), ("PR_BASE_BRANCH_NAME",), ("PR_BRANCH_NAME",)),  # Screwdriver
    _System(("VELA_PULL_REQUEST",), ("VELA_PULL_REQUEST_TARGET",), ("VELA_PULL_REQUEST_SOURCE",)),
    _System(  # Xcode Cloud
        ("CI_PULL_REQUEST_NUMBER",),
        ("CI_PULL_REQUEST_TARGET_BRANCH",),
        ("CI_PULL_REQUEST_SOURCE_BRANCH",),
        ("CI_PULL_REQUEST_SOURCE_COMMIT",),
    ),
    _System(("PULL_NUMBER",), ("PULL_BASE_REF",), ("PULL_HEAD_REF",), ("PULL_PULL_SHA",)),  # Prow
)
_OTHERS = (
    # An event instead of a number.
    (("CI_PIPELINE_SOURCE", "CI_PIPELINE_EVENT", "CI_BUILD_EVENT", "DRONE_BUILD_EVENT"),
     ("merge_request_event", "external_pull_request_event", "pull_request")),
    (("BUILD_REASON",), ("PullRequest",)),
    (("CODEBUILD_WEBHOOK_EVENT",), ("PULL_REQUEST",)),
    (("JOB_TYPE",), ("presubmit",)),
)  # fmt: skip
_TARGETS = ("GITHUB_BASE_REF", "CODEBUILD_WEBHOOK_BASE_REF")
_SOURCES = ("GITHUB_HEAD_REF", "CODEBUILD_WEBHOOK_HEAD_REF")


def is_pull_request(environ: Mapping[str, str]) -> bool:
    """Whether a CI environment says that this run is for a pull or merge request, or for a queue
    of them."""
    return (
        any(_is_request(environ, environ.get(name, "")) for name in _EVENTS)
        or any(_marked(environ, system) for system in _SYSTEMS)
        or any(
            environ.get(name, "").startswith(beginnings)
            for names, beginnings in _OTHERS
            for name in names
        )
    )


def target_branch(environ: Mapping[str, str]) -> str:
    """The branch that the request goes to; empty if that is not known or has no plain name."""
    queued = _QUEUE.fullmatch(environ.get("GITHUB_REF", ""))
    if queued:
        return _plain(queued[1])
    return next(iter(_branches(environ, _TARGETS, "target")), "")


def source_branches(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The branch that it comes from, by each name that the environment has for it."""
    return _branches(environ, _SOURCES, "source")


def head_commits(environ: Mapping[str, str]) -> frozenset[str]:
    """Ids of commits that are the request's own."""
    return frozenset(
        environ[name].lower()
        for system in _SYSTEMS
        if _marked(environ, system)
        for name in system.head
        if _COMMIT.fullmatch(environ.get(name, ""))
    )


def line_to_add(environ: Mapping[str, str]) -> str:
    """The option that a run for this request lacks."""
    return f"--trust {target_ref(environ)}"


def target_ref(environ: Mapping[str, str]) -> str:
    """The branch that this request goes to, as a clone has it."""
    return f"origin/{target_branch(environ) or 'BRANCH'}"


def _branches(environ: Mapping[str, str], names: tuple[str, ...], role: str) -> tuple[str, ...]:
    marked = (getattr(system, role) for system in _SYSTEMS if _marked(environ, system))
    every = [*names, *(name for each in marked for name in each)]
    plain = (_plain(environ.get(name, "")) for name in every)
    return tuple(dict.fromkeys(branch for branch in plain if branch))


def _plain(text: str) -> str:
    branch = text.removeprefix("refs/heads/")
    return branch if _BRANCH.fullmatch(branch) else ""


def _marked(environ: Mapping[str, str], system: _System) -> bool:
    return any(environ.get(name, "").lower() not in _NO for name in system.marks)


def _is_request(environ: Mapping[str, str], event: str) -> bool:
    if event in _INDIRECT:
        return _is_about_request(environ, event)
    return event.startswith("pull_request") or event == "merge_group"


def _is_about_request(environ: Mapping[str, str], event: str) -> bool:
    """By the runner's own record of the event; without one, yes."""
    try:
        path = Path(environ["GITHUB_EVENT_PATH"])
        if not path.is_file():  # a pipe would be waited for
            return True
        with path.open("rb") as stream:
            told = json.loads(stream.read(_MOST_BYTES))
        if event == "issue_comment":
            return bool(told["issue"].get("pull_request"))
        return str(told["workflow_run"]["event"]).startswith("pull_request")
    except (KeyError, OSError, ValueError, TypeError, AttributeError, RecursionError):
        return True
