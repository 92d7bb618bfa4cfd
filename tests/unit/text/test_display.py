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
        ("Z" + "\u0301" * 6 + "a", "Z" + "\u0301" * 4 + "\\u0301\\u0301a"),
        ("Z" + "\u20dd" * 5, "Z" + "\u20dd" * 4 + "\\u20dd"),  # enclosing marks
        ("\u0301" * 300, "\u0301" * 4 + "\\u0301" * 296),
        ("שָּׁ֑לוֹם", "שָּׁ֑לוֹם"),  # a point, a vowel, a dot and an accent
        ("ê\u0323 ที่นี่ क्षि གྷྱཱི 日本語日本語", "ê\u0323 ที่นี่ क्षि གྷྱཱི 日本語日本語"),
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


IGNORABLE = (  # DerivedCoreProperties.txt of Unicode 16: Default_Ignorable_Code_Point
    "ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff "
    "ffa0 fff0-fff8 1bca0-1bca3 1d173-1d17a e0000-e0fff"
)


def test_what_nobody_sees_is_shown() -> None:
    """Text may be hidden in it, as in variation selectors."""
    for part in IGNORABLE.split():
        first, _, last = part.partition("-")
        for code in range(int(first, 16), int(last or first, 16) + 1):
            assert one_line(f"a{chr(code)}b").isascii(), hex(code)


def test_what_is_plain_ascii_has_nothing_that_is_escaped() -> None:
    """By which most texts are told apart quickly."""
    plain = "".join(map(chr, range(0x20, 0x7F)))
    assert one_line(f"\n{plain}") == rf"\n{plain}"
