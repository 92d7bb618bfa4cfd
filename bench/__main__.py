"""`make bench`: measures, prints a table and the targets; exit 1 if a target is missed."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import aws, language, loading
from bench.corpora import Corpus, corpora
from bench.measure import BrokenRunError, Command, Cost, Spread, interleaved, ratios

OURS = "policyscan"
MAX_VERSION = 0.12
MAX_ONE_FILE = 0.6
"""CPU seconds."""
MAX_PEAK = 120.0
"""Megabytes."""
MAX_AWS = 2.0
"""How many times the CPU time of plain boto3 an audit of AWS may take."""
MIN_RATIO = {"checkov terraform": 10.0, "checkov dockerfile": 6.0, "hadolint": 6.0}
"""How many times our CPU time a peer must take at least."""

_JUDGED = frozenset({0, 1})
"""With and without findings; ours may also end with 3, if it says that it has not seen all."""
_ONE_FILE = """\
resource "aws_security_group" "bastion" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""


@dataclass(frozen=True)
class Target:
    """One promise, and what was measured."""

    what: str
    measured: str
    met: bool


def main() -> int:
    """Measures everything and says whether the targets are met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("directory", nargs="*", type=Path, help="what to scan instead")
    parser.add_argument("-n", type=int, default=5, metavar="ROUNDS", help="default: 5")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        scratch = Path(name)
        trees = corpora(options.directory, scratch)
        os.chdir(scratch)  # where no configuration lies
        try:
            targets = [*_start_up(scratch, options.n)]
            if not options.directory:
                targets.append(_aws(options.n))
                targets += [Target(*each) for each in language.compared(options.n)]
                targets += [Target(*each) for each in loading.promised(options.n)]
            for corpus in trees:
                targets += _on(corpus, options.n)
        except BrokenRunError as error:
            print(error, file=sys.stderr)
            return 1
    _print_targets(targets)
    return 0 if all(target.met for target in targets) else 1


def _start_up(scratch: Path, rounds: int) -> Iterator[Target]:
    one = scratch / "one-file"
    one.mkdir()
    (one / "main.tf").write_text(_ONE_FILE)
    version = Command("--version", (_ours(), "--version"), frozenset({0}))
    costs = interleaved((version, _scan(one, "one file")), rounds)
    _print_costs("start-up", costs)
    yield _at_most("--version, CPU s", costs["--version"], MAX_VERSION)
    yield _at_most("one Terraform file, CPU s", costs["one file"], MAX_ONE_FILE)


def _aws(rounds: int) -> Target:
    """An account, asked by us and by boto3 alone."""
    costs = aws.measured(rounds)
    _print_costs("an account: 40 groups, 30 users, 30 secrets, 3 trails", costs)
    times = ratios(costs[aws.OURS], costs[aws.PLAIN])
    print(f"  ours / boto3: {times.low:.2f} / {times.middle:.2f} / {times.high:.2f}")
    what = f"an account: times the CPU of boto3 alone, at most {MAX_AWS:g}"
    return Target(what, f"{times.middle:.2f}", times.middle <= MAX_AWS)


def _on(corpus: Corpus, rounds: int) -> Iterator[Target]:
    """Measures us and every peer that there is on one tree."""
    title = f"{corpus.name}: {corpus.terraform} .tf, {len(corpus.dockerfiles)} Dockerfiles"
    title += f", {corpus.python} .py"
    costs = interleaved((_scan(corpus.path, OURS), *_peers(corpus)), rounds)
    _print_costs(title, costs)
    ours = costs[OURS]
    for name, peer in costs.items():
        if name in MIN_RATIO:
            times = ratios(peer, ours)
            print(f"  {name} / {OURS}: {times.low:.1f} / {times.middle:.1f} / {times.high:.1f}")
            what = f"{corpus.name}: times faster than {name}, at least {MIN_RATIO[name]:g}"
            yield Target(what, f"{times.middle:.1f}", times.middle >= MIN_RATIO[name])
    peak = max(cost.peak for cost in ours)
    what = f"{corpus.name}: peak memory in MB, at most {MAX_PEAK:g}"
    yield Target(what, f"{peak:.0f}", peak <= MAX_PEAK)


def _at_most(what: str, costs: list[Cost], limit: float) -> Target:
    cpu = Spread.of(cost.cpu for cost in costs).middle
    return Target(f"{what}, at most {limit:g}", f"{cpu:.3f}", cpu <= limit)


# -- commands: what a person would type, and the output that it gives ---------------------------


def _ours() -> str:
    return str(Path(sys.executable).with_name(OURS))


def _scan(path: Path, name: str) -> Command:
    return Command(name, (_ours(), "scan", str(path)), _JUDGED | {3})


def _peers(corpus: Corpus) -> Iterator[Command]:
    """The peers that are here, on what most of the tree is; we are measured on all of it.
    None reads a tree of programs alone."""
    if not corpus.terraform and not corpus.dockerfiles:
        return
    checkov, hadolint = _peer("checkov"), _peer("hadolint")
    framework = "terraform" if corpus.terraform > len(corpus.dockerfiles) else "dockerfile"
    if checkov:
        argv = (checkov, "--framework", framework, "--compact", "--quiet", "--skip-download")
        yield Command(f"checkov {framework}", (*argv, "-d", str(corpus.path)), _JUDGED)
    if hadolint and framework == "dockerfile":
        yield Command("hadolint", (hadolint, *map(str, corpus.dockerfiles)), _JUDGED)


def _peer(name: str) -> str | None:
    """In `BENCH_PEERS`, or else on the search path."""
    found = shutil.which(name, path=os.environ.get("BENCH_PEERS")) or shutil.which(name)
    return str(Path(found).absolute()) if found else None


# -- printing ----------------------------------------------------------------------------------


def _print_costs(title: str, costs: Mapping[str, list[Cost]]) -> None:
    print(f"\n{title}\n  {'':20}{'CPU s: least, median, most':>30}{'wall s':>10}{'peak MB':>10}")
    for name, runs in costs.items():
        cpu = Spread.of(cost.cpu for cost in runs)
        wall = Spread.of(cost.wall for cost in runs)
        spread = "".join(f"{value:10.3f}" for value in cpu)
        peak = max(cost.peak for cost in runs)
        print(f"  {name:20}{spread}{wall.middle:10.3f}{peak:10.0f}", flush=True)


def _print_targets(targets: list[Target]) -> None:
    print("\ntargets")
    for target in targets:
        print(f"  {'met' if target.met else 'MISSED':8}{target.what}: {target.measured}")


if __name__ == "__main__":
    sys.exit(main())
