"""Trails, detectors and log groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.value import Value
from policyscan.resources.event_selectors import EVENTS, kept_by, together
from policyscan.resources.monitoring import Detector, LogGroup, Trail
from policyscan.values import OneOf, Ref, Unknown, Why, first

_EVENTS = {word: word for word in EVENTS}


def log_groups(declared: Declared) -> Iterator[LogGroup]:
    """Every log group of the root."""
    for node in declared.nodes("aws_cloudwatch_log_group"):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        name, prefix = view.get("name"), view.get("name_prefix")
        if name is None and prefix is not None:
            built.put("name", "name_prefix", prefix, fields.beginning, None, "")
        else:
            built.put("name", "name", name, fields.text, None, "Terraform chooses one")
        _put_key(built, view.get("kms_key_id"), "only the key of the service")
        built.put(
            "retention_days",
            "retention_in_days",
            view.get("retention_in_days"),
            _retention,
            None,
            "never expires",
        )
        yield LogGroup(**declared.common(node, built), **built.values)


def _put_key(built: fields.Fields, value: Value | None, means: str) -> None:
    built.put("kms_encrypted", "kms_key_id", value, _is_key, False, means)


def _is_key(value: Value) -> Any:
    key = fields.text(value)
    if isinstance(key, Unknown) and key.fragments:
        return True
    return _mapped(key, lambda text: text not in (None, ""))


def _retention(value: Value) -> Any:
    """Days; AWS reads 0 as never."""
    return _mapped(fields.integer(value), lambda days: days or None)


def _mapped(value: Any, convert: Any) -> Any:
    if isinstance(value, OneOf):
        return value.each(lambda case: _mapped(case, convert))
    if isinstance(value, Unknown):
        return value.derived
    return convert("a key" if isinstance(value, Ref) else value)


def trails(declared: Declared) -> Iterator[Trail]:
    """Every trail of the root."""
    for node in declared.nodes("aws_cloudtrail"):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        built.put("name", "name", view.get("name"), fields.text, None, "")
        for field, name, absent in (
            ("multi_region", "is_multi_region_trail", False),
            ("is_logging", "enable_logging", True),
            ("log_file_validation", "enable_log_file_validation", False),
        ):
            means = "true by default" if absent else "false by default"
            built.put(field, name, view.get(name), fields.boolean, absent, means)
        _put_key(built, view.get("kms_key_id"), "only the key of S3")
        events, chain = _management_events(view, node)
        built.set("management_events", events, chain)
        yield Trail(**declared.common(node, built), **built.values)


def _management_events(view: View, node: Node) -> tuple[Any, Any]:
    """Which management events a trail keeps: all, unless selectors say otherwise."""
    header = node.block.header
    selectors, reason = view.blocks("event_selector")
    advanced, more = view.blocks("advanced_event_selector")
    if reason is not None or more is not None:
        return first(reason, more), fields.implied("event_selector", header, "dynamic")
    if advanced:
        return _advanced(advanced, header), fields.implied("event_selector", header, "advanced")
    if not selectors:
        return "All", fields.implied("event_selector", header, "all management events")
    kept: list[Any] = []
    chain = fields.implied("event_selector.read_write_type", header, "All by default")
    for selector in selectors:
        includes = selector.get("include_management_events")
        wanted = fields.boolean(includes) if includes is not None else True
        if wanted is False:
            continue
        if wanted is not True:
            return wanted if isinstance(wanted, Unknown) else wanted.unknown, chain
        without = selector.get("exclude_management_event_sources")
        if without is not None and fields.texts(without) not in (None, ()):
            kept.append(Unknown(Why.UNSUPPORTED, "an event selector that leaves out services"))
            continue
        kind = selector.get("read_write_type")
        kept.append(fields.choice(_EVENTS)(kind) if kind is not None else "All")
        chain = fields.chain(kind, "read_write_type") if kind is not None else chain
    return together(kept), chain


def _advanced(selectors: tuple[View, ...], header: Any) -> Any:
    """All, ReadOnly, WriteOnly or None, by the field selectors of advanced event selectors."""
    kept: list[Any] = []
    for selector in selectors:
        conditions, reason = selector.blocks("field_selector")
        if reason is not None:
            return reason
        table: dict[str, Any] = {}
        for condition in conditions:
            name, equals = condition.get("field"), condition.get("equals")
            key = fields.text(name) if name is not None else None
            if not isinstance(key, str) or equals is None:
                return Unknown(Why.UNSUPPORTED, "this advanced event selector", header)
            table[key] = fields.texts(equals)
        category = table.get("eventCategory")
        if not _is_known_list(category) or not _is_known_list(table.get("readOnly", ())):
            return Unknown(Why.UNSUPPORTED, "this advanced event selector", header)
        keeps = kept_by(table)
        kept += [] if keeps is None else [keeps]
    return together(kept)


def _is_known_list(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def detectors(declared: Declared) -> Iterator[Detector]:
    """GuardDuty detectors, and Config recorders with their status joined."""
    for node in declared.nodes("aws_guardduty_detector"):
        declared.note(node.block, "")
        yield _detector(declared, node, "guardduty", declared.evaluate(node, "enable"), True)
    statuses: dict[str, Node] = {}
    unplaced: Unknown | None = None
    for node in declared.nodes("aws_config_configuration_recorder_status"):
        declared.note(node.block, "joined to its recorder")
        name = declared.evaluate(node, "name")
        key = fields.target(name) if name is not None else None
        if isinstance(key, (Unknown, OneOf)):
            unplaced = key if isinstance(key, Unknown) else key.unknown
        else:
            statuses[key.address if isinstance(key, Ref) else str_or_empty(key)] = node
    for node in declared.nodes("aws_config_configuration_recorder"):
        declared.note(node.block, "")
        own = declared.evaluate(node, "name")
        label = fields.text(own) if own is not None else "default"
        status = statuses.get(node.address) or statuses.get(str_or_empty(label))
        enabled = declared.evaluate(status, "is_enabled") if status is not None else None
        absent = None
        if status is None:
            absent = first(unplaced, declared.missing("the status of this recorder", node))
        yield _detector(declared, node, "config", enabled, False if absent is None else absent)


def str_or_empty(text: Any) -> str:
    """A known text, or the empty text."""
    return text if isinstance(text, str) else ""


def _detector(
    declared: Declared, node: Node, service: str, enabled: Value | None, absent: Any
) -> Detector:
    built = fields.Fields(node.block.header)
    built.put("enabled", "enable", enabled, fields.boolean, absent, "the default")
    region = declared.region(node)
    if region is None:
        unknown = Unknown(Why.OUTSIDE, "the region of the provider", node.block.header)
        built.set("region", unknown, fields.implied("region", node.block.header, "not configured"))
    else:
        built.put("region", "region", region, fields.text, None, "")
    return Detector(**declared.common(node, built), **built.values, service=service)
