"""The fields of an entry of the register: how each is read, and how the schema describes it.

A reader takes the value as it is written and gives what it means; it raises `FileError` for a value
that is none.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from typing import get_args

from msgspec import Struct

from policyscan.data import data_file
from policyscan.resources import keys
from policyscan.resources.placeholders import is_placeholder
from policyscan.resources.scope import ENVIRONMENTS, TIERS
from policyscan.text.complaints import suggestion
from policyscan.text.display import shortened
from policyscan.text.yaml import Entry

Reader = Callable[[Entry], object]
Schema = Mapping[str, object]

LONGEST = 200
"""Characters of a text."""
LONGEST_WORD = 40
"""Characters of a wrong word that are shown."""
MOST_ITEMS = 200
_SHORTEST_BEGINNING = 4
_MAPPED = 96
"""Bits before an IPv4 address that is written as one of IPv6."""
USER = r"(?!.*\s(?:and|or|&)\s)(?:[^*?,;\[\]]|\[[^\]]*\])+"
"""One workload: no list and no pattern; the key in an address of Terraform may be any text."""
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}"
FINGERPRINT = r"[0-9a-f]{12}"
HOW_TO_FINGERPRINT = 'Write the first 12 digits of its SHA-256: `printf %s "$KEY" | sha256sum`.'
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)([Zz]|[+-][0-9]{2}:[0-9]{2})?)?",
    re.ASCII,
)
DATE_PATTERN = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2}))?"
)
_PERMISSIONS = tuple(keys.Permissions.model_fields)


class Field(Struct, frozen=True):
    """One field that an entry may state."""

    about: str
    read: Reader
    schema: Schema
    is_list: bool = False
    """Whether each member is read by itself, so that a bad one leaves the others."""
    may_be_single: bool = False
    """Whether a list of one member may be written as that member."""
    switches: tuple[str, ...] = ()
    """Words that a mapping may give instead of a list, each as true or false."""


@cache
def exchanges() -> tuple[str, ...]:
    """The exchanges that are known, as their data files are called."""
    names = sorted(path.stem for path in data_file("exchanges").glob("*.yaml"))
    return tuple(name for name in names if name != "several")


# -- readers -----------------------------------------------------------------------------------


def text(entry: Entry) -> str:
    """Text of a sensible length."""
    found = entry.text()
    if len(found) > LONGEST:
        raise entry.error(f"{entry.name} is longer than {LONGEST} characters")
    return found


def _matching(pattern: str, example: str, hint: str = "") -> Reader:
    def read(entry: Entry) -> str:
        if not re.fullmatch(pattern, entry.text()):
            raise entry.error(f"{entry.name} must look like {example}", hint)
        return entry.text()

    return read


def _word(noun: str, allowed: Callable[[], tuple[str, ...]]) -> Reader:
    def read(entry: Entry) -> str:
        if isinstance(entry.value, str) and len(entry.value) > LONGEST_WORD:
            raise entry.error(f"unknown {noun}; write one of {', '.join(allowed())}")
        return entry.choice(allowed(), noun)

    return read


def boolean(entry: Entry) -> bool:
    """True or false, without quotes."""
    written = entry.value if isinstance(entry.value, str) and entry.plain else ""
    if written.lower() not in ("true", "false"):
        raise entry.error(f"{entry.name} must be true or false", "Without quotes.")
    return written.lower() == "true"


def number(entry: Entry) -> int:
    """A whole number of at least 0."""
    found = entry.data()
    if not isinstance(found, int) or isinstance(found, bool) or found < 0 or found > 1_000_000:
        raise entry.error(f"{entry.name} must be a whole number of at least 0")
    return found


def moment(entry: Entry) -> datetime:
    """A date, which stands for its first moment in UTC, or a time with its zone."""
    found = _TIME.fullmatch(entry.text())
    if found is None:
        example = '"2026-01-31" or "2026-01-31T09:00:00+01:00"'
        raise entry.error(f"{entry.name} must look like {example}")
    if found[2] and not found[3]:
        raise entry.error(f"{entry.name} has no time zone", "End it with Z for UTC, or +09:00.")
    try:
        day = date.fromisoformat(found[1])
        if not found[2]:
            return datetime.combine(day, time(), UTC)
        zone = found[3].upper()
        return datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise entry.error(f"{entry.name} is no date that exists") from None


def is_date(entry: Entry) -> bool:
    """Whether a moment is written without a time of the day."""
    return len(str(entry.value)) == len("2026-01-31")


def network(entry: Entry) -> str:
    """An address or a network, in its usual spelling."""
    written = entry.text()
    try:
        found = ipaddress.ip_network(written)
    except ValueError as error:
        if "has host bits set" in str(error):
            whole = ipaddress.ip_network(written, strict=False)
            hint = f"Write {written.partition('/')[0]} for the address, {whole} for its network."
            raise entry.error(f"{entry.name} is inside of {whole}, not a network", hint) from None
        hint = "0.0.0.0/0 says that it works from everywhere." if written == "*" else ""
        message = f"{entry.name} must be an address or network like 203.0.113.7"
        raise entry.error(message, hint) from None
    found = _as_v4(found)
    return str(found.network_address) if found.num_addresses == 1 else str(found)


def _as_v4(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """`::ffff:0.0.0.0/96` is all of IPv4."""
    if isinstance(network, ipaddress.IPv6Network) and network.prefixlen >= _MAPPED:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.ip_network((mapped, network.prefixlen - _MAPPED))
    return network


def owner(entry: Entry) -> str:
    """Somebody, and no word that stands where one will be."""
    found = text(entry)
    if is_placeholder(found) and found.lower() != "x":
        raise entry.error(f"{entry.name} names nobody", "Name who answers for it.")
    return found


def user(entry: Entry) -> str:
    """One workload."""
    found = text(entry)
    if re.fullmatch(USER, found) is None:
        raise entry.error(f"{entry.name} must be one workload", "List each by itself.")
    return found


def secret(entry: Entry) -> str:
    """What an entry calls a secret; `*` alone would call all of them."""
    found = text(entry)
    if len(found.rstrip("*")) < min(len(found), _SHORTEST_BEGINNING):
        raise entry.error(f"{entry.name} must begin with more than that before its *")
    return found


def pair(entry: Entry) -> str:
    """Two exchanges."""
    sides = text(entry).split("-")
    if len(sides) != 2 or not all(sides) or sides[0] == sides[1]:
        raise entry.error(f"{entry.name} must look like binance-kraken")
    for side in sides:
        if side not in exchanges():
            _word("exchange", exchanges)(Entry(entry.document, entry.start, entry.end, "", side))
    return "-".join(sides)


def permission(entry: Entry) -> str:
    """The name of a permission."""
    word = entry.text()
    if word not in _PERMISSIONS:
        raise entry.error(unknown_permission(word))
    return word


def unknown_permission(word: str) -> str:
    """What to write instead. A guess has to begin like the word: `trade` is not `fix_trade`."""
    alike = [each for each in _PERMISSIONS if each[:3] == word[:3].lower()]
    close = suggestion(word, alike) or f"; write some of {', '.join(_PERMISSIONS)}"
    return f"unknown permission '{shortened(word, LONGEST_WORD)}'{close}"


# -- the table ---------------------------------------------------------------------------------


def _text(about: str, pattern: str = "", example: str = "", hint: str = "") -> Field:
    schema: dict[str, object] = {"type": "string", "minLength": 1, "maxLength": LONGEST}
    if not pattern:
        return Field(about, text, {**schema, "pattern": r"\S"})
    return Field(about, _matching(pattern, example, hint), {**schema, "pattern": f"^{pattern}$"})


def _choice(about: str, noun: str, words: tuple[str, ...]) -> Field:
    return Field(about, _word(noun, lambda: words), {"enum": list(words)})


def _list(about: str, read: Reader, item: Schema) -> Field:
    return Field(about, read, {**_ITEMS, "items": item}, is_list=True)


def _date(about: str) -> Field:
    return Field(about, moment, {"type": "string", "pattern": f"^{DATE_PATTERN}$"})


def _number(about: str) -> Field:
    return Field(about, number, {"type": "integer", "minimum": 0, "maximum": 1_000_000})


def _permissions() -> Field:
    schema = {
        "oneOf": [
            {"type": "array", "items": {"enum": list(_PERMISSIONS)}, "uniqueItems": True},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {name: {"type": "boolean"} for name in _PERMISSIONS},
            },
        ]
    }
    about = "What the exchange lets it do: a list of all permissions it has, or true and false."
    return Field(about, permission, schema, is_list=True, switches=_PERMISSIONS)


_ITEM: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"\S"}
_ITEMS: Schema = {"type": "array", "uniqueItems": True, "maxItems": MOST_ITEMS}
_EXCHANGE_WORDS = "How its exchange is called here."


@cache
def table() -> Mapping[str, Field]:
    """All fields of an entry, in the order in which the schema lists them."""
    functions: tuple[str, ...] = get_args(keys.Function)
    side = f"({'|'.join(exchanges())})"
    return {
        "name": _text("What people call it; unlike its fingerprint it stays.", NAME, "bot-grid"),
        "fingerprint": _text(
            "The first 12 digits of the SHA-256 of the key, in lower case.",
            FINGERPRINT,
            "3f9a0c11d2e4, the first 12 digits of the SHA-256 of the key",
            HOW_TO_FINGERPRINT,
        ),
        "owner": Field("Who answers for it.", owner, {**_ITEM}),
        "function": _choice("What it is for.", "function", functions),
        "environment": _choice("Where it is used.", "environment", ENVIRONMENTS),
        "tier": _choice("The value at risk behind it.", "tier", TIERS),
        "exchange": _choice(_EXCHANGE_WORDS, "exchange", exchanges()),
        "account": _text("The account or sub-account that it belongs to."),
        "network": _choice("Real funds, or those of a test.", "network", get_args(keys.Network)),
        "cadence": _choice(
            "How fast its strategy trades, if the tier is not to decide how often it rotates.",
            "cadence",
            get_args(keys.Cadence),
        ),
        "custodians": _number("How many people must come together to use an emergency key."),
        "permissions": _permissions(),
        "ip_restricted": Field(
            "Whether the exchange takes it from listed addresses only.",
            boolean,
            {"type": "boolean"},
        ),
        "allowed_ips": _list("The addresses and networks that are listed.", network, _ITEM),
        "used_by": _list(
            "The workloads that use it, by name or address.",
            user,
            {**_ITEM, "pattern": f"^{USER}$"},
        ),
        "regions": _list("The regions in which it is used.", text, _ITEM),
        "replicas": _number("How many instances of the workload run."),
        "instance": _text("The one instance that uses it."),
        "exchange_pairs": _list(
            "For arbitrage, the pairs of exchanges between which it trades.",
            pair,
            {"type": "string", "pattern": f"^{side}-{side}$"},
        ),
        "created": _date("When it was made."),
        "rotated": _date("When it was last replaced, if later."),
        "storage": _choice("Where it is kept.", "storage", get_args(keys.Storage)),
        "secret": Field(
            "The secret that holds it, or several: by name, by ARN, by the beginning of the name"
            " and `*`, or by address in Terraform.",
            secret,
            {"oneOf": [_ITEM, {**_ITEMS, "items": _ITEM}]},
            is_list=True,
            may_be_single=True,
        ),
    }


ALIASES: Mapping[str, str] = {"env": "environment"}
"""Shorter names that are read as well."""
DEFAULTS = ("owner", "environment", "tier", "exchange", "account", "network", "storage")
"""Fields that the top of the file may state for all entries that do not."""
TOP = ("version", "complete", *DEFAULTS, "keys")
