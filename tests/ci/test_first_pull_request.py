"""`docs/github.md`, followed from top to bottom as somebody would who has nothing else."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import yaml

from policyscan.cli import main
from tests.ci.runner import Job, Runner
from tests.ci.server import Comments, GitHub, api_of_comments
from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "github.md"
WORKFLOW = ".github/workflows/policyscan.yml"
_NUMBERS = count()


def files(name: str) -> list[str]:
    """The contents that the page gives a file, in order."""
    return [block.text for block in blocks(PAGE) if block.file == name]


SINCE, UNTIL = "2026-11-28", "2027-03-31"


def as_of_today(text: str) -> str:
    """The page, whose days pass."""
    today = datetime.now(UTC).date()
    return text.replace(SINCE, str(today)).replace(UNTIL, str(today + timedelta(days=90)))


def section(title: str) -> list[Block]:
    """The blocks of a section."""
    text = PAGE.read_text()
    start = text.count("\n", 0, text.index(f"\n## {title}\n"))
    following = text.find("\n## ", text.index(f"\n## {title}\n") + 1)
    end = text.count("\n", 0, following) if following > 0 else text.count("\n")
    return [block for block in blocks(PAGE) if start < block.line <= end]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[tuple[GitHub, Comments]]:
    """The repository of the page, with its workflow."""
    server = GitHub(tmp_path)
    with api_of_comments(server) as (address, comments):
        server.api = address
        terraform, [dockerfile] = files("main.tf"), files("Dockerfile")
        server.commit({"main.tf": terraform[0], "Dockerfile": dockerfile, "README.md": "a bot\n"})
        server.commit({WORKFLOW: files(WORKFLOW)[0]})
        yield server, comments


def run(server: GitHub, branch: str = "") -> Job:
    """The job of the workflow, for a push to main or for a pull request."""
    event = server.pull_request(branch) if branch else server.push_event()
    # A number does not change while a pull request is open.
    if branch:
        event["pull_request"]["number"] = 1
        head = event["pull_request"]["head"]["sha"]
        server.git("push", "-q", "-f", "origin", f"{head}:refs/pull/1/head")
    workflow = yaml.safe_load(files(WORKFLOW)[0])
    kind = "pull_request" if branch else "push"
    assert kind in workflow[True]  # `on`, as YAML 1.1 reads it
    place = server.place / f"runner-{next(_NUMBERS)}"
    [job] = workflow["jobs"].values()
    return Runner(place, server, kind, event).job(job)


def test_main_is_green(github: tuple[GitHub, Comments]) -> None:
    job = run(github[0])
    assert not job.failed, job.log


def test_the_first_red_and_the_first_green(github: tuple[GitHub, Comments]) -> None:
    server, comments = github
    _, wrong, right = files("main.tf")
    server.commit({"main.tf": wrong}, "feature")
    job = run(server, "feature")
    assert job.failed, job.log
    [line] = re.findall(r"an \*annotation\* at line (\d+) of `main.tf`", PAGE.read_text())
    assert f"::error file=main.tf,line={line}," in job.log
    [comment] = comments.stored
    for word in ("PS-NET-004", "**because**", "**fix**", "main.tf:9", "red"):
        assert word in comment["body"], word
    assert "PS-NET-004" in job.summary
    assert len(job.used("github/codeql-action/upload-sarif")) == 1

    server.commit({"main.tf": right}, "feature")
    job = run(server, "feature")
    assert not job.failed, job.log
    [comment] = comments.stored
    assert "PS-NET-004" not in comment["body"]
    assert "Green" in comment["body"]


def test_a_step_waits_for_what_the_page_says(github: tuple[GitHub, Comments]) -> None:
    """The first red request has no new failure, and a worse one."""
    server, _ = github
    _, wrong, right = files("main.tf")
    [name] = re.findall(r"`if: steps\.policyscan\.outputs\.([a-z-]+) == '0'`", PAGE.read_text())
    for text, goes_on in ((wrong, False), (right, True)):
        server.commit({"main.tf": text}, "feature")
        place = server.place / f"runner-{next(_NUMBERS)}"
        job = Runner(place, server, "pull_request", server.pull_request("feature")).action(
            {"fail-on": "never", "code": "false"}
        )
        assert not job.failed, job.log
        assert (job.outputs[name] == "0") is goes_on


def test_what_is_said_of_waivers(github: tuple[GitHub, Comments]) -> None:
    server, comments = github
    wrong, waiver = files("main.tf")[1], as_of_today(files("waivers.yaml")[0])
    server.commit({"main.tf": wrong, "waivers.yaml": waiver}, "impatient")
    job = run(server, "impatient")
    assert job.failed, job.log
    assert "waivers.yaml" in comments.stored[0]["body"]

    server.commit({"main.tf": wrong}, "feature")
    before = server.pull_request("feature")
    before["pull_request"]["number"] = 1
    assert run(server, "feature").failed
    server.commit({"waivers.yaml": waiver})
    again = Runner(server.place / "again", server, "pull_request", before)
    assert again.action().failed  # as the page says of *Re-run jobs*
    job = run(server, "feature")
    assert not job.failed, job.log
    assert "| waived | 1 |" in comments.stored[0]["body"]
    accepted = comments.stored[0]["body"].partition("accepted by")[2]
    for word in ("behind the VPN in March", "owner ana", "approver bo", as_of_today(UNTIL)):
        assert word in accepted, word

    server.commit({"main.tf": wrong.replace("= 22", "= 3389")}, "feature")
    job = run(server, "feature")
    assert job.failed, job.log


def test_the_entry_of_the_page_is_the_one_that_policyscan_writes(
    github: tuple[GitHub, Comments], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = github
    server.commit({"main.tf": files("main.tf")[1]}, "feature")
    monkeypatch.chdir(server.work)
    for name in ("CI", "GITHUB_EVENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    commands = [
        line
        for block in section("Accepting it instead")
        if block.language == "sh"
        for line in block.text.replace("\\\n", " ").splitlines()
    ]
    assert commands
    for command in commands:
        words = shlex.split(as_of_today(command))
        assert words[0] == "policyscan"
        assert main(words[1:]) in (0, 1), command
    written = (server.work / "waivers.yaml").read_text()
    assert written == as_of_today(files("waivers.yaml")[0])


def test_a_request_that_edits_the_workflow_is_told_of(github: tuple[GitHub, Comments]) -> None:
    server, comments = github
    edited = files(WORKFLOW)[0].replace("timeout-minutes: 15", "timeout-minutes: 16")
    server.commit({WORKFLOW: edited}, "feature")
    run(server, "feature")
    assert "PS-CI-009" in comments.stored[0]["body"]


def test_what_is_said_of_inputs_and_outputs_is_what_the_action_has() -> None:
    action = yaml.safe_load((ROOT / ".github/actions/scan/action.yml").read_text())
    text = PAGE.read_text()
    listed = dict(re.findall(r"^\| `([a-z-]+)` \| (.*?) \|", text, re.MULTILINE))
    assert set(listed) == set(action["inputs"])
    for name, default in listed.items():
        stated = action["inputs"][name]["default"]
        if default.startswith("`") and default.count("`") == 2 and default.endswith("`"):
            assert default == f"`{stated or 'ci'}`"
    told = text[text.index("Outputs: ") : text.index("To keep the HTML report")]
    assert set(re.findall(r"`([a-z-]+)`", told)) == set(action["outputs"])


def test_the_owners_are_of_what_the_gate_reads() -> None:
    [owners] = files(".github/CODEOWNERS")
    assert {line.split()[0] for line in owners.splitlines()} >= {
        "/.github/",
        "/policyscan.yaml",
        "/waivers.yaml",
    }
