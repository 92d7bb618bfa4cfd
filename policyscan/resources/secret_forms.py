"""Texts that hold a secret by what they look like, whatever the thing that holds them is called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from policyscan.resources.placeholders import is_placeholder
from policyscan.resources.secret_signs import secret_name, token_format

MAX_TEXT = 100_000
"""Characters of a text that are looked at."""
_EXCHANGE_KEY = re.compile(r"(?=[A-Z0-9]*[a-z])(?=[a-z0-9]*[A-Z])(?=[A-Za-z]*[0-9])[A-Za-z0-9]{64}")
"""How Binance writes both halves of a key; hexadecimal digests have letters of one case only."""
_PASSWORD = re.compile(r"://[^\s/:@\"'<>]{0,128}:([^\s/@\"'<>${}]{1,256})@")
"""The password in the user information of an address."""
_PUBLIC_KEY = re.compile(
    r"\s*(?:ssh-|ecdsa-|sk-ssh-|-----BEGIN (?:RSA )?(?:PUBLIC KEY|CERTIFICATE))"
)
_POINTERS = ("arn:", "ssm:", "secretsmanager:", "vault:", "file:")
"""How texts begin that say where a secret is."""
_LONGEST_PART = 39
"""Characters of a part of a path: what is longer is a key in base 64 that begins with a slash."""
_ASSIGNMENT = re.compile(
    r"(?<![\w$./:?&%@#-])(?:--)?(?P<name>[A-Za-z_][\w-]{0,99})="
    r"(?:\"(?P<double>[^\"\n]{1,200})\"|'(?P<single>[^'\n]{1,200})'"
    r"|(?P<bare>[^\s\"'$`;|&<>()\\,]{1,200})(?P<after>[$`\\]?))"
)
"""`NAME=value` or `--name=value` in a command; `after` says that a bare value goes on with what a
shell fills in."""
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.@%+~-]{0,39}(?:/[\w.@%+~-]{0,39})*")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^@\s]*", re.IGNORECASE)
_FILLED = re.compile(r"[$`]")
_SWITCH = re.compile(r"true|false|yes|no|on|off|none|null|enabled|disabled", re.IGNORECASE)
_FILE = re.compile(
    r"[\w./-]{1,200}\.(?:pem|key|crt|cer|p12|pfx|jks|json|txt|ya?ml|toml|conf|cfg|ini|env|pub|asc|gpg)"
)
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{4} {0,2}){10}|0x(?:[0-9A-F]{8}){1,2}")
"""Of an OpenPGP key, or its id."""


def says_where(text: str) -> bool:
    """Whether a text is the path or ARN of a secret and not the secret."""
    if text.startswith("/"):
        return all(len(part) <= _LONGEST_PART for part in text.split("/"))
    return text.startswith(_POINTERS)


def is_public_key(text: str) -> bool:
    """Whether a text is the public half of a pair of keys, or a certificate."""
    return _PUBLIC_KEY.match(text) is not None


def holds_secret_form(text: str) -> bool:
    """Whether a text holds a token, a key of an exchange, an address with a password, or a JSON
    document in which something with the name of a secret has a value."""
    text = text[:MAX_TEXT].strip()
    if token_format(text) or _EXCHANGE_KEY.fullmatch(text):
        return True
    if any(not is_placeholder(found[1]) for found in _PASSWORD.finditer(text)):
        return True
    return text.startswith(("{", "[")) and any(map(_is_secret_leaf, _leaves(text)))


def _leaves(text: str) -> Iterator[tuple[str, str]]:
    """The texts of a JSON document, each with its name."""
    try:
        pending: list[tuple[str, Any]] = [("", json.loads(text))]
    except (ValueError, RecursionError):
        return
    while pending:
        name, value = pending.pop()
        if isinstance(value, dict):
            pending += value.items()
        elif isinstance(value, list):
            pending += [(name, item) for item in value]
        elif isinstance(value, str):
            yield name, value


def _is_secret_leaf(leaf: tuple[str, str]) -> bool:
    name, value = leaf
    if _EXCHANGE_KEY.fullmatch(value):
        return True
    reason = secret_name(name)
    hidden = bool(reason) and not is_placeholder(value) and not says_where(value)
    return hidden and "$" not in value and is_literal(value, reason)


def assigned_secrets(text: str) -> Iterator[tuple[str, str]]:
    """The names that say secret and get a literal in a command, each once, and why."""
    seen: set[str] = set()
    for found in _ASSIGNMENT.finditer(text):
        name = found["name"]
        value = found["double"] or found["single"] or found["bare"]
        filled = found["after"] or (found["double"] and _FILLED.search(value))
        if name in seen or filled or token_format(value):
            continue
        if (reason := secret_name(name)) and is_literal(value, reason):
            seen.add(name)
            yield name, reason


def is_literal(value: str, reason: str) -> bool:
    """Whether the value of a variable with a secret's name is a secret itself: not empty, not a
    path, an address, a switch or the fingerprint of a public key."""
    value = value.strip()
    harmless = [_PATH, _URL, _SWITCH, _FILE]
    if reason == "the name says key":
        harmless.append(_FINGERPRINT)
    public = is_public_key(value) or any(form.fullmatch(value) for form in harmless)
    return bool(value) and not public
