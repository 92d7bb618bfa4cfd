"""What it costs to judge a change: a second tree beside the first, and the index before a commit.

    python -m bench.compared              a generated repository of 500 files
    python -m bench.compared ~/src/bot    clones of other repositories as well

A clone gets one small commit: a line of comment in one file. Compared are whole processes with a
full cache: the scan alone, with a base that is the same, and with a base that differs in that file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import BrokenRunError, Command, Spread, interleaved, ratios

MAX_RATIO = 1.3
"""Times the CPU time of a scan of one tree."""
MAX_HOOK = 1.0
"""Seconds that a hook before a commit takes, on a machine that does nothing else."""
FILES = 500

_GROUP = """\
resource "aws_security_group" "g{number}" {{
  name = "g{number}"
  ingress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }}
}}
"""
_PYTHON = "import os\n\n\ndef joined(part):\n    return os.path.join(part, 'a')\n"
_SCRIPT = 'import { a } from "b";\nexport const value = a(1);\n'
_NAMES = {
    "m{number}.tf": _GROUP,
    "m{number}.py": _PYTHON,
    "{number}.Dockerfile": "FROM python:3.12\nUSER 10001\nCOPY . /app\n",
    "r{number}.md": "Nothing to judge.\n",
    "m{number}.ts": _SCRIPT,
}


def main() -> int:
    """Measures, and says whether the targets are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.compared", description=__doc__)
    parser.add_argument("repository", nargs="*", type=Path)
    parser.add_argument("-n", type=int, default=5, metavar="ROUNDS", help="default: 5")
    options = parser.parse_args()
    met = []
    with TemporaryDirectory() as name:
        scratch = Path(name)
        try:
            met.append(_hook(_generated(scratch / "generated"), options.n))
            for repository in options.repository:
                met.append(_base(_clone(repository, scratch), options.n))
        except BrokenRunError as error:
            print(error, file=sys.stderr)
            return 1
    return 0 if all(met) else 1


def _hook(root: Path, rounds: int) -> bool:
    """The index of the generated repository, in which one group is opened."""
    path = root / "d0" / "m0.tf"
    path.write_text(path.read_text().replace("10.0.0.0/8", "0.0.0.0/0"))
    _git(root, "add", "-A")
    commands = (_scan("scan", root), _scan("--staged --changed", root, "--staged", "--changed"))
    costs = interleaved(commands, rounds)
    wall = Spread.of(cost.wall for cost in costs["--staged --changed"])
    cpu = Spread.of(cost.cpu for cost in costs["--staged --changed"])
    times = ratios(costs["--staged --changed"], costs["scan"])
    print(
        f"{FILES} files, one staged: {wall.low:.2f} / {wall.middle:.2f} s, CPU {cpu.middle:.2f} s"
    )
    print(f"  times a scan of the work tree: {times.middle:.2f}")
    return wall.low <= MAX_HOOK


def _base(root: Path, rounds: int) -> bool:
    """A clone with one small commit."""
    commands = (
        _scan("scan", root),
        _scan("same", root, "--base", "HEAD"),
        _scan("changed", root, "--base", "HEAD~1"),
    )
    costs = interleaved(commands, rounds)
    same, changed = (ratios(costs[name], costs["scan"]) for name in ("same", "changed"))
    alone = Spread.of(cost.cpu for cost in costs["scan"])
    print(f"{root.name}: alone {alone.middle:.2f} CPU s; times that, with a base")
    print(f"  that is the same: {same.low:.2f} / {same.middle:.2f} / {same.high:.2f}")
    print(f"  of one file less: {changed.low:.2f} / {changed.middle:.2f} / {changed.high:.2f}")
    return changed.middle <= MAX_RATIO


def _scan(name: str, root: Path, *options: str) -> Command:
    program = str(Path(sys.executable).parent / "policyscan")
    return Command(name, (program, "scan", str(root), *options), frozenset({0, 1, 3}))


def _generated(root: Path) -> Path:
    root.mkdir()
    for path, text in _files():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    _git(root, "init", "-q")
    return _commit(root)


def _files() -> Iterator[tuple[str, str]]:
    names = list(_NAMES)
    for number in range(FILES):
        name = names[number % len(names)]
        yield f"d{number // 25}/{name.format(number=number)}", _text(_NAMES[name], number)


def _text(text: str, number: int) -> str:
    return text.format(number=number) if text is _GROUP else text


def _clone(repository: Path, scratch: Path) -> Path:
    root = scratch / repository.resolve().name
    _git(scratch, "clone", "-q", "--no-hardlinks", str(repository.resolve()), str(root))
    sources = sorted(root.rglob("*.tf")) or sorted(root.rglob("*.py"))
    with sources[len(sources) // 2].open("a") as file:
        file.write("# a line of comment\n")
    return _commit(root)


def _commit(root: Path) -> Path:
    _git(root, "add", "-A")
    _git(root, "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "-q", "-m", "one")
    return root


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True)


if __name__ == "__main__":
    sys.exit(main())
