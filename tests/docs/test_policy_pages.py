"""The pages on policies are what the tool writes today, and text in them has no power."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.authoring.loading import load_each
from policyscan.authoring.pages import INDEX, MARK, pages
from policyscan.cli import main
from policyscan.data import policies_directory
from policyscan.errors import FileError
from policyscan.policy import Policy
from tests.docs.pages import ROOT
from tests.markdown_reader import read_markdown

OUT = ROOT / "docs" / "policies"
Capture = pytest.CaptureFixture[str]
HOSTILE = """\
id: DESK-NET-001
version: 1
slug: open-door
title: "No <img src=x onerror=alert(1)> | [a](http://evil.example) @admin #1 door is open"
severity: low
plane: change
resource: Vpc
require: resource.cidr == null || resource.cidr != "``` ](javascript:x) <script>"
message: "{address} <b>x</b>"
why: "<script>alert(1)</script> ![x](http://evil.example/x.png) it is `open` | shut."
fix: "Write ```` ``` ```` and <a href='javascript:x'>this</a>."
control: CTL-SG
criteria: ["SOC2:CC6.6"]
guide: []
tests:
  - name: "<iframe> @everyone http://evil.example"
    files:
      main.tf: |
        resource "aws_vpc" "a" { cidr_block = "10.0.0.0/16" }
    expect: {aws_vpc.a: pass}
"""


def shipped() -> list[Policy]:
    loaded = load_each([policies_directory()])
    return [each for each in loaded if not isinstance(each, FileError)]


def test_the_pages_are_what_would_be_written_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    wanted = pages(shipped(), Path("docs/policies"))
    differing = [
        name
        for name, text in wanted.items()
        if not (OUT / name).exists() or (OUT / name).read_text("utf-8") != text
    ]
    assert differing == [], "run `make docs` and look at the difference"
    assert {path.name for path in OUT.iterdir()} == set(wanted)


def test_each_policy_is_in_the_index() -> None:
    index = (OUT / INDEX).read_text("utf-8")
    for policy in shipped():
        assert f"| [{policy.id}]({policy.id}.md) `{policy.slug}` |" in index


def test_nothing_of_this_machine_is_in_them() -> None:
    for path in OUT.iterdir():
        assert str(ROOT) not in path.read_text("utf-8")


def test_text_of_a_policy_is_only_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "open-door.yaml").write_text(HOSTILE)
    monkeypatch.chdir(tmp_path)
    [policy] = load_each([Path("house")])
    assert isinstance(policy, Policy)
    for text in pages([policy], Path("out")).values():
        page = read_markdown(text.encode())
        elements = {name for name, *_ in page.elements}
        assert elements.isdisjoint({"script", "img", "iframe", "b"}), elements
        assert all(
            "javascript:" not in str(one) and "evil" not in str(one) for one in page.elements
        )
        found = {what for what, _ in page.later} - {"issue elsewhere"}  # the ids of policies
        assert found == set()


def test_pages_of_a_pack_are_written_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "new", "open-door", "--kind", "Vpc", "--policies", "house"]) == 0
    command = ["policy", "docs", "--policies", "house", "--out", "pages"]
    assert main([*command, "--check"]) == 1
    assert "pages/README.md is missing" in capsys.readouterr().out
    assert main(command) == 0
    assert capsys.readouterr().out == "wrote 2 pages on 1 policy to pages\n"
    page = Path("pages/DESK-NET-001.md")
    assert "[house/open-door.yaml](../house/open-door.yaml)" in page.read_text()
    assert main([*command, "--check"]) == 0
    page.write_text(page.read_text() + "by hand\n")
    assert main([*command, "--check"]) == 1
    assert f"{page} is out of date" in capsys.readouterr().out


def test_pages_of_policies_that_are_gone_go_and_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "new", "open-door", "--kind", "Vpc", "--policies", "house"]) == 0
    Path("pages").mkdir()
    Path("pages/DESK-NET-009.md").write_text(f"{MARK}\n\nold\n")
    Path("pages/NOTES.md").write_text("mine\n")
    assert main(["policy", "docs", "--policies", "house", "--out", "pages"]) == 0
    assert "removed 1" in capsys.readouterr().out
    assert sorted(path.name for path in Path("pages").iterdir()) == [
        "DESK-NET-001.md",
        "NOTES.md",
        "README.md",
    ]


def test_no_page_is_written_through_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["policy", "new", "open-door", "--kind", "Vpc", "--policies", "house"]) == 0
    Path("pages").mkdir()
    Path("mine.txt").write_text("mine")
    Path("pages/DESK-NET-001.md").symlink_to(tmp_path / "mine.txt")
    assert main(["policy", "docs", "--policies", "house", "--out", "pages"]) == 2
    assert Path("mine.txt").read_text() == "mine"
