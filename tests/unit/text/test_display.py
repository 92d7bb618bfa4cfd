from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.text.display import one_line, path_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, café, 𝄞, 日本", "plain text, café, 𝄞, 日本"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b\x07c\x7fd\x9be", "a\\x00b\\x07c\\x7fd\\x9be"),
        ("back\rwards", "back\\rwards"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth\u2060 \ufeff", "zero\\u200bwidth\\u2060 \\ufeff"),
        ("line\u2028paragraph\u2029", "line\\u2028paragraph\\u2029"),
        ("\u2066isolate\u2069", "\\u2066isolate\\u2069"),
        ("\ud800 alone \udcff", "\\ud800 alone \\udcff"),
        ("\ufffe\uffff\ufdd0\U0010ffff", "\\ufffe\\uffff\\ufdd0\\U0010ffff"),
        ("\U000e0041 tag", "\\U000e0041 tag"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_one_line_has_no_line_feed_or_tab() -> None:
    assert one_line("a\n::error::b\tc\r\n") == "a\\n::error::b\\tc\\r\\n"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("infra/main.tf", "infra/main.tf"),
        (b"caf\xe9/\xff.tf".decode("utf-8", "surrogateescape"), "caf\\xe9/\\xff.tf"),
        ("a\nb", "a\\nb"),
        ("\ud800", "\\ud800"),
    ],
)
def test_paths_show_their_undecodable_bytes(path: str, shown: str) -> None:
    assert path_text(path) == shown


everything = st.text(st.characters(exclude_categories=()), max_size=60)


@given(everything)
def test_result_is_encodable_printable_and_stable(text: str) -> None:
    for shown in (visible(text), one_line(text), path_text(text)):
        shown.encode("utf-8")
        assert visible(shown) == shown
        categories = {unicodedata.category(char) for char in shown if char not in "\t\n"}
        assert not categories & {"Cc", "Cs", "Zl", "Zp"}
    assert not {"\t", "\n"} & set(one_line(text) + path_text(text))


def test_what_is_printable_has_nothing_that_is_escaped() -> None:
    """By which most texts are told apart quickly."""
    every = "".join(map(chr, range(0x110000)))
    assert not [
        char for char in every if char.isprintable() and one_line(f"\n{char}") != rf"\n{char}"
    ]
