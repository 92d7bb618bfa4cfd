"""`make mutants`: how many mutants of the evaluator its tests kill, and which live on."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
import yaml

from tests.mutants.tree import ROOT, Mutant, plant

FILES = ("language/proving/*.py", "language/functions/arithmetic.py")
TESTS = (
    "tests/unit/language/test_addresses_and_strings.py",
    "tests/unit/language/test_arithmetic.py",
    "tests/unit/language/test_calls.py",
    "tests/unit/language/test_conversions.py",
    "tests/unit/language/test_derivation.py",
    "tests/unit/language/test_errors.py",
    "tests/unit/language/test_evaluator.py",
    "tests/unit/language/test_explanations.py",
    "tests/unit/language/test_failing.py",
    "tests/unit/language/test_functions.py",
    "tests/unit/language/test_joins.py",
    "tests/unit/language/test_kleene.py",
    "tests/unit/language/test_optionals.py",
    "tests/unit/language/test_proofs.py",
    "tests/unit/language/test_times.py",
    "tests/unit/language/test_units.py",
    "tests/unit/language/test_unknowns.py",
    "tests/unit/language/test_walk.py",
    "tests/unit/language/test_worlds.py",
    "tests/conformance/test_conformance.py::test_a_tier_answers_as_specified",
)
"""Fast and the same in each run: what takes seconds, or makes examples up, is left out."""
SLOW = (
    "tests/unit/language/test_derivation.py::test_an_evaluation_without_end_is_told_as_such",
    "tests/unit/language/test_errors.py::test_what_is_too_large_is_unknown_for_the_budget",
    "tests/unit/language/test_addresses_and_strings.py::test_containment_is_that_of_networks",
)
LEAST = 95
"""Percent of the mutants of all modules that are killed."""
EQUIVALENT = Path(__file__).with_name("equivalent.yaml")


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mutant that means the same as the code."""

    module: str
    was: str
    now: str
    why: str

    def covers(self, mutant: Mutant) -> bool:
        module = mutant.module.removeprefix("policyscan.language.")
        return (self.module, self.was, self.now) == (module, mutant.was, mutant.now)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("files", nargs="*", help="globs below policyscan/", default=FILES)
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    package = ROOT / "policyscan"
    files = [
        path.relative_to(ROOT)
        for glob in asked.files
        for path in sorted(package.glob(glob))
        if path.name != "__init__.py"
    ]
    with tempfile.TemporaryDirectory(prefix="policyscan-mutants-") as name:
        tree = Path(name)
        mutants = plant(tree, files)
        (tree / "mutants.json").write_bytes(msgspec.json.encode(mutants))
        _run(tree, asked.jobs)
        verdicts = msgspec.json.decode((tree / "verdicts.json").read_bytes())
    return _report(mutants, verdicts)


def _run(tree: Path, jobs: int) -> None:
    options = ["-q", "--capture=sys", "-p", "no:cacheprovider", "-p", "tests.mutants.runner"]
    options += ["-p", "no:xdist", "--assert=plain", "--tb=no", "-m", "not hypothesis"]
    options += [*(f"--deselect={each}" for each in SLOW)]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *TESTS],
        cwd=tree,
        env={**os.environ, "JOBS": str(jobs), "PYTHONDONTWRITEBYTECODE": "1", "CI": ""},
        check=True,
    )


def _report(mutants: list[Mutant], verdicts: dict[str, str]) -> int:
    excused = msgspec.convert(yaml.safe_load(EQUIVALENT.read_text("utf-8")), list[Equivalent])
    tally: dict[str, Counter[str]] = {}
    for mutant in mutants:
        verdict = verdicts[f"{mutant.module}.{mutant.name}"]
        if verdict == "survived" and any(each.covers(mutant) for each in excused):
            verdict = "equivalent"
        if verdict == "survived":
            print(mutant)
        tally.setdefault(mutant.module, Counter())[verdict] += 1
    tally["all"] = sum(tally.values(), Counter())
    for module, counts in tally.items():
        print(
            f"{module:45} {counts.total():5} mutants {counts['equivalent']:4} equivalent"
            f" {counts['survived']:4} survive {_score(counts):6.1f} %"
        )
    judged = [each for each in excused if f"policyscan.language.{each.module}" in tally]
    stale = [each for each in judged if not any(each.covers(mutant) for mutant in mutants)]
    for each in stale:
        print(f"no mutant is as {EQUIVALENT.name} says: {each}")
    return 1 if stale or _score(tally["all"]) < LEAST else 0


def _score(counts: Counter[str]) -> float:
    """How many of those that can be told from the code are, in percent."""
    judged = counts.total() - counts["equivalent"]
    return 100 * (judged - counts["survived"]) / max(1, judged)


if __name__ == "__main__":
    sys.exit(main())
