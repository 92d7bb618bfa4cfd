"""Units: a root, a file, or one region of an account."""

from __future__ import annotations

GLOBAL = "global"
"""The region of what an account has once: `111122223333/global`."""


def set_unit(unit: str) -> str:
    """The unit whose set a resource belongs to: of a region its account, else its own."""
    return unit.partition("/")[0] if in_account(unit) else unit


def region_of(unit: str) -> str:
    """The region of an account that a unit is, `global` included; empty for any other unit."""
    return unit.partition("/")[2] if in_account(unit) else ""


def in_account(unit: str) -> bool:
    """Whether a unit is a region of an account, `global` included: `111122223333/eu-west-1`."""
    account, _, region = unit.partition("/")
    return bool(region) and is_account(account)


def is_account(unit: str) -> bool:
    """Whether a unit is a whole account: the twelve digits of its id."""
    return len(unit) == 12 and unit.isascii() and unit.isdecimal()
