"""What it costs to load, check and compile 150 policies, at once and from what was kept.

    python -m bench.loading

The policies that ship are taken again under other ids until there are 150. Each round is a process
of its own, whose start is not counted; the figures are milliseconds of CPU time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from policyscan.data import policies_directory

POLICIES = 150
MAX_COLD = 300.0
"""Milliseconds to load, check and compile all of them."""
MAX_KEPT = 40.0
"""Milliseconds to load all of them, if they were read before."""


_LOADED, _COLD, _KEPT = "loaded and checked", "loaded, checked and compiled", "found again"


def promised(rounds: int) -> Iterator[tuple[str, str, bool]]:
    """Prints the figures; gives what was promised, what was measured, and whether it is met."""
    found = measured(rounds)
    print(f"\n{POLICIES} policies, ms of CPU (median)")
    for what, milliseconds in found.items():
        print(f"  {what:40}{milliseconds:8.1f}")
    for what, most in ((_COLD, MAX_COLD), (_KEPT, MAX_KEPT)):
        title = f"{POLICIES} policies {what} in ms, at most {most:g}"
        yield title, f"{found[what]:.0f}", found[what] <= most


def measured(rounds: int) -> Mapping[str, float]:
    """The median of some rounds, by what was done."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "policies")
        argv = (sys.executable, "-m", "bench.loading", "--one", name)
        told = [subprocess.check_output(argv, text=True) for _ in range(rounds + 1)][1:]
    each = [json.loads(one) for one in told]
    return {what: median(one[what] for one in each) for what in (_LOADED, _COLD, _KEPT)}


def _write(folder: Path) -> None:
    """As many policies, each with an id and a slug of its own."""
    folder.mkdir()
    shipped = [path for path in sorted(policies_directory().rglob("*.yaml")) if _is_policy(path)]
    for number in range(POLICIES):
        text = shipped[number % len(shipped)].read_text("utf-8")
        text = re.sub(r"(?m)^id: .*$", f"id: BN-LOAD-{number + 1:03}", text, count=1)
        text = re.sub(r"(?m)^slug: (.*)$", rf"slug: \1-{number}", text, count=1)
        text = re.sub(r"(?m)^aliases: .*\n", "", text, count=1)
        (folder / f"{number}.yaml").write_text(text, "utf-8")


def _is_policy(path: Path) -> bool:
    return path.parent.name != "profiles"


def _one(folder: Path) -> Iterator[tuple[str, float]]:
    """One round, in this process: by what was done, the milliseconds."""
    from policyscan.language.fast import FastTier
    from policyscan.policy import load_policies
    from policyscan.policy.kept import KeptPolicies
    from policyscan.resources.kinds import MODULES, load_kinds

    kinds, policies = load_kinds(MODULES), folder / "policies"
    start = time.process_time()
    loaded = load_policies(policies, kinds).policies
    yield _LOADED, 1000 * (time.process_time() - start)
    for policy in loaded:
        for program in filter(None, (policy.when_program, policy.require_program)):
            first = program.environments[0].resource or type(None)
            FastTier(program.root, program.environments, program.types).code(first)
    yield _COLD, 1000 * (time.process_time() - start)
    kept = KeptPolicies(folder / "kept")
    if load_policies(policies, kinds, kept=kept).policies:
        kept.save()
    start = time.process_time()
    again = load_policies(policies, kinds, kept=KeptPolicies(folder / "kept")).policies
    yield _KEPT, 1000 * (time.process_time() - start)
    assert len(again) == len(loaded) == POLICIES


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(dict(_one(Path(sys.argv[2])))))
    else:
        results = [*promised(5)]
        sys.exit(not all(met for *_, met in results))
