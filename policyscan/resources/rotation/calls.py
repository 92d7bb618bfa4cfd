"""What single calls of a Python program do in the rotation of a key, by name and arguments."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping

from policyscan.resources.exchanges import account_calls, account_paths
from policyscan.resources.rotation.model import RotationStep

KNOWN_LIBRARIES = (sys.stdlib_module_names - {"subprocess", "importlib", "runpy", "ctypes"}) | set(
    "boto3 botocore requests httpx urllib3 aiohttp hvac cryptography nacl yaml dotenv tenacity "
    "backoff sentry_sdk structlog loguru pydantic aws_lambda_powertools websockets "
    "websocket".split()
)
"""Libraries that do nothing to a key unless a call of this program says so, as do the clients of
exchanges."""

_CREATES = re.compile(
    r"(?:create|generate|new|make|issue)_?(?:new_?)?(?:sub_?account_?)?(?:api_?(?:key|credential)s?"
    r"|access_?key|sub_?account_?api|key_?pair)"
)
_REVOKES = re.compile(
    r"(?:delete|revoke|remove|disable|deactivate|retire)_?(?:old_?|previous_?|new_?|sub_?account_?)*"
    r"(?:api_?(?:key|credential)s?|access_?key|sub_?account_?api|keys?)"
)
_VALIDATES = re.compile(
    r"(?:test|validate|verify|check|try|probe)_?(?:(?:the|new|pending|api|exchange|sub_?account)_?)*"
    r"(?:keys?|secrets?|credentials?|creds|connection|access|permissions?|api)(?:_?works)?"
)
_RESTORES = re.compile(r"(?:roll_?back|restore|revert|undo|cancel_rotat)\w*")
_STARTS = re.compile(
    r"system|popen|exec|eval|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|create_subprocess_\w+|getattr"
    r"|__import__|globals"
)
_ENDPOINT = re.compile(r"sub_?account_?api(?!_?ip|/ip)")
_METHODS = ("get", "post", "put", "delete")
_POSTS, _DELETES = re.compile(r"post|create"), re.compile(r"delete")
_STAGES = "update_secret_version_stage"
_BALANCE = frozenset({"get_balance"})
_HTTP = frozenset({"requests", "httpx", "session"})
_ERROR = re.compile(r"\w*(?:Error|Exception)")
_INERT = frozenset(
    "print info debug warning error exception critical log format join get items keys getenv "
    "sleep describe_secret get_secret_value loads dumps client resource str int len dict "
    "getLogger".split()
)


def does_nothing(call: ast.Call) -> bool:
    """Whether a call cannot be what tries a key or puts one back: it logs, or makes an error."""
    name = name_of(call)
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(owner, ast.Name) and owner.id in _HTTP:
        return False
    return name in _INERT or _ERROR.fullmatch(name) is not None


def name_of(call: ast.Call) -> str:
    """The last part of the name that is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def step_of(call: ast.Call, constants: Mapping[str, str]) -> RotationStep | None:
    """The step that a call of a library takes; None if it takes none."""
    name = name_of(call).lower()
    if name == _STAGES:
        return "promote" if "AWSCURRENT" in _stages(call, "VersionStage", constants) else None
    if name == "put_secret_value":
        stages = _stages(call, "VersionStages", constants)
        return "set_pending" if "AWSPENDING" in stages and "AWSCURRENT" not in stages else "promote"
    if name == "update_secret":
        return "promote"
    if _REVOKES.fullmatch(name):
        return "revoke"
    if _CREATES.fullmatch(name):
        return "create"
    return step_of_request(call, constants)


def step_of_request(call: ast.Call, constants: Mapping[str, str]) -> RotationStep | None:
    """The step that a call takes by what it asks the exchange for: method and path."""
    name, texts = name_of(call).lower(), list(_texts(call, constants))
    verbs = " ".join((name, *(text for text in texts if text in _METHODS)))
    if any(_ENDPOINT.search(text) for text in (name, *texts)):
        return "revoke" if _DELETES.search(verbs) else "create" if _POSTS.search(verbs) else None
    return "validate" if _tries(name, texts) else None


def asks_unclearly(call: ast.Call, constants: Mapping[str, str]) -> bool:
    """Whether a call is about the keys of a sub-account and does not say what it does to them."""
    name, texts = name_of(call).lower(), list(_texts(call, constants))
    asks = any(_ENDPOINT.search(text) for text in texts)
    return asks and not any(method in (name, *texts) for method in _METHODS)


def _tries(name: str, texts: list[str]) -> bool:
    """Whether a call asks for the account behind a key."""
    asks = any(path in text for path in account_paths() for text in texts)
    return asks or asks_account(name)


def asks_account(name: str) -> bool:
    """Whether a method of this name of a client raises if the key is refused."""
    return name in _BALANCE or name in account_calls()


def validates(name: str) -> bool:
    """Whether a function of this name should try a key."""
    return _VALIDATES.fullmatch(name.lower()) is not None


def starts_a_program(call: ast.Call) -> bool:
    """Whether a call runs something whose text is not this program's."""
    return _STARTS.fullmatch(name_of(call)) is not None


def restores(call: ast.Call) -> bool:
    """Whether a call on the way of a failure undoes something, by its name."""
    name = name_of(call).lower()
    return name == _STAGES or _RESTORES.fullmatch(name) is not None


def claims_step(name: str) -> bool:
    """Whether a function of this name should make or delete a key."""
    return any(pattern.fullmatch(name.lower()) for pattern in (_CREATES, _REVOKES))


def _stages(call: ast.Call, keyword: str, constants: Mapping[str, str]) -> set[str]:
    given = [word.value for word in call.keywords if word.arg == keyword]
    return {text.upper() for value in given for text in _constants_in(value, constants)}


def _texts(call: ast.Call, constants: Mapping[str, str]) -> Iterator[str]:
    """The literal texts among the arguments, in lower case."""
    for value in (*call.args, *(word.value for word in call.keywords)):
        yield from (text.lower() for text in _constants_in(value, constants))


def _constants_in(value: ast.expr, constants: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        if name in constants:
            yield constants[name]
