"""Reports full of attacks in a real browser: nothing runs and nothing is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from policyscan.findings import Report
from policyscan.plugins import load_reporter
from tests.attack import attacked, strings_of
from tests.browser import Browser, Deeds, chromium
from tests.hostile_strings import HOSTILE
from tests.markdown_reader import html_of
from tests.sample_report import compared_report

HEAD = "<!doctype html><meta charset=utf-8>"


def attacked_by(strings: tuple[str, ...]) -> Report:
    """The report with one of the strings before each of its own; every one is somewhere."""
    report = attacked(
        compared_report(), lambda own: strings[crc32(own.encode()) % len(strings)] + own
    )
    every = "\n".join(strings_of(report))
    assert all(text in every for text in strings)
    return report


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


def test_the_browser_tells_what_a_page_does(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        f"{HEAD}<script>alert('script')</script><img src='http://example.invalid/i.png'>"
        "<p onmouseover=\"alert('handler')\">x</p>"
    )
    assert browser.visit(page) == Deeds(["script", "handler"], ["http://example.invalid/i.png"])


@pytest.mark.parametrize("group", HOSTILE)
def test_nothing_runs_and_nothing_is_asked_for(
    browser: Browser, group: str, tmp_path: Path
) -> None:
    strings = HOSTILE[group]
    for start in range(0, len(strings), 25):
        report = attacked_by(strings[start : start + 25])
        for format_ in ("html", "markdown", "comment"):
            data = load_reporter(format_, {}).render(report)
            page = tmp_path / f"{format_}.html"
            if format_ != "html":
                data = (HEAD + html_of(data)).encode()
            page.write_bytes(data)
            assert browser.visit(page) == Deeds(), format_
