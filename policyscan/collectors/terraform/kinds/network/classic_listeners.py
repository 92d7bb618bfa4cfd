"""Listeners of classic load balancers, which are written inside the balancer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.resources.base import Step, StepKind
from policyscan.resources.elb_policies import DEFAULT_POLICY, lookup
from policyscan.resources.tls import TlsServerConfig
from policyscan.values import Unknown, Why

CLASSIC = ("aws_elb",)
POLICY_TYPES = (
    "aws_load_balancer_policy",
    "aws_load_balancer_listener_policy",
    "aws_lb_ssl_negotiation_policy",
)
"""Types that may change the policy of a listener."""

_PROTOCOLS = {"HTTP": "http", "HTTPS": "https", "SSL": "tls", "TCP": "tcp"}


def classic_listeners(declared: Declared) -> Iterator[TlsServerConfig]:
    """Every listener of every classic load balancer, numbered as written."""
    for node in declared.nodes(*CLASSIC):
        views, reason = declared.view(node).blocks("listener")
        declared.note(node.block, "" if views or reason is not None else "it has no listener")
        for number, view in enumerate(views):
            yield _listener(declared, node, view, f"#listener-{number + 1}")
        if reason is not None:
            yield _unseen(declared, node, reason)


def _listener(declared: Declared, node: Node, view: View, suffix: str) -> TlsServerConfig:
    built = fields.Fields(view.span)
    protocol = view.get("lb_protocol")
    unstated = Unknown(Why.MISSING, "the protocol of this listener", view.span)
    built.put(
        "protocol", "lb_protocol", protocol, fields.choice(_PROTOCOLS, str.upper), unstated, ""
    )
    built.put("port", "lb_port", view.get("lb_port"), fields.integer, None, "")
    secure = built.values["protocol"] not in ("http", "tcp") if _is_text(built) else True
    offer = lookup(DEFAULT_POLICY)
    assert offer is not None
    named = _named_policy(declared, node) if secure else None
    why = fields.implied("policy", view.span, f"AWS applies {DEFAULT_POLICY}")
    for field, value in (
        ("policy_name", DEFAULT_POLICY if secure else None),
        ("min_version", offer.versions[0] if secure else None),
        ("max_version", offer.versions[-1] if secure else None),
        ("aead_only", offer.aead_only if secure else True),
    ):
        built.set(field, value if named is None else named, why)
    step = Step(StepKind.IMPLIED, "a classic load balancer cannot redirect", view.span)
    built.set("redirects_to_https", False, (step,))
    internal = declared.evaluate(node, "internal")
    built.values["internal"] = fields.boolean(internal) if internal is not None else False
    return _made(declared, node, built, suffix)


def _is_text(built: fields.Fields) -> bool:
    return isinstance(built.values["protocol"], str)


def _named_policy(declared: Declared, node: Node) -> Unknown | None:
    """Why it is not known which policy is in force: some resource of the root sets policies."""
    if next(declared.nodes(*POLICY_TYPES), None) is not None:
        return Unknown(Why.UNSUPPORTED, "the policy that is set for it", node.block.header)
    return declared.missing("the policy that is set for it", node)


def _unseen(declared: Declared, node: Node, reason: Unknown) -> TlsServerConfig:
    """Listeners whose number is not known, as one of which nothing is known."""
    built = fields.Fields(node.block.header)
    for name in ("protocol", "port", "policy_name", "min_version", "max_version", "aead_only"):
        built.set(name, reason, fields.implied("listener", node.block.header, "dynamic"))
    return _made(declared, node, built, "#listener-?")


def _made(declared: Declared, node: Node, built: fields.Fields, suffix: str) -> TlsServerConfig:
    common: dict[str, Any] = declared.common(node, built)
    identity = common["identity"]
    common |= {
        "address": node.address + suffix,
        "identity": identity + suffix if identity else "",
    }
    return TlsServerConfig(**common, **built.values, server="clb")
