"""Files whose name says that they hold a secret."""

from __future__ import annotations

import re
from enum import Enum, auto


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENVIRONMENT = re.compile(r"\.env(?:\.[\w.-]+)?")
_NOT_REAL = _words(
    "example examples sample samples template tpl dist default defaults schema test testing ci docs"
)
"""Words of an environment file that holds no real values."""
_SSH_KEY = re.compile(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?")
_CREDENTIALS = re.compile(r"\.git-credentials|\.netrc|\.pgpass|\.pypirc")
_BUNDLE = re.compile(r".+\.(?:p12|pfx)")
_PEM = re.compile(r".+\.(?:pem|key)")
_PRIVATE = _words("key priv private privkey privatekey")
_PUBLIC = _words(
    "pub public ca cacert cacerts cert certs certificate certificates chain fullchain bundle crt"
    " root roots rootca dhparam dhparams dh gpg apt repo archive keyring trust truststore"
)


class Holds(Enum):
    """Whether a file of that name holds a secret."""

    SECRET = auto()
    PERHAPS = auto()
    NOTHING = auto()


def holds_secret(path: str) -> tuple[Holds, str]:
    """What the name of a copied file says, and the reason or what would decide it."""
    name = path.rstrip("/").rpartition("/")[2]
    lowered = name.lower()
    if re.search(r"[*?\[]", name):
        if lowered.startswith(".env") or _PEM.fullmatch(lowered):
            return Holds.PERHAPS, f"which files {name} stands for"
        return Holds.NOTHING, ""
    words = frozenset(re.findall("[a-z]+", lowered.rpartition(".")[0] or lowered))
    if _ENVIRONMENT.fullmatch(lowered):
        real = _NOT_REAL.isdisjoint(re.split(r"[.-]", lowered))
        return (Holds.SECRET, "an environment file") if real else (Holds.NOTHING, "")
    if _SSH_KEY.fullmatch(lowered):
        return Holds.SECRET, "a private SSH key"
    if _CREDENTIALS.fullmatch(lowered):
        return Holds.SECRET, "a file of credentials"
    if _BUNDLE.fullmatch(lowered):
        return Holds.SECRET, "a bundle with a private key"
    if _PEM.fullmatch(lowered):
        if words & _PRIVATE and not words & {"pub", "public"}:
            return Holds.SECRET, "a private key"
        if not words & _PUBLIC:
            return Holds.PERHAPS, f"whether {name} holds a private key"
    return Holds.NOTHING, ""
