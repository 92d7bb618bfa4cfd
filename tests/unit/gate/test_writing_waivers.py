"""A waiver is added to a file whose other bytes stay."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from policyscan.errors import UsageError
from policyscan.findings.waivers import Acceptance, WaiverEntry, parse_waivers
from policyscan.gate.waivers.writing import next_id, with_waiver
from tests.unit.gate.waiving import entry, waivers_file

NEW = WaiverEntry(
    id="WVR-2",
    policy="PS-NET-004",
    address="aws_security_group.open",
    reason="the bastion moves",
    owner="ana",
    approver="bo",
    since=date(2026, 11, 28),
    expires=date(2027, 1, 31),
    accepts=(Acceptance({"ingress": {"at most": [{"cidrs": ["10.0.0.0/8"]}]}}),),
)
OLD = waivers_file(entry())


def same(one: WaiverEntry, other: WaiverEntry) -> bool:
    return replace(one, place="") == replace(other, place="")


def test_a_new_file() -> None:
    assert (
        with_waiver("w.yaml", None, NEW, "open: port 22\nis open").decode()
        == """\
version: 1
waivers:
  - id: "WVR-2"
    # open: port 22\\nis open
    policy: "PS-NET-004"
    address: "aws_security_group.open"
    reason: "the bastion moves"
    owner: "ana"
    approver: "bo"
    since: "2026-11-28"
    expires: "2027-01-31"
    accepts:
      ingress: {"at most": [{"cidrs": ["10.0.0.0/8"]}]}
"""
    )


@pytest.mark.parametrize(
    "data",
    [
        OLD,
        OLD.rstrip(b"\n"),
        OLD + b"\n\n# the end\n",
        OLD + b"  # the end, indented",
        OLD.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + OLD,
        b"# ours\n" + OLD.replace(b"  - ", b"- ").replace(b"    ", b"  "),
        OLD.replace(b"\n    ", b"\n          ").replace(b"\n  - ", b"\n      -   "),
        b"",
        b"# nothing yet\n",
        b"version: 1\n",
        b"version: 1",
        b"version: 1\nwaivers:\n",
        b"version: 1\nwaivers: # none yet\n# none\n",
    ],
)
def test_all_that_stands_there_stays(data: bytes) -> None:
    written = with_waiver("w.yaml", data, NEW, "open")
    assert written.startswith(data)
    before, after = parse_waivers("w", data).entries, parse_waivers("w", written).entries
    assert after[:-1] == before
    assert same(after[-1], NEW)
    assert (b"\r\n" in written) == (b"\r\n" in data)
    assert written.replace(b"\r\n", b"").count(b"\r") == 0


def test_an_empty_list_makes_room() -> None:
    data = b"version: 1\nwaivers: [ ]  # none\n"
    written = with_waiver("w.yaml", data, NEW, "open")
    assert written.startswith(b"version: 1\nwaivers:  # none\n")
    assert same(parse_waivers("w", written).entries[0], NEW)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"waivers:\nversion: 1\n", "`waivers` is not the last key"),
        (b"{version: 1, waivers: []}\n", "not"),
        (OLD + b"...\n", "not"),
        (b"version: 1\nwaivers: [{id: a}]\n", "lacks"),
    ],
)
def test_a_file_of_another_form_is_left_alone_and_the_entry_shown(
    data: bytes, message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        with_waiver("w.yaml", data, NEW, "open")
    if "lacks" not in message:
        assert 'id: "WVR-2"' in caught.value.hint


def test_ids_are_counted_on() -> None:
    assert next_id(None) == "WVR-1"
    assert next_id(parse_waivers("w", waivers_file(entry(id="WVR-7"), entry(id="X")))) == "WVR-8"


TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)
PLAIN: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(TEXT, TEXT, st.dictionaries(TEXT, PLAIN, max_size=3), TEXT)
def test_whatever_is_written_reads_as_it_was(
    reason: str, address: str, values: dict[str, Any], remark: str
) -> None:
    new = replace(
        NEW,
        reason=reason,
        address=address,
        accepts=(Acceptance(values, "a*"), Acceptance({"x": 1})),
    )
    written = with_waiver("w.yaml", OLD, new, remark)
    assert same(parse_waivers("w", written).entries[-1], new)


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(UsageError):
        with_waiver("w.yaml", OLD, replace(NEW, reason="\ud800"), "x")


def test_who_reviews_it_sees_all_of_it() -> None:
    """Characters that reorder a line or that nobody sees are written as escapes of YAML."""
    new = replace(NEW, reason="all \u202eright\u202c \u200b\ufe0f\U000e0041\U0010ffff é")
    written = with_waiver("w.yaml", None, new, "open").decode()
    assert r'reason: "all \u202eright\u202c \u200b\ufe0f\U000e0041\U0010ffff é"' in written
    assert parse_waivers("w.yaml", written.encode()).entries[0].reason == new.reason
