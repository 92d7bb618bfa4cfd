"""Every way in which an expression is refused: message, place and the line that is shown."""

from __future__ import annotations

import pytest
from houses import ENVIRONMENT, SET, judge

from policyscan.errors import PolicyError
from policyscan.language import Environment, Origin, compile_expression
from policyscan.language.left_out import FUNCTIONS, SYNTAX, TYPES

UNGUARDED = (
    "'resource.?opt' may have no value: guard it with resource.?opt.hasValue(), or write "
    "resource.?opt.orValue(...)"
)
QUOTED = "a name in backticks has letters, digits, '_', '-', '.', '/' and spaces"
DURATION = '"720 days" is not a duration; write hours, minutes and seconds like "168h"'
FIXED = "argument 1 of matches() must be a literal, or a parameter of type pattern"
ZONE = 'not a time zone; write "UTC", one like "Europe/Paris", or an offset like "+02:00"'
RANGE = 'not an address range like "10.0.0.0/8"'
ADDRESS = 'not an address like "10.0.0.1" or "2001:db8::1"'
TIMESTAMP = '"2026-02-30T00:00:00Z" is not a timestamp; write one like "2026-01-31T00:00:00Z"'

REFUSED = [
    # text, column, width, message
    ("", 1, 1, "expected a value, found the end of the expression"),
    ("resource.a &&", 14, 1, "expected a value, found the end of the expression"),
    ("(resource.a", 12, 1, "expected ')', found the end of the expression"),
    ("resource.a)", 11, 1, "unexpected ')' after the expression"),
    ("resource.a resource.b", 12, 8, "unexpected 'resource' after the expression"),
    ("resource.a & resource.b", 12, 1, "unexpected '&'; did you mean '&&'?"),
    ("resource.i = 1", 12, 1, "unexpected '='; did you mean '=='?"),
    ("resource.s == 'x", 15, 2, "this string is not closed"),
    (r'resource.s == "\q"', 16, 2, "unknown escape sequence in a string"),
    (r'resource.s == "\ud800"', 16, 6, "this escape is not a Unicode character"),
    ("resource.a # now", 12, 1, "unexpected character '#'"),
    ("resource.a\x00", 11, 1, "unexpected character 'U+0000'"),
    ("resource.i == 9223372036854775808", 15, 19, "this integer does not fit into 64 bits"),
    ("resource.d < 1e999", 14, 5, "this number does not fit into a double"),
    ("resource.", 10, 1, "expected the name of a field, found the end of the expression"),
    ("resource.xs.all(x, )", 20, 1, "expected an argument after ','"),
    ("resource.a ? true", 18, 1, "expected ':', found the end of the expression"),
    ("package == 1", 1, 7, "'package' is a reserved word of CEL"),
    # CEL that is left out
    ("resource.i == 1u", 15, 2, SYNTAX["uint"].message),
    ("resource.s == b'x'", 15, 2, SYNTAX["bytes"].message),
    ("House{a: true}.a", 6, 1, SYNTAX["message"].message),
    (".resource.a", 1, 1, SYNTAX["leading dot"].message),
    ("[?resource.?opt] == []", 2, 1, SYNTAX["optional entry"].message),
    ("resource.xs.all(i, x, x > i)", 13, 16, SYNTAX["two variables"].message),
    ("resource.limits.`a", 17, 1, QUOTED),
    ("resource.limits.``", 17, 1, QUOTED),
    ("resource.limits.in == 1", 17, 2, "'in' is a reserved word of CEL"),
    # optionals
    ("resource.?opt == 'x'", 1, 20, "optional(string) and string are never equal"),
    ("resource.xs[?0] == 1", 1, 20, "optional(int) and int are never equal"),
    ("resource.?optt.hasValue()", 11, 4, "unknown field 'optt' of House; did you mean 'opt'?"),
    ("resource.s.hasValue()", 1, 21, "hasValue() is asked of what .? selects; this is string"),
    ("resource.?opt.value(1) == ''", 1, 22, "value() takes 0 argument(s), this has 1"),
    ("resource.?opt.orValue(1) == ''", 1, 24, "what orValue() takes must be string, this is int"),
    (
        "resource.?opt.or('x').hasValue()",
        1,
        21,
        "what or() takes must be optional(string), this is string",
    ),
    ("resource.?opt.value() == 'x'", 1, 13, UNGUARDED),
    ("resource.?opt.hasValue() || resource.?opt.value() == 'x'", 29, 13, UNGUARDED),
    ("resource.?opt", 1, 13, "a condition must be bool, this is optional(string)"),
    ("[1, 2].sort() == [1]", 1, 13, FUNCTIONS["sort"].message),
    ("type(resource.s) == string", 1, 16, FUNCTIONS["type"].message),
    ("string == resource.s", 1, 6, TYPES["string"].message),
    ('resource.s.format([1]) == "1"', 1, 22, FUNCTIONS["format"].message),
    ('strings.quote(resource.s) == "1"', 1, 25, FUNCTIONS["quote"].message),
    ("resource.s.matches(resource.t)", 20, 10, FIXED),
    ("resource.s.matches('a' + 'b')", 20, 9, FIXED),
    (
        'resource.s.matches("a(")',
        20,
        4,
        '"a(" is not a regular expression of RE2: missing ): a(',
    ),
    (
        r'resource.s.matches("(a)\\1")',
        20,
        8,
        r'"(a)\\1" is not a regular expression of RE2: invalid escape sequence: \1',
    ),
    ('resource.built.getHours("Mars/Olympus") == 1', 25, 14, f'"Mars/Olympus" is {ZONE}'),
    ('resource.built.getHours("+25:00") == 1', 25, 8, f'"+25:00" is {ZONE}'),
    ('covers(["10.0.0.0/33"], resource.s)', 9, 13, f'"10.0.0.0/33" is {RANGE}'),
    ('covers(params.names, "10.0.0.0/33")', 22, 13, f'"10.0.0.0/33" is {RANGE}'),
    ('is_public("all")', 11, 5, f'"all" is {RANGE}'),
    ('other_ports(["x"]) == []', 14, 3, '"x" is not a port or a range of ports like "1000-2000"'),
    ('cidr("10.0.0.0/8").containsIP("10.1")', 31, 6, f'"10.1" is {ADDRESS}'),
    ('ip("10.0.0.256") == ip("10.0.0.1")', 4, 12, f'"10.0.0.256" is {ADDRESS}'),
    (
        'resource.s.ip() == ip("10.0.0.1")',
        1,
        10,
        "the receiver of ip() must be cidr, this is string",
    ),
    (
        'ip(cidr("10.0.0.0/8")) == ip("10.0.0.1")',
        4,
        18,
        "argument 1 of ip() must be string, this is cidr",
    ),
    ('isIP(cidr("10.0.0.0/8"))', 6, 18, "argument 1 of isIP() must be string, this is cidr"),
    ('ip("10.0.0.1") < ip("10.0.0.2")', 1, 31, "no order between ip and ip"),
    (
        "refers_to(resource.s, resource.front)",
        23,
        14,
        "'resource.front' may be absent (Door or null): guard it with has(resource.front)",
    ),
    (
        "refers_to(resource, resource)",
        11,
        8,
        "argument 1 of refers_to() must be string, this is House",
    ),
    (
        "resource.doors.exists(d, refers_to(resource.s, d))",
        48,
        1,
        "argument 2 of refers_to() must be Resource, this is Door",
    ),
    # names and fields
    ("resuorce.a", 1, 8, "unknown name 'resuorce'; did you mean 'resource'?"),
    ("members.all(m, m.a)", 1, 7, "unknown name 'members'"),
    ("resource.doors.all(d, e.open)", 23, 1, "unknown name 'e'"),
    ("resource.tiers == 'x'", 10, 5, "unknown field 'tiers' of House; did you mean 'tier'?"),
    ("resource.__class__ == 'x'", 10, 9, "unknown field '__class__' of House"),
    ("resource.origin.unit == 'x'", 10, 6, "unknown field 'origin' of House"),
    ("resource.chains == {}", 10, 6, "unknown field 'chains' of House"),
    ("resource.kind == 'House'", 10, 4, "unknown field 'kind' of House"),
    ("resource.model_dump() == {}", 1, 21, "unknown function 'model_dump'"),
    (
        "resource.doors.all(d, d.prot == 1)",
        25,
        4,
        "unknown field 'prot' of Door; did you mean 'port'?",
    ),
    ("params.m == 1", 8, 1, "unknown name 'm' of params"),
    ("context.region == []", 9, 6, "unknown name 'region' of context; did you mean 'regions'?"),
    ("resource.s.length == 1", 12, 6, "string has no fields"),
    ('resources("Hous").all(h, h.a)', 1, 17, "unknown kind 'Hous'; did you mean 'House'?"),
    (
        "resources(House).all(h, h.a)",
        1,
        16,
        'resources() takes one kind in quotes: resources("Trail")',
    ),
    ("has(resource)", 1, 13, "has() takes one selection, such as has(resource.name)"),
    # functions
    ('__import__("os")', 1, 16, "unknown function '__import__'"),
    ("cover(params.names, 'x')", 1, 24, "unknown function 'cover'; did you mean 'covers'?"),
    ("covers(params.names)", 1, 20, "covers() takes 2 argument(s), this has 1"),
    ("covers(params.names, 1)", 22, 1, "argument 2 of covers() must be string, this is int"),
    ("resource.s.startsWith(1)", 23, 1, "argument 1 of startsWith() must be string, this is int"),
    (
        "resource.i.startsWith('x')",
        1,
        10,
        "the receiver of startsWith() must be string, this is int",
    ),
    ("startsWith(resource.s, 'x')", 1, 27, "startsWith is written x.startsWith()"),
    ("params.names.covers('x')", 1, 24, "covers is written covers(x)"),
    (
        "size(1) == 1",
        6,
        1,
        "argument 1 of size() must be string or list(any value) or map(any value, any value), "
        "this is int",
    ),
    ("now - resource.built < duration('720 days')", 33, 10, DURATION),
    ("now > timestamp('2026-02-30T00:00:00Z')", 17, 22, TIMESTAMP),
    # types
    ("resource.s", 1, 10, "a condition must be bool, this is string"),
    ("resource.s == 1", 1, 15, "string and int are never equal"),
    ("resource.a == 1", 1, 15, "bool and int are never equal"),
    ("resource.i == true", 1, 18, "int and bool are never equal"),
    (
        "resource.front != null && resource.front == resource.front",
        27,
        32,
        "two Door cannot be compared; compare their fields",
    ),
    ("resource.i + 1.0 == 1.0", 1, 16, "no operator + for int and double"),
    ("resource.d % 2.0 == 0.0", 1, 16, "no operator % for double and double"),
    ("resource.s - 'x' == ''", 1, 16, "no operator - for string and string"),
    ("now + now > now", 1, 9, "no operator + for timestamp and timestamp"),
    ("-resource.s == 'x'", 1, 11, "no operator - for string"),
    ("!resource.i", 1, 11, "no operator ! for int"),
    ("resource.s < 1", 1, 14, "no order between string and int"),
    ("resource.a < 1", 1, 14, "no order between bool and int"),
    ('resource.tier < "low"', 1, 21, 'no order between one of "high", "medium", "low" and string'),
    ("resource.i && true", 1, 10, "an operand of && must be bool, this is int"),
    ("resource.i ? true : false", 1, 10, "the condition of ?: must be bool, this is int"),
    (
        "(resource.a ? 1 : 'x') == 1",
        2,
        20,
        "the branches of ?: have different types, int and string",
    ),
    ("[1, 'x'] == []", 5, 3, "the members of a list must have one type, found int and string"),
    ("{1.5: 2} == {}", 1, 8, "the keys of a map must be string, int or bool, these are double"),
    ("resource.i in 1", 15, 1, "'in' needs a list or a map, this is int"),
    ("resource.i in ['x']", 1, 19, "no int can be in list(string)"),
    ("resource.xs['x'] == 1", 13, 3, "the index of list(int) must be int, this is string"),
    ("resource.i[0] == 1", 1, 10, "int cannot be indexed"),
    ("params == params", 1, 6, "'params' is not a value; select one of its names"),
    # macros
    ("resource.i.all(x, true)", 1, 10, "all() needs a list or a map, this is int"),
    ("resource.xs.all(x, x)", 20, 1, "the body of all() must be bool, this is int"),
    ("resource.xs.all(x > 0)", 13, 10, "all() takes a variable and an expression: .all(x, ...)"),
    ("resource.xs.all(1, true)", 17, 1, "the first argument of all() must be a variable"),
    (
        "resource.xs.all(now, true)",
        1,
        26,
        "'now' already means something here; rename the variable",
    ),
    (
        "resource.xs.all(x, resource.xs.exists(x, x > 0))",
        20,
        28,
        "'x' already means something here; rename the variable",
    ),
    # words that a field never has
    (
        'resource.tier == "hihg"',
        18,
        6,
        """'hihg' is never one of "high", "medium", "low"; did you mean 'high'?""",
    ),
    ('"none" != resource.tier', 1, 6, """'none' is never one of "high", "medium", "low\""""),
    (
        'resource.tier in ["high", "lo"]',
        27,
        4,
        """'lo' is never one of "high", "medium", "low"; did you mean 'low'?""",
    ),
    # absent values
    (
        'resource.opt == "x"',
        1,
        12,
        "'resource.opt' may be absent (string or null): guard it with has(resource.opt)",
    ),
    (
        "resource.opt.startsWith('x')",
        1,
        12,
        "'resource.opt' may be absent (string or null): guard it with has(resource.opt)",
    ),
    (
        "has(resource.opt) || resource.opt == 'x'",
        22,
        12,
        "'resource.opt' may be absent (string or null): guard it with has(resource.opt)",
    ),
    (
        "resource.opt == 'x' && has(resource.opt)",
        1,
        12,
        "'resource.opt' may be absent (string or null): guard it with has(resource.opt)",
    ),
    (
        "resource.front.open",
        1,
        14,
        "'resource.front' may be absent (Door or null): guard it with has(resource.front)",
    ),
    (
        "resource.doors.map(d, d.label).size() == 1",
        23,
        7,
        "'d.label' may be absent (string or null): guard it with has(d.label)",
    ),
    (
        "resource.doors.exists(d, has(d.label)) && resource.doors.all(d, d.label == 'x')",
        65,
        7,
        "'d.label' may be absent (string or null): guard it with has(d.label)",
    ),
    ("resource.s != null", 1, 18, "'resource.s' is never null"),
]


@pytest.mark.parametrize(("text", "column", "width", "message"), REFUSED)
def test_it_is_refused(text: str, column: int, width: int, message: str) -> None:
    with pytest.raises(PolicyError) as caught:
        compile_expression(text, ENVIRONMENT, Origin("p.yaml", 3, 1))
    error = caught.value
    assert (error.message, error.path, error.line, error.column) == (message, "p.yaml", 3, column)
    shown = text.replace("\x00", "").rstrip()
    line, carets = error.snippet.split("\n")
    assert line.replace("\x00", "") == shown
    escaped = 3 if "\x00" in text else 0  # it is shown as \x00
    assert carets == " " * (column - 1) + "^" * (width + escaped)


GUARDED = [
    "has(resource.opt) && resource.opt == 'x'",
    "resource.opt != null && resource.opt == 'x'",
    "null != resource.opt && resource.opt == 'x'",
    "!has(resource.opt) || resource.opt == 'x'",
    "resource.opt == null || resource.opt == 'x'",
    "has(resource.opt) ? resource.opt == 'x' : true",
    "resource.opt == null ? true : resource.opt == 'x'",
    "!(!has(resource.opt) || resource.a) && resource.opt == 'x'",
    "(has(resource.opt) && resource.a) && resource.opt == 'x'",
    "(has(resource.opt) || resource.opt != null) && resource.opt == 'x'",
    "(resource.a ? has(resource.opt) : resource.opt != null) && resource.opt == 'x'",
    "has(resource.front) && resource.front.open && resource.front.port == 1",
    "has(resource.front) && has(resource.front.label) && resource.front.label == 'x'",
    "resource.doors.all(d, has(d.label) && d.label == 'x')",
    "resource.doors.filter(d, has(d.label)).all(d, !has(d.label) || d.label == 'x')",
    "has(resource.opt) && resource.words.exists(w, w == resource.opt)",
    "has(resource.count) && has(resource.opt) && resource.count > size(resource.opt)",
]


@pytest.mark.parametrize("text", GUARDED)
def test_a_guard_lets_an_optional_value_through(text: str) -> None:
    assert judge(text).truth in (True, False)


def test_the_place_of_an_error_in_later_lines() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_expression("resource.a\n  && resource.tire", ENVIRONMENT, Origin("p", 10, 5))
    assert (caught.value.line, caught.value.column) == (11, 15)
    assert caught.value.snippet == "&& resource.tire\n            ^^^^"
    assert str(caught.value) == "p:11:15: unknown field 'tire' of House; did you mean 'tier'?"


def test_a_long_line_is_cut_around_the_place() -> None:
    text = " && ".join(["resource.a"] * 40) + " && resource.tire"
    with pytest.raises(PolicyError) as caught:
        compile_expression(text, ENVIRONMENT)
    line, carets = caught.value.snippet.split("\n")
    assert len(line) <= 120
    assert line[carets.index("^") :] == "tire"


def test_a_set_has_members_and_no_resource() -> None:
    with pytest.raises(PolicyError, match="unknown name 'resource'"):
        compile_expression("resource.a", SET)


def test_an_environment_with_a_bad_type_is_a_defect() -> None:
    with pytest.raises(ValueError, match="'list' is not a type"):
        compile_expression("true", Environment(params={"x": "list"}))


def test_half_of_a_surrogate_pair_is_refused_at_its_place() -> None:
    with pytest.raises(PolicyError) as caught:
        compile_expression("resource.s == 'a\ud800'", ENVIRONMENT, Origin("p.yaml", 3, 1))
    assert str(caught.value).startswith("p.yaml:3:17: half of a surrogate pair is no character")
