"""YAML inside comments: what a person brings to life by taking `# ` away from the start of its
lines. Remarks stay comments when that happens to them as well."""

from __future__ import annotations

import json
import textwrap

from policyscan.text.display import one_line

WIDTH = 96


def asleep(text: str) -> str:
    """Lines of YAML as comments."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def remark(text: str, indent: int = 0, hang: int = 0) -> str:
    """A remark of as many lines as it needs: beside YAML that is `asleep` behind `##`, among its
    lines at their `indent`; the text stands `hang` columns further."""
    start = f"{' ' * indent}# {' ' * hang}" if indent else f"## {' ' * hang}"
    return "".join(
        f"{line}\n"
        for line in textwrap.wrap(
            one_line(text),
            max(WIDTH - 2, indent + 40),
            initial_indent=start,
            subsequent_indent=start,
            break_long_words=False,
            break_on_hyphens=False,
        )
    )


def quoted(text: str) -> str:
    """Text as YAML, on one line, in which nothing can end the line or the quotes."""
    return json.dumps(one_line(text), ensure_ascii=False)
