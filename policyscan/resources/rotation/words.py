"""Whether a name or a command rotates keys, and which, by the words in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from policyscan.resources.purpose import Purpose, is_exchange_secret
from policyscan.text.words import words_of
from policyscan.values import Unknown, Why

_TOKEN = re.compile(r"[^\s'\"`;|&()<>,={}\[\]]+")
_LOGROTATE = re.compile(r"(?i)log-?_?rotat[^\s/]*")
_MAX = 100_000
"""Characters of a command that are looked at."""

_ROTATES = re.compile(r"rotat(?!elog)\w*|rekey|rotkeys?|keyrotat\w*|secretrotat\w*|apikeyrotat\w*")
_REPLACES = frozenset("regenerate regen reissue roll rollover".split())
"""Words that mean a rotation only beside a key."""
_KEYS = frozenset(
    "key keys apikey apikeys apisecret secret secrets credential credentials creds cred token "
    "tokens passphrase password passwords keypair keyrotation rekey rotkey rotkeys rotatekeys "
    "rotatekey rotatesecret rotatesecrets rotateapikeys secretsmanager vault exchange".split()
)
_OTHER_THINGS = frozenset(
    "log logs logfile logfiles backup backups snapshot snapshots dump dumps archive archives "
    "image images img pdf video videos screen display monitor wallpaper wallpapers background "
    "proxy proxies ip ips user agent ua useragent journal journald audit pcap table tables "
    "partition partitions index indices report reports ads banner banners oncall shift duty "
    "roster contract contracts future futures portfolio sector asset assets pair pairs matrix "
    "vector".split()
)
"""What is rotated as well, and is no key."""
_OTHER_KEYS = frozenset(
    "ssh tls ssl cert certs certificate certificates acme letsencrypt db database rds postgres "
    "postgresql pg mysql mariadb mongo mongodb redis jwt jwks session cookie cookies gpg pgp "
    "dkim dnssec tsig wireguard luks etcd kms iam github gitlab npm pypi registry ecr grafana "
    "splunk smtp ldap kerberos krb keytab encryption fernet django rails".split()
)
"""Words beside `rotate` that mean another key than that of an exchange."""


def rotates_keys(*texts: str) -> bool | None:
    """Whether something with these names and commands rotates keys; None if it rotates something
    and does not say what."""
    joined = _LOGROTATE.sub(" ", " ".join(texts)[:_MAX])
    tokens = [(token, set(words_of(posixpath.basename(token)))) for token in _TOKEN.findall(joined)]
    whole = {word for token, _ in tokens for word in words_of(token)}
    for _, words in tokens:
        if any(_ROTATES.fullmatch(word) for word in words):
            decided = _object_of(words)
            return decided if decided is not None else _object_of(whole)
    if any(_ROTATES.fullmatch(word) for word in whole):
        return _object_of(whole)
    return bool(_REPLACES & whole and _KEYS & whole) and not _OTHER_THINGS & whole


def _object_of(words: set[str]) -> bool | None:
    """Whether the words name keys as what is rotated; None if they name nothing."""
    if _KEYS & words:
        return True
    return False if _OTHER_THINGS & words else None


def purpose_of(texts: Iterable[str], what: str) -> Purpose | Unknown:
    """What the keys are for that a job with these texts rotates; `what` is its address."""
    known = [text[:_MAX] for text in texts]
    if is_exchange_secret(known) == "exchange_api_key":
        return "exchange_api_key"
    tokens = [set(words_of(token)) for text in known for token in _TOKEN.findall(text)]
    if any(words & _OTHER_KEYS and any(map(_ROTATES.fullmatch, words)) for words in tokens):
        return "other"
    needs = f"what the keys are for that {what} rotates"
    return Unknown(Why.UNDECLARED, needs, question="purpose")
