"""Five conditions on one packet filter, and how long an engine takes for them.

Run as a program by the Python of a peer, `python conditions.py google` or `rust`, it measures that
peer and prints the figures as JSON; it needs nothing of policyscan.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

CONDITIONS: Mapping[str, str] = {
    "user": 'resource.user != "" && resource.user != "root" && resource.user != "0"',
    "ingress": (
        'resource.ingress.all(r, !(r.cidrs.exists(c, c == "0.0.0.0/0")) || r.from_port == 443)'
    ),
    "age": 'now - resource.last_rotated <= duration("720h")',
    "ranges": "resource.ingress.all(r, r.cidrs.all(c, cidr_within(c, params.allowed)))",
    "key": (
        "has(resource.kms_key_id)"
        ' ? resource.kms_key_id.startsWith("arn:aws:kms:") : !resource.encrypted'
    ),
}
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ALLOWED = ("52.84.25.0/24", "52.84.26.0/24", "54.230.137.0/24")
FILLING = tuple(f"filler_{number}" for number in range(32))
"""Fields that no condition looks at: with the others there are 40."""
SAMPLES = 30
EVALUATIONS = 100
"""Of all five conditions, in one sample."""


def resource() -> dict[str, Any]:
    """The packet filter as plain data: 40 fields, 20 rules of 3 ranges; every condition holds."""
    rules = [
        {
            "from_port": 443,
            "to_port": 443,
            "protocol": "tcp",
            "cidrs": tuple(f"{ALLOWED[n % 3][:-4]}{16 * ((i + n) % 16)}/28" for n in range(3)),
        }
        for i in range(20)
    ]
    return {
        "name": "bot",
        "user": "trader",
        "ingress": tuple(rules),
        "egress": tuple(rules[:4]),
        "last_rotated": NOW - timedelta(days=10),
        "kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/1",
        "encrypted": True,
        "tags": {"Name": "bot"},
        **dict.fromkeys(FILLING, "something"),
    }


def figures(
    prepare: Callable[[], Any], evaluate: Mapping[str, Callable[[Any], object]]
) -> dict[str, Any]:
    """Microseconds of CPU time: of all conditions on a resource that is prepared for them, of all
    where it has been, and of each. Every condition must hold."""
    ready = prepare()
    for name, each in evaluate.items():
        for _ in range(20):
            if each(ready) is not True:
                raise SystemExit(f"the condition '{name}' does not hold")

    def everything() -> None:
        ready = prepare()
        for each in evaluate.values():
            each(ready)

    def alone() -> None:
        for each in evaluate.values():
            each(ready)

    return {
        "all": _least(everything),
        "alone": _least(alone),
        **{name: _least(lambda each=each: each(ready)) for name, each in evaluate.items()},
    }


def _least(work: Callable[[], object]) -> float:
    """The least of some samples: what else the machine does only ever adds to it."""
    found = []
    for _ in range(SAMPLES):
        start = time.process_time()
        for _ in range(EVALUATIONS):
            work()
        found.append(time.process_time() - start)
    return min(found) / EVALUATIONS * 1e6


@lru_cache(65_536)
def _within(cidr: str, allowed: tuple[str, ...]) -> bool:
    network = ip_network(cidr)
    return any(network.subnet_of(ip_network(each)) for each in allowed)  # type: ignore[arg-type]


def cidr_within(cidr: str, allowed: Any) -> bool:
    """What peers call back; it remembers what it was asked, as ours does."""
    return _within(cidr, tuple(allowed))


def _google() -> dict[str, Any]:
    """`cel-expr-python`. It takes timestamps as variables of their own only, not inside a map."""
    from cel_expr_python import cel

    kinds = cel.Type
    overload = cel.Overload(
        "cidr_within",
        return_type=kinds.BOOL,
        parameters=[kinds.STRING, kinds.List(kinds.STRING)],
        impl=cidr_within,
    )
    variables = {
        "resource": kinds.Map(kinds.STRING, kinds.DYN),
        "params": kinds.Map(kinds.STRING, kinds.List(kinds.STRING)),
        "now": kinds.TIMESTAMP,
        "last_rotated": kinds.TIMESTAMP,
    }
    functions = [cel.FunctionDecl("cidr_within", [overload])]
    env = cel.NewEnv(variables=variables, functions=functions)
    data = _listed(resource())
    given = {
        "last_rotated": data.pop("last_rotated"),
        "resource": data,
        "params": {"allowed": list(ALLOWED)},
        "now": NOW,
    }
    texts = {**CONDITIONS, "age": CONDITIONS["age"].replace("resource.", "")}
    compiled = {name: env.compile(text) for name, text in texts.items()}
    return figures(
        lambda: env.Activation(given),
        {
            name: lambda ready, each=each: each.eval(ready).value()
            for name, each in compiled.items()
        },
    )


def _rust() -> dict[str, Any]:
    """`common-expression-language`."""
    import cel

    def prepare() -> Any:
        context = cel.Context(
            variables={"resource": data, "params": {"allowed": list(ALLOWED)}, "now": NOW}
        )
        context.add_function("cidr_within", cidr_within)
        return context

    data = _listed(resource())
    compiled = {name: cel.compile(text) for name, text in CONDITIONS.items()}
    return figures(
        prepare,
        {name: lambda ready, each=each: each.execute(ready) for name, each in compiled.items()},
    )


def _listed(value: Any) -> Any:
    """With lists for tuples."""
    if isinstance(value, dict):
        return {key: _listed(each) for key, each in value.items()}
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


if __name__ == "__main__":
    print(json.dumps({"google": _google, "rust": _rust}[sys.argv[1]]()))
