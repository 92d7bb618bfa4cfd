"""The words by which a workload and its secret are known to belong together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache

from msgspec import Struct

from policyscan.resources.exchange_words import exchange_words
from policyscan.text.words import words_of

_REGION = re.compile(r"\b(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-[a-z]{2,20}-[0-9]\b")

_LONGEST_NUMBER = 4
"""Digits of a number that tells one from another; a longer one is an account or a date."""
_GENERIC = frozenset(
    "acceptance access account admin allow amazon api apikey apis apisecret app application arn"
    " auth aws backend base batch bot bots ci client cloud cluster common compute config"
    " container core cred credential credentials creds crypto data database db default demo dev"
    " develop development ec2 ecs eks engine env environment envs exchange exec execution"
    " executor external fargate fetch for full function functions futures get global grant group"
    " iam id identity infra inline instance internal job key keys lambda live main managed"
    " manager module monitoring my name network networking new of only or paper param parameter"
    " parameters password permission permissions perms perp platform policies policy prd prefix"
    " preprod preproduction primary private prod production profile public qa read reader"
    " readonly remote resources role roles rotate rotater rotation rotator runner runtime sa"
    " sandbox secondary secret secrets secretsmanager security server service services shared sm"
    " spot ssm stack stage staging stg storage store strategy svc system task team test testing"
    " testnet the this to token trade trader traders trades trading tst uat user users value"
    " values vault worker workload write".split()
)
"""Words of names that tell no workload from another."""


@lru_cache(maxsize=4096)
def own_words(text: str) -> frozenset[str]:
    """The words of a name that may tell whose it is: exchanges and generic words left out, a
    number joined to the word before it (`bot-1` is `bot1`)."""
    words: list[str] = []
    for word in words_of(_REGION.sub(" ", text[:2048])):
        if word.isdigit():
            if words and len(word) <= _LONGEST_NUMBER:
                words[-1] += word
        else:
            words.append(word)
    return frozenset(w for w in words if len(w) > 1 and w not in _GENERIC and not _is_exchange(w))


def plain_name(name: str) -> str:
    """A name as it is compared with other mentions of it."""
    return name.lower().replace("_", "-")


def _is_exchange(word: str) -> bool:
    return word in _exchange_parts()


@cache
def _exchange_parts() -> frozenset[str]:
    known = exchange_words()
    return frozenset(part for name in (*known.certain, *known.ambiguous) for part in name)


class Owners(Struct, frozen=True):
    """The words of all workloads of a run, by which secrets are told apart."""

    common: frozenset[str]
    """Words that tell nothing here: of more than one workload, or of every secret where there are
    several that differ."""
    taken: frozenset[str]

    @classmethod
    def of(cls, workloads: Iterable[frozenset[str]], secrets: Iterable[frozenset[str]]) -> Owners:
        """The owners among workloads with these words, of secrets with those."""
        distinct, kinds = set(workloads), set(secrets)
        counted = Counter(word for words in distinct for word in words)
        several = {word for word, count in counted.items() if count > 1}
        everywhere = frozenset.intersection(*kinds) if len(kinds) > 1 else frozenset()
        return cls(frozenset(several) | everywhere, frozenset(counted))

    def owns(self, workload: frozenset[str], secret: frozenset[str]) -> bool:
        """Whether a secret shares a word with this workload, and none with another."""
        telling = secret - self.common
        return bool(telling & workload) and not telling & (self.taken - workload)
