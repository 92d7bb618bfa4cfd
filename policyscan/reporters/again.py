"""The command that explains a finding of a run, to be copied from its report."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from policyscan.findings.report import RunRecord
from policyscan.text.display import one_line

_SHOWN = 12
"""Characters of a fingerprint: enough to tell any from all others of a report."""
_WHERE = frozenset({"--config", "--policies", "--ref"})
"""Options without which a finding of this run may not be found again; each has a value."""
_VALUE = frozenset(
    {"--base", "--baseline", "--trust", "--profile", "--waivers", "--select", "-o", "--output",
     "--category", "--sarif-runs"}
)  # fmt: skip
"""Options whose value follows, and that only say what blocks, and what is shown."""
_ALONE = frozenset(
    {"-q", "--quiet", "-v", "--verbose", "--changed", "--sarif-unchanged", "--staged"}
)
_REPORT = "report.json"


def explain_command(run: RunRecord, fingerprint: str) -> str:
    """`policyscan explain 0823a10c infra`: with the directory and the options that were given, as
    far as a finding depends on them. Of an audit, and of what runs, by a report: nothing is asked
    twice for it."""
    command, *arguments = run.arguments or ("",)
    words = ["policyscan", "explain", fingerprint[:_SHOWN]]
    try:
        place = list(_kept(iter(arguments))) if command == "scan" else None
    except LookupError:
        place = None
    if place is not None or not run.arguments:
        return one_line(shlex.join([*words, *(place or ())]))
    written = _json_report(run.arguments)
    made = "" if written else f" (made with -o json={_REPORT})"
    return one_line(shlex.join([*words, "--report", written or _REPORT]) + made)


def _json_report(arguments: Sequence[str]) -> str:
    """The file to which the run wrote its JSON report; empty without one."""
    for word, following in zip(arguments, (*arguments[1:], ""), strict=True):
        value = following if word in ("-o", "--output") else word.removeprefix("--output=")
        name, _, file = value.removeprefix("-o").partition("=")
        if name == "json" and file not in ("", "-"):
            return file
    return ""


def _kept(arguments: Iterator[str]) -> Iterator[str]:
    """The words that say what is judged. Raises `LookupError` for one that is not known here."""
    for word in arguments:
        name, equals, _ = word.partition("=")
        if not word.startswith("-"):
            yield word
        elif name in _WHERE:
            yield from (word,) if equals else (word, _next(arguments))
        elif name in _VALUE:
            if not equals:
                _next(arguments)
        elif word not in _ALONE and not (word.startswith("-o") and len(word) > 2):
            raise LookupError(word)


def _next(arguments: Iterator[str]) -> str:
    for word in arguments:
        return word
    raise LookupError("an option without its value")
