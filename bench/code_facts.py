"""What the facts of source code cost: the search of semgrep, driven by us, cold and warm, beside
semgrep alone with the same rules on the same files.

    python -m bench.code_facts            a generated program of 1,600 modules
    python -m bench.code_facts ~/src/bot  another tree

Each is a process of its own (`TREE --run cold`). A warm one is mostly what every scan of the tree
pays: it starts Python, lists the files and reads them. That is measured as well (`--run none`), so
that warm and cold are compared twice: as whole processes, and without it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Command, Spread, interleaved, ratios
from policyscan.collectors.code.names import is_aside, is_claimed, language_of
from policyscan.resources.base import Gap
from policyscan.text.cache import cache_folder
from policyscan.text.tree import DirectoryTree

MAX_COLD = 1.3
"""Times the CPU time of semgrep alone."""
MAX_WARM = 0.12
"""Of the CPU time of a cold run, as whole processes."""
_LARGEST = 1_000_000


def main() -> int:
    """Measures, and says whether the targets are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.code_facts", description=__doc__)
    parser.add_argument("tree", nargs="?", type=Path, help="default: a generated program")
    parser.add_argument("-n", type=int, default=5, metavar="ROUNDS", help="default: 5")
    parser.add_argument("--run", choices=("none", "cold", "warm"), help="search, in this process")
    options = parser.parse_args()
    if options.run == "none":
        return _read(options.tree)
    if options.run == "cold":
        with TemporaryDirectory() as name:
            os.environ["XDG_CACHE_HOME"] = name
            return _search(options.tree)
    if options.run:
        return _search_again(options.tree)
    with TemporaryDirectory() as name:
        return _compare(options.tree or _generated(Path(name)), Path(name), options.n)


def _read(root: Path) -> int:
    tree = DirectoryTree(root)
    return not [len(tree.peek(path)) for paths in _sources(tree).values() for path in paths]


def _search(root: Path) -> int:
    """All sources are gone through for the literals of rules, as in a first run."""
    tree = DirectoryTree(root)
    return _facts(tree, _sources(tree))


def _search_again(root: Path) -> int:
    """What a look at each content told is kept as well, as in any other run."""
    from policyscan.collectors.code.looks import Looks

    tree = DirectoryTree(root)
    looks = Looks(cache_folder(tree))
    steering = {
        language: [path for path in paths if looks.at(tree.peek(path), language).steers]
        for language, paths in _sources(tree).items()
    }
    looks.save()
    return _facts(tree, steering)


def _facts(tree: DirectoryTree, paths: dict[str, list[str]]) -> int:
    from policyscan.collectors.code.semgrep.rules import load_rules
    from policyscan.collectors.code.semgrep.search import matches

    return any(isinstance(item, Gap) for item in matches(tree, paths, load_rules()))


def _sources(tree: DirectoryTree) -> dict[str, list[str]]:
    """Those that the collector would hand over."""
    found: dict[str, list[str]] = {}
    for path in tree.files():
        if is_claimed(path) and language_of(path) and not is_aside(path):
            found.setdefault(language_of(path), []).append(path)
    return found


def _generated(folder: Path) -> Path:
    from bench.estate import programs

    root = folder / "program"
    for path, text in programs(1600).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


# -- the comparison -----------------------------------------------------------------------------


def _compare(root: Path, scratch: Path, rounds: int) -> int:
    os.environ |= {"SEMGREP_ENABLE_VERSION_CHECK": "0", "SEMGREP_SEND_METRICS": "off"}
    os.environ |= {"PYTHONPATH": str(Path(__file__).parents[1]), "POLICYSCAN_CACHE": ""}
    os.environ["XDG_CACHE_HOME"] = str(scratch / "kept")
    count = _hand_over(root, scratch / "alone")
    ours = (sys.executable, "-m", "bench.code_facts", str(root.resolve()), "--run")
    commands = [
        Command("semgrep", _semgrep(scratch / "alone"), frozenset({0})),
        *(Command(name, (*ours, name), frozenset({0, 1})) for name in ("none", "cold", "warm")),
    ]
    costs = interleaved(commands, rounds)
    print(f"{root.name}: {count} files in which a literal of a rule occurs")
    for name, runs in costs.items():
        spread = Spread.of(cost.cpu for cost in runs)
        print(f"  {name:10}" + "".join(f"{value:9.3f}" for value in spread) + "  CPU s")
    first = ratios(costs["cold"], costs["semgrep"])
    second = ratios(costs["warm"], costs["cold"])
    print(f"  cold / semgrep, at most {MAX_COLD}: {_shown(first)}")
    print(f"  warm / cold, at most {MAX_WARM}: {_shown(second)}")
    middle = {name: Spread.of(cost.cpu for cost in runs).middle for name, runs in costs.items()}
    alone = (middle["warm"] - middle["none"]) / (middle["cold"] - middle["none"])
    print(f"  warm / cold, without what every scan pays: {alone:.2f}")
    return 0 if first.middle <= MAX_COLD and second.middle <= MAX_WARM else 1


def _shown(spread: Spread) -> str:
    return " / ".join(f"{value:.2f}" for value in spread)


def _hand_over(root: Path, folder: Path) -> int:
    """Lays out the rules and the files that are searched; how many those are."""
    from policyscan.collectors.code.semgrep.rules import load_rules, prefilter

    tree = DirectoryTree(root)
    files = folder / "files"
    files.mkdir(parents=True)
    count = 0
    for language, paths in _sources(tree).items():
        for path in paths:
            data = tree.peek(path)
            if prefilter().may_match(data, language):
                count += 1
                (files / f"{count:06}.{path.rpartition('.')[2]}").write_bytes(data)
    rules = [dict(rule.body) for rule in load_rules().rules]
    (folder / "rules.json").write_text(json.dumps({"rules": rules}))
    return count


def _semgrep(folder: Path) -> tuple[str, ...]:
    """What a person would type who knows of its faster form."""
    options = ("--experimental", "--json", "--metrics=off", "--max-target-bytes=0")
    program = Path(sys.executable).with_name("semgrep")
    rules = f"--config={folder / 'rules.json'}"
    return (str(program), "scan", *options, "--no-git-ignore", rules, str(folder / "files"))


if __name__ == "__main__":
    sys.exit(main())
