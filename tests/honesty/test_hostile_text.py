"""Names and values that attack whoever reads a report: every format stays whole and neutral."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from policyscan.cli import main
from tests.every_format import assert_told_everywhere, render_all
from tests.html_reader import read_html
from tests.sample_report import HOSTILE_STRINGS, sample_report
from tests.scanning import scan_files, write

BENIGN = "benign"
NAMES = (
    b"\xff\xfe.tf",
    b"x\n::error file=a::forged\n::stop-commands::t\n.tf",
    b"##[error]x.tf",
    b"\x1b]0;title\x07\x1b[2J.tf",
    b"<script>alert(1)<script>.tf",
    b'"><img src=x onerror=alert(1)>.tf',
    "\u202efdp.tf".encode(),
    b"-rf.tf",
    b"--config=x.tf",
    b"@file.tf",
    b"$(touch x)`touch y`;touch z.tf",
    b"%s%n{0}{{7}}.tf",
    b"a" * 247 + b".tf",
    b"back\\slash.tf",
    b" leading and trailing .tf",
    b"carriage\rreturn.tf",
    b"C:evil.tf",
    "non-BMP 𝄞 é.tf".encode(),
    b"a?b#c%41%zz.tf",
)


OPEN = """
    resource "aws_security_group" "open" {
      ingress {
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      }
    }
    """


def hostile_tree(text: str) -> dict[str, str | bytes]:
    """Terraform and a Dockerfile with `text` in every place that a report could show."""
    quoted = json.dumps(text.encode("utf-8", "replace").decode()).replace("${", "$${")
    quoted = quoted.replace("%{", "%%{").replace("\\/", "/")
    label = quoted if "\\" not in quoted else '"x"'
    return {
        "main.tf": f"""
variable "unset" {{
  description = {quoted}
}}
variable "open" {{
  default = "0.0.0.0/0"
}}
locals {{
  {quoted[1:3] if quoted[1:3].isalpha() else "x"} = {quoted}
}}
resource "aws_security_group" {label} {{
  for_each    = toset([{quoted}])
  name        = {quoted}
  description = {quoted}
  tags        = {{ {quoted} = {quoted} }}
  ingress {{
    description = {quoted}
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = [var.open, {quoted}, each.value]
  }}
}}
resource "aws_security_group" "unknown" {{
  ingress {{
    from_port   = 22
    to_port     = 22
    protocol    = {quoted}
    cidr_blocks = [var.unset == {quoted} ? {quoted} : "10.0.0.0/8"]
  }}
}}
resource "aws_secretsmanager_secret" "exchange_api_key" {{
  name = {quoted}
}}
module {label} {{
  source = {quoted}
}}
resource "aws_x" {label} {{
""",
        "app/Dockerfile": f"""
FROM {(text.split() or ["x"])[0]} AS x
USER root
ENV PASSWORD={quoted}
LABEL {quoted}={quoted}
EVN {quoted}
""",
    }


def safe(text: str) -> str:
    return "".join(c for c in text if not "\ud800" <= c <= "\udfff")


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    """The elements of HTML reports in which nothing attacks."""
    harmless = scan_files(tmp_path_factory.mktemp("benign"), hostile_tree(BENIGN))
    pages = (read_html(render_all(report)["html"]) for report in (harmless, sample_report()))
    return set().union(*(page.shape for page in pages))


@pytest.mark.parametrize("text", HOSTILE_STRINGS)
def test_text_in_every_place(text: str, tmp_path: Path, usual: set[tuple[str, ...]]) -> None:
    report = scan_files(tmp_path, hostile_tree(safe(text)))
    assert report.summary.exit_code != 0
    page = read_html(assert_told_everywhere(report)["html"])
    assert page.shape <= usual


@pytest.mark.parametrize("name", NAMES)
def test_file_names(name: bytes, tmp_path: Path) -> None:
    root = tmp_path / "tree"
    own = os.fsdecode(name)
    stem = own.removesuffix(".tf")
    files = {own: OPEN, f"{own}.d/{own}": OPEN, f"Dockerfile.{stem[:200]}": "FROM x\nUSER 0\nEVN\n"}
    write(root, files)
    (root / f"{stem[-200:]}2.tf").symlink_to("nowhere")
    report = scan_files(tmp_path / "tree")
    assert [f.verdict for f in report.findings if f.policy_id == "PS-NET-004"] == ["fail"] * 2
    assert report.summary.exit_code == 1
    assert report.gaps
    assert_told_everywhere(report)


def test_standard_streams_are_neutral(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = os.fsdecode(b"x\n::error ::forged\xff\x1b[2J")
    scan_files(tmp_path / name, {"main.tf": 'resource "a" {\n', "Dockerfile": "FROM x\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["scan", name, "-v", "--debug", "-o", f"json={name}.json"]) in (1, 3)
    out, err = capfdbinary.readouterr()
    for stream in (out, err):
        assert not any(byte < 0x20 and byte != 0x0A for byte in stream)
        assert not any(line.lstrip().startswith((b"::", b"##")) for line in stream.splitlines())
    assert (tmp_path / f"{name}.json").is_file()
