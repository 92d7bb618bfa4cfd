"""What CI systems make of the same test results, and what has to be said differently for each."""

from __future__ import annotations

from hashlib import sha256
from xml.etree.ElementTree import Element

from msgspec import Struct

from policyscan.text.display import clipped

_SUITE = frozenset({"name", "tests", "failures", "errors", "skipped", "timestamp"})
_CASE = frozenset({"name", "classname"})
_OUTCOMES = ("failure", "error", "skipped")
MOST_TEXT = 2_000
"""Characters of a message that says everything about a case that was skipped."""
MOST_NAME = 256
"""Characters of a name in Azure Pipelines.
https://github.com/microsoft/azure-pipelines-tasks/issues/5303"""


class Dialect(Struct, frozen=True):
    """How one system reads the file."""

    case: frozenset[str] = _CASE
    """The attributes of a case that it knows."""
    reads_content: bool = False
    """It shows what stands inside of an outcome, and its `message` only where nothing does. The
    others show both, but of what was skipped the `message` alone."""
    reads_names: bool = False
    """It shows the name of a case without its suite, and takes `MOST_NAME` of it."""


JENKINS = Dialect()
"""What `junit-10.xsd` permits and what says something here. `CaseResult.java` of the plug-in."""
GITLAB = Dialect(_CASE | {"file"}, reads_content=True)
"""`lib/gitlab/ci/parsers/test/junit.rb` of GitLab."""
AZURE = Dialect(reads_names=True)
"""`JunitResultReader.cs` of the agent of Azure Pipelines."""


def spoken(suite: Element, dialect: Dialect) -> Element:
    """`suite`, as the library wrote it, changed into the dialect. The library writes attributes
    that nobody permits."""
    permitted = {"testsuite": _SUITE, "testcase": dialect.case}
    for element in suite.iter():
        known = permitted.get(element.tag, element.attrib)
        for name in [name for name in element.attrib if name not in known]:
            del element.attrib[name]
        if element.text and _ATTACHMENT in element.text:
            element.text = element.text.replace(_ATTACHMENT, _NO_ATTACHMENT)
        for name, value in element.attrib.items():
            if _ATTACHMENT in value:
                element.set(name, value.replace(_ATTACHMENT, _NO_ATTACHMENT))
    for case in suite.iter("testcase"):
        if dialect.reads_content:
            _fill(case)
        else:
            _tell(case)
        if dialect.reads_names:
            of_ours = (suite.get("name") or "").startswith("policyscan.")
            whose = case.get("classname") if of_ours else suite.get("name")
            case.set("name", _short(f"{whose} {case.get('name')}"))
    return suite


_ATTACHMENT = "[[ATTACHMENT"
"""What Jenkins, GitLab and Azure take for the path of a file to publish with a test."""
_NO_ATTACHMENT = "[\\[ATTACHMENT"


def _short(name: str) -> str:
    """A name that is too long ends with a digest of the whole."""
    if len(name) <= MOST_NAME:
        return name
    end = f"… {sha256(name.encode()).hexdigest()[:12]}"
    return f"{name[: MOST_NAME - len(end)]}{end}"


def _fill(case: Element) -> None:
    """Repeats the message where an outcome has no content."""
    for outcome in case:
        if outcome.tag in _OUTCOMES and not outcome.text:
            outcome.text = outcome.get("message", "")


def _tell(case: Element) -> None:
    """Says the content of what was skipped in its message, too."""
    for outcome in case.findall("skipped"):
        message, text = outcome.get("message", ""), outcome.text or ""
        if not text.startswith(message):
            text = f"{message}\n{text}" if text else message
        outcome.set("message", clipped(text, MOST_TEXT))
