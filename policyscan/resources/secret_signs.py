"""What gives a secret away: the words of a name, and the published formats of tokens."""

from __future__ import annotations

import re
from functools import cache, lru_cache

_HUMP = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SECRET = _words(
    "secret secrets token tokens password passwords passwd pwd credential credentials creds"
    " passphrase passphrases apikey apikeys apisecret authorization mnemonic"
)
_KEY = frozenset({"key", "keys"})

_COMPOUND = (
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "apisecret",
    "secretkey",
    "accesskey",
    "privatekey",
    "authtoken",
    "accesstoken",
    "clientsecret",
    "rootpass",
    "adminpass",
    "userpass",
    "dbpass",
    "sqlpass",
)
"""Ends of words that people write without a separator: `PGPASSWORD`, `X-MBX-APIKEY`, `ROOTPASS`."""

_ABOUT = _words(
    "age alias algorithm arn arns at attempts board count created date days description digest dir"
    " directory enabled endpoint engine exists expiration expires expiry file filename files"
    " fingerprint folder format history hours id ids label length lifetime location manager max min"
    " minutes mount name names namespace pair path paths period policies policy prefix prevention"
    " provider ref reference required requirements reuse ring rotation seconds selector size source"
    " spec store suffix timeout ttl type uri url usage validity version versions"
)
"""A word after the secret one that makes it a fact about the secret: `token_ttl`, `secret_arn`."""

_OPEN_KEY = _words(
    "cache config context dedup dict field foreign gpg group hash idempotency index json kms label"
    " lookup map object order partition primary pub public range registry routing row s3 sort tag"
    " unique"
)
"""A word before `key` that makes it no secret: `public_key`, `primary_key`, `kms_key`."""

_COUNTED = _words("change context input max min num output reset total")
"""A word before the secret one that makes it a number or a switch: `max_tokens`."""

_TOKENS: tuple[tuple[str, str], ...] = (
    ("an AWS access key id", r"A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("a GitHub token", r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9_]{20,}"),
    ("a GitLab token", r"gl(?:pat|ptt|dt|rt|cbt)-[\w-]{20,}"),
    ("a Slack token", r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows)/[\w/]{20,}"),
    ("a Stripe key", r"(?:[rs]k_live_|whsec_)[A-Za-z0-9]{16,}"),
    ("a Google API key", r"AIza[\w-]{35}"),
    ("a Google OAuth client secret", r"GOCSPX-[\w-]{20,}"),
    ("an npm token", r"npm_[A-Za-z0-9]{36}"),
    ("a PyPI token", r"pypi-[\w-]{40,}"),
    ("a JSON web token", r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    ("a SendGrid key", r"SG\.[\w-]{16,}\.[\w-]{16,}"),
    ("a Twilio key", r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),
    ("an OpenAI or Anthropic key", r"sk-(?:proj-|ant-)?[\w-]{32,}"),
    ("a Hugging Face token", r"hf_[A-Za-z0-9]{30,}"),
    ("a Vault token", r"hv[bsr]\.[\w-]{20,}"),
    ("a DigitalOcean token", r"do[opr]_v1_[0-9a-f]{64}"),
    ("a Docker Hub token", r"dckr_(?:pat|oat)_[\w-]{20,}"),
    ("a Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,}"),
    ("a Telegram bot token", r"[0-9]{8,10}:[\w-]{35}(?![\w-])"),
    ("an age secret key", r"AGE-SECRET-KEY-1[A-Z0-9]{40,}"),
    ("a private key", r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"),
)
"""What a value is, and how its issuer writes it, from the issuers' public documentation."""


@lru_cache(maxsize=4096)
def secret_name(name: str) -> str:
    """Why a thing of this name is probably a secret (`the name says token`), or an empty string."""
    words = [hump.lower() for hump in _HUMP.findall(name)]
    for index, word in enumerate(words):
        if _is_secret_word(words, index) and _ABOUT.isdisjoint(words[index + 1 :]):
            return f"the name says {word.rstrip('0123456789')}"
    last = re.split(r"[^A-Za-z]+", name.lower().rstrip("0123456789_-"))[-1]
    return next((f"the name says {end}" for end in _COMPOUND if last.endswith(end)), "")


def _is_secret_word(words: list[str], index: int) -> bool:
    word = words[index].rstrip("0123456789")
    before = words[index - 1] if index else ""
    if word in _KEY:
        return bool(before) and before not in _OPEN_KEY and not {"kms", "public"} & {*words[:index]}
    if word == "phrase":
        return before in ("seed", "recovery")
    if word == "pass":
        return bool(before) and index == len(words) - 1
    return word in _SECRET and before not in _COUNTED


@cache
def token_pattern() -> re.Pattern[str]:
    """All published token formats as one pattern; `lastindex - 1` is the row of the format."""
    rows = "|".join(f"({pattern})" for _, pattern in _TOKENS)
    return re.compile(f"(?<![A-Za-z0-9])(?:{rows})")


def token_format(value: str) -> str:
    """Whose token the text holds (`the value is a GitHub token`), or an empty string."""
    found = token_pattern().search(value)
    if found is None or found.lastindex is None:
        return ""
    return f"the value is {_TOKENS[found.lastindex - 1][0]}"
