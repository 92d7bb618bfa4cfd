"""From one setting to the fields of a client that it decides."""

# ruff: noqa: ARG001 - all readers of a setting have one signature

from __future__ import annotations

import re
from collections.abc import Callable

from policyscan.collectors.code.tls.bodies import always_agrees, returns, trusts_all
from policyscan.collectors.code.tls.facts import Fact, FileFacts, is_name
from policyscan.collectors.code.tls.values import (
    bundle_of,
    changed,
    demand,
    is_nothing,
    settled,
    text_of,
    truth,
    version_after,
    version_of,
)
from policyscan.resources.masking import HIDDEN
from policyscan.values import Unknown, Why

Fields = dict[str, object]
"""What a setting decides: `verify`, `check_hostname`, `min_version`, `ca_source`; nothing if it
leaves all as it is. `JUDGED` alone means that what it hands on is judged where it is made."""
JUDGED = "judged elsewhere"
SERVER = "of a server"
NOT_KNOWN = "not known"
"""The value of the setting could not be told; for settings that count only if it can."""


def meaning_of(file: FileFacts, fact: Fact) -> Fields:
    """What a setting decides."""
    value = settled(file, fact.value, fact.span.start)
    if HIDDEN in value:
        value = "what is not shown here"
    value = changed(file, fact.span.text, value) or value
    return _MEANINGS[fact.says](file, fact, value)


def unknown(fact: Fact, value: str) -> Unknown:
    """A value that depends on something else than the source around it."""
    what = " ".join((value or fact.span.text).split())[:80]
    why = Why.VARIABLE_UNSET if is_name(value) else Why.COMPUTED
    return Unknown(why, f"the value of {what} at {fact.span.place}", fact.span)


def _both(answer: object) -> Fields:
    return {"verify": answer, "check_hostname": answer}


def _verify(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    answer = demand(value) if answer is None else answer
    if answer is not None:
        return _both(answer)
    if is_nothing(value):
        return _both(True)
    bundle = bundle_of(file, value) if fact.rule.startswith("tls-python") else None
    if bundle is not None and not re.search("cert_reqs|verify_mode", fact.span.text):
        return _both(True) | {"ca_source": bundle}
    return _context(file, fact, value)


def _context(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    if answer is not None or is_nothing(value):
        return _both(answer is not False)
    if is_made_here(file, fact, value):
        return {JUDGED: True}
    return {**_both(unknown(fact, value)), NOT_KNOWN: True}


def is_made_here(file: FileFacts, fact: Fact, value: str) -> bool:
    """Whether what is handed on is a context that this file makes."""
    made = [each for each in file.facts if each.makes]
    if any(_within(each, fact) for each in made):
        return True
    names = {file.variable_of(each.span) for each in made} - {""}
    if value in names or fact.value in names:
        return True
    head = _callee(value)
    if head and any(_callee(each.span.text) == head for each in made):
        return True
    called = file.function_called(re.sub(r"\(.*", "", value, flags=re.DOTALL))
    return called is not None and any(called.start <= each.span.start < called.end for each in made)


def _callee(text: str) -> str:
    """The last name of what a text calls; empty if it is no call."""
    found = re.match(r"[\w.]*?(\w+)\s*\(", text)
    return found[1] if found else ""


def _within(inner: Fact, outer: Fact) -> bool:
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end


def _not_verify(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    return _both(not answer if answer is not None else unknown(fact, value))


def _curl_verify(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    return {"verify": answer if answer is not None else unknown(fact, value)}


def _check_hostname(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    if answer is None and (is_nothing(value) or text_of(value)):
        answer = True
    return {"check_hostname": answer if answer is not None else unknown(fact, value)}


def _not_check_hostname(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = truth(value)
    return {"check_hostname": not answer if answer is not None else unknown(fact, value)}


def _min_version(file: FileFacts, fact: Fact, value: str) -> Fields:
    if is_nothing(value):
        return {"min_version": None}
    return {"min_version": version_of(value) or unknown(fact, value)}


def _options(file: FileFacts, fact: Fact, value: str) -> Fields:
    version = version_after(fact.value)
    return {"min_version": version} if version else {}


def _ca(file: FileFacts, fact: Fact, value: str) -> Fields:
    if is_nothing(value):
        return {}
    return {"ca_source": bundle_of(file, value) or unknown(fact, value)}


def _bundle(file: FileFacts, fact: Fact, value: str) -> Fields:
    if text_of(value) == "":
        return _both(unknown(fact, "an empty bundle in the version of requests that is in use"))
    return _ca(file, fact, value)


def _system(file: FileFacts, fact: Fact, value: str) -> Fields:
    return {"ca_source": "system"}


def _factory(file: FileFacts, fact: Fact, value: str) -> Fields:
    if "_create_unverified_context" in value or "_create_stdlib_context" in value:
        return _both(False)
    return _both(True if "create_default_context" in value else unknown(fact, value))


def _environment(file: FileFacts, fact: Fact, value: str) -> Fields:
    text = text_of(value)
    if text is None and not value.isdecimal():
        return _both(True if is_nothing(value) else unknown(fact, value))
    return _both((value if text is None else text) != "0")


def _never(file: FileFacts, fact: Fact, value: str) -> Fields:
    return _both(False)


def _never_host(file: FileFacts, fact: Fact, value: str) -> Fields:
    return {"check_hostname": False}


def _flag(file: FileFacts, fact: Fact, value: str) -> Fields:
    return _both(unknown(fact, "the flag"))


def _own_check(file: FileFacts, fact: Fact, value: str) -> Fields:
    return {} if is_nothing(value) else {"own_check": unknown(fact, "the check of its own")}


def _host_function(file: FileFacts, fact: Fact, value: str) -> Fields:
    text = _whole(file, fact, value)
    if is_nothing(value):
        return {}
    agrees = always_agrees(text)
    if agrees is not None:
        return {"check_hostname": not agrees}
    inside = [each for each in file.facts if each.says in ("host_result", "never_host")]
    named = re.match(r"new\s+(\w+)", value)
    if any(_within(each, fact) for each in inside) or (
        named and f"class {named[1]} " in file.source.data.decode("utf-8", "replace")
    ):
        return {JUDGED: True}
    return {"check_hostname": unknown(fact, value)}


def _whole(file: FileFacts, fact: Fact, value: str) -> str:
    """A function in full: messages of rules are cut."""
    called = file.function_called(value) if is_name(value) else None
    if called is not None:
        return file.text(called.start, called.end)
    if value != fact.value or len(fact.span.text) < 150:
        return value
    at = fact.span.text.find(value[:40])
    return fact.span.text[at:].rstrip(") ;\n}") + "}" if at >= 0 else value


def _host_method(file: FileFacts, fact: Fact, value: str) -> Fields:
    text = fact.span.text
    text = text[text.find("checkServerIdentity") + len("checkServerIdentity") :]
    text = text[: _end_of_property(text)].strip("'\" ")
    agrees = always_agrees(text[1:] if text.startswith(":") else f"function {text}")
    answer = unknown(fact, "checkServerIdentity") if agrees is None else not agrees
    return {"check_hostname": answer}


def _end_of_property(text: str) -> int:
    """Where a property of an object ends: at a comma or a brace outside of all others."""
    depth = 0
    for at, letter in enumerate(text):
        if depth == 0 and letter in ",}":
            return at
        depth += (letter in "({[") - (letter in ")}]")
    return len(text)


def _host_result(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = returns(fact.span.text)
    if answer is None and re.search(
        r"return\s+\w*(?:[vV]erifier|[dD]elegate)\w*\.verify\(", fact.span.text
    ):
        answer = False
    return {"check_hostname": unknown(fact, "verify") if answer is None else not answer}


def _trust_method(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = trusts_all(fact.span.text)
    return {"verify": unknown(fact, "checkServerTrusted") if answer is None else not answer}


def _trust_result(file: FileFacts, fact: Fact, value: str) -> Fields:
    answer = returns(fact.span.text)
    return {"verify": unknown(fact, "isTrusted") if answer is None else not answer}


def _trust_function(file: FileFacts, fact: Fact, value: str) -> Fields:
    if is_nothing(value):
        return {}
    agrees = always_agrees(_whole(file, fact, value))
    if agrees is not None:
        return {"verify": not agrees}
    if any(each.says in ("never", "trust_result") for each in file.facts):
        return {JUDGED: True}
    if "Strategy" not in value and not re.search(r"->|::", value) and not is_nothing(fact.module):
        return {"ca_source": "custom_bundle"}
    return {"verify": unknown(fact, value)}


def _managers(file: FileFacts, fact: Fact, value: str) -> Fields:
    if is_nothing(value):
        return {"verify": True, "ca_source": "system"}
    if any(each.says in ("trust_method", "never", "trust_function") for each in file.facts):
        return {JUDGED: True}
    if value.endswith("getTrustManagers()"):
        text = file.source.data.decode("utf-8", "replace")
        plain = re.search(r"\.init\(\s*\(KeyStore\)\s*null\s*\)", text)
        return {"verify": True, "ca_source": "system" if plain else "custom_bundle"}
    return {"verify": unknown(fact, value)}


def _property(file: FileFacts, fact: Fact, value: str) -> Fields:
    text = text_of(value)
    if "disableHostnameVerification" in fact.module:
        known = unknown(fact, value) if text is None else text.lower() == "false"
        return {"check_hostname": known}
    if "trustStore" in fact.module:
        return {"ca_source": "custom_bundle"}
    return _protocols(file, fact, value)


def _protocols(file: FileFacts, fact: Fact, value: str) -> Fields:
    version = version_of(value) if re.search(r"[\"']", value) else None
    return {"min_version": version or unknown(fact, value)}


def _protocols_call(file: FileFacts, fact: Fact, value: str) -> Fields:
    return {"min_version": version_of(fact.span.text) or unknown(fact, fact.span.text)}


def _endpoint(file: FileFacts, fact: Fact, value: str) -> Fields:
    if is_nothing(value) or text_of(value) == "":
        return {"check_hostname": False}
    return {"check_hostname": True if text_of(value) is not None else unknown(fact, value)}


def _server(file: FileFacts, fact: Fact, value: str) -> Fields:
    return {SERVER: True}


_MEANINGS: dict[str, Callable[[FileFacts, Fact, str], Fields]] = {
    "verify": _verify,
    "not_verify": _not_verify,
    "curl_verify": _curl_verify,
    "check_hostname": _check_hostname,
    "not_check_hostname": _not_check_hostname,
    "min_version": _min_version,
    "options": _options,
    "ca": _ca,
    "more_ca": _ca,
    "bundle": _bundle,
    "system": _system,
    "context": _context,
    "factory": _factory,
    "environment": _environment,
    "never": _never,
    "never_host": _never_host,
    "flag": _flag,
    "own_check": _own_check,
    "host_function": _host_function,
    "host_method": _host_method,
    "host_result": _host_result,
    "trust_method": _trust_method,
    "trust_result": _trust_result,
    "trust_function": _trust_function,
    "managers": _managers,
    "property": _property,
    "protocols": _protocols,
    "protocols_call": _protocols_call,
    "endpoint": _endpoint,
    "server": _server,
}
