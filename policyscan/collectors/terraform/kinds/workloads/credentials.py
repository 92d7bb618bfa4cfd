"""Which variables hold a credential, by their names, by what their values look like, or by where
these come from; never the values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.kinds.workloads.script_variables import HOLE
from policyscan.collectors.terraform.kinds.workloads.secret_links import SecretLinks, points
from policyscan.collectors.terraform.value import Plain, UnknownJson, Value
from policyscan.resources.placeholders import is_placeholder
from policyscan.resources.secret_forms import (
    holds_secret_form,
    is_literal,
    is_public_key,
    says_where,
)
from policyscan.resources.secret_signs import secret_name, token_format
from policyscan.values import OneOf, Ref, Unknown

Source = Literal["literal", "terraform"]
_ANYTHING = "q9vLk2xB"
"""What may stand there: no placeholder and no path."""

_SET_TO = re.compile(
    r"(?m)(?:^\s{0,20}(?:export\s{1,5})?|\s(?:-e|--env)[\s=][\"']?|[\"']\s{0,5})"
    r"(?P<name>[A-Z][A-Z0-9_]{0,80})="
    r"(?:\"(?P<double>[^\"\n]{1,500})\"|'(?P<single>[^'\n]{1,500})'"
    r"|(?P<bare>[^\s\"'$`;|&<>()\\]{1,500})(?P<after>[$`(\\]?))"
)
"""Variables for programs that get a text; `after` says that it goes on with what is filled in."""


def source_of_variable(name: str, value: Value, links: SecretLinks) -> Source | Unknown | None:
    """How a variable gets the credential that it holds; None if it holds none."""
    plain = value.plain
    if isinstance(plain, OneOf):
        cases = (source_of_variable(name, case.value, links) for case in plain.alternatives)
        return plain.unknown.derived if any(case is not None for case in cases) else None
    if plain is None or isinstance(plain, (bool, int, float)):
        return None
    found = source_of_text(plain) or _in_document(value, links)
    if found is not None:
        return found
    named = bool(secret_name(name))
    if isinstance(plain, str):
        harmless = is_placeholder(plain) or is_public_key(plain) or _names_secret(plain, links)
        return None if harmless else "literal" if named else "terraform" if _told(value) else None
    if isinstance(plain, Unknown) and not points(plain):
        return "terraform" if named or _told(value) or links.is_content(value) else None
    return None


def _in_document(value: Value, links: SecretLinks) -> Source | Unknown | None:
    """The same for a JSON document of which not all is known."""
    if not isinstance(value.plain, UnknownJson):
        return None
    pending = [("", document_of(value))]
    while pending:
        name, item = pending.pop()
        if isinstance(item.plain, dict):
            pending += item.plain.items()
        elif isinstance(item.plain, tuple):
            pending += [(name, each) for each in item.plain]
        elif name and not isinstance(item.plain, UnknownJson):
            found = source_of_variable(name, item, links)
            if found is not None:
                return found
    return None


def _told(value: Value) -> bool:
    """Whether its source declares that it is sensitive."""
    return value.sensitive


def _names_secret(text: str, links: SecretLinks) -> bool:
    return says_where(text) or isinstance(links.by_name(text), Ref)


def source_of_text(plain: Plain) -> Source | None:
    """How a secret gets into a text that shows one by its form."""
    whole = text_with_holes(plain)
    if holds_secret_form(whole.replace(HOLE, "")):
        return "literal"
    return (
        "terraform" if HOLE in whole and holds_secret_form(whole.replace(HOLE, _ANYTHING)) else None
    )


def text_with_holes(plain: Plain) -> str:
    """What is known of a text."""
    pieces = plain.parts if isinstance(plain, Unknown) else (plain,)
    return "".join(piece if isinstance(piece, str) else HOLE for piece in pieces)


def set_in_script(script: str) -> Iterator[tuple[str, Source]]:
    """The credentials that a script sets, each once."""
    seen: set[str] = set()
    if token := token_format(script):
        yield token.removeprefix("the value is "), "literal"
    for found in _SET_TO.finditer(script):
        name = found["name"]
        text = found["double"] or found["single"] or found["bare"]
        filled = found["after"] or (found["double"] and re.search(r"[$`]", text))
        if name in seen or filled or not _is_credential(name, text.replace(HOLE, _ANYTHING)):
            continue
        seen.add(name)
        yield name, "terraform" if text == HOLE else "literal"


def _is_credential(name: str, text: str) -> bool:
    if holds_secret_form(text):
        return True
    reason = secret_name(name)
    return (
        bool(reason)
        and not is_placeholder(text)
        and not says_where(text)
        and is_literal(text, reason)
    )
