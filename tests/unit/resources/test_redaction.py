"""What a pattern hides, worked out by hand."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.resources.redaction import (
    MAX_PATTERN,
    _names,
    is_credential,
    terms_of_part,
    terms_of_pattern,
    terms_of_word,
)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        (r"X-MBX-APIKEY=[A-Za-z0-9]+", {"X-MBX-APIKEY"}),
        (r"(?i)signature=[0-9a-f]{64}", {"signature", "X-GEMINI-SIGNATURE"}),
        (r"(?i)(secret|signature)['\"]?\s*[:=]\s*\S+", {"secret", "signature", "api_secret"}),
        (r"(?i:secret)=\w+", {"secret", "api_secret"}),
        (r"(?i)api[_-]?key\W+\w+", {"api_key", "apikey", "X-MBX-APIKEY", "KC-API-KEY"}),
        (r"(?<=signature=)\w+", {"signature"}),
        (r"(?P<name>secret)=(?P<value>.*)", {"secret"}),
        (r"[Ss]ecret=.*", {"secret"}),
        (r"\bsecret\b.*", {"secret"}),
        (r"(?i)authorization\s*[:=]\s*(?:bearer\s+)?\S+", {"authorization"}),
        (r"\"secret\":\s*\"[^\"]+\"", {"secret"}),
        (r"(?i)listen_?key=\S+", {"listenKey", "listenkey"}),
    ],
)
def test_what_a_pattern_hides(pattern: str, names: set[str]) -> None:
    found = terms_of_pattern(pattern)
    assert found.certain
    assert names <= found.names


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        (r"x-mbx-apikey=\w+", "X-MBX-APIKEY"),
        (r"apikey=\w+", "X-MBX-APIKEY"),
        (r"X-MBX=\w+", "X-MBX-APIKEY"),
        (r"X-MBX\w+", "X-MBX-APIKEY"),
        (r"(?i)mbx[a-z-]+", "X-MBX-APIKEY"),
        (r"\bsecret=\w+", "api_secret"),
        (r"(?<!\w)secret=\w+", "api_secret"),
        (r"secretary=\w+", "secret"),
        (r"(api|my)_secret=\w+", "secret"),
        (r"Secret=\w+", "secret_"),
        (r"sign=\w+", "signature"),
    ],
)
def test_what_a_pattern_does_not_hide(pattern: str, name: str) -> None:
    assert name not in terms_of_pattern(pattern).names


@pytest.mark.parametrize(
    "pattern",
    [
        r"[A-Za-z0-9]{64}",
        r".*",
        r"^secret=.*",
        r"Authorization: Bearer \S+",
        r"(\w)\1",
        "(" * 40 + "a" + ")" * 40,
        "((((a",
        "a)b",
        "[abc",
        "secret\\",
        "(?P<x",
        "[ab]" * 200,
        "(a|b|c|d)" * 20,
        "x" * (MAX_PATTERN + 1),
        "",
    ],
)
def test_a_pattern_that_is_not_understood(pattern: str) -> None:
    assert not terms_of_pattern(pattern).certain


def test_ignoring_case() -> None:
    assert "X-MBX-APIKEY" not in terms_of_pattern(r"mbx-apikey=\w").names
    assert "X-MBX-APIKEY" in terms_of_pattern(r"mbx-apikey=\w", ignore_case=True).names


def test_words() -> None:
    assert terms_of_word("Secret").names == {"secret"}
    assert "api_secret" in terms_of_part("secret", ignore_case=False).names
    assert "X-MBX-APIKEY" not in terms_of_part("apikey", ignore_case=False).names
    assert is_credential("signature")
    assert not is_credential("uvicorn running on")


@pytest.mark.parametrize("pattern", ["(" * 900, "[" * 900, "(a|" * 600, "((a?){9}){9}" * 90])
def test_hostile_patterns_take_no_time(pattern: str) -> None:
    start = time.process_time()
    terms_of_pattern(pattern)
    assert time.process_time() - start < 1


WORDS = st.sampled_from([
    "secret", "Secret", "api[_-]?key", "[Aa]pi_?[Kk]ey", "key", "x-mbx-apikey", "X-MBX-APIKEY",
    "mbx", "signature", "sign(?:ature)?", r"\bsecret", "(?:api|listen)[-_ ]?key", "auth.*",
    "ok-access-(?:key|sign)", r"\w*secret", "token", "pass(?:word|phrase)", "cookie",
])  # fmt: skip
BETWEEN = {"=": "=", r"\s*[:=]\s*": ": ", r"\W+": "': '", "[\"']?:": "':", ".?": "=", "": ""}


@given(
    st.lists(WORDS, min_size=1, max_size=4),
    st.sampled_from(sorted(BETWEEN)),
    st.sampled_from(["", "(?i)"]),
)
def test_a_name_that_is_said_to_be_hidden_is_matched(
    words: list[str], between: str, flag: str
) -> None:
    pattern = f"{flag}({'|'.join(words)}){between}([a-z0-9]+)"
    for name in terms_of_pattern(pattern).names.intersection(_names()):
        text = f"x {name}{BETWEEN[between]}abc123"
        assert re.search(pattern, text), (pattern, text)
