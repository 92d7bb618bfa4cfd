"""Parameters of the Parameter Store that hold secrets. Nothing there rotates by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.key_owner import key_owner
from policyscan.collectors.terraform.kinds.keys.secret_values import SAFE, seals_of, value_source
from policyscan.collectors.terraform.kinds.purpose_signs import signs
from policyscan.collectors.terraform.kinds.workloads.credentials import source_of_text
from policyscan.resources.base import Chain
from policyscan.resources.exchange_words import exchange_named
from policyscan.resources.keys import Secret
from policyscan.resources.masking import secret_name
from policyscan.resources.purpose import is_exchange_secret
from policyscan.text.words import words_of
from policyscan.values import OneOf, Unknown, Why, reason_or

PARAMETERS = ("aws_ssm_parameter",)
_VALUES = ("value", "insecure_value")

_SECURE = "SecureString"
_PLAIN = ("String", "StringList")


def parameters(declared: Declared) -> Iterator[Secret]:
    """Every encrypted parameter of the root, and those in plain text that hold an exchange key."""
    for node in declared.nodes(*PARAMETERS):
        view = declared.view(node)
        built = fields.Fields(view.span)
        for name in ("name", "description"):
            built.put(name, name, view.get(name), fields.text, None, "")
        _put_rotation(built, view)
        _put_key(built, view)
        built.set("value_from", *_value_from(declared, node, view))
        built.seals["value_from"] = seals_of(declared, (node,), _VALUES)
        common = declared.common(node, built)
        purpose = _purpose(node, view, built.values, common["tags"])
        if purpose is None:
            declared.note(node.block, "not a secret")
            continue
        declared.note(node.block, "")
        common["chains"] = {**common["chains"], "purpose": built.chains["name"]}
        scope = {"purpose": "derived"} if isinstance(purpose, str) else {}
        yield Secret(**common, **built.values, store="ssm", purpose=purpose, scope=scope)


def _value_from(declared: Declared, node: Node, view: View) -> tuple[Any, Chain]:
    """What puts its value there; not known if it may be a plain setting by its type."""
    source, why = value_source(declared, node, _VALUES, read_back=True)
    kind = view.get("type")
    doubt = None if kind is None else kind.unknown
    if doubt is None or (isinstance(source, str) and source in SAFE):
        return source, why
    return doubt.derived, why


def _put_rotation(built: fields.Fields, view: View) -> None:
    why = fields.implied("rotation", view.span, "the Parameter Store rotates nothing")
    built.set("rotation_enabled", False, why)
    built.set("rotation_interval_days", None, why)
    built.set("rotation_function", None, why)


def _put_key(built: fields.Fields, view: View) -> None:
    """Whose key encrypts it: nobody's, unless it is a SecureString."""
    kind = view.get("type")
    means = "the key aws/ssm, which AWS manages"
    built.put("kms", "key_id", view.get("key_id"), key_owner, "aws_managed", means)
    if kind is None:
        unknown = Unknown(Why.MISSING, "the type of this parameter", view.span)
        built.set("kms", unknown, fields.implied("type", view.span, "it must be"))
    elif (encrypted := _encrypted(fields.text(kind), built.values["kms"])) is not None:
        built.set("kms", encrypted, fields.chain(kind, "type"))


def _encrypted(kind: Any, owner: Any) -> Any:
    """Whose key is in force for this type; None if it is that of the `owner`."""
    if isinstance(kind, str):
        return None if kind == _SECURE else "none"
    if isinstance(kind, OneOf):
        if isinstance(owner, OneOf) or not all(isinstance(c.value, str) for c in kind.alternatives):
            return kind.unknown.derived
        return kind.each(lambda case: owner if case == _SECURE else "none")
    reason = kind if isinstance(kind, Unknown) else None
    return reason_or(reason, Why.COMPUTED, "the type of this parameter", None).derived


def _purpose(node: Node, view: View, values: dict[str, Any], tags: Any) -> Any:
    """What it is for; None for a parameter in plain text that is no secret. Much that is kept here
    is no key, `/bot/binance/symbol`: the end of its name must say that it is one."""
    purpose = is_exchange_secret(signs(node, values["name"], values["description"], tags))
    if isinstance(purpose, str) and purpose == "other":
        return None if _is_plain(view) and not _shows_secret(view) else purpose
    holds = _holds_key(node, values["name"])
    if holds is None:
        return None if _is_plain(view) and not _shows_secret(view) else _not_told(node)
    return purpose if holds is True else holds


def _shows_secret(view: View) -> bool:
    """Whether what it holds is a secret by its form, whatever the parameter is called."""
    values = (view.get(name) for name in _VALUES)
    return any(value is not None and source_of_text(value.plain) is not None for value in values)


def _is_plain(view: View) -> bool:
    kind = view.get("type")
    text = None if kind is None else fields.text(kind)
    return isinstance(text, str) and text in _PLAIN


def _not_told(node: Node) -> Unknown:
    what = f"the purpose of {node.address}"
    return Unknown(Why.UNDECLARED, what, node.block.header, question="purpose")


def _holds_key(node: Node, name: Any) -> bool | Unknown | None:
    """Whether a parameter is a key by its label or the end of its name; None if neither says so."""
    end: Any = name.parts[-1] if isinstance(name, Unknown) and name.parts else name
    if _says_key(node.block.labels[1]) or (isinstance(end, str) and _says_key(_end(end))):
        return True
    return end.derived if isinstance(end, Unknown) else None


def _says_key(text: str) -> bool:
    """Whether a name says that it is a credential, or names an exchange and nothing else."""
    words = words_of(text)
    if secret_name(text) or words[-1:] == ("api",):
        return True
    return len(words) == 1 and exchange_named(words) is not None


def _end(name: str) -> str:
    """The last part of a path, with the one before it if it is only `key`."""
    before, _, last = name.rpartition("/")
    return f"{before.rpartition('/')[2]}_{last}" if last.lower() in ("key", "keys") else last
