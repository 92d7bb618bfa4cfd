"""Text for terminals and CI logs, in which some lines are orders to the CI system."""

from __future__ import annotations

import re

# GitHub trims a line and obeys one that starts with `::`; it and Azure Pipelines obey `##[...]` and
# `##vso[...]` anywhere in a line, TeamCity `##teamcity[...]`.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
_LINE_ORDER = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
_ANYWHERE_ORDER = re.compile(r"##(?=[A-Za-z]{0,16}\[)")
_ANYWHERE_IN_BYTES = re.compile(_ANYWHERE_ORDER.pattern.encode())
_LINE_IN_BYTES = re.compile(rb"^((?:[^\S\n]|[^\x00-\x7f])*)::", re.MULTILINE)
"""Any letter beyond ASCII counts as a blank, since some are."""


def without_orders(text: str) -> str:
    """`text` with whatever a CI system would obey broken by a backslash."""
    return _ANYWHERE_ORDER.sub(r"#\\#", _LINE_ORDER.sub(r"\1\\::", text))


def json_without_orders(data: bytes) -> bytes:
    """JSON in ASCII in which a CI system would obey nothing, and which means the same: reports are
    printed into logs, too."""
    return _ANYWHERE_IN_BYTES.sub(rb"#\\u0023", data) if b"##" in data else data


def markup_without_orders(data: bytes) -> bytes:
    """The same of XML or HTML, in UTF-8."""
    if b"##" in data:
        data = _ANYWHERE_IN_BYTES.sub(b"#&#35;", data)
    if b"::" in data:
        data = _LINE_IN_BYTES.sub(rb"\1&#58;:", data)
    return data
