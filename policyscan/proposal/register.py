"""The proposed `keys.yaml`: a register of the API keys of exchanges, without any secret."""

from __future__ import annotations

from policyscan.proposal.comments import asleep, quoted, remark
from policyscan.proposal.facts import ExchangeSecret, Facts

_HELP = {
    "owner": "who answers for it",
    "secret": "the name of the secret that holds it",
    "fingerprint": 'the first 12 digits of its SHA-256: printf %s "$KEY" | sha256sum',
    "environment": "production, staging or development",
    "exchange": "its exchange, such as binance",
    "account": "the account or sub-account that it belongs to",
    "function": "read_only, trading, account, monitoring, strategy, arbitrage or emergency",
    "tier": "the US dollars behind it: high (over 100,000), medium (over 10,000) or low",
    "cadence": "hft or standard",
    "used_by": "the programs that use it, such as [grid-bot]",
    "regions": "where they run, such as [eu-west-1]",
    "storage": "aws_sm, vault, gcp_sm, azure_kv or offline",
    "created": 'the day on which it was made, as "2026-01-31"',
    "rotated": "the day on which it was last replaced",
    "permissions": "what the exchange lets it do, such as [reading, spot_margin]",
    "allowed_ips": "the addresses from which it works, such as [203.0.113.7]",
}
"""The fields of an entry, and what each means."""
_STORES = {"aws_sm": "aws_sm", "vault": "vault"}
_COLUMN = 22
LISTED = 200
"""Secrets for which an entry is written."""


def register_text(facts: Facts) -> str:
    """The file: valid, and without an entry until a person has filled one in."""
    text = remark(
        "The register of exchange API keys: one entry for each key, and never the key itself. It "
        "is read wherever it lies in the scanned tree."
    )
    text += remark(
        "Nothing is stated yet. To fill in an entry, take `# ` away from `keys:` and from its "
        "lines, write what is missing, and delete the lines that you cannot answer."
    )
    found = len(facts.secrets)
    if found:
        text += remark(f"{found} {'secret looks' if found == 1 else 'secrets look'} like one.")
    else:
        text += remark("No secret here looks like one; this is how an entry is written.")
    if found > LISTED:
        text += remark(f"{found - LISTED} of them are not listed.")
    entries = "".join(map(_entry, facts.secrets[:LISTED])) or _fields({})
    return f"{text}version: 1\n\n{asleep(f'keys:{chr(10)}{entries}')}"


def _entry(secret: ExchangeSecret) -> str:
    place = f" ({secret.place})" if secret.place else ""
    known: dict[str, tuple[str, str]] = {
        question: (value, f"{basis}: confirm it")
        for question, (value, basis) in secret.answers.items()
        if question in _HELP
    }
    if secret.name:
        known["secret"] = (quoted(secret.name), "")
    if secret.exchange:
        known["exchange"] = (secret.exchange, "by its name: confirm it")
    if secret.storage in _STORES:
        known["storage"] = (_STORES[secret.storage], "")
    return remark(f"{secret.address}{place}", 2) + _fields(known)


def _fields(known: dict[str, tuple[str, str]]) -> str:
    lines: list[str] = []
    for name, help_ in _HELP.items():
        value, note = known.get(name, ("", help_))
        start = "  - " if not lines else "    "
        written = f"{start}{name}: {value}".rstrip()
        lines.append(f"{written:<{_COLUMN}}  # {note}\n" if note else f"{written}\n")
    return "".join(lines)
