"""What the tests of this folder share: files in, resources out."""

from __future__ import annotations

import tempfile
import textwrap
from pathlib import Path

from policyscan.collectors.code import CodeCollector
from policyscan.collectors.interface import Item, Reading
from policyscan.resources.base import Gap, Tally
from policyscan.resources.logging import LoggingConfig
from policyscan.resources.programs import Program
from policyscan.text.tree import DirectoryTree


def collect(files: dict[str, str | bytes]) -> list[Item]:
    """Everything that the collector yields for these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            data = text if isinstance(text, bytes) else textwrap.dedent(text).lstrip("\n").encode()
            path.write_bytes(data)
        tree = DirectoryTree(root)
        collector = CodeCollector()
        claimed = [path for path in tree.files() if collector.claims(path, b"")]
        return list(collector.read(tree, claimed, Reading(".")))


def programs(files: dict[str, str | bytes]) -> dict[str, Program]:
    return {item.address: item for item in collect(files) if isinstance(item, Program)}


def signs(text: str, path: str = "bot.py") -> set[tuple[str, str, str]]:
    """Exchange, kind and text of each sign in one file."""
    found = programs({path: text})["."].signs
    return {(each.exchange, each.sign, each.text) for each in found}


def configs(files: dict[str, str | bytes]) -> dict[str, LoggingConfig]:
    return {item.address: item for item in collect(files) if isinstance(item, LoggingConfig)}


def config(text: str, path: str = "bot.py", **more: str) -> LoggingConfig:
    """The one configuration that a file gives."""
    (found,) = configs({path: text, **more}).values()
    return found


def gaps(files: dict[str, str | bytes]) -> list[Gap]:
    return [item for item in collect(files) if isinstance(item, Gap)]


def tallies(files: dict[str, str | bytes]) -> dict[str, Tally]:
    return {item.kind: item for item in collect(files) if isinstance(item, Tally)}
