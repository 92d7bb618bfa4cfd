"""The tables of the pages on the language and on the kinds that are made of the code. `python -m
tests.docs.language_tables` writes them into the pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from policyscan.authoring.kinds import Field, described, shared
from policyscan.authoring.sources import sources_of
from policyscan.language.doubts.formulas import MAX_WORK
from policyscan.language.functions.arithmetic import MAX_STRING
from policyscan.language.functions.patterns import MAX_PATTERN
from policyscan.language.functions.signatures import Signature
from policyscan.language.functions.strings import MAX_PARTS
from policyscan.language.functions.table import FUNCTIONS
from policyscan.language.left_out import left_out
from policyscan.language.proving.walk import MAX_MEMBERS, MAX_STEPS
from policyscan.language.proving.worlds import MAX_WORLDS
from policyscan.language.syntax.parser import MAX_BYTES, MAX_DEPTH, MAX_HEIGHT
from policyscan.resources.kinds import MODULES, load_kinds
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "policy-language.md"
KINDS_PAGE = ROOT / "docs" / "kinds.md"
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


def kinds() -> str:
    """Every kind and its parts: the fields, their types, what they mean."""
    found = ["", "## Every resource", "", *_rows(shared())]
    seen: set[str] = set()
    for kind, model in load_kinds(MODULES).items():
        sources = ", ".join(sources_of(kind))
        for each in described(model):
            if each.name not in seen:
                seen.add(each.name)
                heading = f"## {each.name}" if each.name == kind else f"### {each.name}"
                found += ["", heading, "", each.about, ""]
                found += [f"Filled by: {sources}.", ""] if each.name == kind else []
                found += _rows(each.fields)
    return "\n".join(found) + "\n\n"


def _rows(fields: Sequence[Field]) -> list[str]:
    rows = (f"| `{each.name}` | {_typed(each.type)} | {each.about} |" for each in fields)
    return ["| field | type | |", "|---|---|---|", *rows]


def _typed(kind: str) -> str:
    return kind.replace("one of ", "", 1) if kind.startswith("one of ") else f"`{kind}`"


def _listed(names: list[str]) -> str:
    shown = [name.removeprefix("the type ").replace(" as a value", "") for name in names]
    types = [name for name in shown if name.startswith("'")]
    others = [name for name in shown if not name.startswith("'")]
    if types:
        others.append("types as values: " + ", ".join(each.rpartition(": ")[2] for each in types))
    return ", ".join(others)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


TABLES: Mapping[str, Callable[[], str]] = {
    "functions": functions,
    "limits": limits,
    "left out": left_out_of_cel,
    "kinds": kinds,
}


def with_tables(page: str) -> str:
    """The page with its tables as they should be."""
    return _TABLE.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}{found[4]}", page)


if __name__ == "__main__":
    for page in (PAGE, KINDS_PAGE):
        page.write_text(with_tables(page.read_text("utf-8")), "utf-8")
