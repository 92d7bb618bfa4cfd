"""The container image: its Dockerfile judged by our own policies and held to what its page says. To
build it takes a registry and the network, which tests do without."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.text.dockerfile import Instruction, read_dockerfile
from policyscan.text.source import Source
from tests.ci.server import GitHub
from tests.ci.test_action import RED
from tests.docs.pages import ROOT
from tests.live.engine import running_engine, why_not

TEXT = (ROOT / "Dockerfile").read_text()
USER = 65532


def instructions(name: str) -> list[Instruction]:
    read = read_dockerfile(Source("Dockerfile", TEXT.encode()))
    assert not read.errors
    return [each for each in read.instructions if each.keyword.upper() == name]


def test_our_own_policies_have_nothing_to_say(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for name in ("CI", "GITHUB_EVENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    code = main(["scan", ".", "--select", "IMG", "--profile", "audit"])
    out = capsys.readouterr().out
    assert code == 0, out
    assert "0 fail, 0 unknown," in out
    assert "dockerfile: 1 (Dockerfile)" in out


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_nor_of_the_image_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Built by a real engine of what needs no network: its settings, without its files."""
    monkeypatch.chdir(tmp_path)
    [base] = re.findall(r"^ARG BASE=.*$", TEXT, re.MULTILINE)
    *_, last = re.split(r"^FROM .*\n", TEXT, flags=re.MULTILINE)
    settings = re.sub(r"^(?:RUN (?:.*\\\n)*|COPY ).*\n", "", last, flags=re.MULTILINE)
    assert "RUN" not in settings and "USER" in settings
    with running_engine() as engine:
        engine.build("policyscan", f"{base}\nFROM scratch\n{settings}")
        monkeypatch.setenv("DOCKER_HOST", engine.host)
        code = main(["scan", "--docker", "policyscan", "--profile", "audit"])
    out = capsys.readouterr().out
    assert code == 0, out
    assert "0 fail, 0 unknown, 3 pass," in out


def test_the_base_is_pinned_by_digest_and_used_by_every_stage() -> None:
    [base] = re.findall(r"^ARG BASE=(\S+)$", TEXT, re.MULTILINE)
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert re.findall(r"^FROM (\S+)", TEXT, re.MULTILINE) == ["${BASE}", "${BASE}"]


def test_the_program_is_started_without_a_shell_by_a_user_with_a_number() -> None:
    assert f"USER {USER}:{USER}" in TEXT
    assert 'ENTRYPOINT ["/opt/policyscan/bin/python", "-I", "-m", "policyscan"]' in TEXT
    assert "HEALTHCHECK NONE" in TEXT
    last = TEXT[TEXT.rindex("FROM ") :]
    assert last.count("RUN ") == 1
    assert "pip" not in last


def test_what_is_installed_is_what_the_locks_say() -> None:
    for line in re.findall(r"pip install .*?(?=&&|\n(?! ))", TEXT, re.DOTALL):
        locked = "--require-hashes" in line and "--only-binary :all:" in line
        assert locked or ("--no-index" in line and "--no-deps" in line), line
    assert {"all", "runtime"} <= {path.stem for path in (ROOT / "requirements").glob("*.lock")}


def test_only_what_the_build_needs_is_sent_to_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert next(line for line in lines if not line.startswith("#")) == "*"
    sent = {line[1:] for line in lines if line.startswith("!")}
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.MULTILINE)
        for word in line.split()
    }
    assert sent == copied
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = {*project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]}
    needed |= {project["project"]["readme"], *project["project"]["license-files"], "pyproject.toml"}
    assert needed <= copied


def test_the_wheel_can_be_built_from_what_is_sent(tmp_path: Path) -> None:
    """The build step itself, in a directory with nothing else."""
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.MULTILINE):
        for word in line.split():
            source = ROOT / word
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, tmp_path / word, ignore=ignored)
            else:
                shutil.copy(source, tmp_path / word)
    [options] = re.findall(r"-m hatchling build (-t wheel) -d", TEXT)
    subprocess.run(
        [sys.executable, "-I", "-m", "hatchling", "build", *options.split(), "-d", "dist"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert len(list((tmp_path / "dist").glob("*.whl"))) == 1


def test_a_repository_of_another_user_is_judged(tmp_path: Path) -> None:
    """As in the container: another user, whom git would refuse, no home, nothing that can be
    written, no network."""
    if os.geteuid() or shutil.which("unshare") is None:
        pytest.skip("only root has two users; unshare comes with scripts/setup-tools")
    server = GitHub(tmp_path)
    server.commit({"infra/main.tf": RED})
    repository = server.work
    os.chown(repository, USER, USER)
    for path in repository.rglob("*"):
        os.chown(path, USER, USER, follow_symlinks=False)
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-I", "-m", "policyscan", "scan", "--base", "HEAD"],
        cwd=repository,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "POLICYSCAN_CACHE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "since HEAD (" in done.stdout
    assert "\n1 fail, 0 unknown" in done.stdout
