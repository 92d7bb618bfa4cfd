"""What the value of a setting means: literals, names of constants, versions, bundles of roots."""

from __future__ import annotations

import re

from policyscan.collectors.code.tls.facts import FileFacts, is_name

_TRUE = frozenset({"true", "1", "!0", "!false", "not false", "!!1", "!!true", "boolean.true", "2"})
_FALSE = frozenset({"false", "0", "!1", "!true", "not true", "!!0", "!!false", "boolean.false"})
_NOTHING = frozenset({"", "none", "null", "nil", "undefined"})
_NO_CERTIFICATE = re.compile(r"(?:.*\.)?(?:CERT_NONE|VERIFY_NONE|SSL_VERIFY_NONE)")
_CERTIFICATE = re.compile(
    r"(?:[\w.]+\s*\|\s*)*(?:.*\.)?(?:CERT_REQUIRED|CERT_OPTIONAL|VERIFY_PEER|"
    r"VERIFY_FAIL_IF_NO_PEER_CERT)"
)
_TEXT = re.compile(r"""[rbfuRBFU]{0,2}(["'`])(.*)\1""", re.DOTALL)
_VERSIONS = (
    (re.compile(r"(?:TLS_?v?1[._]?3|0x0304)(?!\d)"), "1.3"),
    (re.compile(r"(?:TLS_?v?1[._]?2|0x0303)(?!\d)"), "1.2"),
    (re.compile(r"(?:TLS_?v?1[._]?1|0x0302)(?!\d)"), "1.1"),
    (re.compile(r"TLS_?v?1(?![._]?[123])|0x0301|SSL_?v?[23]|MINIMUM_SUPPORTED|SSL30"), "1.0"),
)
_MAXIMUM = re.compile(r"MAXIMUM_SUPPORTED")
_CERTIFI = re.compile(r"(?:certifi\.)?where\(\)|.*\bcertifi\.(?:where|contents)\(\)", re.DOTALL)
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_READS = re.compile(r"(?:open|\w*\.?readFileSync|readFile|Path)\(|.*\.read(?:_bytes|_text)?\(\)")


def settled(file: FileFacts, text: str, place: int) -> str:
    """The value that a name stands for, if every place of the file that gives it one agrees; else
    the name."""
    denied = re.fullmatch(r"(?:!|not\s)\s*(.+)", text, re.DOTALL)
    if denied and is_name(denied[1].strip()) and truth(text) is None:
        answer = truth(settled(file, denied[1].strip(), place))
        return text if answer is None else str(not answer)
    for _ in range(4):
        if not is_name(text) or truth(text) is not None or is_nothing(text):
            return text
        given = file.values_of(text, place)
        values = {each.value for each in given or ()}
        if given is None or len(values) != 1:
            return text
        (value,) = values
        if value == text:
            return text
        text = value
    return text


def changed(file: FileFacts, text: str, value: str) -> str:
    """The variable behind a literal, if another place of the file changes it: flow is followed
    within a function, and any other may be called in between. `text` is the setting in which
    `value` does not stand; empty if nothing changes it."""
    answer = truth(value)
    if answer is None or re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text):
        return ""
    for name in dict.fromkeys(_IDENTIFIER.findall(text)):
        given = {truth(each.value) for each in file.shape.assigned(name)}
        if answer in given and _is_changed(file, name, answer):
            return str(name)
    return ""


def _is_changed(file: FileFacts, name: str, answer: bool) -> bool:
    pattern = rf"(?<![\w$]){re.escape(name)}\s*([-+*/&|^?]*)=(?![=>])\s*([^\n;,)}}]*)"
    text = file.shape.blank.decode("latin-1")
    others = ((found[1], truth(found[2])) for found in re.finditer(pattern, text))
    if any(how or (other is not None and other is not answer) for how, other in others):
        return True
    return re.search(rf"[(,]\s*&{re.escape(name)}\b", text) is not None


def truth(text: str) -> bool | None:
    """True or false, if the text is a literal of either."""
    word = re.sub(r"\s+", " ", text.strip().strip("()")).lower()
    word = re.sub(r" as (?:boolean|const|any)$", "", word)
    if word in _TRUE:
        return True
    return False if word in _FALSE else None


def demand(text: str) -> bool | None:
    """Whether a mode of verification demands a certificate, if the text names one."""
    plain = (text_of(text) or text).strip()
    if _NO_CERTIFICATE.fullmatch(plain) or plain.lower() == "none":
        return False
    return True if _CERTIFICATE.fullmatch(plain) or plain.lower() == "required" else None


def is_nothing(text: str) -> bool:
    """Whether a text is the literal for no value."""
    return text.strip().lower() in _NOTHING


def text_of(text: str) -> str | None:
    """What a literal text holds; None if it is none."""
    found = _TEXT.fullmatch(text.strip())
    return found[2] if found and found[1] not in found[2] else None


def version_of(text: str) -> str | None:
    """The lowest TLS version that a value names; None if it names none."""
    if _MAXIMUM.search(text):
        return "1.3"
    named = [version for pattern, version in _VERSIONS if pattern.search(text)]
    return min(named, default=None)


def version_after(options: str) -> str | None:
    """The lowest version that is left when options switch versions off."""
    for name, left in (("1_2", "1.3"), ("1_1", "1.2"), ("1", "1.1")):
        if re.search(rf"OP_NO_TLSv{name}\b", options):
            return left
    return None


def bundle_of(file: FileFacts, text: str) -> str | None:
    """What roots a value brings: `certifi`, `custom_bundle`, `system`; None if that is not told."""
    if _CERTIFI.fullmatch(text):
        return "certifi"
    if text_of(text) is not None and not _is_made_up(text):
        return "custom_bundle"
    if _READS.match(text) or re.match(r"new\s|\[", text):
        return "custom_bundle"
    if re.match(r"x509\.NewCertPool\(", text):
        return "custom_bundle"
    if re.match(r"x509\.SystemCertPool\(", text):
        return "system"
    return _pool(file, text) if is_name(text) else None


def _is_made_up(text: str) -> bool:
    return bool(re.match(r"[fF]|`.*\$\{", text))


def _pool(file: FileFacts, name: str) -> str | None:
    """What a variable of Go is first filled with, together with an error or alone."""
    pattern = rf"\b{re.escape(name)}\s*(?:,\s*\w+)?\s*:?=\s*x509\.(New|System)CertPool\("
    made = set(re.findall(pattern, file.source.data.decode("utf-8", "replace")))
    if made == {"New"}:
        return "custom_bundle"
    return "system" if made else None
