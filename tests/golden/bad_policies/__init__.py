"""Policies that do not load, and what is said of each."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from policyscan.cli import main

HERE = Path(__file__).parent
MESSAGES = HERE / "messages.txt"
_CASE = re.compile(r"^== (.*)\n((?:(?!== ).*\n)*)", re.MULTILINE)
_KEY = re.compile(r"^(\w+):", re.MULTILINE)


def cases() -> dict[str, str]:
    """The text of each policy, by what is wrong with it; that of `good` is the good one."""
    found = dict(_CASE.findall((HERE / "cases.txt").read_text("utf-8")))
    good = found["good"]
    return {
        title: text if title == "good" else changed(good, text) for title, text in found.items()
    }


def changed(good: str, text: str) -> str:
    """The good policy with other keys: each takes the place of its namesake, or stands in front."""
    parts = {match[1]: match for match in re.finditer(r"^(\w+):.*\n(?:[ \t#].*\n)*", good, re.M)}
    keys = set(_KEY.findall(text))
    first = next((part.start() for key, part in parts.items() if key in keys), None)
    lines = []
    for key, part in parts.items():
        if part.start() == first or (first is None and key == "require"):
            lines.append(text)
        if key not in keys:
            lines.append(part[0])
    return "".join(lines)


def said_of(policy: str) -> tuple[int, str]:
    """The exit code of a scan with the policy, and what it says."""
    with tempfile.TemporaryDirectory() as place:
        folder, estate = Path(place) / "house", Path(place) / "estate"
        folder.mkdir()
        estate.mkdir()
        (folder / "a.yaml").write_text(policy, "utf-8")
        (estate / "main.tf").write_text('resource "aws_security_group" "a" {}\n', "utf-8")
        said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
        arguments = ["scan", str(estate), "--policies", str(folder), "--select", "DESK-NET-009"]
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = main(arguments)
    said.seek(0)
    return code, said.read()


def told() -> Iterator[tuple[str, int, str]]:
    """What is wrong with each bad policy, the exit code, and what is said."""
    for title, policy in cases().items():
        if title != "good":
            yield title, *said_of(policy)


def messages() -> str:
    """The content of `messages.txt`."""
    return "\n".join(f"== {title}\n{said}" for title, _, said in told())
