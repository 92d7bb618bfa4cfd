"""What the environment tells about a run: who started it, why, and whether to trust the tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from policyscan.errors import UsageError

# Set, and not to a word for "no", only while a pull or merge request is being built.
_REQUEST_VARIABLES = (
    "CI_MERGE_REQUEST_IID",  # GitLab
    "CI_EXTERNAL_PULL_REQUEST_IID",  # GitLab, for a repository elsewhere
    "CHANGE_ID",  # Jenkins
    "SYSTEM_PULLREQUEST_PULLREQUESTID",  # Azure Pipelines
    "BITBUCKET_PR_ID",
    "CIRCLE_PULL_REQUEST",
    "CIRRUS_PR",
    "DRONE_PULL_REQUEST",
    "BUILDKITE_PULL_REQUEST",
    "TRAVIS_PULL_REQUEST",
    "APPVEYOR_PULL_REQUEST_NUMBER",
    "SEMAPHORE_GIT_PR_NUMBER",
)
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")


@dataclass(frozen=True, slots=True)
class Start:
    """How a run was started."""

    trigger: str
    """`manual`, `pull_request`, `push`, `schedule`, or the word of the CI system."""
    actor: str


def start_of(environ: Mapping[str, str]) -> Start:
    """Who started this run, and why."""
    return Start(_trigger(environ), _actor(environ))


def is_pull_request(environ: Mapping[str, str]) -> bool:
    """Whether a CI environment says that this run is for a pull or merge request."""
    return (
        environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request")
        or environ.get("BUILD_REASON") == "PullRequest"
        or environ.get("CI_PIPELINE_SOURCE") == "merge_request_event"
        or environ.get("CI_PIPELINE_EVENT") == "pull_request"
        or environ.get("CODEBUILD_WEBHOOK_EVENT", "").startswith("PULL_REQUEST")
        or any(environ.get(name, "false") not in ("", "false") for name in _REQUEST_VARIABLES)
    )


def refuse_untrusted(
    in_force: Iterable[tuple[str, Path]], scanned: Path, environ: Mapping[str, str]
) -> None:
    """Raises `UsageError` if this run is for a pull request and something that steers the gate
    (its option, and where it lies) is inside the scanned tree, which the request changes."""
    if not is_pull_request(environ):
        return
    tree = scanned.resolve()
    for what, path in in_force:
        lexical = Path(os.path.normpath(Path.cwd() / path))
        if lexical.is_relative_to(tree) or path.resolve().is_relative_to(tree):
            raise UsageError(
                f"this run is for a pull request, and the {what} {path} lies inside the scanned "
                "tree, where the request can change it",
                hint=_elsewhere(what, path),
            )


def _elsewhere(what: str, path: Path) -> str:
    beside = "Check out the base branch beside it and name the file there: "
    if what == "controls file":  # no option names it
        return f"{beside}controls: {path.name} of ../base/policyscan.yaml"
    return f"{beside}--{what} ../base/{path.name}"


def _trigger(environ: Mapping[str, str]) -> str:
    if is_pull_request(environ):
        return "pull_request"
    word = environ.get("GITHUB_EVENT_NAME") or environ.get("CI_PIPELINE_SOURCE", "")
    return word or ("push" if environ.get("CI") else "manual")


def _actor(environ: Mapping[str, str]) -> str:
    import getpass

    named = next((environ[name] for name in _ACTORS if environ.get(name)), "")
    if named:
        return named
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"uid {os.getuid()}"
