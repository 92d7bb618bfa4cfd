"""Reads Markdown as GitHub does: with its own renderer, and then with what looks for mentions,
references and the like in the text that came out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

from cmarkgfm import cmark

EXTENSIONS = ["table", "autolink", "strikethrough", "tasklist"]
"""All of GitHub's but the one that defuses tags: nothing may depend on it."""
OPTIONS = cmark.Options.CMARK_OPT_UNSAFE | cmark.Options.CMARK_OPT_FOOTNOTES

FOUND_LATER = {
    "mention": r"(?<![\w/`])@\w",
    "reference": r"(?<!\w)#\d|\bgh-\d",
    "reference of GitLab": r"(?<!\w)[!$%&~^]\d|(?<!\w)[%~]\"|\[(?:issue|epic|vulnerability):",
    "issue elsewhere": r"\b[A-Z]{2,}-\d",
    "commit": r"\b[0-9a-f]{7,40}\b",
    "emoji": r":[\w+-]+:",
    "link": r"[a-z][a-z0-9+.-]*://|\bwww\.\w|\b(?:mailto|xmpp):\S+@\w",
    "address": r"\w@\w",
    "mathematics": r"\$[^$]*\$",
}
_LATER = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in FOUND_LATER.items()}
_NOTES = re.compile(rb"\*[\d,]+ more in the report\.\*\n\n")
_INERT = {"code", "pre"}


@dataclass
class Rendered:
    """What became of a document."""

    elements: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """Each with the names of its attributes; spans of code are not counted."""
    comments: list[str] = field(default_factory=list)
    text: str = ""
    """All of it, as one reads it, with single spaces."""
    later: list[tuple[str, str]] = field(default_factory=list)
    """What would be found in it afterwards, outside of code."""


def html_of(document: bytes) -> str:
    return cmark.markdown_to_html_with_extensions(
        document.decode("utf-8"), options=OPTIONS, extensions=EXTENSIONS
    )


def read_markdown(document: bytes) -> Rendered:
    reader = _Reader()
    reader.feed(html_of(_NOTES.sub(b"", document)))
    reader.close()
    reader.page.text = re.sub(r"\s+", " ", reader.page.text)
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Rendered()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("code", "strong"):
            self.page.elements[tag, *sorted(name for name, _ in attrs)] += 1
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if _INERT.isdisjoint(self.open):
            for name, pattern in _LATER.items():
                self.page.later += [(name, match[0]) for match in pattern.finditer(data)]

    def handle_comment(self, data: str) -> None:
        self.page.comments.append(data.strip())

    def handle_decl(self, decl: str) -> None:
        self.page.elements["!", decl] += 1

    def unknown_decl(self, data: str) -> None:
        self.page.elements["![", data] += 1

    def handle_pi(self, data: str) -> None:
        self.page.elements["?", data] += 1
