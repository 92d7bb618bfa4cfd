"""From what an entry states to the key, and what its fields say together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from policyscan.collectors.register.entry import Stated
from policyscan.collectors.register.fields import is_date, table
from policyscan.resources.base import Chain, Origin
from policyscan.resources.keys import ApiKey, Permissions
from policyscan.values import PartialList, is_known

_PLAIN = (
    "fingerprint",
    "exchange",
    "account",
    "network",
    "owner",
    "function",
    "custodians",
    "replicas",
    "storage",
)
_LISTS = ("allowed_ips", "used_by", "regions", "exchange_pairs")
_OPTIONAL = ("name", "cadence", "instance")
_SCOPE = ("environment", "tier")
_AHEAD = timedelta(hours=14)
"""How far a date may lie ahead of UTC: somewhere it has begun."""


def check(stated: Stated, now: datetime | None) -> None:
    """Complains about what is missing and about what contradicts itself."""
    entry, label = stated.entry, stated.label
    if not stated.states("owner") and not stated.doubt:
        hint = "Name who answers for it: `owner: alice`."
        stated.complain(entry.error(f"{label} lacks 'owner'", hint))
    if not any(stated.states(name) for name in ("name", "fingerprint", "secret")):
        message = f"{label} has neither a name nor a fingerprint nor a secret"
        stated.complain(entry.error(message, "Give it a name: `name: bot-grid`."))
    if stated.values.get("function") == "emergency" and not stated.states("custodians"):
        message = f"the emergency key {label} lacks 'custodians'"
        hint = "Say how many people must come together to use it: `custodians: 2`."
        stated.complain(entry.error(message, hint))
    _check_dates(stated, now)
    _check_addresses(stated)


def _check_dates(stated: Stated, now: datetime | None) -> None:
    for name in ("created", "rotated"):
        found = stated.values.get(name)
        if found is not None and now is not None:
            value = stated.written[name]
            if found > now + (_AHEAD if is_date(value) else timedelta()):
                stated.reject(value.error(f"{value.name} lies in the future"), name)
    created, rotated = stated.values.get("created"), stated.values.get("rotated")
    if created is not None and rotated is not None and rotated < created:
        message = f"{stated.label} was rotated before it was created"
        stated.reject(stated.written["rotated"].error(message), "created", "rotated")


def _check_addresses(stated: Stated) -> None:
    if stated.values.get("ip_restricted") is False and _some(stated.values.get("allowed_ips")):
        value = stated.written["ip_restricted"]
        message = f"{value.name} is false, and 'allowed_ips' lists addresses"
        stated.reject(value.error(message), "ip_restricted")


def _some(listed: Any) -> bool:
    return bool(listed.known if isinstance(listed, PartialList) else listed)


def key(stated: Stated, address: str, origin: Origin, last: Chain) -> ApiKey:
    """The key of an entry. `last` ends the chain of each of its fields."""
    scope = {name: stated.values[name] for name in _SCOPE if name in stated.values}
    created, rotated = stated.get("created"), stated.optional("rotated")
    return ApiKey(
        address=address,
        origin=origin,
        scope=dict.fromkeys(scope, "declared"),
        stated=_stated(stated),
        emergency=_emergency(stated),
        permissions=_permissions(stated),
        ip_restricted=_restricted(stated),
        created_at=created,
        rotated_at=created if rotated is None else rotated,
        chains={path: (*chain, *last) for path, chain in _chains(stated).items()},
        secrets=stated.get("secret"),
        **{name: stated.get(name) for name in (*_PLAIN, *_LISTS)},
        **{name: stated.optional(name) for name in _OPTIONAL},
        **scope,
    )


def _stated(stated: Stated) -> Any:
    """The fields that are stated; an open list if more may have been meant."""
    known = tuple(name for name in table() if name in stated.values)
    if not stated.failed and not stated.doubt:
        return known
    wrong = next(iter(sorted(stated.failed)), "another field")
    return PartialList(known, stated.unknown(wrong))


def _emergency(stated: Stated) -> Any:
    """Whether it is stated to be an emergency key. Most policies spare those, so that silence does
    not make one."""
    function = stated.optional("function")
    return function == "emergency" if is_known(function) else function


def _permissions(stated: Stated) -> Permissions:
    """What it may do. A list names all its permissions; a mapping tells of those that it names."""
    given = stated.values.get("permissions")
    rest: object = stated.unknown("permissions")
    found: Mapping[str, object]
    if isinstance(given, dict):
        found = given
    else:
        found = dict.fromkeys(given.known if isinstance(given, PartialList) else given or (), True)
        rest = False if isinstance(given, tuple) else rest
    return Permissions(**{name: found.get(name, rest) for name in Permissions.model_fields})


def _restricted(stated: Stated) -> Any:
    """Whether it works from listed addresses only; the list says it if nothing else does."""
    listed = stated.values.get("allowed_ips")
    if stated.states("ip_restricted") or listed is None:
        return stated.get("ip_restricted")
    if isinstance(listed, PartialList) and not listed.known:
        return stated.unknown("allowed_ips")
    return _some(listed)


def _chains(stated: Stated) -> Mapping[str, Chain]:
    """The chains by the names that the fields have in the kind."""
    chains = dict(stated.chains)
    derived = {
        "created_at": ("created",),
        "rotated_at": ("rotated", "created"),
        "emergency": ("function",),
        "ip_restricted": ("ip_restricted", "allowed_ips"),
    }
    for field, names in derived.items():
        found = next((chains[name] for name in names if name in chains), None)
        if found is not None:
            chains[field] = found
    renamed = {path: path.replace("secret", "secrets", 1) for path in chains if "secret" in path}
    chains.update({new: chains.pop(old) for old, new in renamed.items()})
    return {path: chain for path, chain in chains.items() if path not in ("created", "rotated")}
