"""Every command that a page shows runs, in order, and prints what the page says it prints.

A block whose first line names a file is that file. `...` stands for any number of lines.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from policyscan.cli import main
from tests.docs.pages import PAGES, ROOT, Block, blocks


@pytest.fixture
def empty_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the examples, and an environment without CI and terminal."""
    for name in ("CI", "GITHUB_EVENT_NAME", "GITHUB_ACTOR", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


WITH_COMMANDS = [page for page in PAGES if any(b.language == "console" for b in blocks(page))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_do_what_the_page_shows(
    page: Path, empty_desk: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code = 0
    for block in blocks(page):
        if block.file:
            path = empty_desk / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
        elif block.language == "console":
            for command, shown in commands(block):
                words = shlex.split(command)
                if command == "echo $?":
                    printed = [str(code)]
                else:
                    assert words[0] == "policyscan", f"line {block.line}: {command}"
                    code = main(words[1:])
                    out, err = capfdbinary.readouterr()
                    printed = (out + err).decode().splitlines()
                assert_shown(shown, printed, f"{page.name}:{block.line}: {command}")


def commands(block: Block) -> Iterator[tuple[str, list[str]]]:
    for part in block.text.removeprefix("$ ").split("\n$ "):
        command, *shown = part.rstrip("\n").split("\n")
        yield command, shown


def assert_shown(shown: list[str], printed: list[str], where: str) -> None:
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else f"{_pattern(line)}\n" for line in shown)
    text = "".join(f"{line}\n" for line in printed)
    assert re.fullmatch(pattern, text), f"{where} printed\n{text}"


def _pattern(line: str) -> str:
    """The line, with any time for one in milliseconds."""
    return re.sub(r"(?:\\ )+[\d,]+\\ ms", r" +[\\d,]+ ms", re.escape(line))


def test_every_page_with_commands_was_found() -> None:
    with_commands = {page.name for page in WITH_COMMANDS}
    assert {"README.md", "reports.md", "terraform.md", "write-a-policy.md"} <= with_commands
