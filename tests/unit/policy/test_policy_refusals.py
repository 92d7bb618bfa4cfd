"""Every way in which a policy file is refused, with the place it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_files import TEXT, load_one, with_line

from policyscan.errors import PolicyError
from policyscan.policy import load_tests

REFUSED = [
    # text, line, column, message
    ("", 1, 1, "the file is empty"),
    ("tests: []\n", 1, 1, "the file is empty"),
    ("- a\ntests: []\n", 1, 1, "the file must be a mapping, this is a list"),
    (with_line("id", "id: [PS-SEC-006"), 2, 8, "not YAML: did not find expected ',' or ']'"),
    (with_line("id", "id: PS\x07"), 1, 7, "a character that YAML does not allow"),
    (with_line("id", "id: PS-SEC-6"), 1, 5, "id must look like PS-NET-004"),
    (with_line("id", "id:"), 1, 4, "id must not be empty"),
    (with_line("id", "id: PS-SEC-006\nid: PS-SEC-007"), 2, 1, "the key 'id' is there twice"),
    (with_line("id", "id: {a: b}"), 1, 5, "id must be text, this is a mapping"),
    (with_line("id", "id: &x PS-SEC-006"), 1, 5, "anchors and aliases are not read here"),
    (with_line("guide", "guide: *x"), 20, 8, "anchors and aliases are not read here"),
    (with_line("id", "id: !!str PS-SEC-006"), 1, 5, "tags are not read here"),
    (with_line("guide", "guide: " + "[" * 40 + "]" * 40), 20, 24, "more than 16 levels of nesting"),
    (with_line("version", "version: 0"), 2, 10, "version must be a whole number of at least 1"),
    (with_line("version", "version: '1'"), 2, 10, "version must be a whole number of at least 1"),
    (with_line("slug", "slug: Secret_Key"), 3, 7, "slug must look like world-open-admin-port"),
    (with_line("title", "titel: x"), 4, 1, "unknown key 'titel'; did you mean 'title'?"),
    (with_line("title", ""), 1, 1, "the file lacks 'title'"),
    (
        with_line("severity", "severity: hihg"),
        5,
        11,
        "unknown severity 'hihg'; did you mean 'high'?",
    ),
    (
        with_line("severity", "severity: 7"),
        5,
        11,
        "unknown severity '7'; write one of critical, high, medium, low",
    ),
    (with_line("plane", "plane: acount"), 6, 8, "unknown plane 'acount'; did you mean 'account'?"),
    (
        with_line("resource", "resource: Secrets"),
        7,
        11,
        "unknown resource 'Secrets'; did you mean 'Secret'?",
    ),
    (with_line("resource", "resource: []"), 7, 11, "a list of kinds names several, each once"),
    (
        with_line("resource", "resource: [Secret]"),
        7,
        11,
        "a list of kinds names several, each once",
    ),
    (
        with_line("resource", "resource: [Secret, Secret]"),
        7,
        11,
        "a list of kinds names several, each once",
    ),
    (
        with_line("resource", "resource: [Trail, Secrets]"),
        7,
        19,
        "unknown resource[1] 'Secrets'; did you mean 'Secret'?",
    ),
    # what one of the kinds lacks, whichever it is
    (
        with_line("resource", "resource: [Secret, Trail]"),
        8,
        16,
        "unknown field 'purpose' of Trail",
    ),
    (
        with_line("resource", "resource: [Trail, Secret]"),
        8,
        16,
        "unknown field 'purpose' of Trail",
    ),
    (with_line("plane", "scope: each\nplane: change"), 6, 1, "'scope' stands too early"),
    (with_line("when", "scope: all"), 8, 8, "unknown scope 'all'; write one of each, set"),
    (
        with_line("when", "scope: set\nwhen: true"),
        9,
        7,
        "a set has no 'when'; filter its members in 'require'",
    ),
    (
        with_line("message", "expect_min: 1\nmessage: x"),
        15,
        13,
        "'expect_min' is only for 'scope: set'",
    ),
    (with_line("when", "scope: set"), 9, 10, "unknown name 'resource'"),
    (
        with_line("require", "require: resource.tier in params.tier"),
        9,
        34,
        "unknown name 'tier' of params; did you mean 'tiers'?",
    ),
    (
        with_line("require", "require: context.zones == []"),
        9,
        18,
        "unknown name 'zones' of context",
    ),
    (TEXT.replace("  tiers:", "  Tiers:"), 11, 3, "the name of a parameter must look like"),
    (TEXT.replace("    about:", "    abuot:"), 12, 5, "unknown key 'abuot'; did you mean 'about'?"),
    (TEXT.replace("    about: The tiers that need it.\n", ""), 12, 5, "params.tiers lacks 'about'"),
    (TEXT.replace("list(string)", "list(str)"), 13, 11, "'list(str)' is not a type"),
    (TEXT.replace("list(string)", "list(string)x"), 13, 11, "'list(string)x' is not a type"),
    (TEXT.replace("list(string)", "map(int, int)"), 13, 11, "'map(int, int)' is not a type"),
    (
        TEXT.replace('["high", "medium"]', '["high", 2]'),
        14,
        14,
        "the default does not fit its type: expected string, found 2",
    ),
    (
        TEXT.replace('["high", "medium"]', "high"),
        14,
        14,
        "the default does not fit its type: expected list(string), found 'high'",
    ),
    (
        with_line("message", 'message: "{adress} fails"'),
        15,
        10,
        "unknown placeholder '{adress}'; did you mean 'address'?",
    ),
    (
        with_line("message", 'message: "{}"'),
        15,
        10,
        "unknown placeholder '{}'; write one of address, witness.path, witness.value, witness.note",
    ),
    (
        with_line("message", 'message: "{address"'),
        15,
        10,
        "a brace that is not part of a placeholder",
    ),
    (with_line("message", "message: It fails."), 15, 10, "a message ends without a full stop"),
    (with_line("control", "control: SEC"), 18, 10, "control must look like CTL-SG"),
    (with_line("criteria", "criteria: []"), 19, 11, "criteria must not be empty"),
    (with_line("criteria", "criteria: [CC6.1]"), 19, 12, "criteria[0] must look like SOC2:CC6.6"),
    (
        with_line("criteria", "criteria: SOC2:CC6.1"),
        19,
        11,
        "criteria must be a list, this is text",
    ),
    (TEXT.partition("tests:")[0], 1, 1, "the file lacks 'tests'"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), REFUSED)
def test_it_is_refused(tmp_path: Path, text: str, line: int, column: int, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        load_one(tmp_path, text)
    error = caught.value
    assert (error.path, error.line, error.column) == ("policies/p0.yaml", line, column)
    assert error.message.startswith(message)


BAD_TESTS = [
    ("tests: []\n", 21, 8, "a policy needs tests"),
    ("tests: x\n", 21, 8, "tests must be a list, this is text"),
    ("tests:\n  - name: x\n", 22, 5, "tests[0] lacks 'expect'"),
    ("tests:\n  - nmae: x\n", 22, 5, "unknown key 'nmae'; did you mean 'name'?"),
    (
        "tests:\n  - {name: x, files: {../a: b}, expect: {}}\n",
        22,
        23,
        "a path inside the test's own directory is needed",
    ),
    ("tests:\n  - {name: x, files: {a: [b]}, expect: {}}\n", 22, 26, "a file must be text"),
    (
        "tests:\n  - {name: x, files: {}, expect: {a: passes}}\n",
        22,
        38,
        "unknown verdict 'passes'; did you mean 'pass'?",
    ),
    ("tests:\n  - {name: x, files: {}, options: [], expect: {}}\n", 22, 35, "options must be a"),
    (
        "tests:\n  - {name: x, files: {}, expect: {}}\n  - {name: x, files: {}, expect: {}}\n",
        22,
        5,
        "two tests are called 'x'",
    ),
    ("tests: []\nwhen: true\n", 22, 1, "the key 'when' is there twice"),
    ("tests:\n  - {name: x, expect: {}}\n", 22, 5, "a test needs 'files' or 'answers'"),
    ("tests:\n  - {name: x, answers: {}, expect: {}}\n", 22, 24, "tests[0].answers must be a list"),
    (
        "tests:\n  - {name: x, answers: [{subject: y, data: {}}], expect: {}}\n",
        22,
        25,
        "tests[0].answers[0] lacks 'collector'",
    ),
    (
        "tests:\n  - {name: x, answers: [{collector: aws, data: {}}], expect: {}}\n",
        22,
        25,
        "tests[0].answers[0] lacks 'subject'",
    ),
    (
        "tests:\n  - {name: x, answers: [{collector: aws, subject: y}], expect: {}}\n",
        22,
        25,
        "tests[0].answers[0] lacks 'data'",
    ),
    (
        "tests:\n  - {name: x, answers: [{collector: a, subject: y, dta: 1}], expect: {}}\n",
        22,
        52,
        "unknown key 'dta'; did you mean 'data'?",
    ),
]


@pytest.mark.parametrize(("tests", "line", "column", "message"), BAD_TESTS)
def test_its_tests_are_refused(
    tmp_path: Path, tests: str, line: int, column: int, message: str
) -> None:
    policy = load_one(tmp_path, TEXT.partition("tests:")[0] + tests)
    with pytest.raises(PolicyError) as caught:
        load_tests(policy)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.message.startswith(message)


PLACES = {
    "plain": ("require: resource.tire == 'x'", 9, 19),
    "plain over lines": ("require:\n  resource.address == 'x'\n  && resource.tire == 'x'", 11, 15),
    "single quotes": ("require: 'resource.address == ''x'' && resource.tire == 1'", 9, 49),
    "double quotes": (r'require: "resource.address == \"x\" && resource.tire == 1"', 9, 49),
    "escapes": (r'require: "resource.address == \"\u0041\x41\" && resource.tire == 1"', 9, 58),
    "quotes over lines": (
        'require: "resource.address == \\"x\\"\n\n  && resource.tire == 1"',
        11,
        15,
    ),
    "literal block": ("require: |\n  resource.address == 'x'\n  && resource.tire == 1", 11, 15),
    "folded block": ("require: >-\n  resource.address == 'x'\n  && resource.tire == 1", 11, 15),
    "indented block": ("require: >-  # why\n      true\n\n        && resource.tire == 1", 12, 21),
    "explicit indent": ("require: |2-\n   resource.tire == 1", 10, 13),
    "end of the text": ("require: |\n  resource.address ==\n", 10, 22),
    "wide characters": ("require: resource.address == 'é𝒳' && resource.tire == 1", 9, 47),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_place_inside_an_expression(tmp_path: Path, name: str) -> None:
    text, line, column = PLACES[name]
    with pytest.raises(PolicyError) as caught:
        load_one(tmp_path, with_line("require", text))
    error = caught.value
    assert (error.line, error.column) == (line, column)
    shown, carets = error.snippet.split("\n")
    if "tire" in text:
        assert shown[carets.index("^") :].startswith("tire")
        assert carets.strip() == "^^^^"
