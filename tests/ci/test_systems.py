"""What the pages for CI systems show, run as each system runs it: in a clone as it makes one, with
the variables that it sets."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml

from tests.ci.server import GitHub
from tests.ci.test_action import GREEN, RED
from tests.docs.pages import ROOT, blocks

REPORTS = "policyscan-reports"
SYSTEMS = ["gitlab", "jenkins", "azure"]


def file_of(page: str, name: str) -> str:
    """The file of that name on a page."""
    [found] = [block.text for block in blocks(ROOT / "docs" / page) if block.file == name]
    return found


@pytest.fixture
def server(tmp_path: Path) -> GitHub:
    found = GitHub(tmp_path)
    found.commit({"infra/main.tf": GREEN})
    return found


def clone(server: GitHub, *specs: str) -> Path:
    """A clone that has only what a system fetches; the last is checked out."""
    place = server.place / f"clone-{len(list(server.place.glob('clone-*')))}"
    place.mkdir()
    server.git("init", "-q", ".", at=place)
    server.git("remote", "add", "origin", str(server.bare), at=place)
    for spec in specs:
        server.git("fetch", "-q", "--no-tags", "origin", spec, at=place)
    server.git("checkout", "-q", "--detach", "FETCH_HEAD", at=place)
    return place


def programs(server: GitHub) -> Path:
    """A directory with policyscan, and a docker that runs the image's program here."""
    folder = server.place / "programs"
    folder.mkdir(exist_ok=True)
    for name in ("bash", "sh", "git", "mkdir", "chmod", "env"):
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(shutil.which(name) or name)
    start = f'#!/bin/sh\nexec {sys.executable} -I -m policyscan "$@"\n'
    (folder / "policyscan").write_text(start)
    (folder / "docker").write_text(f"#!{sys.executable} -I\n{DOCKER}")
    for name in ("policyscan", "docker"):
        (folder / name).chmod(0o755)
    return folder


DOCKER = f"""
import os, sys
words = sys.argv[1:]
assert words[:4] == ["run", "--rm", "--network", "none"], words
image = next(n for n, word in enumerate(words) if word.startswith("registry.example/"))
given = words[:image]
volumes = [given[n + 1].split(":")[:2] for n, word in enumerate(given) if word == "--volume"]
passed = [given[n + 1] for n, word in enumerate(given) if word == "--env"]
inside = {{name: os.environ[name] for name in passed if name in os.environ}}
inside["PATH"] = os.environ["PATH"]
inside["POLICYSCAN_CACHE"] = "off"
arguments = words[image + 1:]
for here, there in volumes:
    arguments = [word.replace(there + "/", here + "/") for word in arguments]
[source] = [here for here, there in volumes if there == "/src"]
os.chdir(source)
os.execve({sys.executable!r}, [{sys.executable!r}, "-I", "-m", "policyscan", *arguments], inside)
"""


def run(server: GitHub, script: str, where: Path, variables: Mapping[str, str]) -> Any:
    return subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=where,
        env={
            "PATH": str(programs(server)),
            "HOME": str(server.place),
            "CI": "true",
            "POLICYSCAN_CACHE": "off",
            **variables,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def gitlab(server: GitHub, event: Mapping[str, Any]) -> tuple[Any, Path]:
    """As GitLab Runner does with `GIT_DEPTH: "0"`."""
    job = yaml.safe_load(file_of("gitlab.md", ".gitlab-ci.yml"))["policyscan"]
    assert job["variables"]["GIT_DEPTH"] == "0"
    [script] = job["script"]
    if "pull_request" not in event:
        where = clone(server, "+refs/heads/main:refs/remotes/origin/main")
        return run(server, script, where, {"CI_PIPELINE_SOURCE": "push"}), where
    where = clone(server, f"+refs/pull/{event['pull_request']['number']}/head:refs/pipelines/9")
    variables = {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": event["pull_request"]["base"]["sha"],
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature",
    }
    return run(server, script, where, variables), where


def jenkins(server: GitHub, event: Mapping[str, Any]) -> tuple[Any, Path]:
    """As a multibranch pipeline does."""
    text = file_of("jenkins.md", "Jenkinsfile")
    [script] = re.findall(r"sh '''(.*?)'''", text, re.DOTALL)
    if "pull_request" not in event:
        where = clone(server, "+refs/heads/main:refs/remotes/origin/main")
        return run(server, script, where, {"BRANCH_NAME": "main"}), where
    where = clone(server, f"+{event['_ref']}:refs/remotes/origin/PR-7")
    variables = {
        "BRANCH_NAME": "PR-7",
        "CHANGE_ID": "7",
        "CHANGE_TARGET": "main",
        "CHANGE_BRANCH": "feature",
    }
    return run(server, script, where, variables), where


def azure(server: GitHub, event: Mapping[str, Any]) -> tuple[Any, Path]:
    """As the agent does with `fetchDepth: 0`."""
    [job] = yaml.safe_load(file_of("azure.md", "azure-pipelines.yml"))["jobs"]
    assert job["steps"][0] == {"checkout": "self", "fetchDepth": 0, "fetchTags": False}
    script = job["steps"][1]["script"]
    heads = "+refs/heads/*:refs/remotes/origin/*"
    if "pull_request" not in event:
        where = clone(server, heads, "+refs/heads/main:refs/remotes/origin/main")
        return run(server, script, where, {"BUILD_REASON": "IndividualCI"}), where
    where = clone(server, heads, f"+{event['_ref']}:refs/remotes/{event['_ref'][5:]}")
    variables = {
        "BUILD_REASON": "PullRequest",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "7",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/feature",
    }
    return run(server, script, where, variables), where


RUN = {"gitlab": gitlab, "jenkins": jenkins, "azure": azure}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_push_to_main_is_judged_whole(server: GitHub, system: str) -> None:
    server.commit({"infra/new.tf": RED})
    done, _ = RUN[system](server, server.push_event())
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PS-NET-004" in done.stdout


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_request_is_held_up_for_what_it_adds(server: GitHub, system: str) -> None:
    server.commit({"infra/new.tf": RED}, "feature")
    done, where = RUN[system](server, server.pull_request("feature"))
    assert done.returncode == 1, done.stdout + done.stderr
    junit = next((where / REPORTS).glob("junit.xml"))
    assert JUnitXml.fromfile(str(junit))


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_request_is_not_held_up_for_what_others_did(server: GitHub, system: str) -> None:
    """Before it branched off, and after."""
    server.commit({"infra/old.tf": RED.replace("world", "old")})
    server.commit({"README.md": "words\n"}, "feature")
    server.commit({"infra/other.tf": RED.replace("world", "other")})
    done, _ = RUN[system](server, server.pull_request("feature"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_request_cannot_bring_its_own_rules(server: GitHub, system: str) -> None:
    mine = "version: 1\nprofile: advise\nexclude:\n  - {path: 'infra/*', reason: mine}\n"
    server.commit({"infra/new.tf": RED, "policyscan.yaml": mine}, "feature")
    done, _ = RUN[system](server, server.pull_request("feature"))
    assert done.returncode == 1, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("system", "files"),
    [
        ("gitlab", ["codequality.json", "junit.xml", "sast.json", "report.html"]),
        ("jenkins", ["junit.xml", "report.sarif", "report.html"]),
        ("azure", ["junit.xml", "report.sarif", "report.html"]),
    ],
)
def test_the_reports_that_are_published_are_there(
    server: GitHub, system: str, files: list[str]
) -> None:
    server.commit({"infra/new.tf": RED}, "feature")
    done, where = RUN[system](server, server.pull_request("feature"))
    assert done.returncode == 1, done.stdout + done.stderr
    for name in files:
        data = (where / REPORTS / name).read_bytes()
        assert data, name
        if name.endswith(("json", "sarif")):
            json.loads(data)
    page = (ROOT / "docs" / f"{system}.md").read_text()
    published = set(re.findall(rf"{REPORTS}/([\w.-]+\.\w+)", page))
    assert published <= set(files)


HOSTILE = ["$(touch pwned)`touch pwned`;touch pwned", "--upload-pack=touch pwned", "x\ny"]


@pytest.mark.parametrize("branch", HOSTILE)
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_name_of_a_branch_is_never_a_command(
    server: GitHub, system: str, branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request whose target does not exist is red, and runs nothing."""
    server.commit({"infra/new.tf": RED}, "feature")
    started = run

    def renamed(server: GitHub, script: str, where: Path, variables: Mapping[str, str]) -> Any:
        names = {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
            "CHANGE_TARGET",
            "SYSTEM_PULLREQUEST_TARGETBRANCH",
        }
        changed = {key: branch if key in names else value for key, value in variables.items()}
        return started(server, script, where, changed)

    monkeypatch.setattr(sys.modules[__name__], "run", renamed)
    done, _ = RUN[system](server, server.pull_request("feature"))
    assert done.returncode not in (0, 1)
    assert not list(server.place.rglob("pwned"))


def test_the_jenkinsfile_fills_nothing_in_itself() -> None:
    text = file_of("jenkins.md", "Jenkinsfile")
    assert '"""' not in text
    assert text.count("'''") == 2


def test_old_failures_do_not_mark_a_build_of_jenkins() -> None:
    """The branch sources report an unstable build as a failed check, and the report holds failures
    that were there before."""
    [step] = re.findall(
        r"^ +junit (.*?)$\n +archive", file_of("jenkins.md", "Jenkinsfile"), re.M | re.S
    )
    options = dict(part.split(": ") for part in re.split(r",\s+", step))
    assert options == {
        "testResults": f"'{REPORTS}/junit.xml'",
        "skipMarkingBuildUnstable": "true",
        "skipPublishingChecks": "true",
    }


# -- pre-commit --------------------------------------------------------------------------------


def hook() -> dict[str, Any]:
    [found] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return dict(found)


def commit_with_hook(server: GitHub, *, env: Mapping[str, str] | None = None) -> Any:
    """What pre-commit does before a commit: the entry, without names of files."""
    return run(server, hook()["entry"], server.work, env or {})


def test_the_hook_is_the_one_of_the_page() -> None:
    config = yaml.safe_load(file_of("pre-commit.md", ".pre-commit-config.yaml"))
    [repo] = config["repos"]
    assert [each["id"] for each in repo["hooks"]] == [hook()["id"]]
    assert hook()["pass_filenames"] is False
    assert hook()["always_run"] is True  # what is deleted may be missed
    assert f"`{hook()['entry']}`" in (ROOT / "docs" / "pre-commit.md").read_text()


def test_a_commit_is_held_up_for_what_is_staged(server: GitHub) -> None:
    server.git("checkout", "-q", "main")
    (server.work / "infra" / "new.tf").write_text(RED)
    server.git("add", "-A")
    done = commit_with_hook(server)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "infra/new.tf" in done.stdout


def test_a_commit_is_not_held_up_for_what_is_not_staged(server: GitHub) -> None:
    (server.work / "README.md").write_text("words\n")
    server.git("add", "-A")
    (server.work / "infra" / "main.tf").write_text(GREEN + RED)
    done = commit_with_hook(server)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_commit_is_not_held_up_for_what_was_there(server: GitHub) -> None:
    server.commit({"infra/old.tf": RED})
    (server.work / "README.md").write_text("words\n")
    server.git("add", "-A")
    done = commit_with_hook(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "infra/old.tf" not in done.stdout


def test_a_change_in_one_file_that_shows_in_another_is_seen(server: GitHub) -> None:
    server.commit(
        {
            "infra/main.tf": GREEN.replace('["10.0.0.0/8"]', "[var.cidr]"),
            "infra/variables.tf": 'variable "cidr" {\n  default = "10.0.0.0/8"\n}\n',
        }
    )
    (server.work / "infra" / "variables.tf").write_text(
        'variable "cidr" {\n  default = "0.0.0.0/0"\n}\n'
    )
    server.git("add", "-A")
    done = commit_with_hook(server)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "infra/main.tf" in done.stdout


def test_the_first_commit_has_nothing_before_it(tmp_path: Path) -> None:
    server = GitHub(tmp_path)
    (server.work / "main.tf").write_text(RED)
    server.git("add", "-A")
    done = commit_with_hook(server)
    assert done.returncode == 1, done.stdout + done.stderr


def test_pre_commit_itself_takes_the_hook(server: GitHub) -> None:
    """With the real program, if it is here; the environment is the one that runs the tests, since
    pre-commit would fetch packages for one of its own."""
    program = shutil.which("pre-commit")
    if program is None:
        pytest.skip("no pre-commit: scripts/setup-tools installs it")
    local = dict(hook()) | {"language": "system", "entry": str(programs(server) / "policyscan")}
    local["args"] = hook()["entry"].split()[1:]
    config = {"repos": [{"repo": "local", "hooks": [local]}]}
    server.commit({".pre-commit-config.yaml": yaml.safe_dump(config)})
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(server.place),
        "PRE_COMMIT_HOME": str(server.place / "pre-commit"),
        "POLICYSCAN_CACHE": "off",
    }

    def committed() -> Any:
        server.git("add", "-A")
        return subprocess.run(
            [program, "run"],
            cwd=server.work,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    (server.work / "infra" / "new.tf").write_text(RED)
    done = committed()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "PS-NET-004" in done.stdout
    (server.work / "infra" / "new.tf").write_text(GREEN.replace("office", "other"))
    done = committed()
    assert done.returncode == 0, done.stdout + done.stderr
    validated = subprocess.run(
        [program, "validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert validated.returncode == 0, validated.stdout
