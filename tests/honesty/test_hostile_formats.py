"""Hostile strings in all strings of a report, in every format: each format's own reader gets them
back, and nothing is obeyed, linked, calculated or run.

Every string of a report gets one of a group, and turn by turn another, so that each of them meets
every way in which a format writes a string.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from io import StringIO
from typing import NamedTuple

import pytest
from lxml import etree, html
from msgspec.structs import replace

from policyscan.cli.output import FORMATS
from policyscan.findings import Report
from policyscan.plugins import load_reporter
from policyscan.reporters.csv_report import COLUMNS
from policyscan.reporters.json_report import load_report
from policyscan.text.display import one_line
from policyscan.text.logsafe import without_orders
from tests import log_processors
from tests.attack import attacked, either_side, mixed, strings_of
from tests.github_rules import assert_github_takes
from tests.gitlab_rules import assert_gitlab_takes_quality, assert_gitlab_takes_sast
from tests.hostile_strings import EVERY, HOSTILE
from tests.html_reader import read_html
from tests.junit_verdicts import gaps_in, verdicts_in
from tests.markdown_reader import Rendered, read_markdown
from tests.sample_report import compared_report

IGNORABLE = (  # DerivedCoreProperties.txt of Unicode 16: Default_Ignorable_Code_Point
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
STEERING = re.compile(f"[^\n\x20-\x7e\u00a0-\U0010ffff]|[\u2028\u2029{IGNORABLE}]")
JUNIT = ("junit", "junit-azure", "junit-gitlab")
REPORT = compared_report()
every_group = pytest.mark.parametrize("group", HOSTILE)


TURNS = 8


class Attack(NamedTuple):
    """A report full of hostile strings."""

    name: str
    report: Report

    def rendered(self, format_: str) -> bytes:
        return once_rendered(self.name, format_)


@cache
def attacks(group: str) -> tuple[Attack, ...]:
    return tuple(
        Attack(f"{group} {turn}", attacked(REPORT, mixed(HOSTILE[group], turn)))
        for turn in range(turns_of(group))
    )


def turns_of(group: str) -> int:
    """More of a group that has more strings."""
    return max(TURNS, len(HOSTILE[group]) // 4)


@cache
def once_rendered(name: str, format_: str) -> bytes:
    group, turn = name.split(" ")
    return rendered(attacks(group)[int(turn)].report, format_)


@cache
def benign_report() -> Report:
    return attacked(REPORT, either_side("benign"))


def rendered(report: Report, format_: str) -> bytes:
    settings: dict[str, object] = {"verbose": True, "width": 100, "category": "nightly"}
    return load_reporter(format_, settings).render(report)


@cache
def benign(format_: str) -> bytes:
    return rendered(benign_report(), format_)


def visible_prints(report: Report) -> Counter[str]:
    return Counter(one_line(finding.fingerprint) for finding in report.findings)


def test_there_are_enough_strings_and_they_reach_every_field() -> None:
    assert len(set(EVERY)) == len(EVERY) >= 200
    strings = [text for text in strings_of(benign_report()) if text != REPORT.schema]
    assert len(strings) > 1_000
    assert all("benign" in text for text in strings)


@every_group
def test_every_string_meets_many_fields(group: str) -> None:
    every = [strings_of(attack.report) for attack in attacks(group)]
    for text in HOSTILE[group]:
        assert sum(each.startswith(text) for found in every for each in found) > 20, text[:40]
        assert sum(each.endswith(text) for found in every for each in found) > 20, text[:40]


@every_group
def test_json_gives_it_back(group: str) -> None:
    for attack in attacks(group):
        data = attack.rendered("json")
        assert data.isascii()
        assert load_report(data) == attack.report, attack.name


@every_group
def test_the_console_orders_nothing(group: str) -> None:
    for attack in attacks(group):
        log = attack.rendered("console").decode()
        assert not STEERING.search(log), attack.name
        assert obeyed(log) == [], attack.name


@every_group
@pytest.mark.parametrize("format_", sorted({*FORMATS} - {"annotations"}))
def test_a_report_that_is_printed_into_a_log_orders_nothing(format_: str, group: str) -> None:
    """As `-o json` does, and `cat report.xml`."""
    for attack in attacks(group):
        log = attack.rendered(format_).decode("utf-8-sig")
        assert obeyed(log) == [], attack.name


@every_group
def test_annotations_order_nothing_but_what_they_should(group: str) -> None:
    usual = log_processors.github(benign("annotations").decode())
    for attack in attacks(group):
        log = attack.rendered("annotations").decode()
        assert not STEERING.search(log), attack.name
        commands = log_processors.github(log)
        assert len(commands) == log.count("\n") == len(usual)
        assert Counter((c.name, *sorted(c.properties)) for c in commands) == Counter(
            (c.name, *sorted(c.properties)) for c in usual
        ), attack.name
        values = [value for command in commands for value in command.properties.values()]
        assert not any(STEERING.search(value) or "\n" in value for value in values), attack.name
        assert log_processors.azure(log) == [], attack.name
        assert log_processors.gitlab(log) == [], attack.name


def obeyed(log: str) -> list[object]:
    """What any CI system would do."""
    return [
        *log_processors.github(log),
        *log_processors.azure(log),
        *log_processors.gitlab(log),
        *log_processors.teamcity(log),
    ]


@every_group
@pytest.mark.parametrize("format_", ["markdown", "comment"])
def test_markdown_holds_text_and_nothing_else(format_: str, group: str) -> None:
    usual = read_markdown(benign(format_))
    assert not usual.later
    for attack in attacks(group):
        report = attack.report
        data = attack.rendered(format_)
        assert not STEERING.search(data.decode()), attack.name
        page = read_markdown(data)
        assert_no_more(page, usual, attack.name)
        assert page.comments == (["policyscan:nightly"] if format_ == "comment" else [])
        for finding in report.findings[:1]:
            if "`" * 61 not in finding.message:
                assert as_read(finding.message) in page.text, attack.name


def assert_no_more(page: Rendered, usual: Rendered, name: str) -> None:
    more = page.elements - usual.elements
    assert not more, (name, more)
    assert page.later == [], (name, page.later[:3])


def as_read(text: str) -> str:
    """A text as it is read in a page, at most its first 300 characters."""
    return re.sub(r"\s+", " ", without_orders(one_line(text)[:300])).strip()


QUIET = replace(
    REPORT,
    findings=tuple(replace(one, blocking=False) for one in REPORT.findings),
    gaps=tuple(replace(one, blocking=False) for one in REPORT.gaps),
    summary=replace(REPORT.summary, exit_code=3),
)


@every_group
def test_the_outcome_and_what_has_no_place_are_text_too(group: str) -> None:
    benign_quiet = attacked(QUIET, either_side("benign"), filled=False)
    usual = read_markdown(rendered(benign_quiet, "comment"))
    for turn in range(turns_of(group)):
        report = attacked(QUIET, mixed(HOSTILE[group], turn), filled=False)
        data = rendered(report, "comment")
        assert not STEERING.search(data.decode()), turn
        assert_no_more(read_markdown(data), usual, f"{group} {turn}")
        for element in etree.fromstring(rendered(report, "junit")).iter("error", "failure"):
            assert not STEERING.search(element.get("message")), turn


@every_group
def test_html_has_no_other_elements(group: str) -> None:
    usual = shape_of(benign("html"))
    for attack in attacks(group):
        report = attack.report
        data = attack.rendered("html")
        shape = shape_of(data)
        assert shape == usual, (attack.name, shape - usual, usual - shape)
        told = html.fromstring(data).xpath("//@data-fingerprint")
        assert Counter(map(one_line, told)) == visible_prints(report), attack.name


@every_group
def test_html_nests_and_links_inside(group: str) -> None:
    page = read_html(
        rendered(
            attacked(REPORT, either_side(" ".join(t for t in HOSTILE[group] if len(t) < 200))),
            "html",
        )
    )
    assert not page.faults
    assert all(e.attributes["href"].startswith("#") for e in page.having("href"))
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)


def shape_of(page: bytes) -> Counter[tuple[str, ...]]:
    """How often each element occurs; code spans of policies, the families to choose from and which
    facts say something new hang on the text."""
    elements = html.fromstring(page).iter()
    found = Counter((str(e.tag), *sorted(e.attrib)) for e in elements)
    plain = ("code",), ("option", "value"), ("div",), ("dt",), ("dd",)
    return Counter({k: n for k, n in found.items() if k not in plain})


@every_group
@pytest.mark.parametrize("format_", JUNIT)
def test_junit_is_the_same_tree(format_: str, group: str) -> None:
    usual = Counter((e.tag, *sorted(e.attrib)) for e in etree.fromstring(benign(format_)).iter())
    for attack in attacks(group):
        report = attack.report
        data = attack.rendered(format_)
        root = etree.fromstring(data)
        assert Counter((e.tag, *sorted(e.attrib)) for e in root.iter()) == usual, attack.name
        assert b"[[ATTACHMENT" not in data
        for element in root.iter():
            for value in (element.text or "", *element.attrib.values()):
                assert not STEERING.search(value.replace("\t", " ")), attack.name
        if format_ != "junit-azure":
            assert gaps_in(data) == Counter(
                (one_line(gap.fingerprint).replace("[[ATTACHMENT", "[\\[ATTACHMENT"), gap.blocking)
                for gap in report.gaps
            ), attack.name
            assert sum(verdicts_in(data).values()) == len(report.findings)


@every_group
def test_sarif_is_taken_and_neutral(group: str) -> None:
    usual = help_of(benign("sarif"))
    for attack in attacks(group):
        data = attack.rendered("sarif")
        assert_github_takes(without_line_hashes(data))
        for value in all_strings(json.loads(data)):
            assert not STEERING.search(re.sub("[\t\u2060]", " ", value)), attack.name
        assert_no_more(help_of(data), usual, attack.name)


@every_group
def test_the_full_sarif_is_neutral(group: str) -> None:
    for attack in attacks(group):
        data = attack.rendered("sarif-full")
        for value in all_strings(json.loads(data)):
            assert not STEERING.search(re.sub("[\t\u2060]", " ", value)), attack.name


def without_line_hashes(sarif: bytes) -> bytes:
    """Without what is not GitHub's hash any more."""
    log = json.loads(sarif)
    for result in log["runs"][0]["results"]:
        result["partialFingerprints"].pop("primaryLocationLineHash", None)
    return json.dumps(log).encode()


def help_of(sarif: bytes) -> Rendered:
    """The help of every rule as one page."""
    [run] = json.loads(sarif)["runs"]
    texts = [rule["help"]["markdown"] for rule in run["tool"]["driver"]["rules"]]
    page = read_markdown("\n\n<hr>\n\n".join(texts).encode())
    for element in list(page.elements):  # policies may have lists and paragraphs
        if element[0] in ("ul", "ol", "li", "p", "pre", "br"):
            del page.elements[element]
    # What links elsewhere is up to a repository; a dollar behind a backslash opens nothing; and
    # this is for GitHub alone.
    fine = ("issue elsewhere", "mathematics", "reference of GitLab")
    page.later = [found for found in page.later if found[0] not in fine]
    return page


def all_strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for pair in value.items() for each in pair for text in all_strings(each)]
        case list():
            return [text for member in value for text in all_strings(member)]
    return []


@every_group
def test_gitlab_takes_it_and_renders_text(group: str) -> None:
    usual = vulnerabilities_of(benign("gitlab-sast"))
    for attack in attacks(group):
        entries = assert_gitlab_takes_quality(attack.rendered("gitlab-codequality"))
        assert len(entries) == len(json.loads(benign("gitlab-codequality")))
        found = vulnerabilities_of(attack.rendered("gitlab-sast"))
        assert len(found) == len(usual)
        for one, other in zip(found, usual, strict=True):
            assert_no_more(one, other, attack.name)


def vulnerabilities_of(sast: bytes) -> list[Rendered]:
    """The texts of every vulnerability as pages; by how much they hold, since a hostile path is
    sorted to another place."""
    pages = [
        read_markdown(f"{one['description']}\n\n{one['solution']}".encode())
        for one in assert_gitlab_takes_sast(sast)["vulnerabilities"]
    ]
    return sorted(pages, key=lambda page: page.elements.total())


FORMULA = re.compile(r"[\s\u00a0]*[=+\-@\t\r＝＋－＠]")


@every_group
def test_csv_calculates_nothing(group: str) -> None:
    for attack in attacks(group):
        report = attack.report
        data = attack.rendered("csv").decode("utf-8-sig")
        assert data.endswith("\r\n") and not re.search("(?<!\r)\n|\r(?!\n)", data), attack.name
        head, *rows = csv.reader(StringIO(data, newline=""), strict=True)
        assert tuple(head) == COLUMNS
        assert len(rows) == len(report.findings) + len(report.gaps)
        for row in rows:
            assert len(row) == len(COLUMNS)
            for cell in row:
                assert not STEERING.search(cell), attack.name
                for part in cell.split(";"):  # as who takes semicolons for commas would
                    assert not FORMULA.match(part), (attack.name, part[:40])
        prints = Counter(re.sub(r"['\\]", "", row[-1]) for row in rows if row[0] == "finding")
        assert prints == Counter(
            re.sub(r"['\\]", "", one_line(finding.fingerprint)) for finding in report.findings
        ), attack.name


def test_every_format_is_here() -> None:
    tested = {"json", "console", "annotations", "markdown", "comment", "html", "csv"}
    assert {*tested, *JUNIT, "gitlab-codequality", "gitlab-sast", "sarif", "sarif-full"} == set(
        FORMATS
    )
