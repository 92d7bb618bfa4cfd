"""How a policy is written: what people read of it in reports and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.text.yaml import Entry

LONGEST_LINE = 110
_LENGTHS = {"title": (15, 100), "message": (10, 120), "why": (40, 500), "fix": (15, 600)}
"""Characters of each text, least and most."""
_LONGEST_SLUG = 40
_DEMANDS = frozenset(
    "always avoid check deny disallow enable encrypt enforce ensure forbid must never no-longer "
    "only prevent prohibit protect require required requires restrict rotate should use validate "
    "verify".split()
)
"""Words with which the name of a wish begins, and no name of a bad pattern."""
_LISTS = re.compile(r"\s*(?:criteria|guide|aliases|default):\s*[\[{]|\s*- ")
_ADVICE = {
    "title": "Say in one short sentence what holds where it passes.",
    "message": "Say in one short sentence what is wrong, of `{address}`.",
    "why": "Say what goes wrong where it fails, in one to four sentences.",
    "fix": "Say what to write or to call, in one to four sentences.",
}


def lengths(subject: Subject) -> Iterator[Problem]:
    """Texts that are too short to help, or too long to be read."""
    for key, (least, most) in _LENGTHS.items():
        size = len(getattr(subject.policy, key))
        if not least <= size <= most:
            message = f"{key} has {size} characters; {least} to {most} are asked for"
            yield subject.at_key("length", key, message, _ADVICE[key])


def sentences(subject: Subject) -> Iterator[Problem]:
    """Titles and messages stand in lists, without a full stop; the others are sentences."""
    policy = subject.policy
    if policy.title.endswith((".", "!", ":")):
        yield subject.at_key(
            "full-stop", "title", "a title ends without a full stop", "Take the last sign away."
        )
    for key, text in (("title", policy.title), ("why", policy.why), ("fix", policy.fix)):
        if text[:1].islower():
            message = f"{key} begins with a small letter"
            yield subject.at_key("capital", key, message, "Begin it with a capital letter.")
    texts: dict[str, tuple[str, Entry | None]] = {}
    texts |= {"why": (policy.why, None), "fix": (policy.fix, None)}
    params = subject.entries["params"].entries() if policy.params else {}
    for param in policy.params:
        about = params[param.name].entries()["about"]
        texts[f"the account of '{param.name}'"] = (param.about, about)
    for name, (text, entry) in texts.items():
        if not text.endswith((".", "!", "?")):
            at = entry or subject.entries[name]
            hint = "End it with a full stop, behind code too: `x = 1`."
            yield subject.at("full-stop", at, f"{name} ends without a full stop", hint)


def slug(subject: Subject) -> Iterator[Problem]:
    """The slug names what is wrong, so that a waiver reads well, and the file is called so."""
    policy = subject.policy
    words = policy.slug.split("-")
    if words[0] in _DEMANDS:
        yield subject.at_key(
            "slug",
            "slug",
            f"'{policy.slug}' says what should be; a slug names the bad pattern",
            "Complete the sentence 'allow … here': world-open-admin-port, unrotated-key.",
        )
    if len(words) < 2 or len(policy.slug) > _LONGEST_SLUG:
        message = f"'{policy.slug}' is {'one word' if len(words) < 2 else 'longer than'}"
        message += "" if len(words) < 2 else f" {_LONGEST_SLUG} characters"
        yield subject.at_key("slug", "slug", message, "Use two to five words.")
    name = PurePath(policy.path).stem
    if name != policy.slug:
        message = f"the file is called {name}, and its slug is {policy.slug}"
        yield subject.at_key("file-name", "slug", message, f"Call the file {policy.slug}.yaml.")


def message(subject: Subject) -> Iterator[Problem]:
    """A message names the resource and, where one decides, the value."""
    policy = subject.policy
    if "{address}" not in policy.message:
        yield subject.at_key(
            "message",
            "message",
            "the message does not name the resource",
            "Put {address} where its name stands.",
        )
    if "{witness.path}" in policy.message and "{witness.value}" not in policy.message:
        yield subject.at_key(
            "message",
            "message",
            "the message names the field that decides and not its value",
            "Write ({witness.path}: {witness.value}).",
        )
    if "\n" in policy.message:
        hint = "Fold it with >- or write it on one line."
        yield subject.at_key("message", "message", "the message has several lines", hint)


def long_lines(subject: Subject) -> Iterator[Problem]:
    """Lines that a diff or an editor cuts; lists of names and tests may be long."""
    document, start = subject.policy.document, 0
    for number, line in subject.lines():
        if len(line) > LONGEST_LINE and not _LISTS.match(line):
            start = document.offset(number, LONGEST_LINE + 1)
            said = f"this line has {len(line)} characters; at most {LONGEST_LINE} are asked for"
            hint = "Fold it: `>-` behind the key, the text in the lines below."
            end = start + len(line) - LONGEST_LINE
            yield Problem.of("line-length", document.error(said, start, end, hint))


def schema_line(subject: Subject) -> Iterator[Problem]:
    """The line by which editors find the schema stands first."""
    first = subject.policy.document.text.split("\n", 1)[0]
    if not first.startswith("# yaml-language-server: $schema="):
        yield Problem(
            "schema-line",
            "editors do not know what may stand in this file",
            subject.policy.path,
            1,
            1,
            first,
            "Begin it with `# yaml-language-server: $schema=` and the way to schema.json, as "
            "`policyscan policy new` does.",
        )


def test_names(subject: Subject) -> Iterator[Problem]:
    """Names of tests stand in lists too."""
    entries = subject.entries["tests"].items()
    for entry, test in zip(entries, subject.tests, strict=True):
        if test.name.endswith("."):
            name: Entry = entry.entries()["name"]
            hint = "Take the last sign away."
            yield subject.at("full-stop", name, "the name of a test ends without a full stop", hint)
