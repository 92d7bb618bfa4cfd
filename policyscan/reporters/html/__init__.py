"""The HTML report: one self-contained file that an auditor can read, print and archive.

It asks nothing of the network, shows everything without JavaScript, and is the same bytes for the
same report. Whatever comes from what was scanned is escaped once, where it enters the page.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from io import BytesIO

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from policyscan.findings import Finding, Report, Verdict
from policyscan.reporters import difference_words
from policyscan.reporters.drift_words import drift_sentence, told_verdicts
from policyscan.reporters.html import charts, words
from policyscan.reporters.html.derivation import derivation_list
from policyscan.reporters.html.excerpts import excerpt_lines
from policyscan.reporters.html.view import View
from policyscan.reporters.words import seen, spot
from policyscan.text.display import visible
from policyscan.text.logsafe import markup_without_orders


class HtmlReporter:
    """Renders a report as one HTML document."""

    name = "html"
    suffix = ".html"

    def render(self, report: Report) -> bytes:
        """The whole report as UTF-8; the same report always gives the same bytes."""
        style, script = _asset("report.css"), _asset("report.js")
        page = _environment().get_template("report.html.j2")
        parts = page.generate(
            report=report,
            view=View.of(report),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_content_security_policy(style, script),
        )
        out = BytesIO()  # as a text the page would be there three times, each letter in two bytes
        for part in parts:
            out.write(markup_without_orders(part.encode()))
        return out.getvalue()


def _content_security_policy(style: str, script: str) -> str:
    """Nothing may load or run but the two blocks whose digests it names."""
    return (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return files(__name__).joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__name__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters.update(
        after=words.after,
        anchor=words.anchor,
        bar=charts.verdict_bar,
        change_word=difference_words.WORDS.__getitem__,
        became=difference_words.became,
        severity_bar=charts.severity_bar,
        count=words.count,
        count_of=words.count_of,
        counts_of_failures=difference_words.counts_of_failures,
        derivation_list=derivation_list,
        drift_sentence=drift_sentence,
        excerpt_lines=excerpt_lines,
        gone_heading=difference_words.gone_heading,
        literal=words.literal,
        n=words.number,
        place=spot,
        seen=seen,
        shared_reason=words.shared_reason,
        since=difference_words.since,
        short=words.short_digest,
        told_verdicts=told_verdicts,
        word=words.verdict_word,
    )
    environment.tests["old"] = _is_old
    return environment


def _is_old(finding: Finding) -> bool:
    """Whether it is open, was there before and does not block: on paper it is told in short."""
    is_open = finding.verdict in (Verdict.FAIL, Verdict.UNKNOWN)
    return is_open and difference_words.is_old(finding) and not finding.blocking


def _shown(value: object) -> object:
    """The last thing that happens to every value before it is escaped."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)
