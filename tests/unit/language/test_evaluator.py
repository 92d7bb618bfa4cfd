"""What each construct answers on known values, by the CEL specification."""

from __future__ import annotations

import pytest
from houses import ENVIRONMENT, NOW, Door, house, judge, truth

from policyscan.language import Environment, compile_expression
from policyscan.values import Why

TRUE = [
    # literals
    "1 == 1 && 0x1F == 31 && -0x10 == -16",
    "1.5 == 1.5 && .5 == 0.5 && 1e3 == 1000.0 && 2.5e-1 == 0.25",
    "-9223372036854775808 < -9223372036854775807",
    r'"a\n\t\"\\" == "a\x0a\x09\x22\x5c"',
    r'"\u00e9\U0001F600\101" == "é😀A"',
    r'r"\n" == "\\n" && R' + r"'\d' == '\\d'",
    "'''it's''' == \"it's\" && \"\"\"a\nb\"\"\" == 'a\\nb'",
    "true // a comment\n && !false",
    "[1, 2,] == [1, 2] && [] == []",
    '{"a": 1}["a"] == 1 && {"a": 1}.a == 1',
    # precedence
    "true || false && false",
    "(true || true) && !(false || false)",
    "1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 7 - 2 - 1 == 4",
    "!false == true",
    "false ? false : true ? true : false",
    "1 < 2 == true",
    # integers: division and remainder truncate towards zero
    "7 / 2 == 3 && -7 / 2 == -3 && 7 / -2 == -3 && -7 / -2 == 3",
    "7 % 3 == 1 && -7 % 3 == -1 && 7 % -3 == 1 && -7 % -3 == -1",
    "-(3) == -3 && - -3 == 3",
    # doubles: IEEE 754
    "1.0 / 4.0 == 0.25 && 1.0 / 0.0 > 1e308 && -1.0 / 0.0 < -1e308",
    "0.0 / 0.0 != 0.0 / 0.0",
    "1 < 1.5 && 2.5 >= 2 && resource.d < 2",
    # strings
    '"a" + "b" == "ab" && "a" < "b" && "Z" < "a"',
    '"abc".startsWith("ab") && "abc".endsWith("bc") && "abc".contains("b")',
    '"ÀBC".lowerAscii() == "Àbc"',
    'size("日本") == 2 && "日本".size() == 2',
    # lists and maps
    "size([1, 2]) == 2 && [1, 2].size() == 2 && size({'a': 1}) == 1",
    "[1] + [2] == [1, 2] && [1, 2][1] == 2",
    "2 in [1, 2] && !(3 in [1, 2]) && !(1 in [])",
    "'a' in {'a': 1} && !('b' in {'a': 1})",
    "80.0 in {80: 1} && !(80.5 in {80: 1}) && -0.0 in {0: 1} && !(0.0 / 0.0 in {0: 1})",
    "!(9223372036854775808.0 in {9223372036854775807: 1})",
    "{'a': 1, 'b': 2} == {'b': 2, 'a': 1} && {'a': 1} != {'a': 2}",
    "[[1], [2]] == [[1], [2]] && [1, 2] != [2, 1]",
    # macros
    "[1, 2].all(x, x > 0) && [].all(x, false)",
    "[1, 2].exists(x, x == 2) && ![].exists(x, true)",
    "[1, 2].exists_one(x, x == 2) && ![1, 1].exists_one(x, x == 1) && ![1].exists_one(x, x == 2)",
    "[1, 2, 3].filter(x, x > 1) == [2, 3]",
    "[1, 2].map(x, x * 2) == [2, 4]",
    "[1, 2].map(x, [3].map(y, x * y)) == [[3], [6]]",
    "{'a': 1}.all(k, k == 'a') && {'a': 1, 'b': 2}.exists(k, k == 'b')",
    # time
    'duration("1h30m") == duration("90m") && duration("-1.5s") == duration("-1500ms")',
    'duration("1h") + duration("1m") == duration("61m")',
    'timestamp("2026-06-01T14:00:00+02:00") == now',
    'now - duration("24h") == timestamp("2026-05-31T12:00:00Z")',
    'now - resource.built == duration("2400h") && resource.built < now',
    'now + duration("1h") - now == resource.warranty && duration("1h") + now > now',
    # fields
    'resource.tier == "high" && resource.tier in ["high", "low"]',
    'resource.tier in params.names + ["high"]',
    "params.n == 3 && size(params.names) == 2",
    "params.by_tier[resource.tier] == 7",
    "!has(resource.opt) && resource.opt == null && !has(resource.front)",
    "resource.front == null || resource.front.open",
    "has(resource.limits.x) || !('x' in resource.limits)",
    "resource.count == null ? true : resource.count > 3",
    'resource.address == "house.a"',
    # errors are absorbed by a side that decides
    "1 / 0 == 1 || true",
    "!(false && 1 / 0 == 1)",
    "[0, 1].exists(x, 1 / x == 1)",
    "![0, 1].all(x, 1 / x == 2)",
]


@pytest.mark.parametrize("text", TRUE)
def test_it_holds(text: str) -> None:
    assert truth(text) is True
    assert truth(f"!({text})") is False


ERRORS = {
    "9223372036854775807 + 1 > 0": "integer overflow in 9223372036854775807 + 1",
    "resource.big + 1 > 0": "integer overflow in resource.big + 1",
    "-9223372036854775808 - 1 < 0": "integer overflow in -9223372036854775808 - 1",
    "resource.big * 2 > 0": "integer overflow in resource.big * 2",
    "-9223372036854775808 / -1 > 0": "integer overflow in -9223372036854775808 / -1",
    "-(-9223372036854775808) > 0": "integer overflow in --9223372036854775808",
    "1 / resource.i == 1": "division by zero in 1 / resource.i",
    "-9223372036854775808 % (resource.i - 1) == 0": (
        "integer overflow in -9223372036854775808 % (resource.i - 1)"
    ),
    "1 % resource.i == 1": "modulus by zero in 1 % resource.i",
    "[1][resource.j] == 1": "no member 1 in [1][resource.j]",
    "[1][-1] == 1": "no member -1 in [1][-1]",
    'params.by_tier["low"] == 1': 'no key ["low"] in params.by_tier["low"]',
    "params.by_tier.low == 1": 'no key ["low"] in params.by_tier.low',
    '{"a": 1, "a": 2}.a == 1': 'two keys ["a"] in {"a": 1, "a": 2}',
    "duration(resource.s) > resource.warranty": (
        'not a duration; write hours, minutes and seconds like "168h" in duration(resource.s)'
    ),
    "timestamp(resource.s) > now": (
        'not a timestamp; write one like "2026-01-31T00:00:00Z" in timestamp(resource.s)'
    ),
    'timestamp("9999-12-31T00:00:00Z") + days(2) > now': (
        'overflow in + in timestamp("9999-12-31T00:00:00Z") + days(2)'
    ),
    "now - resource.built + days(106751) > days(1)": (
        "more than a duration can be, which is 292 years in now - resource.built + days(106751)"
    ),
    'overlaps(resource.s, "10.0.0.0/8")': "",
}


@pytest.mark.parametrize("text", ERRORS)
def test_an_operation_without_a_result_leaves_the_answer_open(text: str) -> None:
    outcome = judge(text)
    assert outcome.truth is None
    assert [reason.why for reason in outcome.reasons] == [Why.EVALUATION_ERROR]
    assert outcome.error == outcome.reasons[0].needs
    assert ERRORS[text] in outcome.error
    assert outcome.residual.startswith("PASS iff ")


def test_the_error_of_one_branch_does_not_hide_the_other() -> None:
    assert truth("resource.i == 0 ? true : 1 / resource.i == 1") is True
    outcome = judge("(1 / resource.i == 1) ? true : true")
    assert outcome.truth is None
    assert outcome.error == "division by zero in 1 / resource.i"


def test_parts_of_a_resource_are_read_where_they_are() -> None:
    subject = house(
        doors=(Door(port=22, names=("a",)), Door(port=443, open=True, label="front")),
        front=Door(open=True),
        limits={"a": 1},
        tags={"Env": "prod"},
    )
    for text in (
        "resource.doors[1].port == 443",
        'resource.doors.exists(d, has(d.label) && d.label == "front")',
        "has(resource.front) && resource.front.open",
        'resource.limits["a"] == 1 && resource.limits.a == 1 && has(resource.limits.a)',
        '"Env" in resource.tags && resource.tags["Env"] == "prod"',
        'resource.doors.filter(d, d.open).all(d, d.label != null && d.label.endsWith("t"))',
        "resource.doors.map(d, d.port).exists_one(p, p == 22)",
    ):
        assert judge(text, subject).truth is True, text


def test_names_that_the_environment_lacks_do_not_exist() -> None:
    program = compile_expression("now > timestamp('2020-01-01T00:00:00Z')", Environment())
    assert program.run(now=NOW).truth is True


def test_a_program_says_what_it_reads() -> None:
    text = 'resources("House").exists(h, h.a) && "eu" in context.regions'
    program = compile_expression(text, ENVIRONMENT)
    assert program.kinds == {"House"}
    assert program.context == {"regions"}
    assert program.text == text
