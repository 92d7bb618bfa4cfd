"""What cannot be read never reads as clean, and hides nothing that stands beside it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.findings import Change, Report
from policyscan.text.tree import DirectoryTree
from tests.every_format import assert_told_everywhere, render_all
from tests.scanning import scan_files, verdicts, write
from tests.unit.text.repositories import git, repository

OPEN_GROUP = """
    resource "aws_security_group" "{name}" {{
      ingress {{
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }}
    }}
    """
PLANTED: dict[str, str | bytes] = {
    "main.tf": OPEN_GROUP.format(name="planted"),
    "app/Dockerfile": "FROM debian:12\nUSER root\n",
}
FINE = 'resource "aws_sns_topic" "fine" {}\n'


def assert_planted_failures(report: Report) -> None:
    assert verdicts(report, "PS-NET-004")["aws_security_group.planted"] == "fail"
    assert verdicts(report, "PS-IMG-001")["app/Dockerfile#stage-1"] == "fail"
    assert report.summary.exit_code == 1


def reasons(report: Report, subject: str) -> set[str]:
    return {gap.reason.value for gap in report.gaps if gap.subject == subject}


def nested(depth: int, opening: bytes = b"[", closing: bytes = b"]") -> bytes:
    return opening * depth + closing * depth


UNREAD: dict[str, tuple[str, str | bytes]] = {
    "syntax error": ("a.tf", 'resource "aws_vpc" "v" {\n'),
    "syntax error in JSON": ("a.tf.json", '{"resource": {'),
    "syntax error in values": ("terraform.tfvars", "cidr = \n"),
    "syntax error in values as JSON": ("x.auto.tfvars.json", '{"cidr": '),
    "JSON of another shape": ("a.tf.json", '{"resource": ["a", 3]}'),
    "no bytes of text": ("a.tf", bytes(range(256)) * 20),
    "NUL bytes": ("a.tf", b'resource "aws_vpc" "v" {\0\0\0\n}\n'),
    "UTF-16": ("a.tf", FINE.encode("utf-16")),
    "UTF-16 without mark": ("a.tf", FINE.encode("utf-16-le")),
    "Latin-1": ("a.tf", 'resource "aws_sns_topic" "t" { name = "café" }\n'.encode("latin-1")),
    "UTF-16 in JSON": ("a.tf.json", '{"resource": {}}'.encode("utf-16")),
    "too large": ("a.tf", b"# " + b"x" * 5_000_001),
    "values too large": ("terraform.tfvars", b"# " + b"x" * 10_000_001),
    "nested brackets": ("a.tf", b"locals { a = " + nested(100_000) + b" }"),
    "nested brackets in JSON": ("a.tf.json", b'{"locals": {"a": ' + nested(100_000) + b"}}"),
    "nested brackets in values": ("terraform.tfvars", b"a = " + nested(100_000)),
    "nested objects": ("a.tf", b"locals { a = " + nested(50_000, b"{a=", b"}") + b" }"),
    "nested parentheses": ("a.tf", b"locals { a = " + nested(50_000, b"(1+", b")") + b" }"),
    "nested templates": ("a.tf", b"locals { a = " + nested(20_000, b'"${', b'}"') + b" }"),
    "deep blocks": ("a.tf", b'resource "aws_vpc" "v" {' + nested(20_000, b"b {\n", b"}\n") + b"}"),
    "heredoc that never ends": ("a.tf", "locals { a = <<EOT\n" + "x\n" * 10_000),
    "merge conflict": ("a.tf", "<<<<<<< HEAD\n" + FINE + "=======\n>>>>>>> b\n"),
    "Dockerfile without FROM": ("Dockerfile", "USER 1000\n"),
    "Dockerfile with an unknown word": ("Dockerfile", "FROM scratch\nUSER 1000\nUSR 0\n"),
    "Dockerfile of NUL bytes": ("Dockerfile", b"\0" * 4_000),
    "Dockerfile in UTF-16": ("Dockerfile", "FROM debian:12\nUSER 1000\n".encode("utf-16")),
    "Dockerfile too large": ("Dockerfile", b"FROM debian:12\n# " + b"x" * 250_001),
    "here-document that never ends": (
        "Dockerfile",
        "FROM scratch\nUSER 1000\nRUN <<EOT\nUSER root\n",
    ),
}


@pytest.mark.parametrize("case", UNREAD)
def test_a_file_that_cannot_be_read_is_a_gap_that_blocks(case: str, tmp_path: Path) -> None:
    name, content = UNREAD[case]
    alone = scan_files(tmp_path / "alone", {name: content, "main.tf": FINE})
    assert reasons(alone, name) <= {"unparseable", "too_large"}
    assert any(gap.blocking and gap.subject == name for gap in alone.gaps)
    assert alone.summary.exit_code == 3
    assert not alone.summary.complete
    beside = scan_files(tmp_path / "beside", {**PLANTED, name: content})
    assert_planted_failures(beside)
    assert_told_everywhere(beside)


def fifo(path: Path, _outside: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path, _outside: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the address of a socket is at most 107 bytes long
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def link_out(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def dangling_link(path: Path, _outside: Path) -> None:
    path.symlink_to("nowhere")


def link_to_itself(path: Path, _outside: Path) -> None:
    path.symlink_to(path.name)


def device(path: Path, _outside: Path) -> None:
    path.symlink_to("/dev/zero")


def proc(path: Path, _outside: Path) -> None:
    path.symlink_to("/proc/self/environ")


STRANGE: list[Callable[[Path, Path], None]] = [
    fifo, unix_socket, link_out, dangling_link, link_to_itself, device, proc,
]  # fmt: skip


@pytest.mark.parametrize("name", ["a.tf", "a.tf.json", "Dockerfile", "terraform.tfvars"])
@pytest.mark.parametrize("make", STRANGE)
def test_what_is_no_file_is_a_gap_that_blocks(
    make: Callable[[Path, Path], None], name: str, tmp_path: Path
) -> None:
    outside = write(tmp_path, {"outside": OPEN_GROUP.format(name="smuggled")}) / "outside"
    for root, files in (("alone", {"main.tf": FINE}), ("beside", PLANTED)):
        write(tmp_path / root, files)
        make(tmp_path / root / name, outside)
    alone = scan_files(tmp_path / "alone")
    assert reasons(alone, name) == {"unreadable"}
    assert alone.summary.exit_code == 3
    beside = scan_files(tmp_path / "beside")
    assert_planted_failures(beside)
    assert not any(b"smuggled" in data for data in render_all(beside).values())


def test_a_directory_with_the_name_of_a_file_is_a_directory(tmp_path: Path) -> None:
    """Terraform skips it and Docker cannot build it; what lies in it is read."""
    files = {"main.tf/inner.tf": OPEN_GROUP.format(name="inner"), "Dockerfile/x": "x"}
    report = scan_files(tmp_path, files)
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.inner": "fail"}


@pytest.mark.parametrize(
    "files",
    [{}, {"README.md": "# hello\n"}, {"main.tf": ""}, {"main.tf": FINE}],
    ids=["empty", "nothing claimed", "empty file", "no kind"],
)
@pytest.mark.parametrize("profile", ["ci", "audit"])
def test_nothing_to_judge_is_not_clean(
    files: dict[str, str | bytes], profile: str, tmp_path: Path
) -> None:
    report = scan_files(tmp_path, files, profile=profile)
    assert report.summary.exit_code == 3
    assert not report.summary.complete
    assert "nothing was found" in report.summary.outcome
    assert_told_everywhere(report)


def test_a_file_that_vanishes_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**PLANTED, "other/main.tf": OPEN_GROUP.format(name="other")})
    read = DirectoryTree.read

    def vanish_first(tree: DirectoryTree, path: str, **limits: int) -> object:
        (tmp_path / "other/main.tf").unlink(missing_ok=True)
        return read(tree, path, **limits)

    monkeypatch.setattr(DirectoryTree, "read", vanish_first)
    report = scan_files(tmp_path)
    assert_planted_failures(report)
    [gap] = report.gaps
    assert (gap.subject, gap.message) == ("other/main.tf", "vanished during the scan")
    assert_told_everywhere(report)


def test_a_file_that_turns_into_a_link_is_never_followed(tmp_path: Path) -> None:
    """A racer swaps a file with a link out of the tree while scans go on."""
    root = write(tmp_path / "root", PLANTED)
    secret = write(tmp_path, {"secret.tf": OPEN_GROUP.format(name="smuggled")}) / "secret.tf"
    swapped = root / "swap.tf"
    stop = threading.Event()

    def race() -> None:
        while not stop.is_set():
            for make in (lambda p: p.symlink_to(secret), lambda p: p.write_text(FINE)):
                spare = root / ".spare"
                make(spare)
                spare.replace(swapped)

    racer = threading.Thread(target=race)
    racer.start()
    try:
        for _ in range(10):
            report = scan_files(root, select=("PS-NET-004",))
            assert verdicts(report, "PS-NET-004") == {"aws_security_group.planted": "fail"}
            assert report.summary.exit_code == 1
    finally:
        stop.set()
        racer.join()


def test_a_file_of_opentofu_is_a_gap_and_leaves_its_root_open(tmp_path: Path) -> None:
    closed = 'resource "aws_security_group" "g" {}\n'
    report = scan_files(tmp_path, {"main.tf": closed, "main.tofu": closed})
    assert [(gap.reason.value, gap.subject) for gap in report.gaps] == [
        ("unsupported", "main.tofu")
    ]
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.g": "unknown"}


# -- what is left out on purpose ---------------------------------------------------------------

IN_TERRAFORM = {
    "in no place of Terraform": ".terraform/evil/main.tf",
    "among the modules": ".terraform/modules/evil/main.tf",
    "at its top": ".terraform/main.tf.json",
    "of another root": "envs/prod/.terraform/x/y.tf",
}


@pytest.mark.parametrize("case", IN_TERRAFORM)
@pytest.mark.parametrize("tracked", [True, False])
def test_terraform_that_terraform_did_not_install_is_a_gap(
    case: str, *, tracked: bool, tmp_path: Path
) -> None:
    path = IN_TERRAFORM[case]
    files = {"main.tf": OPEN_GROUP.format(name="planted"), path: "{}"}
    root = tmp_path / "tree"
    write(root, files) if not tracked else repository(root, _bytes(files))
    report = scan_files(root)
    [gap] = report.gaps
    assert gap.subject == path[: path.index(".terraform")] + ".terraform"
    assert gap.blocking
    assert "git rm -r --cached .terraform" in gap.message
    assert verdicts(report, "PS-NET-004") == {"aws_security_group.planted": "fail"}
    assert_told_everywhere(report)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"other.tf": "# y\n"}, Change.UNCHANGED),
        ({".terraform/x/main.tf": FINE}, Change.WORSE),
        ({".terraform/x/more.tf": FINE}, Change.WORSE),
        ({".terraform/y/more.tf": FINE}, Change.NEW),
    ],
)
def test_a_change_of_what_lies_under_terraform_is_held_up(
    changed: dict[str, str | bytes], expected: Change, tmp_path: Path
) -> None:
    root = repository(tmp_path, {"main.tf": FINE.encode(), ".terraform/x/main.tf": b"# x\n"})
    write(root, changed)
    git(root, "add", "-A", "-f", ".")
    git(root, "commit", "-q", "-m", "change")
    [gap] = scan_files(root, base="HEAD~1").gaps
    assert (gap.change, gap.blocking) == (expected, expected is not Change.UNCHANGED)


@pytest.mark.parametrize("ignored", ["", ".terraform/\n"])
def test_what_terraform_installed_is_left_alone_and_told(ignored: str, tmp_path: Path) -> None:
    """A package with an example and a module of its own, of which one call means a part."""
    root = repository(tmp_path, {"main.tf": CALL.encode(), ".gitignore": ignored.encode()})
    entry = {"Key": "net", "Source": _SOURCE, "Version": "1.0.0"}
    manifest = {"Modules": [{**entry, "Dir": ".terraform/modules/net/modules/inner"}]}
    here = ".terraform/modules"
    write(
        root,
        {
            f"{here}/modules.json": json.dumps(manifest),
            f"{here}/net/main.tf": OPEN_GROUP.format(name="outer"),
            f"{here}/net/examples/all/main.tf": OPEN_GROUP.format(name="example"),
            f"{here}/net/modules/inner/main.tf": OPEN_GROUP.format(name="inner"),
        },
    )
    report = scan_files(root)
    assert verdicts(report, "PS-NET-004") == {"module.net.aws_security_group.inner": "fail"}
    assert report.gaps == ()
    told = {each.reason: each.count for each in report.coverage.excluded}
    expected = {"ignored by git": 1} if ignored else {_INSTALLED: 2}
    assert told == expected


def test_a_tracked_module_under_terraform_that_is_called_is_judged(tmp_path: Path) -> None:
    files = {
        "main.tf": 'module "x" {\n  source = "./.terraform/x"\n}\n',
        ".terraform/x/main.tf": OPEN_GROUP.format(name="called"),
        ".terraform/y/main.tf": OPEN_GROUP.format(name="not"),
    }
    report = scan_files(repository(tmp_path, _bytes(files)))
    assert verdicts(report, "PS-NET-004") == {"module.x.aws_security_group.called": "fail"}
    assert [gap.subject for gap in report.gaps] == [".terraform"]


@pytest.mark.parametrize("folder", ["vendor/a", "node_modules/b", "lib/site-packages/c", ".venv"])
@pytest.mark.parametrize("name", ["bot.py", "client.go", "log4j2.xml", "package.json"])
def test_vendored_code_is_told(folder: str, name: str, tmp_path: Path) -> None:
    files = {"main.tf": FINE, f"{folder}/{name}": "import requests\n"}
    report = scan_files(repository(tmp_path, _bytes(files)))
    [left] = report.coverage.excluded
    assert (left.subject, left.count) == (f"{folder}/{name}", 1)
    assert "other people's code" in left.reason
    assert report.coverage.files_unclaimed == {}
    assert report.coverage.files_seen == 2


CALL = 'module "net" {\n  source  = "a/net/aws//modules/inner"\n  version = "1.0.0"\n}\n'
_SOURCE = "registry.terraform.io/a/net/aws//modules/inner"
_INSTALLED = "installed by Terraform, and no module here calls it"


def _bytes(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}
