"""What is particular to each exchange, from the dated tables under `data/exchanges`."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from policyscan.data import load_tables

Network = Literal["production", "test"]
"""Where orders move money, and where they do not."""
Ecosystem = Literal["pypi", "npm", "go", "cargo", "maven", "nuget"]
Language = Literal["python", "java", "csharp"]
"""Those in which a package is not imported under the name it is installed by."""

_SEPARATORS = re.compile(r"[-_.]+")


class Hosts(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of hosts, in lower case."""

    production: tuple[str, ...]
    test: tuple[str, ...]


class AddressRange(Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that an exchange says are its own."""

    cidr: str
    owner: str
    verified: datetime.date


class Exchange(Struct, frozen=True, forbid_unknown_fields=True):
    """One table."""

    name: str
    as_of: datetime.date
    source: str
    words: tuple[str, ...]
    """What names it in a text, each word or sequence of words in lower case."""
    ambiguous_words: tuple[str, ...]
    """Names of other things too."""
    hosts: Hosts
    header_names: tuple[str, ...]
    """Headers that carry a key or a signature, and that nobody else uses."""
    ambiguous_header_names: tuple[str, ...]
    """Such headers whose names others use as well: `API-Key`."""
    secret_parameters: tuple[str, ...]
    """Parameters of a request that are not for logs."""
    environment_names: tuple[str, ...]
    """Variables in which programs expect a credential."""
    packages: Mapping[Ecosystem, tuple[str, ...]]
    imports: Mapping[Language, tuple[str, ...]]
    """Modules and namespaces, each with all that is below it."""
    error_codes: Mapping[int | str, str]
    http_status: Mapping[int, str]
    address_ranges: tuple[AddressRange, ...]
    account_calls: tuple[str, ...] = ()
    """Methods of its clients that ask for the account, and so try the key."""
    account_paths: tuple[str, ...] = ()
    """Parts of the paths that do, in lower case."""
    wire_loggers: tuple[str, ...] = ()
    """Loggers of its clients that write whole requests at the level debug."""
    wire_options: tuple[str, ...] = ()
    """Options of its clients in Python that make them show whole requests."""


class Endpoint(NamedTuple):
    """Whose host it is, and whether money moves there."""

    exchange: str
    network: Network


@cache
def exchanges() -> tuple[Exchange, ...]:
    """All exchanges that policyscan knows, in the order of their files."""
    return tuple(msgspec.convert(table, Exchange) for table in load_tables("exchanges"))


def endpoint_of(host: str) -> Endpoint | None:
    """The exchange that answers under a host name, given without scheme, port and path."""
    return _endpoints().get(host.lower().rstrip("."))


def exchange_of_header(name: str) -> str | None:
    """The exchange whose key or signature a header of that name carries."""
    return _headers().get(name.lower())


def exchange_of_package(ecosystem: Ecosystem, name: str) -> str | None:
    """The exchange that a package is made for. A Go path may lie below that of the module, and
    of Maven a table may list a whole group."""
    table = _packages(ecosystem)
    spelled = _spelled(ecosystem, name)
    return next((table[each] for each in _enclosing(spelled, "/:") if each in table), None)


def exchange_of_import(language: Language, name: str) -> str | None:
    """The exchange that a module or namespace, written with dots, is made for."""
    table = _imports(language)
    return next((table[each] for each in _enclosing(name, ".") if each in table), None)


def _enclosing(name: str, separators: str) -> Iterator[str]:
    """The name, then what is left of each separator in it, the longest first."""
    yield name
    for at in range(len(name) - 1, 0, -1):
        if name[at] in separators:
            yield name[:at]


def _spelled(ecosystem: Ecosystem, name: str) -> str:
    """A package name in the one spelling that stands for all that its registry takes as equal."""
    if ecosystem in ("pypi", "cargo"):
        return _SEPARATORS.sub("-", name).lower()
    return name if ecosystem == "maven" else name.lower()


@cache
def _endpoints() -> Mapping[str, Endpoint]:
    found = {}
    for each in exchanges():
        found.update({host: Endpoint(each.name, "test") for host in each.hosts.test})
        found.update({host: Endpoint(each.name, "production") for host in each.hosts.production})
    return found


@cache
def _headers() -> Mapping[str, str]:
    return {name.lower(): each.name for each in exchanges() for name in each.header_names}


@cache
def _packages(ecosystem: Ecosystem) -> Mapping[str, str]:
    return {
        _spelled(ecosystem, name): each.name
        for each in exchanges()
        for name in each.packages.get(ecosystem, ())
    }


@cache
def _imports(language: Language) -> Mapping[str, str]:
    return {name: each.name for each in exchanges() for name in each.imports.get(language, ())}


@cache
def account_calls() -> frozenset[str]:
    """Methods of clients that raise if the exchange refuses the key."""
    return frozenset(call for each in exchanges() for call in each.account_calls)


@cache
def account_paths() -> tuple[str, ...]:
    """Parts of paths, in lower case, under which an exchange tells of the account behind a key."""
    return tuple(path for each in exchanges() for path in each.account_paths)


@cache
def wire_loggers() -> tuple[str, ...]:
    """Loggers of clients that write whole requests at the level debug."""
    return tuple(logger for each in exchanges() for logger in each.wire_loggers)


@cache
def wire_options() -> Mapping[str, frozenset[str]]:
    """By module in Python, the options that make its clients show whole requests."""
    return {
        module: frozenset(each.wire_options)
        for each in exchanges()
        for module in each.imports.get("python", ())
        if each.wire_options
    }
