"""`policyscan audit`, and what `policyscan scan` asks besides files."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.cli import main
from policyscan.collectors.interface import Target
from tests.unit.cli.conftest import FakePipeline

Capture = pytest.CaptureFixture[str]


def configure(folder: Path, targets: str) -> None:
    (folder / "policyscan.yaml").write_text(f"version: 1\n{targets}")


@pytest.mark.parametrize(
    ("text", "who"),
    [
        (None, "there is no policyscan.yaml here, so it"),
        ("", "policyscan.yaml"),
        ("targets: []\n", "policyscan.yaml"),
    ],
)
def test_without_targets_it_shows_how_to_name_them(
    pipeline: FakePipeline, capsys: Capture, quiet_environment: Path, text: str | None, who: str
) -> None:
    if text is not None:
        configure(quiet_environment, text)
    assert main(["audit"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"policyscan: {who} names no targets\n  For example:\n\ntargets:\n")
    assert pipeline.request is None


def test_the_example_is_a_configuration(quiet_environment: Path, capsys: Capture) -> None:
    from policyscan.config import parse_configuration

    main(["audit"])
    example = capsys.readouterr().err.partition("For example:\n\n")[2]
    found = parse_configuration("p.yaml", f"version: 1\n{example}".encode())
    assert [target.name for target in found.targets] == ["aws:production", "docker", "tls"]


def test_every_target_is_looked_at_and_every_doubt_blocks(
    pipeline: FakePipeline, quiet_environment: Path
) -> None:
    (quiet_environment / "infra").mkdir()
    targets = "targets:\n  - path: infra\n  - aws: {name: a, regions: [eu-west-1]}\n  - docker:\n"
    configure(quiet_environment, targets)
    assert main(["audit", "-q"]) == 1
    request = pipeline.request
    assert request.path == Path("infra")
    assert request.targets == (
        Target("aws", "aws:a", {"regions": ("eu-west-1",)}),
        Target("docker", "docker"),
    )
    assert request.declared == ("infra", "aws:a", "docker")
    assert request.profile.name == "audit"


def test_live_targets_alone_read_no_file(pipeline: FakePipeline, quiet_environment: Path) -> None:
    configure(quiet_environment, "targets:\n  - aws:\n")
    main(["audit", "-q"])
    assert pipeline.request.path is None
    assert pipeline.request.target == "aws"


def test_a_path_that_is_not_there(
    pipeline: FakePipeline, capsys: Capture, quiet_environment: Path
) -> None:
    configure(quiet_environment, "targets:\n  - path: nowhere\n")
    assert main(["audit"]) == 2
    assert capsys.readouterr().err.startswith("policyscan: there is no directory nowhere\n")
    assert pipeline.request is None


@pytest.mark.parametrize(
    ("arguments", "path", "targets"),
    [
        ([], ".", ()),
        (["--aws"], None, (Target("aws", "aws", {"regions": ()}),)),
        (
            [".", "--aws", "--region", "eu-west-1", "--region", "us-east-1"],
            ".",
            (Target("aws", "aws", {"regions": ("eu-west-1", "us-east-1")}),),
        ),
        (["--docker"], None, (Target("docker", "docker", {"images": (), "containers": True}),)),
        (
            ["--docker", "desk/bot"],
            None,
            (Target("docker", "docker", {"images": ("desk/bot",), "containers": False}),),
        ),
        (
            ["--tls", "a.example:443", "--tls", "[::1]:8443"],
            None,
            (Target("tls", "tls", {"endpoints": (("a.example", 443), ("::1", 8443))}),),
        ),
    ],
)
def test_what_scan_asks(
    pipeline: FakePipeline, arguments: list[str], path: str | None, targets: tuple[Target, ...]
) -> None:
    main(["scan", "-q", *arguments])
    request = pipeline.request
    assert request.path == (Path(path) if path else None)
    assert request.targets == targets
    assert request.profile.name == "ci"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--region", "eu-west-1"], "--region is about an account"),
        (["--tls", "desk.example"], "an endpoint is host:port"),
        (["--aws", "--ref", "HEAD"], "--ref is about files"),
    ],
)
def test_what_scan_does_not_take(
    pipeline: FakePipeline, capsys: Capture, arguments: list[str], problem: str
) -> None:
    assert main(["scan", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"policyscan: {problem}\n")
    assert pipeline.request is None
