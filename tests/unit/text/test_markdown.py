from __future__ import annotations

import pytest

from policyscan.text.markdown import code_block, escaped


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
        ("http://a.b WWW.c.d", "http&#58;//a.b WWW&#46;c.d"),
        ("@all", "@\u2060all"),
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


def test_nothing_ends_a_code_block() -> None:
    assert code_block("a\n\n```\n</code>\u2028x") == "    a\n    \n    ```\n    </code>\\u2028x"
