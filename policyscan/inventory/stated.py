"""What a configuration states itself: resources of its own, and the context of policies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from policyscan.config import Configuration
from policyscan.config.allow_lists import AllowList
from policyscan.resources.base import Chain, Origin, ProofLevel, Step, StepKind

if TYPE_CHECKING:
    from policyscan.resources.allow_lists import NetworkAllowList


def allow_lists(configuration: Configuration, target: str) -> Iterator[NetworkAllowList]:
    """Every allow-list as a resource: somebody asserts it, nothing proves it."""
    if not configuration.allow_lists:
        return
    from policyscan.resources.allow_lists import NetworkAllowList  # late: few state any

    for stated in configuration.allow_lists:
        verified = stated.verified
        yield NetworkAllowList(
            address=f"allow_lists.{stated.name}",
            origin=Origin("configuration", target, ".", stated.span, ProofLevel.ASSERTED),
            chains=_chains(stated),
            name=stated.name,
            exchange=stated.exchange,
            ranges=stated.ranges,
            owner=stated.owner or None,
            verified_at=None if verified is None else datetime.combine(verified, time(), UTC),
        )


def _chains(stated: AllowList) -> Mapping[str, Chain]:
    return {path: (Step(StepKind.ATTRIBUTE, path, span),) for path, span in stated.places.items()}


def context(configuration: Configuration) -> Mapping[str, object]:
    """What policies find under `context`. What is allowed is only what is stated, so that without
    a list nothing is."""
    lists = configuration.allow_lists
    verified = [each for each in lists if each.owner and each.verified is not None]
    return {
        **configuration.context,
        "allow_list": _ranges(lists),
        "verified_allow_list": _ranges(verified),
    }


def _ranges(lists: list[AllowList] | tuple[AllowList, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for each in lists for text in each.ranges))
