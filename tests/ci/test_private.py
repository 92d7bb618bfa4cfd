"""The base of a private repository, which a server gives to a token; and modules from elsewhere."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.ci.runner import Runner
from tests.ci.server import GitHub
from tests.ci.test_action import GREEN, RED

TOKEN = "token-of-the-job"
CALL = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'


@contextmanager
def private(server: GitHub) -> Iterator[list[list[str]]]:
    """The repository behind HTTP, for those who have the token; every `Authorization` that came."""
    seen: list[list[str]] = []
    expected = "basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers["Content-Length"])))

        def _serve(self, body: bytes) -> None:
            given = self.headers.get_all("Authorization") or []
            seen.append(given)
            if given != [expected]:
                self.send_response(401 if not given else 400)
                self.send_header("WWW-Authenticate", "Basic")
                self.end_headers()
                return
            url = urlsplit(self.path)
            done = subprocess.run(
                ["git", "http-backend"],
                input=body,
                env={
                    "PATH": os.environ["PATH"],
                    "GIT_PROJECT_ROOT": str(server.place / "server"),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "REQUEST_METHOD": self.command,
                    "PATH_INFO": url.path,
                    "QUERY_STRING": url.query,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "REMOTE_USER": "ann",
                },
                capture_output=True,
                check=True,
            )
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                self.send_header(*line.split(": ", 1))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        yield seen
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture
def github(tmp_path: Path) -> GitHub:
    server = GitHub(tmp_path)
    server.commit({"infra/main.tf": GREEN})
    server.commit({"infra/new.tf": RED}, "feature")
    return server


def test_the_base_of_a_private_repository_is_fetched_with_the_token(github: GitHub) -> None:
    """Also where actions/checkout left a header of its own, which GitHub would not take besides."""
    runner = Runner(github.place / "runner", github, "pull_request", github.pull_request("feature"))
    runner.checkout({})
    with private(github) as seen:
        key = f"http.{github.url}/.extraheader"
        github.git("config", key, "AUTHORIZATION: basic bGVmdA==", at=runner.workspace)
        job = runner._action({})
    assert seen
    assert job.outputs["new"] == "1", job.log
    assert TOKEN not in job.log
    config = (runner.workspace / ".git" / "config").read_text()
    assert TOKEN not in config
    assert base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode() not in config


def test_a_token_that_may_not_is_told_and_nothing_is_judged(github: GitHub) -> None:
    runner = Runner(github.place / "runner", github, "pull_request", github.pull_request("feature"))
    runner.checkout({})
    with private(github):
        job = runner._action({"token": "another"})
    assert job.failed
    assert job.step("Scan").outcome == "skipped"
    assert "could not be fetched" in job.log
    assert "another" not in job.log


# -- modules -----------------------------------------------------------------------------------

TERRAFORM = """#!/bin/bash
# Says what it was started with, and lays down the module as `terraform get` does.
{ pwd; echo "$*"; env; } >> "$RECORD"
mkdir -p .terraform/modules/vpc
echo 'resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }' > .terraform/modules/vpc/main.tf
echo '{"Modules": [{"Key": "", "Source": "", "Dir": "."},
  {"Key": "vpc", "Source": "registry.terraform.io/terraform-aws-modules/vpc/aws",
   "Dir": ".terraform/modules/vpc"}]}' \
  > .terraform/modules/modules.json
"""


@pytest.fixture
def terraform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in, since neither terraform nor tofu is a package here; where it says what it saw."""
    folder = tmp_path / "bin"
    folder.mkdir()
    record = tmp_path / "record"
    (folder / "terraform").write_text(TERRAFORM.replace("$RECORD", str(record)))
    (folder / "terraform").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return record


def test_modules_are_fetched_if_asked_and_without_credentials(
    github: GitHub, terraform: Path
) -> None:
    github.commit({"infra/vpc.tf": CALL, "plain/main.tf": GREEN})
    gaps = []
    for number, modules in enumerate(["", "get"]):
        runner = Runner(github.place / f"runner-{number}", github, "push", github.push_event())
        runner.extra = {"AWS_SECRET_ACCESS_KEY": "s3cret-value", "GIT_SSH_COMMAND": "s3cret-value"}
        job = runner.action({"modules": modules})
        assert not job.failed, job.log
        gaps.append("not_fetched" in job.log)
        assert terraform.exists() == bool(modules)
    assert gaps == [True, False]
    said = terraform.read_text().splitlines()
    assert said[0] == str(github.place / "runner-1" / "workspace" / "infra")
    assert said[1] == "get -no-color"
    assert "plain" not in terraform.read_text()
    assert "s3cret-value" not in terraform.read_text()
    assert "GIT_ALLOW_PROTOCOL=https" in said


def test_nothing_is_written_where_the_repository_has_a_place_of_its_own(
    github: GitHub, terraform: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    github.git("checkout", "-q", "main")
    (github.work / "infra" / ".terraform").symlink_to(outside)
    github.commit({"infra/vpc.tf": CALL})
    runner = Runner(github.place / "runner", github, "push", github.push_event())
    job = runner.action({"modules": "get"})
    assert "the repository brings a .terraform of its own" in job.log
    assert not terraform.exists()
    assert not list(outside.iterdir())


def test_without_a_program_the_job_says_what_is_missing(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.commit({"infra/vpc.tf": CALL})
    folder = github.place / "few"
    folder.mkdir()
    for name in ("bash", "git"):
        (folder / name).symlink_to(shutil.which(name) or name)
    monkeypatch.setenv("PATH", str(folder))
    job = Runner(github.place / "runner", github, "push", github.push_event()).action(
        {"modules": "get"}
    )
    assert job.failed
    assert "modules: get needs terraform or tofu" in job.log


def test_modules_that_were_called_before_are_not_blamed_on_the_request(
    github: GitHub, terraform: Path
) -> None:
    """What is fetched is there for both sides of the comparison."""
    stand_in = terraform.parent / "bin" / "terraform"
    inside = GREEN.replace("office", "world").replace("10.0.0.0/8", "0.0.0.0/0")
    stand_in.write_text(
        stand_in.read_text().replace(
            """echo 'resource "aws_vpc" "this" { cidr_block = "10.0.0.0/16" }'""",
            f"echo '{inside}'",
        )
    )
    github.commit({"infra/vpc.tf": CALL})
    github.commit({"README.md": "words\n"}, "words")
    event = github.pull_request("words")
    job = Runner(github.place / "runner", github, "pull_request", event).action({"modules": "get"})
    assert job.outputs["fail"] == "1", job.log
    assert not job.failed, job.log


REAL = shutil.which("terraform")


@pytest.mark.skipif(REAL is None, reason="no terraform here: it is no package of the system")
def test_no_source_starts_anything_but_git(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real terraform. What it would start says so and would have keys and settings."""
    sources = (
        "hg::https://127.0.0.1:9/x",
        "hg::ssh://127.0.0.1/x",
        "git::ssh://git@127.0.0.1/x.git",
        "git@127.0.0.1:a/b.git",
        f"git::file://{github.bare}",
        f"git::ext::sh -c touch% {tmp_path}/sprung",
        "git::https://127.0.0.1:9/x.git?sshkey=c3NoLWtleQ==",
        "s3::https://s3.amazonaws.com/bucket/x.zip",
        "gcs::https://www.googleapis.com/storage/v1/bucket/x.zip",
    )
    calls = "".join(
        f'module "m{number}" {{\n  source = "{source}"\n}}\n'
        for number, source in enumerate(sources)
    )
    settings = f'provider_installation {{ filesystem_mirror {{ path = "{tmp_path}" }} }}\n'
    github.commit(
        {
            **{
                f"m{number}/main.tf": f'module "m" {{\n  source = "{source}"\n}}\n'
                for number, source in enumerate(sources)
            },
            "infra/all.tf": calls,
            "infra/.terraformrc": settings,
            "infra/backend.tf": 'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:9"'
            "\n  }\n}\n",
            "bin/terraform": f"#!/bin/sh\ntouch {tmp_path}/sprung\n",
        }
    )
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("hg", "ssh", "svn", "bzr"):
        (folder / name).write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/started\nexit 1\n')
        (folder / name).chmod(0o755)
    runner = Runner(github.place / "runner", github, "push", github.push_event())
    runner.extra = {
        "PATH": f"{runner.workspace / 'bin'}:bin:{folder}:{os.environ['PATH']}",
        "TF_CLI_CONFIG_FILE": "infra/.terraformrc",
        "SSH_AUTH_SOCK": "/nowhere",
    }
    job = runner.action({"modules": "get", "code": "false"})
    fetched = job.step("Fetch modules of Terraform from where the checkout says").log
    assert fetched.count("::warning ") == len(sources) + 1, fetched
    assert not (tmp_path / "started").exists(), (tmp_path / "started").read_text()
    assert not (tmp_path / "sprung").exists()
    assert not list(runner.workspace.rglob(".terraform/modules/*/*.tf"))
