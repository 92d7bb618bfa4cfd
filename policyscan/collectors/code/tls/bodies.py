"""What a short function does: functions that a program gives a library to decide for it."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.DOTALL)
_LOG = re.compile(
    r"\b(?:log|logger|LOG|LOGGER|console|System\.out|System\.err|Log)\.\w+\((?:[^()]|\([^()]*\))*\)\s*;?"
)
_ALWAYS = re.compile(
    r"(?:async\s*)?(?:lambda[^:]*:|function\s*\w*\s*\([^)]*\)\s*\{|\(?[^()]*\)?\s*(?:=>|->)\s*\{?)?"
    r"\s*(?:return\b)?\s*\(?(?:True|true|None|null|undefined|void 0|\{\})?\)?\s*;?\s*\}?\s*;?"
)
_REAL_CHECK = re.compile(
    r"tls\.checkServerIdentity\(|DefaultHostnameVerifier|OkHostnameVerifier|STRICT_HOSTNAME|"
    r"BROWSER_COMPATIBLE|getDefaultHostnameVerifier|BrowserCompatHostnameVerifier|"
    r"StrictHostnameVerifier"
)
_NO_CHECK = re.compile(r"NoopHostnameVerifier|AllowAllHostnameVerifier|ALLOW_ALL_HOSTNAME_VERIFIER")


def always_agrees(text: str) -> bool | None:
    """Whether a function agrees to whatever it is asked; None if that cannot be told. It may be the
    name of a well-known one."""
    if _NO_CHECK.search(text):
        return True
    if _REAL_CHECK.search(text):
        return False
    plain = _plain(text)
    if re.search(r"=>|->|\bfunction\b|\blambda\b|\{", plain) and _ALWAYS.fullmatch(plain):
        return True
    return None


def body_of(text: str) -> str:
    """What stands between the outer braces of a method, without comments and logging."""
    start, end = text.find("{"), text.rfind("}")
    return _plain(text[start + 1 : end]) if 0 <= start < end else ""


def trusts_all(text: str) -> bool | None:
    """Whether a `checkServerTrusted` accepts every chain; None if that cannot be told. One that
    looks at dates and no more accepts those that anybody made."""
    body = body_of(text)
    if not body or re.fullmatch(r"return\s*;", body):
        return True
    if ".checkServerTrusted(" in body:
        swallows = "catch" in body and "throw" not in body
        return None if swallows or re.search(r"\bif\b", body) else False
    body = re.sub(r"\b[\w\[\]]+\.checkValidity\(\w*\)\s*;", "", body)
    body = re.sub(
        r"for\s*\([^)]*\)\s*\{?\s*\}?|try\s*\{\s*\}|catch\s*\([^)]*\)\s*\{\s*\}", "", body
    )
    return True if not body.strip("{} \t\r\n;") else None


def returns(text: str) -> bool | None:
    """What a method always returns, if that is one literal."""
    found = re.fullmatch(r"return\s*\(?(true|false)\)?\s*;", body_of(text))
    return found[1] == "true" if found else None


def _plain(text: str) -> str:
    text = _LOG.sub("", _COMMENT.sub("", text))
    return re.sub(r"\s+", " ", text).strip()
