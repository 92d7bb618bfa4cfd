"""Text for terminals and CI logs, in which some lines are orders to the CI system."""

from __future__ import annotations

import re

from policyscan.text.display import visible

# GitHub trims a line and obeys one that starts with `::`; it and Azure Pipelines obey `##[...]` and
# `##vso[...]` anywhere in a line, TeamCity `##teamcity[...]`.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
_LINE_ORDER = re.compile(r"^([^\S\n]*)::", re.MULTILINE)
_ANYWHERE_ORDER = re.compile(r"##(?=[A-Za-z]{0,16}\[)")


def without_orders(text: str) -> str:
    """`text` with whatever a CI system would obey broken by a backslash."""
    return _ANYWHERE_ORDER.sub(r"#\\#", _LINE_ORDER.sub(r"\1\\::", text))


def log_safe(text: str) -> str:
    """`text` made `visible` and `without_orders`."""
    return without_orders(visible(text))
