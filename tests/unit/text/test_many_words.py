"""One pattern for many words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from policyscan.text.many_words import any_of


def test_words_that_begin_alike() -> None:
    pattern = any_of([b"cb-access-key", b"cb-access-sign", b"cbpro", b"okx", b"x.y+"])
    assert pattern.findall(b"cb-access-sign cbpro okx x.y+ xzy+ cb-access") == [
        b"cb-access-sign",
        b"cbpro",
        b"okx",
        b"x.y+",
    ]


def test_no_bytes_are_taken_for_operators() -> None:
    assert any_of([b"a|b", b"a(", b"[^c]"]).findall(b"a b a( a|b c [^c]") == [
        b"a(",
        b"a|b",
        b"[^c]",
    ]


@given(
    st.lists(st.binary(min_size=1, max_size=4), min_size=1, max_size=8),
    st.binary(max_size=40),
)
def test_finds_what_the_words_one_by_one_find(words: list[bytes], text: bytes) -> None:
    shortest = {w for w in words if not any(o != w and w.startswith(o) for o in words)}
    expected = re.compile(b"|".join(map(re.escape, sorted(shortest)))).findall(text)
    assert any_of(shortest).findall(text) == expected
