"""Statements of policies, for tests: as the collector reads them, in a form to compare."""

from __future__ import annotations

from typing import Any

from policyscan.resources.iam.model import Condition, IamStatement
from policyscan.values import OneOf, PartialList, Ref, Unknown
from tests.unit.collectors.terraform.written import Files, resources

FIELDS = (
    "sid",
    "effect",
    "principals",
    "not_principals",
    "actions",
    "not_actions",
    "resources",
    "not_resources",
    "conditions",
)


def statements(files: Files, prefix: str = "", **options: Any) -> dict[str, IamStatement]:
    """The statements whose addresses begin with `prefix`, by the rest of the address."""
    return {
        address.removeprefix(prefix): found
        for address, found in resources(files, **options).items()
        if isinstance(found, IamStatement) and address.startswith(prefix)
    }


def shape(statement: IamStatement) -> dict[str, Any]:
    """What a statement says, without what is empty."""
    shown = {name: plain(getattr(statement, name)) for name in FIELDS}
    return {name: value for name, value in shown.items() if value not in (None, ())}


def plain(value: Any) -> Any:
    """Texts with holes as `a<needs>b` and `a&address.attribute;b`; an open list ends in `...`."""
    if isinstance(value, Unknown):
        return "".join(_piece(part) for part in value.parts) or _piece(value)
    if isinstance(value, Ref):
        return _piece(value)
    if isinstance(value, OneOf):
        return {"one of": [plain(item.value) for item in value.alternatives]}
    if isinstance(value, PartialList):
        return (*map(plain, value.known), ...)
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if isinstance(value, Condition):
        return (plain(value.operator), plain(value.key), plain(value.values))
    return value


def _piece(part: Any) -> str:
    if isinstance(part, str):
        return part
    return f"&{part.address}.{part.attribute};" if isinstance(part, Ref) else f"<{part.needs}>"
