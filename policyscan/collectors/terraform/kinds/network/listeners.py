"""Listeners of load balancers, with the policy that AWS applies when none is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import View
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.network.classic_listeners import (
    classic_listeners,
)
from policyscan.collectors.terraform.operators import conjunction
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.elb_policies import DEFAULT_POLICY, TlsOffer, lookup
from policyscan.resources.tls import TlsServerConfig
from policyscan.values import OneOf, Ref, Unknown, Why, first, reason_or

LISTENERS = ("aws_lb_listener", "aws_alb_listener")
LISTENER_RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")

_PROTOCOLS = {
    word.upper(): word
    for word in ("https", "tls", "http", "tcp", "udp", "tcp_udp", "geneve", "quic")
}
_SERVERS = {"application": "alb", "network": "nlb", "gateway": "gwlb"}


def listeners(declared: Declared) -> Iterator[TlsServerConfig]:
    """Every listener of the root."""
    yield from classic_listeners(declared)
    balancers = {node.address: node for node in declared.nodes("aws_lb", "aws_alb")}
    rules, stray = _rules(declared)
    for node in declared.nodes(*LISTENERS):
        declared.note(node.block, "")
        view = declared.view(node)
        built = fields.Fields(node.block.header)
        balancer = _balancer(view, balancers)
        server, internal = _server(declared, balancer)
        built.put(
            "protocol",
            "protocol",
            view.get("protocol"),
            fields.choice(_PROTOCOLS, str.upper),
            "http" if server == "alb" else "geneve" if server == "gwlb" else _unstated(node),
            "the default of the load balancer",
        )
        built.put("port", "port", view.get("port"), fields.integer, None, "")
        _put_policy(built, view, node)
        unfollowed = first(stray, declared.elsewhere("rules of this listener", node))
        followed = [(r.address, declared.view(r)) for r in rules.get(node.address, [])]
        parts: list[tuple[str, View]] = [("default_action", view), *followed]
        built.set("redirects_to_https", *_only_redirects(parts, unfollowed))
        built.values["internal"] = internal
        yield TlsServerConfig(**declared.common(node, built), **built.values, server=server)


def _unstated(node: Node) -> Unknown:
    return Unknown(Why.MISSING, "the protocol of this listener", node.block.header)


def _balancer(view: View, balancers: dict[str, Node]) -> Node | None:
    value = view.get("load_balancer_arn")
    target = fields.target(value) if value is not None else None
    return balancers.get(target.address) if isinstance(target, Ref) else None


def _server(declared: Declared, balancer: Node | None) -> tuple[str, Any]:
    """The kind of load balancer, and whether it is internal."""
    if balancer is None:
        return "unknown", Unknown(Why.NOT_SEEN, "the load balancer of this listener")
    type_ = declared.evaluate(balancer, "load_balancer_type")
    word = fields.text(type_) if type_ is not None else "application"
    internal = declared.evaluate(balancer, "internal")
    server = _SERVERS.get(word, "unknown") if isinstance(word, str) else "unknown"
    if internal is None:
        return server, False
    return server, fields.or_absent(fields.boolean(internal), False)


def _put_policy(built: fields.Fields, view: View, node: Node) -> None:
    """The policy in force and what it accepts."""
    protocol = built.values["protocol"]
    named = view.get("ssl_policy")
    built.put(
        "policy_name",
        "ssl_policy",
        named,
        fields.text,
        DEFAULT_POLICY if _may_be_tls(protocol) else None,
        f"AWS applies {DEFAULT_POLICY}",
    )
    chain = built.chains["policy_name"]
    for field, fact, without_tls in (
        ("min_version", lambda offer: offer.versions[0], None),
        ("max_version", lambda offer: offer.versions[-1], None),
        ("aead_only", lambda offer: offer.aead_only, True),
    ):
        name = built.values["policy_name"]
        value = _accepted(name, fact, node) if _may_be_tls(protocol) else without_tls
        built.set(field, value, chain)


def _may_be_tls(protocol: Any) -> bool:
    return not isinstance(protocol, str) or protocol in ("https", "tls", "quic")


def _accepted(name: Any, fact: Callable[[TlsOffer], Any], node: Node) -> Any:
    """A fact about the policy of that name."""
    if isinstance(name, OneOf):
        return name.each(lambda case: _accepted(case, fact, node))
    if not isinstance(name, str):
        header = node.block.header
        return (
            name
            if isinstance(name, Unknown)
            else Unknown(Why.COMPUTED, "the name of the TLS policy", header)
        )
    found = lookup(name)
    answer = fact(found) if found is not None else None
    if answer is None:
        return Unknown(Why.OUTSIDE, f"what the policy {name} accepts", node.block.header)
    return answer


def _rules(declared: Declared) -> tuple[dict[str, list[Node]], Unknown | None]:
    """Listener rules by the address of their listener, and why one may belong to any."""
    found: dict[str, list[Node]] = {}
    stray: Unknown | None = None
    for node in declared.nodes(*LISTENER_RULES):
        value = declared.evaluate(node, "listener_arn")
        target = fields.target(value) if value is not None else None
        if isinstance(target, Ref):
            found.setdefault(target.address, []).append(node)
        elif isinstance(target, (Unknown, OneOf)):
            stray = target if isinstance(target, Unknown) else target.unknown
    return found, stray


def _only_redirects(parts: list[tuple[str, View]], stray: Unknown | None) -> tuple[Any, Chain]:
    """Whether a listener and its rules, each with what it is called, only redirect to HTTPS; and
    the first that decides it."""
    answers = [_redirects(view) for _, view in parts]
    only: Any = conjunction(answers)
    name, view = next(part for part, answer in zip(parts, answers, strict=True) if answer is only)
    step = Step(StepKind.BLOCK, name, _action_span(view))
    if only is None or (only and stray is not None):
        only = reason_or(stray, Why.COMPUTED, "the actions of this listener", view.span)
    return only, (step,)


def _redirects(view: View) -> bool | None:
    """Whether every action redirects to HTTPS; None if that is not known."""
    for name in ("default_action", "action"):
        actions, reason = view.blocks(name)
        if actions or reason is not None:
            every = conjunction(_is_redirect(action) for action in actions)
            return None if reason is not None and every is True else every
    return False


def _is_redirect(action: View) -> bool | None:
    type_ = action.get("type")
    word = fields.text(type_) if type_ is not None else None
    if isinstance(word, (Unknown, OneOf, Ref)):
        return None
    if word != "redirect":
        return False
    views, reason = action.blocks("redirect")
    if reason is not None or not views:
        return None
    protocol = views[0].get("protocol")
    target = fields.text(protocol) if protocol is not None else "#{protocol}"
    return target.upper() == "HTTPS" if isinstance(target, str) else None


def _action_span(view: View) -> Any:
    actions = [*view.blocks("default_action")[0], *view.blocks("action")[0]]
    return actions[0].span if actions else view.span
