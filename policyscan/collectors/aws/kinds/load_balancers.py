"""Listeners of load balancers, and what their security policies accept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from policyscan.collectors.aws.answers import Item, Unit, distinct, once, tag_chains, tags_of
from policyscan.collectors.aws.kinds.classic import classic_listeners
from policyscan.resources.base import Chain, Tally
from policyscan.resources.tls import TlsServerConfig
from policyscan.resources.tls_ciphers import aead_only, tls_versions
from policyscan.values import Unknown, Why

BALANCERS = "elbv2:DescribeLoadBalancers"
LISTENERS = "elbv2:DescribeListeners"
RULES = "elbv2:DescribeRules"
POLICIES = "elbv2:DescribeSSLPolicies"
TAGS = "elbv2:DescribeTags"

_PROTOCOLS = {
    word.upper(): word
    for word in ("https", "tls", "http", "tcp", "udp", "tcp_udp", "geneve", "quic")
}
_SERVERS = {"application": "alb", "network": "nlb", "gateway": "gwlb"}
_TLS = frozenset({"https", "tls", "quic"})


def listeners(unit: Unit) -> Iterator[TlsServerConfig | Tally]:
    """Every listener of a region, those of classic load balancers first."""
    asked = unit.pages(BALANCERS) or unit.pages("elb:DescribeLoadBalancers")
    if not asked:
        return
    classic, of_classic = once(classic_listeners(unit))
    yield from classic
    balancers = {
        item.data.get("LoadBalancerArn"): item for item in unit.items(BALANCERS, "LoadBalancers")
    }
    policies = {item.data.get("Name"): item for item in unit.items(POLICIES, "SslPolicies")}
    tags = {item.data.get("ResourceArn"): item for item in unit.items(TAGS, "TagDescriptions")}
    items, doubles = distinct(unit.items(LISTENERS, "Listeners", None), "ListenerArn")
    for item in items:
        balancer = balancers.get(item.data.get("LoadBalancerArn"))
        yield _listener(unit, item, balancer, policies, tags)
    made = len(classic) + len(items)
    dropped = dict(Counter(doubles) + Counter(of_classic))
    yield unit.tally("TlsServerConfig", _counted(unit), made, dropped)


def _counted(unit: Unit) -> int:
    classic = (
        len(balancer.get("ListenerDescriptions") or ())
        for page in unit.pages("elb:DescribeLoadBalancers")
        for balancer in page.data.get("LoadBalancerDescriptions") or ()
    )
    return unit.count(LISTENERS, "Listeners", None) + sum(classic)


def _listener(
    unit: Unit,
    item: Item,
    balancer: Item | None,
    policies: Mapping[str | None, Item],
    tagged: Mapping[str | None, Item],
) -> TlsServerConfig:
    data = item.data
    arn = data.get("ListenerArn") or ""
    balancing: Mapping[str, Any] = balancer.data if balancer is not None else {}
    server = _SERVERS.get(balancing.get("Type") or "", "unknown")
    protocol = _protocol(data.get("Protocol"), server)
    chains: dict[str, Chain] = {"protocol": item.chain("Protocol"), "port": item.chain("Port")}
    tags: Any = Unknown(Why.NOT_SEEN, f"the tags of {arn}")
    if arn in tagged:
        tags = tags_of(tagged[arn].data.get("Tags"))
        chains |= tag_chains(tagged[arn])
    internal: Any = Unknown(Why.NOT_SEEN, "the load balancer of this listener")
    if balancer is not None:
        internal = balancing.get("Scheme") == "internal"
        chains["internal"] = balancer.chain("Scheme")
    redirects, chains["redirects_to_https"] = _redirects(unit, item, protocol)
    return TlsServerConfig(
        address=arn,
        names=(arn,),
        tags=tags,
        origin=unit.origin(item.answer),
        server=server,
        protocol=protocol,
        port=data.get("Port"),
        redirects_to_https=redirects,
        internal=internal,
        **_accepted(item, protocol, policies, chains),
        chains=chains,
    )


def _protocol(word: str | None, server: str) -> Any:
    if not word and server == "gwlb":
        return "geneve"
    found = _PROTOCOLS.get((word or "").upper())
    return found or Unknown(Why.UNSUPPORTED, f"what the protocol {word or '(none)'} means")


def _accepted(
    item: Item,
    protocol: Any,
    policies: Mapping[str | None, Item],
    chains: dict[str, Chain],
) -> dict[str, Any]:
    """The policy in force and what it accepts."""
    name = item.data.get("SslPolicy") or None
    fields = ("policy_name", "min_version", "max_version", "aead_only")
    chains.update(dict.fromkeys(fields, item.chain("SslPolicy" if name else "Protocol")))
    if isinstance(protocol, str) and protocol not in _TLS:
        return {"policy_name": None, "min_version": None, "max_version": None, "aead_only": True}
    policy = policies.get(name) if name else None
    if policy is None:
        needs = f"what the policy {name} accepts" if name else "the policy of this listener"
        unknown = Unknown(Why.NOT_SEEN, needs)
        return dict.fromkeys(fields[1:], unknown) | {"policy_name": name or unknown}
    chains["min_version"] = chains["max_version"] = policy.chain("SslProtocols")
    chains["aead_only"] = policy.chain("Ciphers")
    versions = tls_versions(policy.data.get("SslProtocols") or ())
    ciphers = [each.get("Name") or "" for each in policy.data.get("Ciphers") or ()]
    unknown = Unknown(Why.UNSUPPORTED, f"what the policy {name} accepts")
    return {
        "policy_name": name,
        "min_version": versions[0] if versions else unknown,
        "max_version": versions[-1] if versions else unknown,
        "aead_only": aead_only(ciphers) if ciphers else unknown,
    }


def _redirects(unit: Unit, item: Item, protocol: Any) -> tuple[Any, Chain]:
    """Whether every action of a plain listener and of its rules redirects to HTTPS, and what
    decides it."""
    if not isinstance(protocol, str) or protocol != "http":
        return False, item.chain("Protocol")
    about = item.data.get("ListenerArn") or ""
    rules = unit.items(RULES, "Rules", about)
    for each, member in ((item, "DefaultActions"), *((rule, "Actions") for rule in rules)):
        if not _only_redirects(each.data.get(member)):
            return False, each.chain(member)
    unseen = unit.unanswered(RULES, about)
    return (True if unseen is None else unseen), item.chain("DefaultActions")


def _only_redirects(actions: Any) -> bool:
    return bool(actions) and all(_is_redirect(action) for action in actions)


def _is_redirect(action: Mapping[str, Any]) -> bool:
    """`#{protocol}` keeps the protocol of the request, which is HTTP."""
    target = (action.get("RedirectConfig") or {}).get("Protocol") or "#{protocol}"
    return action.get("Type") == "redirect" and target.upper() == "HTTPS"
