"""Text for terminals and CI logs, in which some lines are orders to the CI system."""

from __future__ import annotations

import re

from policyscan.text.display import visible

# GitHub trims a line and obeys one that starts with `::`; it and Azure Pipelines obey `##[...]` and
# `##vso[...]` anywhere in a line, TeamCity `##teamcity[...]`.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
_LINE_ORDER = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
_ANYWHERE_ORDER = re.compile(r"##(?=[A-Za-z]{0,16}\[)")
_LINE_IN_BYTES = re.compile(rb"^((?:[^\S\n]|[^\x00-\x7f])*)::", re.MULTILINE)
_ANYWHERE_IN_BYTES = re.compile(_ANYWHERE_ORDER.pattern.encode())


def without_orders(text: str) -> str:
    """`text` with whatever a CI system would obey broken by a backslash."""
    return _ANYWHERE_ORDER.sub(r"#\\#", _LINE_ORDER.sub(r"\1\\::", text))


def respelt(data: bytes, sign: bytes, colon: bytes = b":") -> bytes:
    """A piece of a report without anything that a CI system would obey, in a format in which `#`
    may be written as `sign` as well, and `:` as `colon`: reports are printed into logs, too."""
    if b"##" in data:
        data = _ANYWHERE_IN_BYTES.sub(lambda _: b"#" + sign, data)
    if colon != b":" and b"::" in data:
        data = _LINE_IN_BYTES.sub(lambda found: found[1] + colon + b":", data)
    return data


def log_safe(text: str) -> str:
    """`text` made `visible` and `without_orders`."""
    return without_orders(visible(text))
