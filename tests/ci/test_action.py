"""The action, its steps run as a runner of GitHub runs them, on real repositories."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.runner import ACTION, INSTALL, Job, Runner
from tests.ci.server import Comments, GitHub, api_of_comments

OPEN = """
resource "aws_security_group" "{name}" {{
  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["{cidr}"]
  }}
}}
"""
GREEN = OPEN.format(name="office", port=22, cidr="10.0.0.0/8")
RED = OPEN.format(name="world", port=22, cidr="0.0.0.0/0")
UPLOAD = "github/codeql-action/upload-sarif"


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    server = GitHub(tmp_path)
    server.commit({"infra/main.tf": GREEN})
    return server


@pytest.fixture
def talking(github: GitHub) -> Iterator[Comments]:
    with api_of_comments(github) as (address, comments):
        github.api = address
        yield comments


def run(
    github: GitHub, event: dict[str, Any], inputs: dict[str, str] | None = None, name: str = ""
) -> Job:
    kind = name or ("pull_request" if "pull_request" in event else "push")
    place = github.place / f"runner-{len(list(github.place.glob('runner-*')))}"
    return Runner(place, github, kind, event).action(inputs)


def report_of(job: Job) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(Path(job.outputs["json"]).read_bytes())
    return report


# -- pushes ------------------------------------------------------------------------------------


def test_a_green_push(github: GitHub) -> None:
    job = run(github, github.push_event())
    assert not job.failed, job.log
    assert (job.outputs["exit-code"], job.outputs["fail"]) == ("0", "0")
    assert int(job.outputs["pass"]) > 0
    assert (job.outputs["base"], job.outputs["trust"]) == ("", "")
    assert (job.outputs["new"], job.outputs["worse"]) == ("", "")
    [upload] = job.used(UPLOAD)
    assert list(Path(upload["sarif_file"]).glob("*.sarif"))
    assert job.summary


def test_a_red_push_uploads_all_the_same(github: GitHub) -> None:
    github.commit({"infra/main.tf": GREEN + RED})
    job = run(github, github.push_event())
    assert job.failed
    assert job.outputs["exit-code"] == "1"
    assert int(job.outputs["fail"]) > 0
    assert job.step("Gate").outcome == "failure"
    assert len(job.used(UPLOAD)) == 1
    assert "PS-NET-004" in job.summary
    assert "::error " in job.log


def test_every_output_that_is_a_path_is_there(github: GitHub) -> None:
    job = run(github, github.push_event())
    for name in ("html", "json", "junit", "markdown", "comment"):
        assert Path(job.outputs[name]).is_file(), name
    assert Path(job.outputs["sarif"]).is_dir()
    assert report_of(job)["summary"]["verdicts"]["pass"] == int(job.outputs["pass"])
    assert job.outputs["complete"] == str(report_of(job)["summary"]["complete"]).lower()


# -- pull requests -----------------------------------------------------------------------------


def test_a_pull_request_is_held_up_for_what_it_adds(github: GitHub) -> None:
    base = github.git("rev-parse", "main")
    github.commit({"infra/new.tf": RED}, "feature")
    job = run(github, github.pull_request("feature"))
    assert job.failed, job.log
    assert job.outputs["new"] == "1"
    assert (job.outputs["base"], job.outputs["trust"]) == (base, base)


def test_a_pull_request_is_not_held_up_for_what_was_there(github: GitHub) -> None:
    github.commit({"infra/main.tf": GREEN + RED})
    github.commit({"README.md": "words\n"}, "feature")
    job = run(github, github.pull_request("feature"))
    assert not job.failed, job.log
    assert (job.outputs["new"], job.outputs["worse"]) == ("0", "0")
    assert int(job.outputs["fail"]) > 0


def test_a_pull_request_that_mends_is_green(github: GitHub) -> None:
    github.commit({"infra/main.tf": GREEN + RED})
    github.commit({"infra/main.tf": GREEN}, "feature")
    job = run(github, github.pull_request("feature"))
    assert not job.failed, job.log
    assert job.outputs["fail"] == "0"


def test_what_came_to_main_meanwhile_is_not_blamed_on_the_request(github: GitHub) -> None:
    """The event may name an older commit of main than the one GitHub merged with."""
    older = github.git("rev-parse", "main")
    github.commit({"README.md": "words\n"}, "feature")
    github.commit({"infra/other.tf": RED})
    event = github.pull_request("feature")
    merged_with = event["pull_request"]["base"]["sha"]
    event["pull_request"]["base"]["sha"] = older
    job = run(github, event)
    assert not job.failed, job.log
    assert job.outputs["base"] == merged_with


def test_the_parents_of_the_head_are_not_asked_if_the_head_is_checked_out(github: GitHub) -> None:
    """A head may be a merge of its author's making, whose first parent already has the failure."""
    base = github.git("rev-parse", "main")
    github.commit({"README.md": "words\n"}, "other")
    github.commit({"infra/new.tf": RED}, "feature")
    github.git("merge", "-q", "--no-ff", "-m", "merge", "other")
    event = github.pull_request("feature")
    runner = Runner(github.place / "runner", github, "pull_request", event)
    runner.checkout({"ref": event["pull_request"]["head"]["sha"]})
    job = runner._action({})
    assert job.failed
    assert (job.outputs["base"], job.outputs["new"]) == (base, "1")


@pytest.mark.parametrize("asked", ["", "main"])
def test_a_clone_that_is_whole_stays_so(github: GitHub, asked: str) -> None:
    github.commit({"README.md": "words\n"})
    github.commit({"infra/new.tf": RED}, "feature")
    runner = Runner(github.place / "runner", github, "pull_request", github.pull_request("feature"))
    runner.checkout({"fetch-depth": "0"})
    job = runner._action({"base": asked})
    assert job.outputs["new"] == "1"
    assert not (runner.workspace / ".git" / "shallow").exists()


def test_a_request_cannot_bring_its_own_rules(github: GitHub) -> None:
    github.commit(
        {
            "infra/new.tf": RED,
            "policyscan.yaml": "version: 1\nprofile: advise\nexclude:\n"
            "  - {path: 'infra/*', reason: none of your business}\n",
        },
        "feature",
    )
    job = run(github, github.pull_request("feature"))
    assert job.failed
    assert job.outputs["exit-code"] == "1"
    assert report_of(job)["profile"]["name"] == "ci"


def test_the_base_branch_may_be_named(github: GitHub) -> None:
    """By the branch of that name on the server, not by a tag that the clone may have."""
    base = github.git("rev-parse", "main")
    github.commit({"infra/new.tf": RED}, "feature")
    github.git("tag", "main", "refs/heads/feature")
    github.git("push", "-q", "origin", "refs/tags/main")
    for name in ("main", "origin/main", "refs/heads/main"):
        job = run(github, github.pull_request("feature"), {"base": name, "trust": name})
        assert job.outputs["base"] == job.outputs["trust"] == base, job.log
        assert job.failed


def test_none_is_no_base(github: GitHub) -> None:
    github.commit({"infra/main.tf": GREEN + RED})
    github.commit({"README.md": "words\n"}, "feature")
    job = run(github, github.pull_request("feature"), {"base": "none"})
    assert job.failed
    assert job.outputs["base"] == ""
    assert job.outputs["trust"]


def test_a_group_of_the_merge_queue_has_its_base(github: GitHub) -> None:
    base = github.git("rev-parse", "main")
    head = github.commit({"infra/new.tf": RED}, "feature")
    event = {
        "_ref": "refs/heads/gh-readonly-queue/main/pr-1",
        "_sha": head,
        "repository": {"default_branch": "main"},
        "merge_group": {"base_sha": base, "head_sha": head},
    }
    job = run(github, event, name="merge_group")
    assert (job.outputs["base"], job.outputs["new"]) == (base, "1")


@pytest.mark.parametrize("asked", ["f" * 40, "no-such-branch", "--upload-pack=touch pwned", "a\nb"])
def test_without_the_base_nothing_is_judged(github: GitHub, asked: str) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    job = run(github, github.pull_request("feature"), {"base": asked})
    assert job.failed
    assert job.step("Scan").outcome == "skipped"
    assert not job.used(UPLOAD)
    assert "fetch-depth: 0" in job.log
    assert [line for line in job.log.splitlines() if line.startswith("::error")] == [
        line for line in job.log.splitlines() if line
    ]
    assert not list(github.place.rglob("pwned"))


def test_an_event_without_a_base_is_refused(github: GitHub) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    event["pull_request"]["base"]["sha"] = "--help"
    event["pull_request"]["head"]["sha"] = ""
    job = run(github, event)
    assert job.failed
    assert "the event names no pull_request.head.sha" in job.log


# -- what must not be uploaded -----------------------------------------------------------------


def test_nothing_is_uploaded_if_something_was_not_seen(github: GitHub) -> None:
    """Also if nothing blocks, as what the base lacks too does not."""
    github.commit({"infra/broken.tf": 'resource "aws_instance" {{{\n'})
    github.commit({"README.md": "words\n"}, "feature")
    job = run(github, github.pull_request("feature"))
    assert report_of(job)["summary"]["gaps"] > 0
    assert job.step("Upload SARIF").outcome == "skipped"
    assert "SARIF is not uploaded: not everything was seen (unparseable)" in job.log
    job = run(github, github.push_event(), {"profile": "advise"})
    assert job.outputs["exit-code"] == "0"
    assert not job.used(UPLOAD)


def test_nothing_is_uploaded_after_a_collector_failed(
    github: GitHub, tmp_path: Path, broken_collector: dict[str, str]
) -> None:
    runner = Runner(tmp_path / "runner", github, "push", github.push_event())
    (runner.temp / "policyscan-venv").unlink()
    (runner.temp / "policyscan-venv").symlink_to(broken_collector["venv"])
    job = runner.action()
    assert job.failed, job.log
    assert "crashed" in {gap["reason"] for gap in report_of(job)["gaps"]}
    assert not job.used(UPLOAD)


def other_reader(place: Path, body: str) -> Path:
    """An environment in which the collector of Terraform does something else."""
    (place / "bin").mkdir(parents=True)
    code = (
        "import sys, time\n"
        "from policyscan.collectors.terraform import TerraformCollector\n"
        f"def read(*_):\n    {body}\n    yield\n"
        "TerraformCollector.read = read\n"
        "from policyscan.cli import run\n"
        "sys.argv = ['policyscan', *sys.argv[1:]]\n"
        "sys.exit(run())\n"
    )
    (place / "other.py").write_text(code)
    starter = place / "bin" / "python"
    starter.write_text(
        f'#!/bin/bash\nif [ "$2" = -m ] && [ "$3" = policyscan ]; then shift 3; '
        f'exec {sys.executable} -I {place}/other.py "$@"; fi\n'
        f'exec -a "$0" {sys.executable} "$@"\n'
    )
    starter.chmod(0o755)
    return place


@pytest.fixture
def broken_collector(tmp_path: Path) -> dict[str, str]:
    """An environment in which the collector of Terraform raises."""
    return {"venv": str(other_reader(tmp_path / "venv", "raise RuntimeError('broken')"))}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, "130"), (signal.SIGTERM, "143")])
def test_an_interruption_reaches_the_scan_and_nothing_is_uploaded(
    github: GitHub, tmp_path: Path, number: signal.Signals, code: str
) -> None:
    started = tmp_path / "started"
    venv = other_reader(tmp_path / "venv", f"open({str(started)!r}, 'w').close(); time.sleep(60)")
    runner = Runner(tmp_path / "runner", github, "push", github.push_event())
    runner.checkout({})
    outputs = tmp_path / "outputs"
    environment = runner.environment() | {
        "ROOT": str(runner.workspace),
        "SCAN_PATH": ".",
        "CATEGORY": "policyscan",
        "FAIL_ON": "never",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }
    process = subprocess.Popen(
        [venv / "bin" / "python", "-I", ACTION / "scan.py"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        deadline = time.monotonic() + 60
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(number)
        log = process.communicate(timeout=60)[0]
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert (told["exit-code"], told["gate"], told["upload"]) == (code, code, "false"), log
    assert told["complete"] == "false"


def test_nothing_is_uploaded_if_nothing_was_there(github: GitHub) -> None:
    github.commit({"infra/main.tf": None, "README.md": "words\n"})
    job = run(github, github.push_event())
    assert job.outputs["exit-code"] == "3"
    assert job.failed
    assert not job.used(UPLOAD)


def test_upload_can_be_switched_off(github: GitHub) -> None:
    assert not run(github, github.push_event(), {"upload": "false"}).used(UPLOAD)


@pytest.mark.parametrize(("request_", "red"), [(False, True), (True, False)])
def test_who_may_not_upload_is_held_up_only_on_a_push(
    github: GitHub, request_: bool, red: bool
) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature", fork=True) if request_ else github.push_event()
    runner = Runner(github.place / "runner", github, "pull_request" if request_ else "push", event)
    runner.failing = {UPLOAD}
    job = runner.action()
    assert job.step("Upload SARIF").outcome == "failure"
    assert job.failed is red


# -- fail-on -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "failed"), [("incomplete", True), ("fail", True), ("never", False)]
)
def test_fail_on_for_a_failure(github: GitHub, words: str, failed: bool) -> None:
    github.commit({"infra/main.tf": RED})
    job = run(github, github.push_event(), {"fail-on": words})
    assert job.failed is failed
    assert job.outputs["exit-code"] == "1"
    assert (f"the job goes on: fail-on is {words}" in job.log) is not failed


@pytest.mark.parametrize(
    ("words", "failed"), [("incomplete", True), ("fail", False), ("never", False)]
)
def test_fail_on_for_what_was_not_seen(github: GitHub, words: str, failed: bool) -> None:
    github.commit({"infra/broken.tf": 'resource "aws_instance" {{{\n'})
    job = run(github, github.push_event(), {"fail-on": words})
    assert job.failed is failed
    assert job.outputs["exit-code"] == "3"


@pytest.mark.parametrize("words", ["incomplete", "fail", "never"])
def test_nothing_excuses_a_scan_that_judged_nothing(github: GitHub, words: str) -> None:
    github.commit({"policyscan.yaml": "version: 2\n"})
    job = run(github, github.push_event(), {"fail-on": words})
    assert job.failed
    assert job.outputs["exit-code"] == "2"
    assert job.outputs["fail"] == ""
    assert not job.used(UPLOAD)


def test_a_word_that_fail_on_does_not_have(github: GitHub) -> None:
    job = run(github, github.push_event(), {"fail-on": "sometimes"})
    assert job.failed
    assert "fail-on is one of: incomplete, fail, never" in job.log


# -- comments ----------------------------------------------------------------------------------


def test_the_comment_is_written_and_then_changed_in_place(
    github: GitHub, talking: Comments
) -> None:
    talking.add("words of a colleague", "User")
    github.commit({"infra/new.tf": RED}, "feature")
    run(github, github.pull_request("feature"), {"comment": "true"})
    assert len(talking.stored) == 2
    first = talking.stored[1]["body"]
    assert "PS-NET-004" in first
    github.commit({"infra/new.tf": GREEN}, "feature")
    run(github, github.pull_request("feature"), {"comment": "true"})
    assert len(talking.stored) == 2
    assert talking.stored[1]["body"] != first
    assert {token for *_, token in talking.asked} == {"Bearer token-of-the-job"}


def test_a_comment_that_says_so_already_is_left_alone(
    github: GitHub, talking: Comments, tmp_path: Path
) -> None:
    github.commit({"infra/new.tf": RED}, "feature")
    runner = Runner(tmp_path / "runner", github, "pull_request", github.pull_request("feature"))
    comment = runner.action({"comment": "true"}).outputs["comment"]
    [words] = talking.stored
    talking.asked.clear()
    environment = runner.environment() | {"COMMENT": comment, "TOKEN": "t"}
    for text, methods in (("", ["GET"] * 2), ("more\n", ["GET"] * 4 + ["PATCH"])):
        with Path(comment).open("a") as file:
            file.write(text)
        subprocess.run([sys.executable, "-I", ACTION / "comment.py"], env=environment, check=True)
        assert [method for method, *_ in talking.asked] == methods
    assert words["body"].endswith("more\n")


@pytest.mark.parametrize(
    ("body", "told"), [("no marker\n", "it has no marker"), ("x" * 65537, "longer"), (None, "none")]
)
def test_what_is_no_comment_is_not_sent(
    github: GitHub, talking: Comments, tmp_path: Path, body: str | None, told: str
) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    runner = Runner(tmp_path / "runner", github, "pull_request", github.pull_request("feature"))
    file = tmp_path / "comment.md"
    if body is not None:
        file.write_text(body)
    done = subprocess.run(
        [sys.executable, "-I", ACTION / "comment.py"],
        env=runner.environment() | {"COMMENT": str(file), "TOKEN": "t"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told in done.stdout
    assert talking.asked == []


def test_a_comment_on_a_later_page_is_found_and_a_quotation_is_not(
    github: GitHub, talking: Comments
) -> None:
    github.commit({"infra/new.tf": RED}, "feature")
    run(github, github.pull_request("feature"), {"comment": "true"})
    body = talking.stored.pop()["body"]
    talking.add(body, "User")
    for number in range(150):
        talking.add(f"comment {number}", "User")
    talking.add(body.partition("\n")[0] + "\nolder", "Bot")
    run(github, github.pull_request("feature"), {"comment": "true"})
    assert len(talking.stored) == 152
    assert talking.stored[0]["body"] == body
    assert "older" not in talking.stored[151]["body"]


@pytest.mark.parametrize("status", [403, 404, 422, 500, 302])
def test_without_the_right_to_comment_the_gate_goes_on(
    github: GitHub, talking: Comments, status: int
) -> None:
    talking.status = status
    github.commit({"README.md": "words\n"}, "feature")
    job = run(github, github.pull_request("feature", fork=True), {"comment": "true"})
    assert not job.failed, job.log
    assert "no comment was written" in job.step("Comment on the pull request").log
    assert not talking.stored


def comment_again(github: GitHub, place: Path, event: dict[str, Any], words: str) -> str:
    """What the step says that brings a comment which begins like ours."""
    runner = Runner(place, github, "pull_request", event)
    file = place / "comment.md"
    file.write_text(words)
    done = subprocess.run(
        [sys.executable, "-I", ACTION / "comment.py"],
        env=runner.environment() | {"COMMENT": str(file), "TOKEN": "t"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


MARKER = "<!-- policyscan -->\n"


def test_an_older_run_does_not_speak_for_a_newer_commit(
    github: GitHub, talking: Comments, tmp_path: Path
) -> None:
    """Neither one that ends later, nor one that is run again."""
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    assert "wrote" in comment_again(github, tmp_path / "1", event, f"{MARKER}green")
    newer = github.commit({"infra/new.tf": RED}, "feature")
    number = event["pull_request"]["number"]
    github.git("push", "-q", "-f", "origin", f"{newer}:refs/pull/{number}/head")
    assert "has a newer commit" in comment_again(github, tmp_path / "2", event, f"{MARKER}older")
    assert [each["body"] for each in talking.stored] == [f"{MARKER}green"]


def test_a_comment_of_another_program_keeps_ours_from_nobody(
    github: GitHub, talking: Comments, tmp_path: Path
) -> None:
    talking.add(f"{MARKER}echo", "Bot")
    talking.strange.add(1)
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    for number, words in enumerate(("one", "two")):
        comment_again(github, tmp_path / str(number), event, MARKER + words)
    assert [each["body"] for each in talking.stored] == [f"{MARKER}echo", f"{MARKER}two"]


def test_the_token_of_a_person_changes_that_persons_comment(
    github: GitHub, talking: Comments, tmp_path: Path
) -> None:
    talking.person = "ann"
    talking.add(f"{MARKER}quoted", "User", "mallory")
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    for number, words in enumerate(("one", "two")):
        comment_again(github, tmp_path / str(number), event, MARKER + words)
    assert [each["body"] for each in talking.stored] == [f"{MARKER}quoted", f"{MARKER}two"]


@pytest.mark.parametrize("event", [{}, {"pull_request": None}, {"pull_request": {"number": "1"}}])
def test_an_event_that_is_none(
    github: GitHub, talking: Comments, tmp_path: Path, event: dict[str, Any]
) -> None:
    known = {"_ref": "", "_sha": ""}
    runner_event = known | {key: value for key, value in event.items() if value}
    assert "is for no pull request" in comment_again(github, tmp_path / "1", runner_event, MARKER)
    assert talking.asked == []


ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n[",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\xff\xfe\xfd",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/9 nonsense\r\n\r\n",
    b"",
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_whatever_is_answered_the_job_goes_on(
    github: GitHub, tmp_path: Path, answer: bytes
) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(1 << 16)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        github.api = f"http://127.0.0.1:{server.getsockname()[1]}"
        said = comment_again(github, tmp_path / "1", event, MARKER)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert said.startswith("::notice title=policyscan::no comment was written")
    assert said.count("\n") == 1


def test_nobody_is_asked_unless_a_comment_is(github: GitHub, talking: Comments) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    run(github, github.pull_request("feature"))
    run(github, github.push_event(), {"comment": "true"})
    assert talking.asked == []


# -- caches ------------------------------------------------------------------------------------


def saved(job: Job) -> list[str]:
    return [given["key"].split("-")[1] for given in job.used("actions/cache/save")]


def restored(job: Job) -> list[str]:
    return [given["key"].split("-")[1] for given in job.used("actions/cache/restore")]


def test_only_the_default_branch_has_facts_in_a_cache(github: GitHub) -> None:
    job = run(github, github.push_event())
    assert (restored(job), saved(job)) == (["wheels", "facts"], ["wheels", "facts"])
    other = github.push_event() | {"_ref": "refs/heads/other"}
    assert (restored(run(github, other)), saved(run(github, other))) == (["wheels"], ["wheels"])


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_a_pull_request_reads_no_facts_and_saves_nothing(github: GitHub, name: str) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    if name == "pull_request_target":
        event["_ref"] = "refs/heads/main"
    job = run(github, event, name=name)
    assert (restored(job), saved(job)) == (["wheels"], [])


def test_keys_change_with_the_lock(github: GitHub) -> None:
    keys = [
        given["key"]
        for code in ("true", "false")
        for given in run(github, github.push_event(), {"code": code}).used("actions/cache/restore")
    ]
    assert len(set(keys)) == 4


# -- what comes from outside -------------------------------------------------------------------

HOSTILE = ["\"; touch pwned; $(touch pwned) `touch pwned` '", "--debug"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["path", "profile", "config", "base", "trust", "fail-on"])
def test_an_input_is_never_a_command(github: GitHub, name: str, value: str) -> None:
    job = run(github, github.push_event(), {name: value})
    assert job.failed
    assert not list(github.place.rglob("pwned"))
    assert not job.used(UPLOAD)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_category_is_a_name(github: GitHub, value: str) -> None:
    job = run(github, github.push_event(), {"category": value})
    assert not job.failed, job.log
    assert not list(github.place.rglob("pwned"))


@pytest.mark.parametrize(
    "branch", ["$(touch${IFS}pwned)", "a;touch${IFS}pwned`touch${IFS}pwned`'", "-x"]
)
def test_a_branch_is_never_a_command(github: GitHub, branch: str) -> None:
    github.commit({"README.md": "words\n"}, "feature")
    event = github.pull_request("feature")
    event["pull_request"]["head"]["ref"] = branch
    job = run(github, event)
    assert not job.failed, job.log
    assert not list(github.place.rglob("pwned"))


def test_a_directory_may_be_judged_whose_name_is_odd(github: GitHub) -> None:
    github.commit({"-x $(touch pwned)/main.tf": RED})
    job = run(github, github.push_event(), {"path": "-x $(touch pwned)"})
    assert job.outputs["exit-code"] == "1", job.log
    assert not list(github.place.rglob("pwned"))


def test_a_link_out_of_the_checkout_is_refused(github: GitHub, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (github.work / "infra" / "main.tf").unlink()
    (github.work / "infra").rmdir()
    (github.work / "infra").symlink_to(outside)
    github.commit({})
    job = run(github, github.push_event(), {"path": "infra"})
    assert job.failed
    assert "a symbolic link leads to another directory" in job.log


LINES = "x\nbase={sha}\ntrust={sha}\nswallowed<<request=true"
"""A name of a directory. As a value of an output, it would set two others itself, and hide those
that follow: the rules would be the request's own."""


@pytest.mark.parametrize("is_link", [True, False])
def test_the_name_of_a_directory_sets_no_output(github: GitHub, is_link: bool) -> None:
    """`path` is a link that a pull request made, or a name that somebody had the idea to allow."""
    own = github.commit({"policyscan.yaml": "version: 1\nexclude: []\n"}, "feature")
    name = LINES.format(sha=own)
    github.commit({f"{name}/main.tf": RED}, "feature")
    (github.work / "infra" / "main.tf").unlink()
    (github.work / "infra").rmdir()
    (github.work / "infra").symlink_to(name)
    github.commit({}, "feature")
    job = run(github, github.pull_request("feature"), {"path": "infra" if is_link else name})
    assert job.failed
    assert (job.outputs["base"], job.outputs["trust"]) == ("", "")
    assert job.step("Scan").outcome == "skipped"
    assert job.log.count("\n") == 1


def test_a_link_within_the_checkout_chooses_nothing(github: GitHub) -> None:
    github.commit({"clean/main.tf": GREEN}, "feature")
    (github.work / "infra" / "main.tf").unlink()
    (github.work / "infra").rmdir()
    (github.work / "infra").symlink_to("clean")
    github.commit({"real/main.tf": RED}, "feature")
    job = run(github, github.pull_request("feature"), {"path": "infra"})
    assert job.failed
    assert "name the one that it leads to" in job.log


def test_a_submodule_is_not_judged_in_place_of_the_repository(
    github: GitHub, tmp_path: Path
) -> None:
    """Its history is of the making of whoever wrote the link to it."""
    github.commit({"README.md": "words\n"}, "feature")
    runner = Runner(tmp_path / "runner", github, "pull_request", github.pull_request("feature"))
    runner.checkout({})
    shutil.rmtree(runner.workspace / "infra")
    github.git("init", "-q", str(runner.workspace / "infra"))
    (runner.workspace / "infra" / "main.tf").write_text(GREEN)
    job = runner._action({"path": "infra"})
    assert job.failed
    assert not job.used(UPLOAD)


def test_git_is_not_taken_from_the_checkout(github: GitHub, tmp_path: Path) -> None:
    """A step before may have put a directory of it on the PATH."""
    runner = Runner(tmp_path / "runner", github, "push", github.push_event())
    runner.checkout({})
    trap = runner.workspace / "bin" / "git"
    trap.parent.mkdir()
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    runner.extra = {"PATH": f"bin:{trap.parent}:{os.environ['PATH']}"}
    job = runner._action({"base": "main"})
    assert job.outputs["base"], job.log
    assert not (tmp_path / "sprung").exists()


def test_what_is_not_supported_is_told(github: GitHub, tmp_path: Path) -> None:
    for number, extra in enumerate(
        ({"RUNNER_OS": "Windows"}, {"GITHUB_EVENT_PATH": str(tmp_path / "none")})
    ):
        runner = Runner(tmp_path / f"runner-{number}", github, "push", github.push_event())
        runner.extra = extra
        job = runner.action()
        assert job.failed
        assert [line[:8] for line in job.log.splitlines()] == ["::error "]


def test_nothing_of_the_checkout_is_imported(github: GitHub, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w')\nraise SystemExit(0)\n"
    names = ("json", "subprocess", "yaml", "policyscan", "sitecustomize", "usercustomize", "re")
    github.commit({f"{name}.py": trap for name in names}, "feature")
    event = github.pull_request("feature")
    runner = Runner(tmp_path / "runner", github, "pull_request", event)
    runner.extra = {"PYTHONPATH": str(runner.workspace), "PYTHONSTARTUP": "json.py"}
    job = runner.action({"comment": "true"})
    assert not job.failed, job.log
    assert not (tmp_path / "sprung").exists()


def test_the_scan_gets_no_secret_and_no_file_of_the_runner(github: GitHub, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "runner", github, "push", github.push_event())
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text(
        f'#!/bin/bash\nif [ "$2" = -m ]; then env > {tmp_path}/seen; exit 4; fi\n'
        f'exec -a "$0" {sys.executable} "$@"\n'
    )
    (venv / "bin" / "python").chmod(0o755)
    (runner.temp / "policyscan-venv").unlink()
    (runner.temp / "policyscan-venv").symlink_to(venv)
    runner.extra = {"AWS_SECRET_ACCESS_KEY": "s3cret-value", "GITHUB_TOKEN": "s3cret-value"}
    job = runner.action()
    assert job.failed
    seen = (tmp_path / "seen").read_text()
    assert "s3cret-value" not in seen
    assert "token-of-the-job" not in seen
    assert "GITHUB_OUTPUT" not in seen
    assert "GITHUB_EVENT_NAME=push" in seen


# -- the form of the action --------------------------------------------------------------------


def test_what_is_installed_is_what_the_lock_says() -> None:
    steps = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
    [install] = [step for step in steps if step.get("name") == INSTALL]
    first, second = install["run"].split("pip install")[1:]
    assert "--require-hashes" in first
    assert "--only-binary :all:" in first
    assert "--no-deps" in second
    assert "--no-build-isolation" in second
    assert install["working-directory"] == "${{ runner.temp }}"


def test_every_script_starts_an_isolated_python() -> None:
    steps = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
    for step in steps:
        for line in step.get("run", "").splitlines():
            if 'PYTHON"' in line or "bin/python" in line:
                assert "-I " in line, line


def test_scripts_are_clean() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck: scripts/setup-tools installs it")
    steps = yaml.safe_load((ACTION / "action.yml").read_text())["runs"]["steps"]
    for step in steps:
        if "run" in step:
            done = subprocess.run(
                ["shellcheck", "-s", "bash", "-"],
                input=step["run"],
                text=True,
                capture_output=True,
                check=False,
            )
            assert not done.stdout, done.stdout
