"""Five conditions by our language and by other engines of CEL, in turn, in one run.

    python -m bench.language
    BENCH_PEERS=~/peers/bin python -m bench.language     common-expression-language from there

The figures are microseconds of CPU time. Ours judges the resource as a collector made it; the peers
have to convert it, which is shown with it and without.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

from pydantic import create_model

from bench.conditions import ALLOWED, CONDITIONS, FILLING, NOW, figures, resource
from policyscan.language import Environment, Program, compile_expression
from policyscan.resources.base import Origin, Part, ProofLevel, Resource
from policyscan.values import Many, Maybe

OURS, OURS_PROVED = "policyscan", "policyscan, slow"
GOOGLE, RUST = "cel-expr-python", "common-expression-language"
MAX_OURS = 350.0
"""Microseconds of all five conditions."""
MIN_RATIO = {GOOGLE: 1.5, RUST: 5.0}
"""How many times our CPU time a peer must take at least."""


class Rule(Part):
    """One rule."""

    from_port: Maybe[int]
    to_port: Maybe[int]
    protocol: Maybe[str]
    cidrs: Many[Maybe[str]]


class Filter(Resource):
    """The packet filter; `Measured` is it with what no condition looks at."""

    kind: ClassVar[str] = "Filter"

    name: Maybe[str]
    user: Maybe[str]
    ingress: Many[Rule]
    egress: Many[Rule]
    last_rotated: Maybe[datetime]
    kms_key_id: Maybe[str | None]
    encrypted: Maybe[bool]


Measured: type[Filter] = create_model(
    "Measured", __base__=Filter, **dict.fromkeys(FILLING, (Maybe[str], ...))
)


def ours() -> Filter:
    """The packet filter as a collector gives it."""
    data = resource()
    origin = Origin("bench", ".", ".", None, ProofLevel.CONFIGURED)
    return Measured(address="bench.bot", origin=origin, **data)


def programs() -> dict[str, Program]:
    """The conditions in our language, where membership in ranges is called `covers`."""
    environment = Environment(resource=Measured, params={"allowed": "list(string)"})
    other, here = "cidr_within(c, params.allowed)", "covers(params.allowed, c)"
    return {
        name: compile_expression(text.replace(other, here), environment)
        for name, text in CONDITIONS.items()
    }


def measured(*, proved: bool = False) -> dict[str, Any]:
    """Our figures, or those of the slow tier alone."""
    subject = ours()
    params = {"allowed": ALLOWED}
    names = {"resource": subject, "now": NOW, "params": params}

    def run(program: Program) -> Callable[[Any], object]:
        if proved:
            return lambda _: program.proved(names).truth
        return lambda it: program.run(resource=it, now=NOW, params=params).truth

    return figures(lambda: subject, {name: run(each) for name, each in programs().items()})


def workers() -> Mapping[str, list[str]]:
    """The engines that are here, as programs that measure them."""
    here = [sys.executable, "-m", "bench.language"]
    script = str(Path(__file__).with_name("conditions.py"))
    found = {OURS: [*here, "fast"], OURS_PROVED: [*here, "slow"]}
    if importlib.util.find_spec("cel_expr_python"):
        found[GOOGLE] = [sys.executable, script, "google"]
    other = shutil.which("python", path=os.environ.get("BENCH_PEERS"))
    if os.environ.get("BENCH_PEERS") and other and _can_import(other, "cel"):
        found[RUST] = [other, script, "rust"]
    return found


def _can_import(python: str, module: str) -> bool:
    asked = [python, "-c", f"import {module}"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def compared(rounds: int) -> Iterator[tuple[str, str, bool]]:
    """Prints the figures; gives what was promised, what was measured, and whether it is met."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in workers()}
    root = Path(__file__).parent.parent
    for _ in range(rounds):
        for name, argv in workers().items():
            done = subprocess.run(argv, capture_output=True, check=True, text=True, cwd=root)
            found[name].append(json.loads(done.stdout))
    _print(found)
    own = median(each["all"] for each in found[OURS])
    yield f"five conditions in µs, at most {MAX_OURS:g}", f"{own:.0f}", own <= MAX_OURS
    for name, least in MIN_RATIO.items():
        if name in found:
            pairs = zip(found[name], found[OURS], strict=True)
            times = median(theirs["all"] / mine["all"] for theirs, mine in pairs)
            what = f"five conditions: times faster than {name}, at least {least:g}"
            yield what, f"{times:.1f}", times >= least


def _print(found: Mapping[str, list[dict[str, float]]]) -> None:
    columns = ["all", "alone", *CONDITIONS]
    print("\nfive conditions on a packet filter, µs of CPU (median of rounds, each the least)")
    print(f"  {'':28}" + "".join(f"{each:>10}" for each in columns))
    for name, rounds in found.items():
        cells = (f"{median(each[column] for each in rounds):10.1f}" for column in columns)
        print(f"  {name:28}" + "".join(cells))
    for name in found:
        for column in ("all", "alone"):
            pairs = zip(found[name], found[OURS], strict=True)
            ratio = sorted(theirs[column] / mine[column] for theirs, mine in pairs)
            if name != OURS:
                shown = " / ".join(f"{each:.1f}" for each in (ratio[0], median(ratio), ratio[-1]))
                print(f"  {name} / {OURS}, {column}: {shown}")


def main() -> int:
    """Measures one engine, or all of them."""
    if sys.argv[1:]:
        print(json.dumps(measured(proved=sys.argv[1] == "slow")))
        return 0
    met = True
    for what, value, is_met in compared(5):
        print(f"  {'met' if is_met else 'MISSED':8}{what}: {value}")
        met = met and is_met
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
