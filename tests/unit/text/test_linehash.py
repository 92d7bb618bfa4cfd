from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyscan.text.linehash import LineHashes
from policyscan.text.source import Source

# What github/codeql-action's own tests state for these texts (src/fingerprints.test.ts).
GREETINGS = (
    "e9496ae3ebfced30:1",
    "fb7c023a8b9ccb3f:1",
    "ce8ba1a563dcdaca:1",
    "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1",
    "c8e28b0b4002a3a0:1",
    "c129715d7a2bc9a3:1",
)
PUBLISHED = {
    "": ("c129715d7a2bc9a3:1",),
    " a\nb\n  \t\tc\n d": (
        "271789c17abda88f:1",
        "54703d4cd895b18:1",
        "180aee12dab6264:1",
        "a23a3dc5e078b07b:1",
    ),
    " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n": GREETINGS,
    " hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r": GREETINGS,
    " hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n": GREETINGS,
    " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n": GREETINGS,
    "Lorem ipsum dolor sit amet.\n" * 10: (
        *(f"a7f2ff13bc495cf2:{n}" for n in range(1, 7)),
        "a7f2ff1481e87703:1",
        "a9cf91f7bbf1862b:1",
        "55ec222b86bcae53:1",
        "cc97dc7b1d7d8f7b:1",
        "c129715d7a2bc9a3:1",
    ),
}


def hashes(text: str | bytes) -> tuple[str, ...]:
    found = LineHashes(Source("x", text if isinstance(text, bytes) else text.encode()))
    return tuple(found.of_line(line) for line in range(1, len(found) + 1))


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_vectors(text: str) -> None:
    assert hashes(text) == PUBLISHED[text]


def by_definition(text: str) -> list[int]:
    """Each line's first 100 code units as digits of a number to the base 37."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(" ", "").replace("\t", "")
    data = text.encode("utf-16-be")
    units = [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
    starts = [0] + [i + 1 for i, unit in enumerate(units) if unit == 10]
    units += [65535] + [0] * 100
    return [
        sum(unit * 37 ** (99 - place) for place, unit in enumerate(units[start : start + 100]))
        % 2**64
        for start in starts
    ]


@given(st.text(st.sampled_from("ab \t\r\n{}é𝄞\uffff\x00"), max_size=400))
def test_equals_the_definition_and_has_one_hash_per_line(text: str) -> None:
    got = hashes(text)
    assert [int(value.split(":")[0], 16) for value in got] == by_definition(text)
    assert len(got) == len(Source("x", text.encode()).line_starts)
    assert len(set(got)) == len(got)


def test_bytes_that_are_not_utf8_have_a_hash() -> None:
    assert hashes(b"a\xff\n") == hashes("a\ufffd\n")


def test_lines_that_move_keep_their_hash() -> None:
    text = "ingress {\n  cidr = any\n}\n"
    assert hashes("# new\n" + text)[1:] == hashes(text)
