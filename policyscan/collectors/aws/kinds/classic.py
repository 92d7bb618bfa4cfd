"""Listeners of classic load balancers, whose policies are lists of attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, tag_chains, tags_of
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.resources.tls import TlsServerConfig
from policyscan.resources.tls_ciphers import aead_only, tls_versions
from policyscan.values import Unknown, Why

BALANCERS = "elb:DescribeLoadBalancers"
POLICIES = "elb:DescribeLoadBalancerPolicies"
TAGS = "elb:DescribeTags"

_PROTOCOLS = {"HTTP": "http", "HTTPS": "https", "SSL": "tls", "TCP": "tcp"}
_TLS = frozenset({"https", "tls"})
_NEGOTIATION = "SSLNegotiationPolicyType"
_REFERENCE = "Reference-Security-Policy"
_VERSION = "Protocol-"
_NO_CIPHER = frozenset({_REFERENCE, "Server-Defined-Cipher-Order"})


def classic_listeners(unit: Unit) -> Iterator[TlsServerConfig]:
    """Every listener of every classic load balancer."""
    tagged = {item.data.get("LoadBalancerName"): item for item in unit.items(TAGS, _TAGGED)}
    for item in unit.items(BALANCERS, "LoadBalancerDescriptions"):
        name = item.data.get("LoadBalancerName") or ""
        policies = {
            policy.data.get("PolicyName"): policy
            for policy in unit.items(POLICIES, "PolicyDescriptions", name)
        }
        for number, described in enumerate(item.data.get("ListenerDescriptions") or ()):
            path = f"{item.path}.ListenerDescriptions[{number}]"
            listener = Item(described, item.answer, path)
            yield _listener(unit, item, listener, policies, tagged.get(name))


_TAGGED = "TagDescriptions"


def _listener(
    unit: Unit,
    balancer: Item,
    item: Item,
    policies: Mapping[str | None, Item],
    tagged: Item | None,
) -> TlsServerConfig:
    name = balancer.data.get("LoadBalancerName") or ""
    arn = unit.arn("elasticloadbalancing", f"loadbalancer/{name}")
    data: Mapping[str, Any] = item.data.get("Listener") or {}
    word = data.get("Protocol")
    protocol: Any = _PROTOCOLS.get(str(word).upper())
    if protocol is None:
        protocol = Unknown(Why.UNSUPPORTED, f"what the protocol {word or '(none)'} means")
    cannot = Step(StepKind.IMPLIED, "a classic load balancer cannot redirect")
    chains: dict[str, Chain] = {
        "protocol": item.chain("Listener.Protocol"),
        "port": item.chain("Listener.LoadBalancerPort"),
        "internal": balancer.chain("Scheme"),
        "redirects_to_https": (cannot, *item.chain()),
    }
    tags: Any = Unknown(Why.NOT_SEEN, f"the tags of {name}")
    if tagged is not None:
        tags = tags_of(tagged.data.get("Tags"))
        chains |= tag_chains(tagged)
    return TlsServerConfig(
        address=f"{arn}#{data.get('LoadBalancerPort')}",
        names=(arn,),
        tags=tags,
        origin=unit.origin(item.answer),
        server="clb",
        protocol=protocol,
        port=data.get("LoadBalancerPort"),
        redirects_to_https=False,
        internal=balancer.data.get("Scheme") == "internal",
        **_accepted(unit, item, protocol, policies, chains),
        chains=chains,
    )


def _accepted(
    unit: Unit,
    item: Item,
    protocol: Any,
    policies: Mapping[str | None, Item],
    chains: dict[str, Chain],
) -> dict[str, Any]:
    """The negotiation policy of a listener and what it accepts."""
    fields = ("policy_name", "min_version", "max_version", "aead_only")
    chains.update(dict.fromkeys(fields, item.chain("PolicyNames")))
    if isinstance(protocol, str) and protocol not in _TLS:
        return {"policy_name": None, "min_version": None, "max_version": None, "aead_only": True}
    policy = _negotiation(item, policies)
    if policy is None:
        unknown = Unknown(Why.NOT_SEEN, f"the policy of this listener in {unit.name}")
        return dict.fromkeys(fields, unknown)
    chains.update(dict.fromkeys(fields[1:], policy.chain("PolicyAttributeDescriptions")))
    attributes = {
        str(each.get("AttributeName")): str(each.get("AttributeValue"))
        for each in policy.data.get("PolicyAttributeDescriptions") or ()
    }
    on = [name for name, value in attributes.items() if value.lower() == "true"]
    versions = tls_versions(n.removeprefix(_VERSION) for n in on if n.startswith(_VERSION))
    ciphers = [n for n in on if not n.startswith(_VERSION) and n not in _NO_CIPHER]
    unknown = Unknown(Why.NOT_SEEN, "what the policy of this listener accepts")
    return {
        "policy_name": attributes.get(_REFERENCE) or policy.data.get("PolicyName"),
        "min_version": versions[0] if versions else unknown,
        "max_version": versions[-1] if versions else unknown,
        "aead_only": aead_only(ciphers) if ciphers else unknown,
    }


def _negotiation(item: Item, policies: Mapping[str | None, Item]) -> Item | None:
    """The one policy of a listener that is about TLS; others are about cookies."""
    named = [policies.get(name) for name in item.data.get("PolicyNames") or ()]
    found = [each for each in named if each and each.data.get("PolicyTypeName") == _NEGOTIATION]
    return found[0] if len(found) == 1 else None
