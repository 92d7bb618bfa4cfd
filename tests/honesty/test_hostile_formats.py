"""Every hostile string in every string of a report, in every format: each format's own reader gets
it back, and nothing is obeyed, linked, calculated or run."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from functools import cache
from io import StringIO

import pytest
from lxml import etree, html

from policyscan.cli.output import FORMATS
from policyscan.findings import Report
from policyscan.plugins import load_reporter
from policyscan.reporters.csv_report import COLUMNS
from policyscan.reporters.json_report import load_report
from policyscan.text.display import one_line
from tests import log_processors
from tests.attack import attacked, either_side, strings_of
from tests.github_rules import assert_github_takes
from tests.gitlab_rules import assert_gitlab_takes_quality, assert_gitlab_takes_sast
from tests.hostile_strings import EVERY, HOSTILE
from tests.html_reader import read_html
from tests.junit_verdicts import gaps_in, verdicts_in
from tests.markdown_reader import Rendered, read_markdown
from tests.sample_report import compared_report

STEERING = re.compile(
    "[^\n\x20-\x7e\u00a0-\U0010ffff]"
    "|[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
JUNIT = ("junit", "junit-azure", "junit-gitlab")
REPORT = compared_report()
every_group = pytest.mark.parametrize("group", HOSTILE)


@cache
def report_with(text: str) -> Report:
    return attacked(REPORT, either_side(text))


def rendered(report: Report, format_: str) -> bytes:
    settings: dict[str, object] = {"verbose": True, "width": 100, "category": "nightly"}
    return load_reporter(format_, settings).render(report)


@cache
def benign(format_: str) -> bytes:
    return rendered(report_with("benign"), format_)


def visible_prints(report: Report) -> Counter[str]:
    return Counter(one_line(finding.fingerprint) for finding in report.findings)


def test_there_are_enough_strings_and_they_reach_every_field() -> None:
    assert len(set(EVERY)) == len(EVERY) >= 200
    report = report_with("benign")
    strings = [text for text in strings_of(report) if text != report.schema]
    assert len(strings) > 1_000
    assert all("benign" in text for text in strings)


@every_group
def test_json_gives_it_back(group: str) -> None:
    for text in HOSTILE[group]:
        report = report_with(text)
        data = rendered(report, "json")
        assert data.isascii()
        assert load_report(data) == report, text[:40]


@every_group
def test_the_console_orders_nothing(group: str) -> None:
    for text in HOSTILE[group]:
        log = rendered(report_with(text), "console").decode()
        assert not STEERING.search(log), text[:40]
        assert obeyed(log) == [], text[:40]


@every_group
def test_annotations_order_nothing_but_what_they_should(group: str) -> None:
    usual = log_processors.github(benign("annotations").decode())
    for text in HOSTILE[group]:
        report = report_with(text)
        log = rendered(report, "annotations").decode()
        assert not STEERING.search(log), text[:40]
        commands = log_processors.github(log)
        assert len(commands) == log.count("\n") == len(usual)
        assert [(c.name, *sorted(c.properties)) for c in commands] == [
            (c.name, *sorted(c.properties)) for c in usual
        ], text[:40]
        assert log_processors.azure(log) == [], text[:40]
        assert log_processors.gitlab(log) == [], text[:40]


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
    for text in HOSTILE[group]:
        report = report_with(text)
        data = rendered(report, format_)
        assert not STEERING.search(data.decode()), text[:40]
        page = read_markdown(data)
        assert_no_more(page, usual, text)
        assert page.comments == (["policyscan:nightly"] if format_ == "comment" else [])
        for finding in report.findings[:1] if "`" * 61 not in text else ():
            assert as_read(finding.message) in page.text, text[:40]


def assert_no_more(page: Rendered, usual: Rendered, text: str) -> None:
    more = page.elements - usual.elements
    assert not more, (text[:40], more)
    assert page.later == [], (text[:40], page.later[:3])


def as_read(text: str) -> str:
    """A text as it is read in a page, at most its first 300 characters."""
    return re.sub(r"\s+", " ", one_line(text)[:300]).strip()


@every_group
def test_html_has_no_other_elements(group: str) -> None:
    usual = shape_of(benign("html"))
    for text in HOSTILE[group]:
        report = report_with(text)
        data = rendered(report, "html")
        shape = shape_of(data)
        assert shape == usual, (text[:40], shape - usual, usual - shape)
        told = html.fromstring(data).xpath("//@data-fingerprint")
        assert Counter(map(one_line, told)) == visible_prints(report), text[:40]


@every_group
def test_html_nests_and_links_inside(group: str) -> None:
    page = read_html(
        rendered(report_with(" ".join(text for text in HOSTILE[group] if len(text) < 200)), "html")
    )
    assert not page.faults
    assert all(e.attributes["href"].startswith("#") for e in page.having("href"))
    assert not any(name.startswith("on") for e in page.elements for name in e.attributes)


def shape_of(page: bytes) -> Counter[tuple[str, ...]]:
    """How often each element occurs; code spans of policies and the families to choose from hang
    on the text."""
    elements = html.fromstring(page).iter()
    found = Counter((str(e.tag), *sorted(e.attrib)) for e in elements)
    return Counter({k: n for k, n in found.items() if k not in (("code",), ("option", "value"))})


@every_group
@pytest.mark.parametrize("format_", JUNIT)
def test_junit_is_the_same_tree(format_: str, group: str) -> None:
    usual = Counter((e.tag, *sorted(e.attrib)) for e in etree.fromstring(benign(format_)).iter())
    for text in HOSTILE[group]:
        report = report_with(text)
        data = rendered(report, format_)
        root = etree.fromstring(data)
        assert Counter((e.tag, *sorted(e.attrib)) for e in root.iter()) == usual, text[:40]
        assert b"[[ATTACHMENT" not in data
        for element in root.iter():
            for value in (element.text or "", *element.attrib.values()):
                assert not STEERING.search(value.replace("\t", " ")), text[:40]
        if format_ != "junit-azure":
            attached = one_line(text).replace("[[ATTACHMENT", "[\\[ATTACHMENT")
            assert all(attached in name for name, _ in gaps_in(data)), text[:40]
            assert sum(verdicts_in(data).values()) == len(report.findings)


@every_group
def test_sarif_is_taken_and_neutral(group: str) -> None:
    usual = help_of(benign("sarif"))
    for text in HOSTILE[group]:
        if "../" in text or text.startswith(("/", "./")):  # no path in a tree does
            continue
        report = report_with(text)
        data = rendered(report, "sarif")
        assert_github_takes(without_line_hashes(data))
        for value in all_strings(json.loads(data)):
            assert not STEERING.search(re.sub("[\t\u2060]", " ", value)), text[:40]
        assert_no_more(help_of(data), usual, text)


@every_group
def test_the_full_sarif_is_neutral(group: str) -> None:
    for text in HOSTILE[group]:
        data = rendered(report_with(text), "sarif-full")
        for value in all_strings(json.loads(data)):
            assert not STEERING.search(re.sub("[\t\u2060]", " ", value)), text[:40]


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
    for tag in ("ul", "ol", "li", "p", "pre"):  # policies may have lists and paragraphs
        page.elements.pop((tag,), None)
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
    for text in HOSTILE[group]:
        report = report_with(text)
        entries = assert_gitlab_takes_quality(rendered(report, "gitlab-codequality"))
        assert len(entries) == len(json.loads(benign("gitlab-codequality")))
        sast = assert_gitlab_takes_sast(rendered(report, "gitlab-sast"))
        usual = json.loads(benign("gitlab-sast"))
        assert len(sast["vulnerabilities"]) == len(usual["vulnerabilities"])
        for one, other in zip(sast["vulnerabilities"], usual["vulnerabilities"], strict=True):
            for name in ("description", "solution"):
                assert name in one
                page = read_markdown(one[name].encode())
                assert_no_more(page, read_markdown(other[name].encode()), text)


FORMULA = re.compile(r"[\s\u00a0]*[=+\-@\t\r＝＋－＠]")


@every_group
def test_csv_calculates_nothing(group: str) -> None:
    for text in HOSTILE[group]:
        report = report_with(text)
        data = rendered(report, "csv").decode("utf-8-sig")
        assert data.endswith("\r\n") and not re.search("(?<!\r)\n|\r(?!\n)", data), text[:40]
        head, *rows = csv.reader(StringIO(data, newline=""), strict=True)
        assert tuple(head) == COLUMNS
        assert len(rows) == len(report.findings) + len(report.gaps)
        for row in rows:
            assert len(row) == len(COLUMNS)
            for cell in row:
                assert not STEERING.search(cell), text[:40]
                for part in cell.split(";"):  # as who takes semicolons for commas would
                    assert not FORMULA.match(part), (text[:40], part[:40])
        prints = Counter(row[-1].replace("'", "") for row in rows if row[0] == "finding")
        assert prints == Counter(
            one_line(finding.fingerprint).replace("'", "") for finding in report.findings
        ), text[:40]


def test_every_format_is_here() -> None:
    tested = {"json", "console", "annotations", "markdown", "comment", "html", "csv"}
    assert {*tested, *JUNIT, "gitlab-codequality", "gitlab-sast", "sarif", "sarif-full"} == set(
        FORMATS
    )
