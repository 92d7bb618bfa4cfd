"""Clients that are used as they come: what no rule can match, as nothing is set there.

A program that handles keys of an exchange reaches it by some client. Where a client is made or
asked without settings, its library decides, so each library that such a program uses that way is
one client: at the first such place, of those in a file that names an exchange if there is one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct

from policyscan.collectors.code.exchange_signs import KEY_SIGNS, signs_of
from policyscan.collectors.code.names import language_of
from policyscan.collectors.code.programs import MAX_SOURCE_BYTES, Seen
from policyscan.collectors.code.tls.defaults import default_roots, plain
from policyscan.collectors.code.tls.meanings import Fields
from policyscan.errors import ReadError
from policyscan.resources.exchanges import exchange_of_import, exchange_of_package
from policyscan.text.source import Span
from policyscan.text.tree import Tree
from policyscan.values import Unknown, Why

_SWITCH = re.compile(
    rb"\b(NODE_TLS_REJECT_UNAUTHORIZED|PYTHONHTTPSVERIFY)[\"']?\s*[=:]\s*\\?[\"']?0\b"
)
_STEERED = {
    b"NODE_TLS_REJECT_UNAUTHORIZED": ("javascript",),
    b"PYTHONHTTPSVERIFY": ("urllib", "http.client"),
}
_LANGUAGES = frozenset({"python", "javascript", "typescript", "go", "java"})


class Plain(Struct, frozen=True):
    """One library of a program, as it comes."""

    library: str
    language: str
    span: Span
    talks: bool
    """Whether a file that uses it names an exchange, or it is a package for one."""
    fields: Fields


def plain_clients(tree: Tree, seen: Seen, own: Collection[str]) -> Iterator[Plain]:
    """The libraries by which a program that handles keys makes connections; `own` are the names of
    directories in the tree, whose modules are no libraries."""
    if not any(sign.sign in KEY_SIGNS for sign, _ in seen.signs.values()):
        return
    found: dict[tuple[str, str], Plain] = {}
    doubts = dict(_switched_off(tree, seen))
    used: set[str] = set()
    for path in seen.clients:
        language = language_of(path)
        try:
            source = tree.read(path, limit=MAX_SOURCE_BYTES)
        except ReadError:
            continue  # it was read a moment ago; then it is as if it held nothing
        for uses in seen.looks.uses(source, language):
            used.add(uses.library)
            if uses.plain is None:
                continue
            key = spoken(language), uses.library
            known = found.get(key)
            if known is not None and known.talks:
                continue
            talks = _is_package(uses.library, language) or _names_exchange(source.data, language)
            if known is None or talks:
                fields = plain(default_roots(uses.library, language))
                doubt = doubts.get(uses.library) or doubts.get(spoken(language))
                if doubt is not None:
                    fields |= {"verify": doubt, "check_hostname": doubt}
                span = source.span(*uses.plain)
                found[key] = Plain(uses.library, language, span, talks, fields)
    yield from _packages(tree, seen, used, own)
    yield from found.values()


def _switched_off(tree: Tree, seen: Seen) -> Iterator[tuple[str, Unknown]]:
    """By language or library, variables that its files hand to a program and that switch
    verification off: scripts of `package.json`, `.env`, compose files."""
    for path in (*seen.files.manifests, *seen.files.counted(seen.files.variables)):
        try:
            found = _SWITCH.search(tree.peek(path, limit=MAX_SOURCE_BYTES))
        except ReadError:
            continue  # the gap is given where the file is looked at for signs
        if found is not None:
            span = tree.read(path, limit=MAX_SOURCE_BYTES).span(found.start(1), found.end(1))
            needs = f"whether it runs with {span.text} as at {span.place}"
            for name in _STEERED[found[1]]:
                yield name, Unknown(Why.OUTSIDE, needs, span)


def spoken(language: str) -> str:
    """The language, of which TypeScript is no other."""
    return "javascript" if language == "typescript" else language


def _is_package(library: str, language: str) -> bool:
    """Whether a library is made for exchanges."""
    if language == "python":
        return exchange_of_import("python", library) is not None
    return spoken(language) == "javascript" and exchange_of_package("npm", library) is not None


def _names_exchange(data: bytes, language: str) -> bool:
    return next(signs_of(data, data.lower(), language), None) is not None


def _packages(tree: Tree, seen: Seen, libraries: set[str], own: Collection[str]) -> Iterator[Plain]:
    """Packages for an exchange: what they do inside is not in this tree. `libraries` are those that
    were judged by their uses."""
    module = _go_module(tree, seen)
    for sign, span in seen.signs.values():
        language = language_of(span.source.path)
        name = re.split(r"[./]", sign.text)[0] if language == "python" else sign.text
        known = name in libraries or name.split(".")[0] in libraries
        if sign.sign != "import" or known or language not in _LANGUAGES:
            continue
        libraries.add(name)
        if name in own or (module and f"{name}/".startswith(f"{module}/")):
            continue
        inside = Unknown(Why.OUTSIDE, f"how {name} makes its connections", span)
        fields: Fields = dict.fromkeys(plain("system"), inside)
        yield Plain(name, language, span, True, fields)


def _go_module(tree: Tree, seen: Seen) -> str:
    """The path under which a program written in Go imports its own packages."""
    for path in seen.files.manifests:
        if path.rpartition("/")[2] == "go.mod":
            try:
                found = re.search(rb"^module[ \t]+(\S+)", tree.peek(path), re.MULTILINE)
            except ReadError:
                return ""
            return found[1].decode("utf-8", "replace") if found else ""
    return ""
