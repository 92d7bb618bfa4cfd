"""The files of log4j 2 and logback: read, and turned into resources."""

from __future__ import annotations

from policyscan.collectors.code.java.log4j2 import (
    element_of_node,
    element_of_properties,
    is_log4j2,
    read_log4j2,
)
from policyscan.collectors.code.java.logback import is_logback, read_logback
from policyscan.collectors.code.logging_facts import Facts
from policyscan.collectors.code.logging_resource import application_config
from policyscan.collectors.code.nodes import read_nodes
from policyscan.collectors.code.programs import Seen
from policyscan.resources.logging import LoggingConfig
from policyscan.text.source import Source
from policyscan.text.xml import Element, read_xml


def read_java(
    source: Source, framework: str, program: Seen | None, target: str
) -> LoggingConfig | None:
    """The resource of a file of log4j 2 or logback; None if it is something else. Raises
    `ReadError`."""
    top = _top(source)
    facts = Facts(top.span if top is not None else source.whole())
    if top is None or not (is_log4j2(top) or is_logback(top)):
        return None
    if framework == "logback" and is_logback(top):
        read_logback(top, facts)
    elif is_log4j2(top):
        read_log4j2(top, facts)
    return application_config(
        source.path,
        framework,
        facts,
        program=program,
        target=target,
    )


def _top(source: Source) -> Element | None:
    if source.path.endswith(".xml"):
        return read_xml(source)
    if source.path.endswith(".properties"):
        return element_of_properties(source)
    node = read_nodes(source)
    return element_of_node(node) if node is not None else None
