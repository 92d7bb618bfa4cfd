"""From a policy document, as plain JSON data, to the fields of its statements.

The same document written in Terraform gives the same fields; a test holds the two readers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from policyscan.resources.base import Chain
from policyscan.resources.iam.model import Condition
from policyscan.resources.iam.written import (
    LISTS,
    MAX_MEMBERS,
    MAX_STATEMENTS,
    PRINCIPALS,
    Written,
    nothing_known,
)
from policyscan.text import json
from policyscan.text.source import Source
from policyscan.values import PartialList, Unknown, Why

Provenance = Callable[[str], Chain]
"""The chain of a value of the document, by its path in it: `Statement[0].Action[1]`."""


def statements_of(document: Any, provenance: Provenance) -> list[Written]:
    """The statements of a document; of one that cannot be read, a single one of which nothing is
    known. A text is taken for JSON."""
    if isinstance(document, str):
        document = _parsed(document)
    found: list[Written] = []
    for statement, path in _statements(document):
        if len(found) == MAX_STATEMENTS:
            reason = Unknown(Why.BUDGET, f"at most {MAX_STATEMENTS} statements")
            found.append(nothing_known(reason, provenance(path)))
            break
        found.append(_written(statement, path, provenance))
    return found


def _parsed(text: str) -> Any:
    parsed = json.read_json(Source("document", text.encode("utf-8", "surrogatepass")))
    if parsed.value is None or parsed.errors:
        return text
    return _plain(parsed.value)


def _plain(node: json.Value) -> Any:
    if isinstance(node, json.Object):
        return {name: _plain(member.value) for name, member in node.members.items()}
    if isinstance(node, json.Array):
        return [_plain(item) for item in node.items]
    return node.value


def _statements(document: Any) -> Iterator[tuple[Any, str]]:
    """The members of `Statement`, which may be a single one, each with its path."""
    if isinstance(document, Mapping):
        name = next((name for name in document if name.lower() == "statement"), None)
        listed = None if name is None else document[name]
        if isinstance(listed, list):
            for number, each in enumerate(listed):
                if each is not None:
                    yield each, f"{name}[{number}]"
        elif listed is not None:
            yield listed, name or ""
        elif name is None:
            yield document, ""
    elif document is not None:
        yield document, ""


def _written(statement: Any, path: str, provenance: Provenance) -> Written:
    where = provenance(path)
    if not isinstance(statement, Mapping) or not path:
        return nothing_known(Unknown(Why.SYNTAX_ERROR, "a policy document"), where)
    if len({name.lower() for name in statement}) < len(statement):
        reason = Unknown(Why.SYNTAX_ERROR, "a statement in which each name occurs once")
        return nothing_known(reason, where)
    given = {name.lower(): (name, value) for name, value in statement.items() if value is not None}
    values: dict[str, Any] = {}
    chains: dict[str, Chain] = {}
    for field, element, convert in _ELEMENTS:
        if element.lower() not in given:
            continue
        name, value = given[element.lower()]
        values[field] = convert(value)
        chains[field] = provenance(f"{path}.{name}")
        for number, inner in enumerate(_inside(value)):
            chains[f"{field}[{number}]"] = provenance(f"{path}.{name}{inner}")
    values.setdefault("effect", Unknown(Why.SYNTAX_ERROR, "the effect of a statement"))
    return Written(values, chains, None)


def _inside(value: Any) -> Iterator[str]:
    """The paths of the members of a list, and of all lists in a map."""
    if isinstance(value, Mapping):
        for name, inner in islice(value.items(), MAX_MEMBERS):
            yield from (f".{name}{path}" for path in _inside(inner))
    elif isinstance(value, list):
        yield from (f"[{number}]" for number in range(min(len(value), MAX_MEMBERS)))
    else:
        yield ""


def _text(value: Any) -> Any:
    """A text; numbers and booleans as JSON writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, int):
        return str(value)
    return Unknown(Why.SYNTAX_ERROR, "a text")


def _effect(value: Any) -> Any:
    known = isinstance(value, str) and value in ("Allow", "Deny")
    return value if known else Unknown(Why.SYNTAX_ERROR, "Allow or Deny")


def _many(value: Any) -> Any:
    """A list of texts, of which a single one may stand alone."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return Unknown(Why.SYNTAX_ERROR, "a list of texts")
    if not isinstance(value, list):
        return (_text(value),)
    known = tuple(_text(each) for each in value[:MAX_MEMBERS] if each is not None)
    if len(value) > MAX_MEMBERS:
        return PartialList(known, Unknown(Why.BUDGET, f"at most {MAX_MEMBERS} members"))
    return known


def _principals(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return _many(value)
    known: list[Any] = []
    reason: Unknown | None = None
    for type_, listed in value.items():
        prefix = "" if type_.upper() == "AWS" else f"{type_}:"
        found = _many(listed)
        if isinstance(found, Unknown):
            known.append(found)
            continue
        if isinstance(found, PartialList):
            reason, found = found.unknown.derived, found.known
        known += (prefix + each if isinstance(each, str) else each for each in found)
    return tuple(known) if reason is None else PartialList(tuple(known), reason)


def _conditions(value: Any) -> Any:
    reason = Unknown(Why.SYNTAX_ERROR, "a condition")
    if not isinstance(value, Mapping):
        return reason
    found: list[Condition] = []
    for operator, table in islice(value.items(), MAX_MEMBERS):
        if not isinstance(table, Mapping):
            found.append(Condition(operator=operator, key=reason, values=reason))
            continue
        for key, given in table.items():
            found.append(Condition(operator=operator, key=key, values=_many(given)))
    return tuple(found)


_ELEMENTS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("sid", "Sid", _text),
    ("effect", "Effect", _effect),
    *((field, element, _many) for field, element in LISTS.items()),
    *((field, element, _principals) for field, element in PRINCIPALS.items()),
    ("conditions", "Condition", _conditions),
)
"""Field, element, and how the one becomes the other."""
