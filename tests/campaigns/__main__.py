"""`make campaigns`: generated expressions by the ten thousand; prints what came of them."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

Rows = list[tuple[str, object]]
Campaign = Callable[[int, int], tuple[Rows, list[str]]]
"""From how many and a seed to what is printed of them, and what is wrong."""


def differential(count: int, seed: int) -> tuple[Rows, list[str]]:
    """Ours against Google's CEL, on known values."""
    from tests.campaigns.differential import Differential

    seen = Differential(seed).run(count)
    rows: Rows = [
        ("evaluations compared", seen.compared),
        ("of them errors on both sides", seen.errors),
        ("answered by the fast tier too", seen.quick),
        *((f"not compared: {reason}", number) for reason, number in seen.excused.most_common()),
    ]
    return rows, list(map(str, seen.found))


def soundness(count: int, seed: int) -> tuple[Rows, list[str]]:
    """Definite answers against everything that the unknown may be."""
    from tests.campaigns import verdicts
    from tests.campaigns.soundness import Soundness

    policies = verdicts.run(count // 10, seed)
    tally = Soundness(seed).run(count)
    share = 100 * tally.constant / max(1, tally.open)
    rows: Rows = [
        ("conditions judged", tally.conditions),
        ("definite", tally.definite),
        ("of them errors in some world", tally.lost),
        ("not known", tally.open),
        ("of them constant in all worlds", f"{tally.constant} ({share:.1f} %)"),
        ("of them with a residual that was checked", tally.residuals),
        ("policies judged on what is known in part", policies.policies),
        ("of them with a verdict", policies.told),
        ("of them errors in some world", policies.lost),
    ]
    return rows, [*tally.found, *policies.found]


def hostile(count: int, seed: int) -> tuple[Rows, list[str]]:
    """Expressions that are made to break things."""
    from tests.campaigns.hostile import run

    seen = run(count, seed)
    rows: Rows = [
        *(
            (f"{family}, refused", f"{seen.refused[family]} of {n}")
            for family, n in seen.made.most_common()
        ),
        ("read from a file of a policy too", seen.in_files),
        ("slowest, on both resources", f"{seen.slowest:.2f} s"),
        ("most memory taken by a worker", f"{seen.megabytes:.0f} MB"),
    ]
    return rows, seen.found


CAMPAIGNS: dict[str, tuple[Campaign, int]] = {
    "differential": (differential, 20_000),
    "soundness": (soundness, 20_000),
    "hostile": (hostile, 100_000),
}
"""Each with how many expressions it takes if nothing else is said."""


def main() -> int:
    """Runs one campaign, or all. 1 if something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns")
    parser.add_argument("campaign", nargs="?", choices=(*CAMPAIGNS, "all"), default="all")
    parser.add_argument("-n", type=int, help="how many expressions")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chosen = CAMPAIGNS if given.campaign == "all" else (given.campaign,)
    return max([_run(name, given.n or CAMPAIGNS[name][1], given.seed) for name in chosen])


def _run(name: str, count: int, seed: int) -> int:
    start = time.monotonic()
    rows, found = CAMPAIGNS[name][0](count, seed)
    seconds = time.monotonic() - start
    lines = [f"{name}: {count} expressions, seed {seed}, {seconds:.0f} s"]
    lines += [f"  {label:<46} {value}" for label, value in [*rows, ("wrong", len(found))]]
    sys.stdout.write("\n".join([*lines, *found[:50], "", ""]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
