"""The words by which people say what a thing is for, in tags and in names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ENVIRONMENTS: Mapping[str, str] = {
    word: environment
    for environment, words in {
        "production": "production prod prd live",
        "staging": "staging stage stg preprod preproduction uat qa acceptance",
        "development": "development develop dev test testing tst sandbox testnet demo",
    }.items()
    for word in words.split()
}
TIERS: Mapping[str, str] = {word: word for word in ("high", "medium", "low")}
ROLES: Mapping[str, str] = {
    word: role
    for role, words in {
        "trading": "trading trader traders bot bots tradingbot strategy strategies algo hft "
        "arbitrage arb marketmaker maker taker execution metatrader",
        "gateway": "gateway gw proxy",
        "rotation": "rotation rotate rotator rotater",
        "admin": "bastion jump jumphost jumpbox vpn admin management mgmt",
        "public": "public alb elb nlb lb loadbalancer cdn edge website",
        "other": "web www frontend ui db database rds postgres postgresql mysql mariadb mongo "
        "mongodb redis memcached cache kafka rabbitmq elasticsearch opensearch grafana prometheus "
        "monitoring metrics jenkins runner runners blog wordpress mail smtp efs eks",
    }.items()
    for word in words.split()
}
_NOT = frozenset(["non", "not", "pre", "no"])
"""Before the word for an environment: it is another one, and not said which."""
_CHAT = frozenset("slack discord telegram chat support teams".split())
"""A bot that is one of these does not trade."""


def said(words: Sequence[str], table: Mapping[str, str]) -> tuple[str, str] | None:
    """What the last word that is in the table means, and that word: in a compound the last one
    says what the thing is, and the others what it is for."""
    found = None
    for index, word in enumerate(words):
        meaning = table.get(word)
        if index and words[index - 1] in _NOT and table is ENVIRONMENTS:
            meaning = "staging" if words[index - 1] == "pre" else None
        if meaning is None or (word in ("bot", "bots") and _CHAT & {*words[:index]}):
            continue
        found = meaning, word
    return found
