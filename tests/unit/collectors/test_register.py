"""The register of keys: what an entry states and leaves open, and every mistake with its place."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.collectors.interface import Closed, Declined, Item, Reading
from policyscan.collectors.register import RegisterCollector
from policyscan.collectors.register.collector import MAX_BYTES, MAX_KEYS
from policyscan.collectors.register.count import count_entries
from policyscan.errors import GapReason, ReadError
from policyscan.resources.base import Gap, StepKind, Tally
from policyscan.resources.keys import ApiKey, Permissions
from policyscan.text import git
from policyscan.text.source import Source
from policyscan.text.tree import DirectoryTree
from policyscan.values import PartialList, Unknown, is_known
from tests.scanning import scan_files, verdicts
from tests.unit.collectors.register_mistakes import FIELDS, WHOLE
from tests.unit.text.repositories import repository

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Tree:
    """A tree of one file, without a disk."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, path: str, *, limit: int) -> Source:
        if len(self._data) > limit:
            raise ReadError(GapReason.TOO_LARGE, path, "too large")
        return Source(path, self._data)

    def last_change(self, source: Source) -> git.Change | None:
        return None


def items(text: str | bytes, now: datetime | None = NOW) -> list[Item]:
    tree: Any = Tree(text if isinstance(text, bytes) else text.encode())
    return list(RegisterCollector().read(tree, ["keys.yaml"], Reading(".", {}, now)))


def read(text: str | bytes, now: datetime | None = NOW) -> tuple[dict[str, ApiKey], list[Gap]]:
    """The keys by what follows `#` in their addresses, and the gaps; the books balance."""
    found = items(text, now)
    keys = {i.address.partition("#")[2]: i for i in found if isinstance(i, ApiKey)}
    gaps = [item for item in found if isinstance(item, Gap)]
    [tally] = [item for item in found if isinstance(item, Tally)]
    assert tally.normalised == len(keys)
    assert tally.found == tally.normalised + sum(tally.dropped.values())
    return keys, gaps


def one(entry: str) -> ApiKey:
    """The only key of a register with this entry, which is right."""
    keys, gaps = read(f"version: 1\nkeys:\n  - {entry}\n")
    assert not gaps
    [key] = keys.values()
    return key


FULL = """\
version: 1
complete: true
exchange: binance
keys:
  - name: bot-grid
    fingerprint: 3f9a0c11d2e4
    owner: alice
    function: arbitrage
    env: production
    tier: high
    account: sub-grid@acct
    network: mainnet
    cadence: standard
    permissions: [reading, spot_margin]
    allowed_ips: [203.0.113.7, "2001:db8::/64"]
    used_by: [bot-grid]
    regions: [eu-west-1]
    replicas: 3
    instance: bot-0
    exchange_pairs: [binance-kraken]
    created: "2025-01-31"
    rotated: "2026-02-20T09:00:00+09:00"
    storage: aws_sm
    secret: prod/binance/grid
"""


def test_everything_that_an_entry_can_state() -> None:
    keys, gaps = read(FULL)
    assert not gaps
    [key] = keys.values()
    said = {name: getattr(key, name) for name in ApiKey.model_fields}
    del said["origin"], said["chains"], said["permissions"], said["role"]
    assert said == {
        "address": "keys.yaml#bot-grid",
        "tags": {},
        "conditional": None,
        "environment": "production",
        "tier": "high",
        "scope": {"environment": "declared", "tier": "declared"},
        "identity": "",
        "seals": {},
        "names": (),
        "registered": True,
        "stated": (
            "name", "fingerprint", "owner", "function", "environment", "tier", "exchange",
            "account", "network", "cadence", "permissions", "allowed_ips", "used_by", "regions",
            "replicas", "instance", "exchange_pairs", "created", "rotated", "storage", "secret",
        ),
        "name": "bot-grid",
        "fingerprint": "3f9a0c11d2e4",
        "exchange": "binance",
        "account": "sub-grid@acct",
        "network": "mainnet",
        "owner": "alice",
        "function": "arbitrage",
        "emergency": False,
        "custodians": said["custodians"],
        "cadence": "standard",
        "ip_restricted": True,
        "allowed_ips": ("203.0.113.7", "2001:db8::/64"),
        "used_by": ("bot-grid",),
        "regions": ("eu-west-1",),
        "replicas": 3,
        "instance": "bot-0",
        "exchange_pairs": ("binance-kraken",),
        "created_at": datetime(2025, 1, 31, tzinfo=UTC),
        "rotated_at": datetime(2026, 2, 20, 0, 0, tzinfo=UTC),
        "storage": "aws_sm",
        "secrets": ("prod/binance/grid",),
        "used_in": (),
        "declared_here": None,
    }  # fmt: skip
    assert key.permissions.model_dump() == {
        name: name in ("reading", "spot_margin") for name in Permissions.model_fields
    }
    assert Closed("ApiKey", "keys.yaml") in items(FULL)


def test_every_value_has_its_place() -> None:
    [key] = read(FULL)[0].values()
    places = {path: chain[0].span for path, chain in key.chains.items()}
    for path, text, line in (
        ("owner", "alice", 7),
        ("environment", "production", 9),
        ("exchange", "binance", 3),
        ("allowed_ips[1]", '"2001:db8::/64"', 15),
        ("rotated_at", '"2026-02-20T09:00:00+09:00"', 22),
        ("created_at", '"2025-01-31"', 21),
        ("emergency", "arbitrage", 8),
    ):
        span = places[path]
        assert span is not None
        assert (span.text, span.line) == (text, line), path
    assert key.chains["exchange"][0].label == "exchange, for all entries"
    assert key.origin.span is not None
    assert key.origin.span.text == FULL[FULL.index("name: bot") :].rstrip()


def test_places_count_bytes_also_after_a_byte_order_mark() -> None:
    text = 'version: 1\nkeys:\n  - {name: "größe", owner: "Zoë 🦊", function: tradin}\n'
    _, gaps = read(b"\xef\xbb\xbf" + text.encode())
    spans = [gap.span for gap in gaps]
    assert [span.text[:7] for span in spans if span] == ['"größe"', "tradin}"]


def test_what_is_left_out_is_not_known_and_says_where_to_write_it() -> None:
    key = one("{name: bot-grid, owner: alice}")
    silent = (
        "fingerprint exchange account network function custodians ip_restricted allowed_ips used_by"
        " regions replicas exchange_pairs created_at rotated_at storage secrets"
    ).split()
    for name in silent:
        value = getattr(key, name)
        assert isinstance(value, Unknown), name
        field = name.removesuffix("_at").replace("secrets", "secret")
        assert value.needs.endswith("of bot-grid (keys.yaml:3)"), name
        assert value.needs.startswith((field, "created")), name
    for name in Permissions.model_fields:
        assert isinstance(getattr(key.permissions, name), Unknown)
    assert (key.cadence, key.instance, key.emergency) == (None, None, False)
    assert key.scope == {}


def test_a_key_that_was_never_rotated_is_as_old_as_itself() -> None:
    key = one('{name: a, owner: alice, created: "2024-02-29"}')
    assert key.rotated_at == key.created_at == datetime(2024, 2, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2026-01-31T09:00Z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("2026-01-31T09:00:00+09:00", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31t23:30:00-05:00", datetime(2026, 2, 1, 4, 30, tzinfo=UTC)),
        ("2026-01-31 09:00:00.5z", datetime(2026, 1, 31, 9, 0, 0, 500000, tzinfo=UTC)),
    ],
)
def test_dates(written: str, moment: datetime) -> None:
    assert one(f'{{name: a, owner: alice, rotated: "{written}"}}').rotated_at == moment


def test_today_has_begun_somewhere_before_it_begins_in_utc() -> None:
    entry = '{name: a, owner: alice, rotated: "2026-03-02"}'
    assert one(entry).rotated_at == datetime(2026, 3, 2, tzinfo=UTC)
    early = datetime(2026, 3, 1, 9, 59, tzinfo=UTC)  # 23:59 where the day begins first
    assert read(f"version: 1\nkeys:\n  - {entry}\n", early)[1]


@pytest.mark.parametrize("owner", ["-", "TBD", "todo", "none"])
def test_a_word_that_stands_for_an_owner_is_none(owner: str) -> None:
    keys, [gap] = read(f'version: 1\nkeys:\n  - {{name: a, owner: "{owner}"}}\n')
    assert "keys[0].owner names nobody" in gap.message
    assert not is_known(keys["a"].owner)


def test_registers_that_disagree_on_the_tier_leave_it_open(tmp_path: Path) -> None:
    entry = "version: 1\nkeys:\n  - {name: a, owner: x, fingerprint: 3f9a0c11d2e4, tier: %s}\n"
    files: dict[str, str | bytes] = {
        "keys.yaml": entry % "high",
        "old/keys.yaml": entry % "low",
    }
    report = scan_files(tmp_path, files, select=("PS-ROT-001", "PS-KEY-012"))
    assert set(verdicts(report, "PS-ROT-001").values()) == {"unknown"}


def test_a_list_of_permissions_is_all_of_them_and_a_mapping_is_not() -> None:
    listed = one("{name: a, owner: alice, permissions: [reading]}").permissions
    assert (listed.reading, listed.withdrawals) == (True, False)
    mapped = one(
        "{name: a, owner: alice, permissions: {reading: true, futures: false}}"
    ).permissions
    assert (mapped.reading, mapped.futures) == (True, False)
    assert isinstance(mapped.withdrawals, Unknown)
    none = one("{name: a, owner: alice, permissions: []}").permissions
    assert none.reading is False


@pytest.mark.parametrize(
    ("entry", "restricted"),
    [
        ("allowed_ips: [192.0.2.1]", True),
        ("allowed_ips: []", False),
        ("ip_restricted: true", True),
        ("ip_restricted: false", False),
    ],
)
def test_whether_a_key_is_restricted(entry: str, restricted: bool) -> None:
    assert one(f"{{name: a, owner: alice, {entry}}}").ip_restricted is restricted


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("203.0.113.7/32", "203.0.113.7"),
        ('"2001:DB8::0:1"', "2001:db8::1"),
        ('"::/0"', "::/0"),
        ('"::ffff:0:0/96"', "0.0.0.0/0"),
        ('"::ffff:203.0.113.7"', "203.0.113.7"),
    ],
)
def test_addresses_have_one_spelling(written: str, found: str) -> None:
    assert one(f"{{name: a, owner: alice, allowed_ips: [{written}]}}").allowed_ips == (found,)


HEAD = """\
version: 1
keys:
  - {name: first, owner: alice, function: trading}
  - name: bad
    owner: alice
    replicas: 1
"""
TAIL = "  - {name: last, owner: alice, function: trading}\n"
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
"""The example key of the public documentation of Binance."""


@pytest.mark.parametrize(
    ("line", "column", "message", "field"), FIELDS, ids=[f[0][:40] for f in FIELDS]
)
def test_a_mistake_costs_its_field_and_nothing_else(
    line: str, column: int, message: str, field: str
) -> None:
    keys, gaps = read(f"{HEAD}    {line}\n{TAIL}")
    [gap] = gaps
    assert gap.span is not None
    at = 8 if line.startswith("env: staging") else 7
    assert gap.subject == f"keys.yaml:{at}:{column}"
    assert gap.span.source.position(gap.span.start) == (at, column)
    assert message in gap.message
    assert (gap.reason, gap.hides) == (GapReason.UNPARSEABLE, ("ApiKey",))
    assert list(keys) == ["first", "bad", "last"]
    assert (keys["first"].function, keys["last"].function) == ("trading", "trading")
    bad = keys["bad"]
    assert bad.owner == "alice"
    assert isinstance(bad.stated, PartialList)
    if field:
        assert not is_known(getattr(bad, field))


@pytest.mark.parametrize(
    ("text", "place", "message", "names"), WHOLE, ids=[w[2][:40] for w in WHOLE]
)
def test_a_mistake_costs_its_entry_at_most(
    text: str, place: str, message: str, names: list[str]
) -> None:
    keys, gaps = read(text)
    assert list(keys) == names
    assert f"keys.yaml:{place}" in {gap.subject for gap in gaps}
    gap = next(gap for gap in gaps if gap.subject == f"keys.yaml:{place}")
    assert message in gap.message
    assert gap.span is not None
    line, column = map(int, place.split(":"))
    assert gap.span.source.position(gap.span.start) == (line, column)


def test_there_are_more_than_forty_kinds_of_mistakes() -> None:
    assert len(FIELDS) + len(WHOLE) > 80


def test_bytes_that_are_no_text() -> None:
    data = b"version: 1\nkeys:\n  - {name: a, owner: \xff}\n"
    keys, [gap] = read(data)
    assert not keys
    assert (gap.subject, gap.message) == (
        "keys.yaml:3",
        "this file is not UTF-8. Save it as UTF-8.",
    )
    _, [gap] = read("version: 1\nkeys: []\n".encode("utf-16"))
    assert "this file is not UTF-8" in gap.message


def test_a_file_that_is_too_large() -> None:
    keys, [gap] = read("version: 1\nkeys: []\n" + "#" * MAX_BYTES)
    assert not keys
    assert gap.reason is GapReason.TOO_LARGE


def test_too_many_keys() -> None:
    entries = "".join(f"  - {{name: k{n}, owner: x}}\n" for n in range(MAX_KEYS + 3))
    text = f"version: 1\ncomplete: true\nkeys:\n{entries}"
    keys, [gap] = read(text)
    assert len(keys) == MAX_KEYS
    assert gap.subject == f"keys.yaml:{MAX_KEYS + 4}:5"
    assert not any(isinstance(item, Closed) for item in items(text))


def test_very_many_mistakes_are_counted() -> None:
    entries = "  - {name: a b, owner: 1}\n" * 150
    _, gaps = read(f"version: 1\nkeys:\n{entries}")
    assert len(gaps) == 201
    assert gaps[-1].message == "100 more mistakes"


def test_no_register_with_a_mistake_that_hides_a_key_is_complete() -> None:
    start = "version: 1\ncomplete: true\nkeys:\n  - {name: a, owner: x}\n"
    assert any(isinstance(item, Closed) for item in items(start))
    for more in ("  - text\n", "  - &a {name: b, owner: x}\n", "keys: []\n", "? [a]\n: b\n"):
        assert not any(isinstance(item, Closed) for item in items(start + more)), more


# -- one key twice -----------------------------------------------------------------------------


def test_a_fingerprint_twice_in_one_environment() -> None:
    entry = "{name: %s, owner: %s, env: %s, fingerprint: 3f9a0c11d2e4, used_by: [%s]}"
    entries = [("a", "x", "production", "bot-a"), ("b", "x", "production", "bot-b")]
    entries += [("c", "x", "staging", "bot-c")]
    lines = "".join(f"  - {entry % each}\n" for each in entries)
    keys, [gap] = read(f"version: 1\nkeys:\n{lines}")
    assert gap.subject == "keys.yaml:4:55"
    assert "the fingerprint 3f9a0c11d2e4 is that of keys.yaml#a too" in gap.message
    assert list(keys) == ["a", "b", "c"]
    for name in ("a", "b"):
        assert (keys[name].owner, keys[name].environment) == ("x", "production")
        used_by = keys[name].used_by
        assert isinstance(used_by, Unknown)
        assert used_by.needs.startswith("which of keys.yaml#")
    assert keys["c"].used_by == ("bot-c",)


def test_a_fingerprint_twice_without_an_environment_or_in_another_file(tmp_path: Path) -> None:
    entry = "version: 1\nkeys:\n  - {name: a, owner: x, fingerprint: 3f9a0c11d2e4}\n"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keys.yaml").write_text(entry)
    tree, paths = DirectoryTree(tmp_path), ["one/keys.yaml", "two/keys.yaml"]
    found = list(RegisterCollector().read(tree, paths, Reading(".", {}, NOW)))
    [gap] = [item for item in found if isinstance(item, Gap)]
    assert gap.subject == "two/keys.yaml:3:38"
    assert "is that of one/keys.yaml#a too" in gap.message


# -- what was pasted ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        KEY[:32],
        KEY[:24],
        KEY.lower(),
        hashlib.sha256(b"key").hexdigest(),
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
    ],
)
@pytest.mark.parametrize(
    "line",
    [
        "fingerprint: {}",
        "account: {}",
        "account: '{}'",
        "used_by: [bot, {}]",
        "api_secret: {}",
        "secret: arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}",
        "permissions: {{reading: {}}}",
        "function: {}",
    ],
)
def test_a_key_or_secret_is_never_shown(line: str, secret: str) -> None:
    written = line.format(secret)
    found = items(f"{HEAD}    {written}\n{TAIL}")
    gaps = [item for item in found if isinstance(item, Gap)]
    assert any("what looks like a key or a secret stands here" in gap.message for gap in gaps)
    for item in found:
        assert secret[:16] not in repr(item)
    for gap in gaps:
        assert gap.span is not None
        assert secret[:16] not in gap.span.source.data.decode()
    keys = [item for item in found if isinstance(item, ApiKey)]
    assert len(keys) == 3
    assert all(key.origin.span and secret[:16] not in key.origin.span.text for key in keys)
    [bad] = [key for key in keys if key.name == "bad"]
    assert not is_known(bad.stated)


def test_a_pasted_key_in_a_comment_is_found_and_a_commit_there_is_none() -> None:
    _, gaps = read(f"version: 1\nkeys: []  # {KEY}\n")
    assert len(gaps) == 1
    commit = "20ae93993425976017991c415c9b7025c44fe30b"
    assert read(f"version: 1\n# since {commit}\nkeys: []\n")[1] == []


@pytest.mark.parametrize(
    "value",
    [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Binance-Api-Key-Production-Grid2-AbCdEf",
        "secret/data/binance/production/trading-desk-2026/grid",
        "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "projects/123456789012/secrets/binance-api-key-production-grid/versions/latest",
    ],
)
def test_names_are_no_secrets(value: str) -> None:
    assert one(f"{{name: a, owner: alice, secret: '{value}'}}").secrets == (value,)


# -- other files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "[1, 2]\n",
        "text\n",
        "apiVersion: v1\nkind: Secret\n",
        "version: 3\nkeys: {a: b}\n",
        "version: 1\nservices: {}\n",
        "keys: [abc, def]\n",
        "keys:\n  - {name: demo, hash: 'a', rpm: 60, models: ['*']}\n",
        "version: 1\nkeys:\n  - {id: demo, name: Demo, hash: 'a', prefix: b, tags: [c]}\n",
        "keys:\n  dev: {name: a, quota: unlimited}\n",
        "keys:\n  - {id: a, type: rsa}\n",
        "name: {{ .Values.name }}\n\tx",
        "a: [",
        "\xff\xfe",
    ],
)
def test_a_file_that_only_shares_the_name_is_declined(text: str) -> None:
    found = items(text.encode("latin-1"))
    assert Declined(("keys.yaml",)) in found
    assert not any(isinstance(item, (ApiKey, Gap)) for item in found)


def test_the_name_decides() -> None:
    collector = RegisterCollector()
    assert collector.claims("keys.yaml", b"") and collector.claims("ops/keys.yaml", b"")
    assert not collector.claims("keys.yml", b"") and not collector.claims("monkeys.yaml", b"")


def test_who_changed_the_register_last_ends_every_chain(tmp_path: Path) -> None:
    root = repository(tmp_path, {"ops/keys.yaml": FULL.encode()})
    found = RegisterCollector().read(DirectoryTree(root), ["ops/keys.yaml"], Reading(".", {}, NOW))
    [key] = [item for item in found if isinstance(item, ApiKey)]
    assert key.address == "ops/keys.yaml#bot-grid"
    for chain in key.chains.values():
        assert chain[-1].kind is StepKind.COMMIT
        assert chain[-1].label.startswith("last changed 20") and chain[-1].label.endswith(" by Ada")


# -- hostile text ------------------------------------------------------------------------------


def test_two_runs_agree() -> None:
    text = HEAD + "    functoin: x\n" + TAIL
    assert list(map(repr, items(text))) == list(map(repr, items(text)))


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    items(text.encode("utf-8", "replace"))
    items(("version: 1\nkeys:\n  - " + text).encode("utf-8", "replace"))


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text("ab -:#[{", max_size=6)
        | st.just("alice"),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["owner", "name", "rotated", "permissions", "used_by", "keys", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_data_is_read_and_counted(data: object) -> None:
    import json

    text = json.dumps({"version": 1, "keys": data})
    read(text)
    assert count_entries(text) == (len(data) if isinstance(data, list) else 0)
