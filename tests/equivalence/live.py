"""One estate twice: written as Terraform, and built in a moto server; both are to be the same.

What only one of the two can tell is not compared: a field that is not known on either side. A
reference of Terraform and an id of AWS are the same if the estate says that the two are one thing.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from policyscan.collectors.interface import Target
from policyscan.config import parse_configuration
from policyscan.findings.profiles import load_profile
from policyscan.inventory import Inventory
from policyscan.pipeline import ScanRequest, Survey, survey
from policyscan.resources.base import Resource
from policyscan.values import PartialList, Ref, is_known
from tests.moto_account import Account

Built = Mapping[str, str]
"""By Terraform address, an id, ARN or name by which AWS knows the same thing."""
Verdicts = Mapping[tuple[str, str], str]
"""By policy and Terraform address."""

SEEN = {"observed", "last_rotated_at", "current_versions", "pending_since"}
"""Fields that tell of a look at the thing itself."""
OF_WHAT_WAS_SEEN = {"PS-ROT-006", "PS-ROT-007", "PS-IAM-006"}
"""Policies on those fields."""
UNORDERED = {"attached_to"}
"""Lists whose order means nothing."""
SETS = {"PS-MON-001", "PS-MON-002"}
"""Policies on sets, of which files never tell that they are whole."""


@dataclass(frozen=True)
class Estate:
    """Some resources, in both spellings."""

    name: str
    terraform: str
    build: Callable[[Account], Built]
    kinds: tuple[str, ...]
    """The kinds that are compared."""
    verdicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By policy and then address, some that are right: worked out by hand."""
    regions: tuple[str, ...] = ("eu-west-1",)
    options: str = ""
    """What the configuration says besides its version."""


@dataclass(frozen=True)
class Compared:
    """What was found to be the same."""

    fields: Mapping[str, frozenset[str]]
    """By address, the fields that both could tell."""
    verdicts: Verdicts


def compare(estate: Estate, account: Account, root: Path) -> Compared:
    """Builds the estate, looks at both, and fails where they are not the same."""
    built = estate.build(account)
    (root / "main.tf").write_text(textwrap.dedent(estate.terraform))
    now = datetime.now(UTC)
    written = survey(_request(estate, root, live=False), now=now)
    found = survey(_request(estate, root, live=True), now=now)
    assert not found.report.gaps, found.report.gaps
    pairs = dict(_pairs(estate, written.inventory, found.inventory, built))
    names = {name: address for address, live in pairs.items() for name in _called(live)}
    names |= {name: address for address, name in built.items()}
    same = {
        address: frozenset(_same_fields(_written(estate, written.inventory, address), live, names))
        for address, live in pairs.items()
    }
    verdicts = _verdicts(written, estate, {address: address for address in pairs})
    seen = _verdicts(found, estate, {live.address: address for address, live in pairs.items()})
    open_world = {
        key for key, verdict in verdicts.items() if key[0] in SETS and verdict == "unknown"
    }
    assert {**seen, **dict.fromkeys(open_world, "unknown")} == verdicts
    for policy, expected in estate.verdicts.items():
        assert {address: verdicts[policy, address] for address in expected} == expected
    return Compared(same, verdicts)


def _request(estate: Estate, root: Path, *, live: bool) -> ScanRequest:
    options = f"version: 1\n{textwrap.dedent(estate.options)}".encode()
    return ScanRequest(
        path=None if live else root,
        configuration=parse_configuration("policyscan.yaml", options),
        profile=load_profile("audit", root),
        targets=(Target("aws", "aws", {"regions": estate.regions}),) if live else (),
    )


# -- which is which ----------------------------------------------------------------------------


def _pairs(
    estate: Estate, written: Inventory, found: Inventory, built: Built
) -> Iterator[tuple[str, Resource]]:
    """The live resource by the address of the written one. There are no others on either side, but
    for the default groups that every account has."""
    declared = {each.address for each in written.resources if each.kind in estate.kinds}
    assert declared and declared <= set(built), declared - set(built)
    live = [each for each in found.resources if each.kind in estate.kinds]
    taken: set[str] = set()
    for address in sorted(declared):
        (match,) = [each for each in live if built[address] in _called(each)]
        taken.add(match.address)
        yield address, match
    others = [each for each in live if each.address not in taken]
    assert all(getattr(each, "form", "") == "default" for each in others), others


def _called(resource: Resource) -> frozenset[str]:
    name = getattr(resource, "name", None)
    return frozenset(
        {resource.address, *resource.names, *([name] if isinstance(name, str) else [])}
    )


def _written(estate: Estate, inventory: Inventory, address: str) -> Resource:
    here = [each for each in inventory.resources if each.address == address]
    (found,) = [each for each in here if each.kind in estate.kinds]
    return found


# -- what is the same --------------------------------------------------------------------------


def _same_fields(written: Resource, live: Resource, names: Mapping[str, str]) -> Iterator[str]:
    """The fields that both tell, which are all the same."""
    assert type(written) is type(live)
    for name in type(written).model_fields.keys() - written.HIDDEN - {"address", *SEEN}:
        ours, theirs = getattr(written, name), getattr(live, name)
        if name in ("ingress", "egress"):
            own = {written.address, names.get(live.address, live.address)}
            left, right = _atoms(ours, names, own), _atoms(theirs, names, own)
        elif not (_is_told(ours) and _is_told(theirs)):
            continue
        else:
            left, right = _plain(ours, names), _plain(theirs, names)
        if name in UNORDERED:
            left, right = sorted(left), sorted(right)
        assert left == right, f"{written.address}: {name}"
        yield name


def _is_told(value: Any) -> bool:
    """Whether it is known, or known which thing it is."""
    return is_known(value) or (isinstance(value, Ref) and value.certain)


def _plain(value: Any, names: Mapping[str, str]) -> Any:
    """A value in which the two ways to name one thing are one."""
    if isinstance(value, Ref):
        return value.address
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, (tuple, list)):
        return [_plain(item, names) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item, names) for key, item in value.items()}
    return value


def _atoms(rules: Any, names: Mapping[str, str], own: set[str]) -> frozenset[tuple[Any, ...]]:
    """Rules as a set of protocol, ports and one peer: AWS joins rules that differ in peers only."""
    assert not isinstance(rules, PartialList) and is_known(rules), rules
    return frozenset(atom for rule in rules for atom in _peers(rule, names, own))


def _peers(rule: Any, names: Mapping[str, str], own: set[str]) -> Iterator[tuple[Any, ...]]:
    everything = rule.protocol == "-1"
    ports = (None, None) if everything else (rule.from_port, rule.to_port)
    what = (rule.protocol, *ports)
    if rule.itself is True:
        yield (*what, "itself")
    for group in rule.groups:
        peer = _plain(group, names)
        yield (*what, "itself") if peer in own else (*what, "group", peer)
    for kind in ("cidrs", "prefix_lists", "gateway_endpoints"):
        for peer in getattr(rule, kind):
            yield (*what, kind, _plain(peer, names))


def _verdicts(of: Survey, estate: Estate, addresses: Mapping[str, str]) -> Verdicts:
    """The verdicts on the resources that are compared."""
    return {
        (finding.policy_id, addresses[finding.resource.address]): finding.verdict.value
        for finding in of.report.findings
        if finding.resource.kind in estate.kinds
        and finding.resource.address in addresses
        and finding.policy_id not in OF_WHAT_WAS_SEEN
    }
