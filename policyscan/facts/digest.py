"""A digest of what a resource holds, by which it is known again under another name or elsewhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from policyscan.facts.plain import NEEDS, REF, Show, shown, whole, written
from policyscan.findings.difference import Held
from policyscan.resources.base import Resource
from policyscan.resources.scope import UNASKED

REGION = "region"
_JOINED = frozenset(
    {"tier", "role", "environment", "purposes", "hosts_trading", "trades_here", "edge_devices",
     "vpc_zones", "only_public_load_balancer", "used_in", "declared_here"}
)  # fmt: skip
"""Fields that tell of other resources, or that follow from names."""
_PLACES = frozenset({"address", "program", "script"})
"""Fields that say where something is."""
_NAMED = {
    "ApiKey": "name",
    "DockerfileStage": "name",
    "IamStatement": "sid",
    "RotationProcess": "name",
}
"""By kind, the field that is its address. The names of others are given to what they make."""
_BY_TEXT = frozenset({"DockerfileStage", "LoggingConfig", "TlsClientUse"})
"""Kinds whose fields say little of what they are made from: two with the same may be strangers."""
_LABEL = re.compile(r"(?:.*\.)?((?:data\.)?[a-z0-9]+_[a-z0-9_]+)\.[^.]+")
"""`module.net.aws_vpc.main`: what tells is the type."""
_ADDRESS = re.compile(r"module\.[\w-]+(?:\[[^\]]*\])?\.|(?<![\w.])([a-z0-9]+_[a-z0-9_]+)\.[\w-]+")
"""In words: the calls around a thing, and one that the same files declare."""
_DATA = re.compile(r"\bdata\..*")
_FROM = re.compile(r"(?im)^[ \t]*FROM[ \t]")


def digest_of(resource: Resource, secrets: Collection[str] = ()) -> str:
    """16 hex digits over what it holds, whatever it is called and wherever it is written; `secrets`
    are the texts of it that are secrets, which no digest is made of."""
    show = shown(secrets)
    held = {name: _nameless(value) for name, value in _fields(resource, show)}
    text = list(_lines(resource, show)) if resource.kind in _BY_TEXT else []
    data = written([resource.kind, held, text]).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


def held_of(resource: Resource, secrets: Collection[str] = ()) -> Mapping[str, Held]:
    """What it holds, by field, and the region that it is in."""
    held = {REGION: Held(resource.origin.region)}
    for name, value in _fields(resource, shown(secrets)):
        data = written(_nameless(value)).encode("utf-8", "surrogatepass")
        held[name] = Held(hashlib.sha256(data).hexdigest()[:16], frozenset(_names(value)))
    return held


def _fields(resource: Resource, show: Show) -> Iterator[tuple[str, Any]]:
    """What it holds as plain data, by field, without what it is called and what tells of others."""
    left_out = _JOINED | _PLACES | type(resource).HIDDEN | {_NAMED.get(resource.kind, "")}
    for name, field in sorted(type(resource).model_fields.items()):
        if name not in left_out and field.default is not UNASKED:
            yield name, whole(getattr(resource, name), show)


def _names(value: Any) -> Iterator[str]:
    """What plain data names: the addresses of other resources, and in words what would decide
    what is not known. What is elsewhere is called the same by every module that asks for it."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        if isinstance(value.get(REF), str):
            data = _DATA.search(value[REF])
            yield data[0] if data else value[REF]
        elif isinstance(value.get(NEEDS), str):
            yield f"{NEEDS} {_ADDRESS.sub(_type_of, value[NEEDS])}"
        for item in value.values():
            yield from _names(item)


def _type_of(found: re.Match[str]) -> str:
    return found[1] or ""


def _nameless(value: Any) -> Any:
    """Plain data with other resources by their type alone, and what is not known by the text that
    is known of it."""
    if isinstance(value, list):
        return sorted(map(_nameless, value), key=written)
    if not isinstance(value, dict):
        return value
    if isinstance(value.get(REF), str):
        return {REF: type_of(value[REF]) or value[REF], "attribute": value["attribute"]}
    if NEEDS in value:
        pieces = value.get("text", ())
        return [part if isinstance(part, str) else _nameless(part) for part in pieces]
    return {key: _nameless(item) for key, item in value.items()}


def type_of(address: str) -> str:
    """The type of what a file of Terraform declares, `aws_vpc`; empty for anything else."""
    found = _LABEL.fullmatch(re.sub(r"\[[^\]]*\]", "", address))
    return found[1] if found else ""


def _lines(resource: Resource, show: Show) -> Iterator[str]:
    """What it is written as, without comments; of a stage what follows its first line, which may
    name it."""
    span = resource.origin.span
    if span is None:
        return
    text = span.text
    if resource.kind == "DockerfileStage":
        rest = span.source.data[span.end :].decode("utf-8", "replace")
        text = _FROM.split(rest, maxsplit=1)[0]
    for line in show(text).splitlines():
        words = " ".join(line.split())
        if words and not words.startswith(("#", "//")):
            yield words
