import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.collectors.terraform import functions, scalars
from policyscan.collectors.terraform.value import EvaluationError, Value, literal
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.unit.collectors.terraform.plain import SPAN, opaque, python, some, unknown, value

# Most of these are the examples of Terraform's documentation.
EXAMPLES: list[tuple[str, list[Any], Any]] = [
    ("abs", [-12.4], 12.4),
    ("abs", ["-3"], 3),
    ("alltrue", [["true", True]], True),
    ("alltrue", [[True, False]], False),
    ("alltrue", [[]], True),
    ("alltrue", [[None]], False),
    ("anytrue", [["true", False]], True),
    ("anytrue", [[]], False),
    ("anytrue", [[None, True]], True),
    ("base64decode", ["SGVsbG8gV29ybGQ="], "Hello World"),
    ("base64encode", ["Hello World"], "SGVsbG8gV29ybGQ="),
    ("basename", ["foo/bar/baz.txt"], "baz.txt"),
    ("basename", ["foo/bar/"], "bar"),
    ("basename", [""], "."),
    ("basename", ["/"], "/"),
    ("ceil", [5.1], 6),
    ("ceil", [5], 5),
    ("chomp", ["hello\r\n\n"], "hello"),
    ("chunklist", [["a", "b", "c", "d", "e"], 2], [["a", "b"], ["c", "d"], ["e"]]),
    ("chunklist", [["a"], 0], [["a"]]),
    ("cidrhost", ["10.12.112.0/20", 16], "10.12.112.16"),
    ("cidrhost", ["10.12.112.0/20", 268], "10.12.113.12"),
    ("cidrhost", ["10.12.112.0/20", -1], "10.12.127.255"),
    ("cidrhost", ["fd00:fd12:3456:7890:00a2::/72", 34], "fd00:fd12:3456:7890::22"),
    ("cidrnetmask", ["172.16.0.0/12"], "255.240.0.0"),
    ("cidrsubnet", ["172.16.0.0/12", 4, 2], "172.18.0.0/16"),
    ("cidrsubnet", ["10.1.2.0/24", 4, 15], "10.1.2.240/28"),
    ("cidrsubnet", ["10.1.2.3/16", 8, 1], "10.1.1.0/24"),
    ("cidrsubnet", ["fd00:fd12:3456:7890::/56", 16, 162], "fd00:fd12:3456:7800:a200::/72"),
    ("cidrsubnet", ["0.0.0.0/0", 1, 1], "128.0.0.0/1"),
    (
        "cidrsubnets",
        ["10.1.0.0/16", 4, 4, 8, 4],
        ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"],
    ),
    ("coalesce", ["a", "b"], "a"),
    ("coalesce", ["", "b"], "b"),
    ("coalesce", [None, "", 1, "a"], "1"),
    ("coalesce", [1, 2], 1),
    ("coalesce", [0, "a"], "0"),
    ("coalescelist", [[], ["c", "d"]], ["c", "d"]),
    ("compact", [["a", "", "b", None, "c"]], ["a", "b", "c"]),
    ("compact", [["a", 1]], ["a", "1"]),
    ("concat", [["a", ""], ["b", "c"]], ["a", "", "b", "c"]),
    ("contains", [["a", "b", "c"], "a"], True),
    ("contains", [["a", "b", "c"], "d"], False),
    ("contains", [["1"], 1], False),
    ("dirname", ["foo/bar/baz.txt"], "foo/bar"),
    ("dirname", ["foo"], "."),
    ("dirname", ["foo/bar/"], "foo/bar"),
    ("dirname", ["//a//b"], "/a"),
    ("distinct", [["a", "b", "a", "c", "d", "b"]], ["a", "b", "c", "d"]),
    ("distinct", [[1, "1"]], ["1"]),
    ("distinct", [[["a"], ["b"], ["a"]]], [["a"], ["b"]]),
    ("element", [["a", "b", "c"], 1], "b"),
    ("element", [["a", "b", "c"], 3], "a"),
    ("endswith", ["hello world", "world"], True),
    ("endswith", ["hello world", "hello"], False),
    ("flatten", [[["a", "b"], [], ["c"]]], ["a", "b", "c"]),
    ("flatten", [[[["a", "b"], []], ["c"]]], ["a", "b", "c"]),
    ("flatten", [[["a", None], {"x": 1}, ("b",)]], ["a", None, {"x": 1}, "b"]),
    ("floor", [4.9], 4),
    ("floor", [-1.5], -2),
    ("format", ["Hello, %s!", "Ander"], "Hello, Ander!"),
    ("format", ["There are %d lights", 4], "There are 4 lights"),
    ("format", ["%d", "12"], "12"),
    ("format", ["%v %v", True, [None, "a"]], 'true [null,"a"]'),
    ("format", ["%q", 'a"b<é'], '"a\\"b\\u003cé"'),
    ("format", ["%5s|%-5s|%05d|%.2f|%5.1f", "a", "b", 3, 1.005, 2.25],
     "    a|b    |00003|1.00|  2.2"),
    ("format", ["%[2]s-%[1]s 100%%", "a", "b"], "b-a 100%"),
    ("format", ["%t", "true"], "true"),
    ("formatlist", ["Hello, %s!", ["A", "B"]], ["Hello, A!", "Hello, B!"]),
    ("formatlist", ["%s, %s!", "Hi", ["A", "B"]], ["Hi, A!", "Hi, B!"]),
    ("indent", [2, "a\nb\n"], "a\n  b\n  "),
    ("index", [["a", "b", "c"], "b"], 1),
    ("join", ["-", ["foo", "bar", "baz"]], "foo-bar-baz"),
    ("join", [", ", ["foo"]], "foo"),
    ("join", [",", ("a", "b"), [1, True]], "a,b,1,true"),
    ("jsondecode", ['{"hello": "world"}'], {"hello": "world"}),
    ("jsondecode", ["[true, null, 1.0, 2.5, 1e2]"], [True, None, 1, 2.5, 100]),
    ("jsonencode", [{"hello": "world"}], '{"hello":"world"}'),
    ("jsonencode", [{"b": 1.5, "a": None, "c": [True, []]}], '{"a":null,"b":1.5,"c":[true,[]]}'),
    ("jsonencode", ["<&>\u2028é\t"], '"\\u003c\\u0026\\u003e\\u2028é\\t"'),
    ("keys", [{"a": 1, "c": 2, "b": 3}], ["a", "b", "c"]),
    ("length", [[]], 0),
    ("length", [["a", "b"]], 2),
    ("length", [{"a": "b"}], 1),
    ("length", ["hello"], 5),
    ("length", ["é"], 1),
    ("lookup", [{"a": "ay", "b": "bee"}, "a", "what?"], "ay"),
    ("lookup", [{"a": "ay", "b": "bee"}, "c", "what?"], "what?"),
    ("lookup", [{"a": "ay"}, "a"], "ay"),
    ("lower", ["HELLO É"], "hello é"),
    ("matchkeys", [["i-1", "i-2", "i-3"], ["w", "e", "w"], ["w"]], ["i-1", "i-3"]),
    ("max", [12, 54, 3], 54),
    ("md5", ["hello world"], "5eb63bbbe01eeed093cb22bb8f5acdc3"),
    ("merge", [{"a": "b", "c": "d"}, {"e": "f", "c": "z"}], {"a": "b", "c": "z", "e": "f"}),
    ("merge", [None, {"a": 1}], {"a": 1}),
    ("merge", [], {}),
    ("min", ["12", 54, 3], 3),
    ("one", [["a"]], "a"),
    ("one", [[]], None),
    ("parseint", ["FF", 16], 255),
    ("parseint", ["-10", 2], -2),
    ("pow", [3, 2], 9),
    ("pow", [4, 0], 1),
    ("pow", [2, -1], 0.5),
    ("range", [3], [0, 1, 2]),
    ("range", [1, 4], [1, 2, 3]),
    ("range", [1, 8, 2], [1, 3, 5, 7]),
    ("range", [1, 4, 0.5], [1, 1.5, 2, 2.5, 3, 3.5]),
    ("range", [4, 1], [4, 3, 2]),
    ("range", [10, 5, -2], [10, 8, 6]),
    ("range", [0], []),
    ("regex", ["[a-z]+", "53453453.345345aaabbbccc23454"], "aaabbbccc"),
    ("regex", [r"(\d\d\d\d)-(\d\d)-(\d\d)", "2019-02-01"], ["2019", "02", "01"]),
    (
        "regex",
        [r"^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?",
         "https://terraform.io/docs/"],
        {"scheme": "https", "authority": "terraform.io"},
    ),
    ("regex", ["(a)(b)?", "ac"], ["a", None]),
    ("regex", ["a$", "ba"], "a"),
    ("regex", ["[[:alpha:]]+", "12ab_"], "ab"),
    ("regex", ["(?i)[a-z]+", "12AB"], "AB"),
    ("regexall", ["[a-z]+", "1234abcd5678efgh9"], ["abcd", "efgh"]),
    ("regexall", ["[a-z]+", "123456789"], []),
    ("regexall", ["a*", "baac"], ["", "aa", ""]),
    ("regexall", [r"(\d)", "a1b2"], [["1"], ["2"]]),
    ("replace", ["1 + 2 + 3", "+", "-"], "1 - 2 - 3"),
    ("replace", ["hello world", "/w.*d/", "everybody"], "hello everybody"),
    ("replace", ["hello", "/(l+)/", "[$1]"], "he[ll]o"),
    ("replace", ["hello", "/(l+)/", "${1}x$$"], "hellx$o"),
    ("replace", ["hello", "/(l+)/", "$1x"], "heo"),
    ("reverse", [[1, 2, 3]], [3, 2, 1]),
    ("setintersection", [["a", "b"], ["b", "c"], ["b", "d"]], ("b",)),
    ("setsubtract", [["a", "b", "c"], ["a", "c"]], ("b",)),
    ("setunion", [["a", "b"], ["b", "c"], ["d"]], ("a", "b", "c", "d")),
    ("setunion", [["b"], ["a"], [1]], ("1", "a", "b")),
    ("sha1", ["hello world"], "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"),
    (
        "sha256",
        ["hello world"],
        "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
    ),
    ("signum", [-13], -1),
    ("signum", [0], 0),
    ("signum", [344], 1),
    ("slice", [["a", "b", "c", "d"], 1, 3], ["b", "c"]),
    ("sort", [["e", "d", "a", "x"]], ["a", "d", "e", "x"]),
    ("sort", [["b", 1, "a"]], ["1", "a", "b"]),
    ("split", [",", "foo,bar,baz"], ["foo", "bar", "baz"]),
    ("split", [",", "foo"], ["foo"]),
    ("split", [",", ""], [""]),
    ("split", ["", "abc"], ["a", "b", "c"]),
    ("startswith", ["hello world", "hello"], True),
    ("strcontains", ["hello world", "wor"], True),
    ("strrev", ["hello"], "olleh"),
    ("substr", ["hello world", 1, 4], "ello"),
    ("substr", ["hello world", -5, -1], "world"),
    ("substr", ["hello", 9, 2], ""),
    ("substr", ["hello", -3, 2], "ll"),
    ("sum", [[10, 13, 6, 4.5]], 33.5),
    ("sum", [[0.1, 0.2]], 0.3),
    ("title", ["hello world"], "Hello World"),
    ("title", ["it's a-b_c 1st éa"], "It'S A-B_c 1st Éa"),
    ("tobool", ["true"], True),
    ("tobool", ["1"], True),
    ("tobool", [None], None),
    ("tolist", [["a", "b", 3]], ["a", "b", "3"]),
    ("tomap", [{"a": "foo", "b": True}], {"a": "foo", "b": "true"}),
    ("tonumber", ["1"], 1),
    ("tonumber", ["+1.50"], 1.5),
    ("tonumber", [None], None),
    ("toset", [["c", "b", "b"]], ("b", "c")),
    ("toset", [["a", "b", 3]], ("3", "a", "b")),
    ("tostring", [1], "1"),
    ("tostring", [True], "true"),
    ("tostring", [1e21], "1000000000000000000000"),
    ("tostring", [5.0], "5"),
    ("tostring", [0.1], "0.1"),
    ("transpose", [{"a": ["1", "2"], "b": ["2", "3"]}], {"1": ["a"], "2": ["a", "b"], "3": ["b"]}),
    ("trim", ["?!hello?!", "!?"], "hello"),
    ("trimprefix", ["helloworld", "hello"], "world"),
    ("trimprefix", [5, "5"], ""),
    ("trimspace", ["  hello\n\n"], "hello"),
    ("trimsuffix", ["helloworld", "world"], "hello"),
    ("upper", ["hello ß"], "HELLO ß"),
    ("urlencode", ["Hello World!~"], "Hello+World%21~"),
    ("values", [{"a": 3, "c": 2, "d": 1}], [3, 2, 1]),
    ("zipmap", [["a", "b"], [1, 2]], {"a": 1, "b": 2}),
]  # fmt: skip

REFUSED: list[tuple[str, list[Any]]] = [
    ("base64decode", ["aGk"]),
    ("base64decode", ["//79"]),
    ("chunklist", [["a"], -1]),
    ("cidrhost", ["10.0.0.0", 1]),
    ("cidrhost", ["10.0.0.0/30", 4]),
    ("cidrnetmask", ["fd00::/8"]),
    ("cidrsubnet", ["10.1.2.3/16", 8, 256]),
    ("cidrsubnet", ["10.1.2.3/30", 8, 0]),
    ("cidrsubnet", ["10.0.0.0/255.0.0.0", 8, 0]),
    ("cidrsubnets", ["10.0.0.0/31", 1, 1, 1]),
    ("coalesce", [None, ""]),
    ("coalescelist", [[], []]),
    ("coalescelist", [None, [1]]),
    ("concat", [("a",), ["b"]]),
    ("concat", [None, ["b"]]),
    ("element", [[], 0]),
    ("element", [["a", "b"], -1]),
    ("flatten", [{"a": [1]}]),
    ("format", ["%s %s", "a"]),
    ("format", ["%s", "a", "b"]),
    ("format", ["%d", 1.5]),
    ("format", ["%z", 1]),
    ("format", ["%s", [1]]),
    ("formatlist", ["%s%s", ["a"], ["a", "b"]]),
    ("index", [["a", "b"], "c"]),
    ("join", [",", ["a", None]]),
    ("jsondecode", ["[1,]"]),
    ("jsondecode", ["NaN"]),
    ("keys", [[1]]),
    ("length", [None]),
    ("length", [5]),
    ("lookup", [{"a": 1}, "b"]),
    ("lower", []),
    ("lower", ["a", "b"]),
    ("max", []),
    ("one", [["a", "b"]]),
    ("parseint", ["12", 2]),
    ("range", [0, 1, 0]),
    ("range", [0, 1, -1]),
    ("range", [2000]),
    ("regex", ["b", "a"]),
    ("regex", ["(?P<x>a)(b)", "ab"]),
    ("slice", [["a", "b"], 1, 3]),
    ("sort", [["a", None]]),
    ("sum", [[]]),
    ("tobool", ["True"]),
    ("tobool", [1]),
    ("tolist", [[True, 1]]),
    ("tonumber", [" 1"]),
    ("tonumber", ["0x10"]),
    ("tonumber", ["1_0"]),
    ("tostring", [["a"]]),
    ("zipmap", [["a"], [1, 2]]),
]


def call(name: str, *arguments: Any) -> Value:
    return functions.call(name, [value(argument) for argument in arguments], SPAN)


def reason(name: str, *arguments: Any) -> Unknown:
    plain = call(name, *arguments).plain
    assert isinstance(plain, Unknown)
    return plain


@pytest.mark.parametrize(("name", "arguments", "expected"), EXAMPLES)
def test_examples(name: str, arguments: list[Any], expected: Any) -> None:
    result = python(call(name, *arguments))
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("name", "arguments"), REFUSED)
def test_what_terraform_refuses(name: str, arguments: list[Any]) -> None:
    with pytest.raises(EvaluationError) as caught:
        call(name, *arguments)
    assert caught.value.message.startswith(f"{name}(): ")
    assert caught.value.span == SPAN


def test_every_function_has_an_example() -> None:
    shown = {name for name, _, _ in EXAMPLES}
    without = functions.KNOWN - shown - functions.NONDETERMINISTIC
    assert without == {
        "formatdate", "nonsensitive", "sensitive", "sha512", "timeadd", "yamldecode", "yamlencode",
    }  # fmt: skip


# --- what is not known

U = unknown("var.u")
REF = Ref("aws_vpc.a")
OTHER = Ref("aws_vpc.b")
CHOICE = OneOf((Alternative(value("a"), (("q", "yes"),)),), unknown("q"))


@pytest.mark.parametrize(
    ("name", "arguments", "needs"),
    [
        ("lower", [U], "var.u"),
        ("join", [",", ["a", U]], "var.u"),
        ("join", [U, ["a"]], "var.u"),
        ("join", [",", [CHOICE]], "q"),
        ("join", [",", ["a", REF]], "the text of aws_vpc.a.id"),
        ("merge", [{"a": 1}, U], "var.u"),
        ("concat", [U], "var.u"),
        ("length", [some("a")], "rest"),
        ("length", [REF], "the text of aws_vpc.a.id"),
        ("contains", [["a", U], "b"], "var.u"),
        ("contains", [some("a"), "b"], "rest"),
        ("contains", [["a"], U], "var.u"),
        ("contains", [["a", REF], "b"], "the text of aws_vpc.a.id"),
        ("coalesce", [None, U, "a"], "var.u"),
        ("coalesce", [0, U], "var.u"),
        ("coalesce", [True, U, 1], "var.u"),
        ("coalescelist", [U, ["a"]], "var.u"),
        ("element", [some("a"), 0], "rest"),
        ("lookup", [{"a": 1}, U], "var.u"),
        ("lookup", [U, "a"], "var.u"),
        ("keys", [U], "var.u"),
        ("alltrue", [[True, U]], "var.u"),
        ("anytrue", [some(False)], "rest"),
        ("max", [1, U], "var.u"),
        ("sum", [[1, U]], "var.u"),
        ("jsonencode", [{"a": [U]}], "var.u"),
        ("cidrsubnet", [U, 8, 1], "var.u"),
        ("tonumber", [REF], "the text of aws_vpc.a.id"),
        ("setsubtract", [["a"], [U]], "var.u"),
        ("index", [["a", U, "b"], "b"], "var.u"),
    ],
)
def test_unknown_results_say_why(name: str, arguments: list[Any], needs: str) -> None:
    assert reason(name, *arguments).needs == needs


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("length", [["a", U]], 2),
        ("length", [{"a": U}], 1),
        ("contains", [["a", U], "a"], True),
        ("contains", [some("a"), "a"], True),
        ("contains", [[REF], REF], True),
        ("contains", [[REF], OTHER], False),
        ("keys", [{"b": U, "a": 1}], ["a", "b"]),
        ("lookup", [{"a": 1, "b": U}, "a"], 1),
        ("element", [["a", U], 0], "a"),
        ("coalesce", ["a", U], "a"),
        ("coalescelist", [["a"], U], ["a"]),
        ("alltrue", [[U, False]], False),
        ("anytrue", [some(True)], True),
        ("index", [["a", U], "a"], 0),
        ("slice", [["a", U], 0, 1], ["a"]),
    ],
)
def test_what_is_known_decides(name: str, arguments: list[Any], expected: Any) -> None:
    assert python(call(name, *arguments)) == expected


@pytest.mark.parametrize(
    ("name", "arguments", "known"),
    [
        ("concat", [["a"], U, ["b"]], ["a", "b"]),
        ("concat", [some("a"), ["b"]], ["a", "b"]),
        ("compact", [["a", U, "", "b"]], ["a", "b"]),
        ("flatten", [[["a"], U, ["b", some("c")]]], ["a", "b", "c"]),
        ("sort", [some("b", "a")], ["a", "b"]),
        ("reverse", [some("b", "a")], ["a", "b"]),
        ("distinct", [some("a", "a")], ["a"]),
        ("toset", [some("b", "a", "b")], ["a", "b"]),
        ("setunion", [["a"], U, ["b"]], ["a", "b"]),
    ],
)
def test_known_members_survive(name: str, arguments: list[Any], known: list[Any]) -> None:
    plain = call(name, *arguments).plain
    assert isinstance(plain, PartialList)
    assert [python(item) for item in plain.known] == known


def test_members_that_may_be_equal_leave_a_set_open() -> None:
    for doubtful in (["a", U], [U, U], ["a", REF], ["a", CHOICE], [REF, Ref("data.aws_vpc.x")]):
        assert isinstance(call("toset", doubtful).plain, PartialList)
        assert isinstance(call("distinct", doubtful).plain, PartialList)
    for certain in ([REF], [REF, OTHER], [U], [1, REF, REF]):
        assert isinstance(call("distinct", certain).plain, (tuple, PartialList))
    assert python(call("toset", [REF, OTHER, REF])) == (REF, OTHER)
    assert len(python(call("distinct", [REF, OTHER, REF]))) == 2


def test_members_stay_the_values_they_are() -> None:
    member, mapped = value("x"), value({"k": "x"})
    result = call("concat", [member], ["y"]).plain
    assert isinstance(result, tuple)
    assert result[0] is member
    found = call("lookup", mapped, "k")
    assert found.trail.step.label == "lookup()"


def test_reference_passes_where_its_text_is_not_needed() -> None:
    assert call("coalesce", None, REF, "a").plain is REF
    assert call("join", ",", [REF]).plain is REF
    assert call("tostring", REF).plain is REF
    assert python(call("compact", [REF, ""])) == [REF]
    assert python(call("flatten", [[REF]])) == [REF]


@pytest.mark.parametrize(
    ("name", "arguments", "fragments"),
    [
        ("join", ["-", ["a", U, "b"]], ("a", "-", "-", "b")),
        ("join", ["-", ["a"], some("b")], ("a", "b")),
        ("join", ["", ["a", unknown("x", "p", "q")]], ("a", "p", "q")),
        ("format", ["arn:%s:%d/x", U, 5], ("arn:", ":", "5", "/x")),
        ("format", ["%5s", unknown("x", "p")], ()),
        ("lower", [unknown("x", "Ab")], ("ab",)),
        ("upper", [unknown("x", "Ab")], ("AB",)),
        ("trimspace", [unknown("x", " a ", "  ")], ("a",)),
        ("trim", [unknown("x", "--a-b-"), "-"], ("a-b",)),
        ("replace", [unknown("x", "a.b"), ".", "-"], ("a-b",)),
        ("replace", [unknown("x", "a.b"), "a.", "-"], ()),
        ("replace", [unknown("x", "a.b"), "/a/", "-"], ()),
        ("substr", [unknown("x", "abc"), 0, 1], ()),
        ("coalesce", [unknown("x", "abc"), "d"], ("abc",)),
    ],
)
def test_fragments(name: str, arguments: list[Any], fragments: tuple[str, ...]) -> None:
    assert tuple(f for f in reason(name, *arguments).fragments if f) == fragments


def test_unknown_with_text_in_it_is_not_empty() -> None:
    assert len(python(call("compact", [unknown("x", "a"), "b"]))) == 2


@pytest.mark.parametrize("name", ["timestamp", "uuid", "bcrypt", "plantimestamp"])
def test_what_differs_from_run_to_run(name: str) -> None:
    assert reason(name).why is Why.NONDETERMINISTIC


def test_function_that_is_not_known() -> None:
    assert reason("rsadecrypt", "a").needs == "function rsadecrypt()"
    assert not functions.KNOWN & {"file", "templatefile", "try", "can", "fileset"}


# --- sensitivity


def secret(plain: Any) -> Value:
    return Value(plain, value(None).trail, sensitive=True)


def test_sensitivity_spreads_and_can_be_lifted() -> None:
    assert call("upper", secret("a")).sensitive
    assert call("join", ",", [secret("a")]).sensitive
    assert call("jsonencode", {"a": [secret("a")]}).sensitive
    split = call("split", ",", secret("a,b"))
    assert all(item.sensitive for item in split.plain)  # type: ignore[union-attr]
    assert call("lookup", secret({"a": value("b")}), "a").sensitive
    assert not call("lookup", {"a": "b", "c": secret("d")}, "a").sensitive
    assert not call("upper", "a").sensitive
    assert call("sensitive", "a").sensitive
    assert not call("nonsensitive", secret("a")).sensitive


# --- hostile input


def nested(depth: int) -> Value:
    made = value("x")
    for _ in range(depth):
        made = literal((made,), SPAN)
    return made


def doubling(depth: int) -> Value:
    made = value("x")
    for _ in range(depth):
        made = literal((made, made), SPAN)
    return made


MANY = literal((value("a"),) * 60_000, SPAN)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("format", ["%999999s", "a"]),
        ("format", ["%.999999f", 1]),
        ("format", ["%x", 255]),
        ("format", ["%05s", "a"]),
        ("format", ["%s", None]),
        ("indent", [10**9, "a\nb"]),
        ("join", ["x" * 1000, ["a"] * 2000]),
        ("replace", ["a" * 2000, "a", "b" * 2000]),
        ("replace", ["a" * 2000, "/a/", "b" * 2000]),
        ("split", ["", "a" * 200_000]),
        ("jsondecode", ["[" * 100_000 + "]" * 100_000]),
        ("jsondecode", ["[1e999999999]"]),
        ("jsondecode", ["1" * 5000]),
        ("tonumber", ["1e999999999"]),
        ("tonumber", ["9" * 5000]),
        ("tostring", [10**5000]),
        ("tostring", [float("inf")]),
        ("floor", [10**5000]),
        ("pow", [10, 1000]),
        ("concat", [MANY, MANY]),
        ("flatten", [doubling(40)]),
        ("jsonencode", [doubling(40)]),
        ("jsonencode", [nested(5000)]),
        ("regex", ["(a+)+b", "a" * 50]),
        ("regex", ["(a|a)*b", "a" * 50]),
        ("regex", ["a*a*a*a*a*b", "a" * 5000]),
        ("regex", ["a?" * 40 + "a" * 40 + "b", "a" * 40]),
        ("regex", ["(a|a)" * 40 + "b", "a" * 40]),
        ("regex", ["(|)" * 40 + "b", ""]),
        ("regex", ["()?" * 40 + "b", ""]),
        ("regex", ["a", "b" * 100_000]),
        ("regex", [r"(a)\1", "aa"]),
        ("regex", ["(?=a)a", "a"]),
        ("regex", ["a{9999}", "a"]),
        ("regex", ["[a--b]", "a"]),
        ("regex", ["a++", "a"]),
        ("regex", [r"\pL", "a"]),
        ("length", ["e\u0301x\u0323"]),
        ("strrev", ["a\r\nb"]),
    ],
)  # fmt: skip
def test_too_much_work_is_unknown_and_soon(name: str, arguments: list[Any]) -> None:
    start = time.process_time()
    assert reason(name, *arguments).why in (Why.BUDGET, Why.UNSUPPORTED)
    assert time.process_time() - start < 2


# --- laws

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=6),
    st.sampled_from(["10.0.0.0/8", "%s-%d", "a,b", "/a+/", "2", "true", '{"a":[1]}', REF, OTHER]),
)
PLAIN = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(functions.KNOWN))


@settings(max_examples=300, deadline=None)
@given(NAMES, st.lists(PLAIN | st.builds(unknown) | st.builds(some, SCALARS), max_size=4))
def test_nothing_but_refusals_is_raised(name: str, arguments: list[Any]) -> None:
    try:
        result = call(name, *arguments)
    except EvaluationError:
        return
    assert isinstance(result, Value)


def leaves(given_: Any) -> int:
    if isinstance(given_, list):
        return 1 + sum(map(leaves, given_))
    if isinstance(given_, dict):
        return 1 + sum(map(leaves, given_.values()))
    return 1


def without(given_: Any, position: int) -> Any:
    """The argument with the part at `position` replaced by an unknown."""
    if position == 0:
        return U
    position -= 1
    if isinstance(given_, list):
        changed = []
        for item in given_:
            size = leaves(item)
            changed.append(without(item, position) if 0 <= position < size else item)
            position -= size
        return changed
    keys, items = list(given_), without(list(given_.values()), position + 1)
    return dict(zip(keys, items, strict=True))


def agrees(less: Value, more: Value) -> bool:
    """Whether all that `less` claims holds of `more`; numbers count as their texts."""
    a, b = less.plain, more.plain
    if isinstance(a, (Unknown, OneOf)) or opaque(b):
        return (
            not isinstance(a, Unknown)
            or not isinstance(b, str)
            or all(fragment in b for fragment in a.fragments)
        )
    if isinstance(a, PartialList):
        pool = list(b) if isinstance(b, tuple) else []
        return isinstance(b, tuple) and all(
            opaque(item.plain) or any(agrees(item, other) for other in pool) for item in a.known
        )
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(agrees, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(agrees(a[key], b[key]) for key in a)
    if isinstance(a, Ref):
        return a == b
    return a == b or (scalars.to_text(a) is not None and scalars.to_text(a) == scalars.to_text(b))


@settings(max_examples=500, deadline=None)
@given(NAMES, st.lists(PLAIN, min_size=1, max_size=4), st.data())
def test_knowing_less_never_gives_another_answer(
    name: str, arguments: list[Any], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(arguments) - 1))
    position = data.draw(st.integers(0, leaves(arguments[index]) - 1))
    reduced = [*arguments]
    reduced[index] = without(arguments[index], position)
    try:
        more = call(name, *arguments)
        less = call(name, *reduced)
    except EvaluationError:
        return
    assert agrees(less, more)
