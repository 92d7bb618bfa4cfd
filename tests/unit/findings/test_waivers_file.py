"""What a file of waivers may say, and where it says that something is wrong."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from policyscan.errors import UsageError
from policyscan.findings.waivers import Acceptance, WaiverEntry, matches, parse_waivers
from tests.unit.gate.waiving import entry, waivers_file

PRINT = "0123456789abcdef" * 2


def test_every_key() -> None:
    text = waivers_file(
        entry(
            fingerprint=PRINT, unit="infra/*", path="main.tf", ticket="SEC-12",
            accepts="[{address: 'a[0]', values: {ports: [22]}}, {values: {ports: {at most: 3}}}]",
        )
    )  # fmt: skip
    file = parse_waivers("w.yaml", text)
    assert (file.path, file.sha256) == ("w.yaml", hashlib.sha256(text).hexdigest())
    assert file.entries == (
        WaiverEntry(
            id="WVR-1",
            fingerprint=PRINT,
            policy="PS-NET-004",
            address="aws_security_group.open",
            unit="infra/*",
            path="main.tf",
            reason="the bastion moves in January",
            owner="ana",
            approver="bo",
            ticket="SEC-12",
            since=date(2026, 11, 1),
            expires=date(2027, 1, 31),
            accepts=(
                Acceptance({"ports": [22]}, "a[0]"),
                Acceptance({"ports": {"at most": 3}}),
            ),
            place="w.yaml:3:5",
        ),
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "version: 1\n", "version: 1\nwaivers:\n",
                                  "version: 1\nwaivers: []\n", "\ufeffversion: 1\n"])  # fmt: skip
def test_a_file_without_waivers(text: str) -> None:
    assert parse_waivers("w.yaml", text.encode()).entries == ()


@pytest.mark.parametrize("quote", ["", '"', "'"])
def test_a_day_needs_no_quotes(quote: str) -> None:
    [one] = parse_waivers("w", waivers_file(entry(expires=f"{quote}2027-01-31{quote}"))).entries
    assert one.expires == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *[({key: ""}, f"lacks '{key}'") for key in ("reason", "owner", "approver", "expires")],
        ({"since": ""}, "lacks 'since'"),
        ({"id": "a b"}, "id must look like WVR-1"),
        ({"id": "main.tf:3"}, "id must look like WVR-1"),
        ({"reason": '""'}, "reason must not be empty"),
        ({"reason": '"  "'}, "reason must not be empty"),
        ({"owner": "[ana]"}, "owner must be text"),
        ({"owner": "yes"}, "not every reader of YAML takes yes for text"),
        ({"policy": ""}, "it does not say what it applies to"),
        ({"address": ""}, "it does not say what it applies to"),
        ({"fingerprint": "012x"}, "fingerprint must look like the 32 hex digits"),
        ({"fingerprint": PRINT.upper()}, "fingerprint must look like the 32 hex digits"),
        ({"expires": "2027-02-29"}, "there is no day 2027-02-29"),
        ({"expires": "2027-1-31"}, "not every reader of YAML takes 2027-1-31 for text"),
        ({"expires": "2027-01-31T12:00:00Z"}, "not every reader"),
        ({"expires": "never"}, 'expires must look like "2027-01-31"'),
        ({"expires": "20270131"}, "expires must be text"),
        ({"since": "0000-01-01"}, "there is no day 0000-01-01"),
        ({"accepts": "[]"}, "it accepts nothing"),
        ({"accepts": "all"}, "accepts must be a list"),
        ({"accepts": "[{address: a}]"}, "lacks 'values'"),
        ({"accepts": "{a: 012}"}, "not every reader of YAML takes 012"),
        ({"until": "2027-01-31"}, "unknown key 'until'"),
        ({"approve": "x"}, "unknown key 'approve'; did you mean 'approver'?"),
        ({"reason": "&a x"}, "anchors and aliases are not read here"),
        ({"reason": "!!python/object:os.system x"}, "tags are not read here"),
        ({"accepts": "{a: " + "[" * 20 + "]" * 20 + "}"}, "more than 16 levels of nesting"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_waivers("w.yaml", waivers_file(entry(**changes)))
    assert message in caught.value.message
    assert str(caught.value).startswith("w.yaml:")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (waivers_file(entry(), entry()), "'WVR-1' is already the id of the waiver at w.yaml:3:5"),
        (b"version: 2\n", "version must be 1"),
        (b"waivers: []\n", "lacks 'version'"),
        (b"version: 1\nwaiver: []\n", "unknown key 'waiver'; did you mean 'waivers'?"),
        (b"version: 1\nwaivers: {}\n", "must be a list, this is a mapping"),
        (b"version: 1\nwaivers: [a]\n", "must be a mapping, this is text"),
        (b"version: 1\nwaivers: x\n", "must be a list"),
        (b"\xff\xfe\x00", "this file is not UTF-8"),
        (b"version: 1\n---\nversion: 1\n", "the file must hold one document"),
        (b"version: 1\nversion: 1\n", "the key 'version' is there twice"),
        (b"version: 1\nwaivers: [" + b"{}," * 10_001 + b"]\n", "more than 10,000 waivers"),
        (b"x" * 1_000_001, "larger than 1,000,000 bytes"),
        (b"a: &a [x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "anchors and aliases"),
        (b"\tversion: 1\n", "not YAML"),
    ],
)
def test_a_file_that_is_not_understood_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_waivers("w.yaml", data)
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("a.b", "a.b", True),
        ("a.b", "axb", False),
        ("a.*", "a.b[0]", True),
        ("a.b[*]", 'a.b["x"]', True),
        ("a.b[0]", "a.b[0]", True),
        ("a.b[01]", "a.b[0]", False),
        ("a.b[!0]", "a.b[1]", False),
        ("a.?", "a.b", True),
        ("A.b", "a.b", False),
        ("*", "arn:aws:iam::1:role/x", True),
        ("*" * 50 + "x", "a" * 5_000, False),
    ],
)
def test_a_selector_means_text(pattern: str, text: str, is_match: bool) -> None:
    assert matches(pattern, text) is is_match
