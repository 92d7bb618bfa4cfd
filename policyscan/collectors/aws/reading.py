"""From the answers of an account to resources, unit by unit and kind by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from policyscan.collectors.aws.answers import Unit
from policyscan.collectors.interface import Answer, Item, Reading

READERS: Mapping[str, str] = {
    "Detector": "detectors:read",
    "IamAccessKey": "access_keys:read",
    "IamStatement": "policies:read",
    "LogGroup": "logs:log_groups",
    "Secret": "secrets:read",
    "SecurityGroup": "network:security_groups",
    "TlsServerConfig": "load_balancers:listeners",
    "Trail": "trails:read",
}
"""By kind, the module of `kinds` and the function in it that reads a unit:

    def security_groups(unit: Unit) -> Iterator[Resource | Tally | Gap]

It is called for the units in which something was answered. It yields the resources of that kind,
and one tally (`Unit.tally`) if their listing was answered, wholly or in part; the ledger shows a
kind without a tally as asked for and not seen."""


def read_all(answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
    """The resources in the answers and the tallies. Without `reading.kinds` all kinds are read."""
    units: dict[str, list[Answer]] = {}
    for answer in answers:
        units.setdefault(answer.unit, []).append(answer)
    for name, own in units.items():
        unit = Unit(name, reading.target, own, answers)
        for kind, where in READERS.items():
            if not reading.kinds or kind in reading.kinds:
                module, _, function = where.partition(":")
                read = getattr(import_module(f"{_KINDS}.{module}"), function)
                yield from read(unit)


_KINDS = "policyscan.collectors.aws.kinds"
