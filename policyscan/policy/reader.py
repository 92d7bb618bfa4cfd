"""From the YAML of one file to a policy, and to its tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from policyscan.errors import FileError, PolicyError
from policyscan.findings.criteria import PATTERN as CRITERION
from policyscan.findings.model import Plane, Severity, Verdict
from policyscan.language import Environment, Program, compile_expression
from policyscan.language.types import constant, parse_type
from policyscan.policy.model import (
    CONTEXT,
    KEYS,
    MEANT,
    OPTIONAL,
    PLACEHOLDER,
    PLACEHOLDERS,
    Equivalent,
    Parameter,
    Policy,
    PolicyTest,
    RecordedAnswer,
    Scope,
)
from policyscan.policy.origin import ScalarOrigin
from policyscan.policy.traps import cut, default_hint, expression, in_expression
from policyscan.resources.base import Resource
from policyscan.text.complaints import choices
from policyscan.text.yaml import Document, Entry, read_yaml

ID = r"[A-Z][A-Z0-9]{1,9}-[A-Z]{2,5}-[0-9]{3}"
SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
CONTROL = r"CTL(?:-[A-Z0-9]+)+"
PARAMETER = r"[a-z][a-z0-9_]*"
_TIMES = {
    "duration": "Take a number of days: `type: int`, and `days(params.x)` in the expression.",
    "timestamp": "Take a text: `type: string`, and `timestamp(params.x)` in the expression.",
}
_TESTS = re.compile(r"^tests:", re.MULTILINE)


def read_policy(document: Document, sha256: str, kinds: Mapping[str, type[Resource]]) -> Policy:
    """The policy in `document`, whose tests are left unread. Raises PolicyError."""
    tests = _TESTS.search(document.text)
    head = document.text[: tests.start()] if tests else document.text
    top = top_of(replace(document, text=head))
    required = [key for key in KEYS if key not in OPTIONAL and key != "tests"]
    keys = top.fields(KEYS, required, MEANT)
    if tests is None:
        raise top.error("the file lacks 'tests'")
    _in_order(top)
    scope = _scope(keys)
    params = _params(keys.get("params"))
    judged = _kinds(keys["resource"], tuple(kinds))
    environments = environments_of(judged, scope, params, kinds)
    when = keys.get("when")
    policy = Policy(
        id=keys["id"].matching(ID, "PS-NET-004"),
        version=keys["version"].number(),
        slug=keys["slug"].matching(SLUG, "world-open-admin-port"),
        title=keys["title"].text(),
        severity=Severity(keys["severity"].choice([each.value for each in Severity])),
        plane=Plane(keys["plane"].choice([each.value for each in Plane])),
        kinds=judged,
        scope=scope,
        when=expression(when).strip() if when else "",
        require=expression(keys["require"]).strip(),
        params=params,
        expect_min=keys["expect_min"].number() if "expect_min" in keys else 0,
        message=_message(keys["message"]),
        why=keys["why"].text().strip(),
        fix=keys["fix"].text().strip(),
        control=keys["control"].matching(CONTROL, "CTL-SG"),
        criteria=_listed(keys["criteria"], CRITERION, "SOC2:CC6.6"),
        guide=tuple(item.text() for item in keys["guide"].items()),
        aliases=_listed(keys["aliases"], ID, "PS-NET-004") if "aliases" in keys else (),
        deprecated=keys["deprecated"].text().strip() if "deprecated" in keys else "",
        path=document.path,
        sha256=sha256,
        require_program=_program(keys["require"], environments),
        when_program=_program(when, environments) if when else None,
        document=document,
    )
    _try_defaults(policy, keys.get("params"))
    return policy


def _try_defaults(policy: Policy, entry: Entry | None) -> None:
    for name, spec in entry.entries().items() if entry else ():
        try:
            policy.try_parameter(name, policy.parameters()[name])
        except ValueError as error:
            raise spec.entries()["default"].error(str(error)) from None


def environments_of(
    judged: Sequence[str],
    scope: Scope,
    params: Sequence[Parameter],
    kinds: Mapping[str, type[Resource]],
) -> tuple[Environment, ...]:
    """What the conditions of a policy are checked against: one for each kind that it judges."""
    types = {each.name: each.type for each in params}
    return tuple(
        Environment(
            resource=kinds[kind] if scope == "each" else None,
            members=kinds[kind] if scope == "set" else None,
            params=types,
            context=CONTEXT,
            kinds=kinds,
        )
        for kind in judged
    )


def top_of(document: Document) -> Entry:
    """The mapping that the file is. Raises PolicyError."""
    try:
        top = read_yaml(document)
    except FileError as error:
        raise in_expression(error) from None
    if top is None:
        raise document.error("the file is empty", 0, 1)
    return top


def _in_order(top: Entry) -> None:
    written = list(top.keys)
    wanted = [key for key in KEYS if key in top.keys]
    for name, expected in zip(written, wanted, strict=True):
        if name != expected:
            raise top.keys[name].error(f"'{name}' stands too early; '{expected}' comes before it")


def _scope(keys: Mapping[str, Entry]) -> Scope:
    scope: Scope = "each"
    if "scope" in keys and keys["scope"].choice(("each", "set")) == "set":
        scope = "set"
    if scope == "set" and "when" in keys:
        raise keys["when"].error("a set has no 'when'; filter its members in 'require'")
    if scope == "each" and "expect_min" in keys:
        raise keys["expect_min"].error("'expect_min' is only for 'scope: set'")
    return scope


def _params(entry: Entry | None) -> tuple[Parameter, ...]:
    found: list[Parameter] = []
    for name, spec in entry.entries().items() if entry else ():
        assert entry is not None
        if not re.fullmatch(PARAMETER, name):
            raise entry.keys[name].error("the name of a parameter must look like max_age_days")
        keys = spec.fields(("about", "type", "default"), ("about", "type", "default"))
        spelling = keys["type"].text()
        _type(keys["type"])
        try:
            default = constant(keys["default"].data(), spelling)
        except ValueError as error:
            said, hint = f"the default does not fit its type: {error}", default_hint(str(error))
            raise keys["default"].error(said, hint) from None
        found.append(Parameter(name, spelling, default, keys["about"].text().strip()))
    return tuple(found)


def _type(entry: Entry) -> None:
    """The type of a parameter must be one whose values a configuration can state."""
    spelling = entry.text()
    try:
        parse_type(spelling)
    except ValueError as error:
        raise entry.error(str(error)) from None
    for word, instead in _TIMES.items():
        if word in spelling:
            raise entry.error(f"a parameter cannot be a {word}", instead)


def _message(entry: Entry) -> str:
    text = entry.text().strip()
    for name in PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            raise entry.error(f"unknown placeholder '{{{name}}}'{choices(name, PLACEHOLDERS)}")
    if set(PLACEHOLDER.sub("", text)) & {"{", "}"}:
        raise entry.error("a brace that is not part of a placeholder")
    if text.endswith("."):
        raise entry.error("a message ends without a full stop")
    return text


def _listed(entry: Entry, pattern: str, example: str) -> tuple[str, ...]:
    items = entry.items()
    if not items:
        raise entry.error(f"{entry.name} must not be empty")
    return tuple(item.matching(pattern, example) for item in items)


def _kinds(entry: Entry, known: tuple[str, ...]) -> tuple[str, ...]:
    """One kind, or a list of several."""
    if not isinstance(entry.value, tuple):
        return (entry.choice(known),)
    found = tuple(item.choice(known) for item in entry.items())
    if len(set(found)) < max(len(found), 2):
        raise entry.error("a list of kinds names several, each once")
    return found


def _program(entry: Entry, environments: Sequence[Environment]) -> Program:
    """The condition, checked against every kind: it runs on what it meets."""
    text, origin = expression(entry), ScalarOrigin.of(entry)
    try:
        programs = [compile_expression(text, each, origin) for each in environments]
    except PolicyError as error:
        raise cut(error, entry) from None
    return replace(programs[0], environments=tuple(environments))


def load_tests(policy: Policy) -> tuple[PolicyTest, ...]:
    """The tests in a policy's file. Raises PolicyError."""
    top = top_of(policy.document)
    keys = top.fields(KEYS, ("tests",))
    _in_order(top)
    tests = tuple(_test(entry) for entry in keys["tests"].items())
    if not tests:
        raise keys["tests"].error("a policy needs tests")
    names = [test.name for test in tests]
    for entry, name in zip(keys["tests"].items(), names, strict=True):
        if names.count(name) > 1:
            raise entry.error(f"two tests are called '{name}'")
    return tests


def load_equivalents(policy: Policy) -> tuple[Equivalent, ...]:
    """The mutants of a policy that its file says to be equivalent. Raises PolicyError."""
    keys = top_of(policy.document).fields(KEYS)
    entries = keys["equivalent"].items() if "equivalent" in keys else ()
    found: dict[str, Equivalent] = {}
    for entry in entries:
        said = entry.fields(("mutant", "because"), ("mutant", "because"))
        mutant = " ".join(said["mutant"].text().split())
        if mutant in found:
            raise said["mutant"].error(f"'{mutant}' stands here twice")
        found[mutant] = Equivalent(mutant, said["because"].text().strip(), entry.place)
    return tuple(found.values())


def _test(entry: Entry) -> PolicyTest:
    known = ("name", "before", "files", "answers", "options", "expect")
    keys = entry.fields(known, ("name", "expect"))
    if "files" not in keys and "answers" not in keys:
        raise entry.error("a test needs 'files' or 'answers'")
    options = keys["options"].data() if "options" in keys else {}
    if not isinstance(options, dict):
        raise keys["options"].error("options must be a mapping")
    verdicts = [verdict.value for verdict in Verdict]
    return PolicyTest(
        name=keys["name"].text(),
        files=_texts(keys.get("files")),
        answers=tuple(_answer(item) for item in keys["answers"].items())
        if "answers" in keys
        else (),
        options=options,
        expect={
            address: Verdict(verdict.choice(verdicts, "verdict"))
            for address, verdict in keys["expect"].entries().items()
        },
        line=entry.document.place(entry.start).line,
        before=_texts(keys.get("before")),
    )


def _texts(entry: Entry | None) -> dict[str, str]:
    """Files by their paths."""
    found = {}
    for path, file in entry.entries().items() if entry else ():
        assert entry is not None
        if path.startswith("/") or ".." in path.split("/") or "\\" in path:
            raise entry.keys[path].error("a path inside the test's own directory is needed")
        if not isinstance(file.value, str):
            raise file.error("a file must be text")
        found[path] = file.value
    return found


def _answer(entry: Entry) -> RecordedAnswer:
    keys = entry.fields(
        ("collector", "unit", "subject", "about", "data"), ("collector", "subject", "data")
    )
    return RecordedAnswer(
        collector=keys["collector"].text(),
        unit=keys["unit"].text() if "unit" in keys else "",
        subject=keys["subject"].text(),
        about=keys["about"].text() if "about" in keys else "",
        data=keys["data"].data(),
    )
