"""Finds what a run is compared with and whose rules hold, and fetches the two commits.

On a pull request both are the tip of the base branch: the first parent of the commit in which
GitHub merged the request, or else what the event says. Nothing that the head wrote is asked: a
name is looked up among the branches of the server, never in the clone, where a tag may have it.

Runs with the standard library alone, as `python -I sides.py`.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

Environment = Mapping[str, str]
SECONDS = 300
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REQUESTS = ("pull_request", "pull_request_target")


class Refusal(Exception):  # noqa: N818 - what the job prints, not a defect
    """Why nothing can be judged."""


def main(environ: Environment) -> int:
    """Writes `root`, `path`, `base`, `trust` and `request` to the outputs of the step."""
    try:
        outputs = sides(environ)
        if any(set(value) & set("\r\n") for value in outputs.values()):
            raise Refusal("path: a directory whose name has several lines cannot be judged here")
    except Refusal as refusal:
        print(f"::error title=policyscan::{one_line(str(refusal))}")
        return 2
    with Path(environ["GITHUB_OUTPUT"]).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in outputs.items())
    return 0


def sides(environ: Environment) -> dict[str, str]:
    """The outputs, in order. Raises `Refusal`."""
    if environ.get("RUNNER_OS") == "Windows":
        raise Refusal("runners of Windows are not supported; take one of Linux or macOS")
    event = event_of(environ)
    request = environ.get("GITHUB_EVENT_NAME", "") in _REQUESTS
    root, path = places(environ)
    git = Git(root, environ) if root else None
    default = base_of(event, environ, git)
    found = {}
    for side in ("BASE", "TRUST"):
        asked = environ.get(side, "") or default
        if not asked or asked == "none":
            found[side.lower()] = ""
        elif git is None:
            raise Refusal(f"{side.lower()} is set, and {path} is not in a git work tree")
        else:
            found[side.lower()] = git.commit(asked)
    return {"root": str(root or "."), "path": path, **found, "request": str(request).lower()}


def event_of(environ: Environment) -> dict[str, object]:
    """What started the workflow, as GitHub wrote it down."""
    file = environ.get("GITHUB_EVENT_PATH", "")
    if not file:
        return {}
    try:
        event = json.loads(Path(file).read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise Refusal(f"the event cannot be read: {type(error).__name__}") from None
    return event if isinstance(event, dict) else {}


def places(environ: Environment) -> tuple[Path | None, str]:
    """The top of the work tree that holds what is to be judged, and where that lies below it."""
    path = Path(os.path.normpath(Path(environ.get("SCAN_PATH") or ".").absolute()))
    if not path.is_dir():
        raise Refusal(f"path: there is no directory {environ.get('SCAN_PATH')}")
    space = Path(environ["GITHUB_WORKSPACE"])
    if path.is_relative_to(space) and path.resolve() != space.resolve() / path.relative_to(space):
        raise Refusal(
            "path: a symbolic link leads to another directory, which a pull request may choose; "
            "name the one that it leads to"
        )
    done = run_git(["-C", str(path), "rev-parse", "--show-toplevel"], environ)
    if done.returncode:
        return None, str(path)
    top = Path(os.fsdecode(done.stdout).rstrip("\n"))
    return top, os.path.relpath(path.resolve(), top)


def base_of(event: Mapping[str, object], environ: Environment, git: Git | None) -> str:
    """The base of the pull request or of the group of the merge queue; empty for anything else."""
    name = environ.get("GITHUB_EVENT_NAME", "")
    if name == "merge_group":
        return commit_in(event, "merge_group", "base_sha")
    if name not in _REQUESTS:
        return ""
    merged = git.parents("HEAD") if git else ()
    if (
        git is not None
        and git.resolve("HEAD") == environ.get("GITHUB_SHA")
        and len(merged) == 2
        and merged[1] == commit_in(event, "pull_request", "head", "sha")
    ):
        return merged[0]
    return commit_in(event, "pull_request", "base", "sha")


def commit_in(event: Mapping[str, object], *keys: str) -> str:
    """The id of a commit in the event. Raises `Refusal` if there is none."""
    value: object = event
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, str) or not _COMMIT.fullmatch(value):
        raise Refusal(f"the event names no {'.'.join(keys)}")
    return value


class Git:
    """The clone, read; and the server, asked for what the clone lacks."""

    def __init__(self, root: Path, environ: Environment) -> None:
        self._root = root
        self._environ = environ
        self._server = f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}"

    def resolve(self, name: str) -> str:
        """The commit of a name in the clone; empty if there is none."""
        done = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
        )
        return "" if done.returncode else done.stdout.decode().strip()

    def parents(self, name: str) -> tuple[str, ...]:
        """The parents that a commit names, whether or not the clone has them."""
        done = self._run("cat-file", "commit", name)
        head = done.stdout.partition(b"\n\n")[0].decode("utf-8", "replace")
        return tuple(re.findall(r"^parent (\S+)$", head, re.MULTILINE))

    def commit(self, asked: str) -> str:
        """The commit of an id or of the name of a branch, fetched if need be. Raises `Refusal`."""
        if _COMMIT.fullmatch(asked):
            if not self.resolve(asked):
                self._fetch(asked)
            wanted = asked
        else:
            self._fetch(f"refs/heads/{asked.removeprefix('origin/').removeprefix('refs/heads/')}")
            wanted = "FETCH_HEAD"
        found = self.resolve(wanted)
        if not found:
            raise Refusal(f"{asked} is no commit")
        return found

    def _fetch(self, wanted: str) -> None:
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-gc"]
        if self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
            options.append("--depth=1")  # which would cut the history of a clone that is whole
        done = self._run("fetch", *options, "--end-of-options", self._server, wanted)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise Refusal(
                f"{wanted} is not in the clone and could not be fetched: {said}. "
                "Give actions/checkout `fetch-depth: 0`, and the job `contents: read`."
            )

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return run_git(["-C", str(self._root), *arguments], self._environ)


def run_git(arguments: list[str], environ: Environment) -> subprocess.CompletedProcess[bytes]:
    """Git with nothing of the clone's or the machine's settings that could run a program; what it
    may know of the token goes to the server of GitHub alone, and is on no command line."""
    settings = [
        ("core.fsmonitor", "false"),
        ("core.hooksPath", "/dev/null"),
        ("credential.helper", ""),
        ("http.followRedirects", "false"),
        ("safe.bareRepository", "explicit"),
        ("safe.directory", "*"),
    ]
    if environ.get("TOKEN"):
        basic = base64.b64encode(f"x-access-token:{environ['TOKEN']}".encode()).decode()
        header = f"http.{environ['GITHUB_SERVER_URL']}/.extraheader"
        # Emptied first: what actions/checkout left there would be sent besides.
        settings += [(header, ""), (header, f"AUTHORIZATION: basic {basic}")]
    mine = {
        "PATH": search_path(environ),
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "https:http:file",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    mine |= {name: environ[name] for name in PROXIES if name in environ}
    for number, (key, value) in enumerate(settings):
        mine |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    try:
        return subprocess.run(  # noqa: S603 - an argument list
            [shutil.which("git", path=mine["PATH"]) or "git", *arguments],
            env=mine,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refusal(f"git does not answer: {error}") from None


def search_path(environ: Environment) -> str:
    """PATH without what is relative or in the checkout, where a pull request may put a git."""
    space = Path(environ["GITHUB_WORKSPACE"]).resolve()
    folders = map(Path, environ.get("PATH", os.defpath).split(os.pathsep))
    return os.pathsep.join(
        str(folder)
        for folder in folders
        if folder.is_absolute() and not folder.resolve().is_relative_to(space)
    )


PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


def one_line(text: str) -> str:
    """Text as the value of a workflow command, which cannot begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main(os.environ))
