"""The tables of the page on the language that are made of the code. `python -m
tests.docs.language_tables` writes them into the page."""

from __future__ import annotations

import re

from policyscan.language.foregone.formulas import MAX_WORK
from policyscan.language.functions.arithmetic import MAX_STRING
from policyscan.language.functions.patterns import MAX_PATTERN
from policyscan.language.functions.signatures import Signature
from policyscan.language.functions.strings import MAX_PARTS
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.left_out import left_out
from policyscan.language.proving.walk import MAX_MEMBERS, MAX_STEPS
from policyscan.language.proving.worlds import MAX_WORLDS
from policyscan.language.syntax.parser import MAX_BYTES, MAX_DEPTH, MAX_HEIGHT
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "policy-language.md"
_TABLE = re.compile(r"(<!-- (\w[\w ]*) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def functions() -> str:
    """Every function: its forms, what it gives, an example that is true."""
    rows = ["| function | gives | true, for example |", "|---|---|---|"]
    for name, function in FUNCTIONS.items():
        forms = " ".join(f"`{_written(name, form)}`" for form in function.signatures)
        rows.append(f"| {forms} | {function.about} | {_code(function.example)} |")
    return "\n".join(rows) + "\n"


def _written(name: str, form: Signature) -> str:
    return form.written(name).replace("any value", "T")


def limits() -> str:
    """What an expression may be, and what it may cost."""
    return "\n".join(
        [
            "| what | at most |",
            "|---|---|",
            f"| bytes of an expression | {MAX_BYTES:,} |",
            f"| nesting of brackets and of `?:` | {MAX_DEPTH} |",
            f"| operations on the longest way down | {MAX_HEIGHT} |",
            f"| steps of one verdict | {MAX_STEPS:,} |",
            f"| members of a list that an expression makes | {MAX_MEMBERS:,} |",
            f"| characters of a text that an expression makes | {MAX_STRING:,} |",
            f"| parts that `split` makes | {MAX_PARTS:,} |",
            f"| characters of a pattern of `matches` | {MAX_PATTERN:,} |",
            f"| combinations of values that are one of a few | {MAX_WORLDS} |",
            f"| comparisons that lint tries, to find what is always true | {MAX_WORK:,} |",
            "",
        ]
    )


def left_out_of_cel() -> str:
    """Every thing of CEL that policies have not, in groups with one reason."""
    groups: dict[tuple[str, str], list[str]] = {}
    for row in left_out():
        name = _code(row.name) if row.name.endswith("()") else f"{row.shown}: {_code(row.example)}"
        groups.setdefault((row.reason, row.instead), []).append(name)
    rows = ["| of CEL | why not | instead |", "|---|---|---|"]
    for (reason, instead), names in groups.items():
        rows.append(f"| {_listed(names)} | {reason} | {instead} |")
    return "\n".join(rows) + "\n"


def _listed(names: list[str]) -> str:
    shown = [name.removeprefix("the type ").replace(" as a value", "") for name in names]
    types = [name for name in shown if name.startswith("'")]
    others = [name for name in shown if not name.startswith("'")]
    if types:
        others.append("types as values: " + ", ".join(each.rpartition(": ")[2] for each in types))
    return ", ".join(others)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


TABLES = {"functions": functions, "limits": limits, "left out": left_out_of_cel}


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    return _TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[4]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text("utf-8")), "utf-8")
