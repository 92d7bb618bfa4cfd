"""What the environment tells about a run: who started it, and why."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from policyscan.cli.pull_request import is_pull_request

_REPOSITORIES = ("CI_PROJECT_URL", "BUILD_REPOSITORY_URI", "GIT_URL")
"""Of GitLab, Azure Pipelines and Jenkins."""
_ADDRESS = re.compile(r"(https?://)(?:[^/?#]*@)?([^/?#@]+[^?#]*)")
"""Without what stands before an `@`, and without a query: credentials may be in both."""
_ACTORS = ("GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "CHANGE_AUTHOR")


@dataclass(frozen=True, slots=True)
class Start:
    """How a run was started."""

    trigger: str
    """`manual`, `pull_request`, `push`, `schedule`, or the word of the CI system."""
    actor: str
    repository: str = ""
    """Its address on the web, without credentials; empty if the environment does not tell."""


def start_of(environ: Mapping[str, str]) -> Start:
    """Who started this run, and why."""
    return Start(_trigger(environ), _actor(environ), _repository(environ))


def _repository(environ: Mapping[str, str]) -> str:
    server, name = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    addresses = [f"{server}/{name}"] if server and name else []
    addresses += [environ[each] for each in _REPOSITORIES if environ.get(each)]
    found = _ADDRESS.match(addresses[0]) if addresses else None
    return f"{found[1]}{found[2]}" if found else ""


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
