"""What is left of an Allow where statements that deny, and boundaries, are taken off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from policyscan.resources.iam.actions import OF_STORE
from policyscan.resources.iam.matching import Grant, Subjects
from policyscan.resources.iam.model import allows


class Layer(NamedTuple):
    """Secrets on which the same actions are granted, as bits."""

    secrets: int
    must: int
    """The actions that are granted for certain."""
    may: int
    """Those, and the ones that may be granted."""


Layers = tuple[Layer, ...]


def granted(grant: Grant, subjects: Subjects) -> Layers:
    """What an Allow grants by itself; whether the effect is Allow may not be known."""
    must, may = grant.actions
    if allows(grant.statement) is not True:
        must = 0
    sure, perhaps = grant.secrets.must, grant.secrets.may & ~grant.secrets.must
    layers = []
    for store, secrets in subjects.of_store.items():
        actions = OF_STORE[store]
        layers.append(Layer(sure & secrets, must & actions, may & actions))
        layers.append(Layer(perhaps & secrets, 0, may & actions))
    return _kept(layers)


def without(layers: Layers, denial: Grant, certain: bool) -> Layers:
    """What a statement that denies leaves. It takes away for certain only what it certainly is
    about, if no condition of the request has to hold and it certainly applies."""
    certain = certain and not denial.by_request and allows(denial.statement) is False
    sure = denial.secrets.must if certain else 0
    perhaps = denial.secrets.may & ~sure
    must, may = denial.actions
    if not any(layer.secrets & denial.secrets.may and layer.may & may for layer in layers):
        return layers
    found = []
    for layer in layers:
        found.append(Layer(layer.secrets & sure, layer.must & ~may, layer.may & ~must))
        found.append(Layer(layer.secrets & perhaps, layer.must & ~may, layer.may))
        found.append(Layer(layer.secrets & ~denial.secrets.may, layer.must, layer.may))
    return _kept(found)


def within_boundary(layers: Layers, boundary: Sequence[Grant]) -> Layers:
    """What is left of it in a permission boundary: what one of its statements allows as well, and
    none denies."""
    found: list[Layer] = []
    for layer in layers:
        found += _bounded(
            layer, [grant for grant in boundary if allows(grant.statement) is not False]
        )
    kept = _kept(found)
    for grant in boundary:
        if allows(grant.statement) is not True:
            kept = without(kept, grant, True)
    return kept


def _bounded(layer: Layer, limits: Iterable[Grant]) -> list[Layer]:
    parts = [Layer(layer.secrets, 0, 0)]
    for grant in limits:
        surely = allows(grant.statement) is True and not grant.by_request
        sure = grant.secrets.must if surely else 0
        must, may = grant.actions
        parts = [
            piece
            for part in parts
            for piece in (
                Layer(part.secrets & sure, part.must | must, part.may | may),
                Layer(part.secrets & grant.secrets.may & ~sure, part.must, part.may | may),
                Layer(part.secrets & ~grant.secrets.may, part.must, part.may),
            )
            if piece.secrets
        ]
    return [Layer(part.secrets, part.must & layer.must, part.may & layer.may) for part in parts]


def doubted(layers: Layers) -> Layers:
    """The same, none of it for certain: there is a boundary that cannot be seen."""
    return tuple(layer._replace(must=0) for layer in layers)


def _kept(layers: Iterable[Layer]) -> Layers:
    return tuple(layer for layer in layers if layer.secrets and layer.may)
