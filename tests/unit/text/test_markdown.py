from __future__ import annotations

import pytest

from policyscan.text.markdown import code, code_block, escaped, fenced, inline, prose


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("plain text, 4.1 of 5 (see below): fine.", "plain text, 4.1 of 5 (see below): fine."),
        ("run `terraform plan` and `a_b[0]`", "run `terraform plan` and `a_b[0]`"),
        ("- one\n- two", "- one\n- two"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("&lt;", "&amp;lt;"),
        ("[a](b) ![c](d)", r"\[a\](b) \!\[c\](d)"),
        ("a_b_c *d* ~~e~~ # f | g", r"a\_b\_c \*d\* \~\~e\~\~ \# f \| g"),
        ("$x$", r"\$x\$"),
        (r"\<b>", r"\\&lt;b&gt;"),
        ("http://a.b WWW.c.d", "http&#58;\u2060//a.b WWW&#46;\u2060c.d"),
        ("@all", "@\u2060all"),
        ("#1 GH-2 # 3", "\\#\u20601 GH-\u20602 \\# 3"),
        (":+1: 12:30", "&#58;\u2060+1: 12:30"),
        ("0123abc 012abc", "0123ab\u2060c 012abc"),
        ("a\n===\nb\n ---\n- c", "a\n\\===\nb\n \\---\n- c"),
        ("a ` lone <b>", r"a \` lone &lt;b&gt;"),
        # Two backticks without an end are literal, so that what follows is the code span.
        ("`` `x` <b> `y", r"\`\` `x` &lt;b&gt; \`y"),
        ("```\n<b>\n```", "\\`\\`\\`\n&lt;b&gt;\n\\`\\`\\`"),
        ("`a\nb` <b>", "\\`a\nb\\` &lt;b&gt;"),
        ("\x1b[31m", r"\\x1b\[31m"),
    ],
)
def test_only_code_spans_keep_their_power(text: str, markdown: str) -> None:
    assert escaped(text) == markdown


def test_code_gives_no_orders_in_a_log() -> None:
    assert code("##[error]x") == r"`#\#[error]x`"
    assert escaped("see `##[error]`") == r"see `#\#[error]`"
    assert code_block("a\n ::error::b") == "    a\n     \\::error::b"
    assert fenced(["::error::b", "##[group]"]) == "```\n\\::error::b\n#\\#[group]\n```"


def test_nothing_ends_a_code_block() -> None:
    assert code_block("a\n\n```\n</code>\u2028x") == "    a\n    \n    ```\n    </code>\\u2028x"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("port 22 (SSH) is open to 0.0.0.0/0: why?", "port 22 (SSH) is open to 0.0.0.0/0: why?"),
        ("aws_security_group.bot lets it in", "aws_security_group.bot lets it in"),
        ("by arn:aws:iam::1:role/x, seen", "by `arn:aws:iam::1:role/x,` seen"),
        ("ask @org/team or see #1 now", "ask `@org/team` or see `#1` now"),
        ("one <b> ![x](y) two", "one `<b> ![x](y)` two"),
        ("a ` lone", "a `` ` `` lone"),
        ("x ``y`` z", "x ``` ``y`` ``` z"),
        ("_a_ b_c", "`_a_` b_c"),
        ("commit 0123abc of GH-12", "commit `0123abc` of `GH-12`"),
        ("two\nlines", "`two\\nlines`"),
        ("a\u00a0b", "`a\u00a0b`"),
        ("  a   b ", "a b"),
        ("", ""),
        ("- one - two", "\\- one - two"),
        ("1. one", "1\\. one"),
        ("12) one", "12\\) one"),
        ("===", "==\\="),
        ("-1 is no item", "-1 is no item"),
        ("see //example.invalid/x or a//b", "see `//example.invalid/x` or `a//b`"),
        ("##vso[task.x]y #[z", r"`#\#vso[task.x]y #[z`"),
    ],
)
def test_whatever_may_be_more_than_a_word_stands_in_code(text: str, markdown: str) -> None:
    assert inline(text) == markdown


def test_the_sentences_of_a_policy_keep_their_code() -> None:
    assert (
        prose("Switch to it: `USER 1`.\nOr ask @org.") == "Switch to it: `USER 1`. Or ask `@org.`"
    )
    assert prose("(`a`,`b`) `c``d`") == "(`a`,`b`) ```` `c``d` ````".replace("````", "```")


def test_long_text_is_cut_and_stays_closed() -> None:
    assert inline("[" * 1000, 10) == f"`{'[' * 9}…`"
    assert code("x" * 1000, 10) == f"`{'x' * 9}…`"


def test_there_are_never_more_backticks_than_a_reader_counts() -> None:
    assert code("`" * 100) == f"{'`' * 61} {'`' * 60}… {'`' * 61}"
    assert fenced(["`" * 300]) == f"{'`' * 61}\n{'`' * 60}…\n{'`' * 61}"


def test_nothing_ends_a_fence() -> None:
    assert fenced(["a", "```", "\x1b````", ""]) == "`````\na\n```\n\\x1b````\n\n`````"
