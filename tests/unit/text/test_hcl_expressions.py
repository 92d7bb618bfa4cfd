"""Expressions of HCL. Grouping follows the operator table of the HCL specification; what templates
give was checked against Terraform."""

from __future__ import annotations

import pytest

from policyscan.text.hcl import syntax as hcl
from tests.unit.text.hcl_shape import parse, shape, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1"),
        ("1.5", "1.5"),
        ("2.5e3", "2500.0"),
        ("true", "True"),
        ("null", "None"),
        ("nullable", "nullable"),
        ('""', "''"),
        ('" a "', "' a '"),
        ("-1", "(- 1)"),
        ("!a.b", "(! a.b)"),
        ("(1)", "1"),
        ("a.b.c", "a.b.c"),
        ("a.for.null", "a.for.null"),
        ("(a).b", "a.b"),
        ('"s".b', "'s'.b"),
        ("a[0].b", "a[0].b"),
        ('a["k"]', "a['k']"),
        ("a[b.c]", "a[b.c]"),
        ("a.0", "a[0]"),
        ("a.0.1.b", "a[0][1].b"),
        ("[1][0]", "[1][0]"),
        ("f()", "f()"),
        ("f(1, b...)", "f(1 b ...)"),
        ("f(1,)", "f(1)"),
        ("provider::x::f(1)", "provider::x::f(1)"),
        ("[]", "[]"),
        ("[1, a,]", "[1 a]"),
        ("[\n 1,\n 2\n]", "[1 2]"),
        ("x-1", "x-1"),
        ("f(\n a\n || b\n)", "f((|| a b))"),
        ("/* one */ 1 # two", "1"),
        ("[ # one\n 1, // two\n /* three */ 2 ]", "[1 2]"),
    ],
)
def test_terms(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || b && c", "(|| a (&& b c))"),
        ("a && b || c", "(|| (&& a b) c)"),
        ("a == b && c != d", "(&& (== a b) (!= c d))"),
        ("a < b == c >= d", "(== (< a b) (>= c d))"),
        ("1 + 2 * 3 - 4", "(- (+ 1 (* 2 3)) 4)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a / b % c", "(% (/ a b) c)"),
        ("(a + b) * c", "(* (+ a b) c)"),
        ("-a * b", "(* (- a) b)"),
        ("a - -b", "(- a (- b))"),
        ("!a == b", "(== (! a) b)"),
        ("!(a && b)", "(! (&& a b))"),
        ("a.b[0] <= c.d", "(<= a.b[0] c.d)"),
        ("a > f(b).c", "(> a f(b).c)"),
        ("a ? b : c", "(? a b c)"),
        ("a == b ? c + 1 : d || e", "(? (== a b) (+ c 1) (|| d e))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("a ? b : c ? d : e ? f : g", "(? a b (? c d (? e f g)))"),
        ("a ? b ? c : d : e", "(? a (? b c d) e)"),
        ("(a ? b : c) ? d : e", "(? (? a b c) d e)"),
        ("a ? b ? 1 : 2 : c ? 3 : 4", "(? a (? b 1 2) (? c 3 4))"),
        ("x == 1 ? a : x == 2 ? b : c", "(? (== x 1) a (? (== x 2) b c))"),
    ],
)
def test_operators(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a[*]", "a[*]()"),
        ("a[*].b.c", "a[*](.b .c)"),
        ("a[*].b[0].c", "a[*](.b 0 .c)"),
        ("a.*.b", "a.*(.b)"),
        ("a.*.b.0.c", "a.*(.b 0 .c)"),
        ("a.*.b[0].c", "a.*(.b)[0].c"),
        ("a.*.b[*].c", "a.*(.b)[*](.c)"),
        ("a[*].b[*].c", "for([*] in a[*](): [*].b[*](.c))"),
        ("a[*].b.*.c", "for([*] in a[*](): [*].b.*(.c))"),
        ("a[*][*]", "for([*] in a[*](): [*][*]())"),
    ],
)
def test_splats(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", "{}"),
        ("{ a = 1, b = 2 }", "{'a': 1, 'b': 2}"),
        ('{\n a: 1\n "b" = 2\n\n (c) = 3\n}', "{'a': 1, 'b': 2, c: 3}"),
        ("{ (a.b) = 1 }", "{a.b: 1}"),
        ('{ "${a}" = 1 }', "{T(a): 1}"),
        ("{ null = 1, true = 2, 3 = 4 }", "{'null': 1, 'true': 2, 3: 4}"),
        ("{ in = 1, if = 2 }", "{'in': 1, 'if': 2}"),
        ("{ a = { b = [{ c = 1 }] } }.a", "{'a': {'b': [{'c': 1}]}}.a"),
    ],
)
def test_objects(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[for v in c : v.x]", "for(v in c: v.x)"),
        ("[for k, v in c.d : v if k != 1]", "for(k,v in c.d: v if (!= k 1))"),
        ("{for k, v in c : k => v}", "for(k,v in c: k => v)"),
        ("{\n for v in c :\n v.k => v...\n if v.x }", "for(v in c: v.k => v... if v.x)"),
    ],
)
def test_for(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"\n\r\t\"\\"', '\n\r\t"\\'),
        (r'"\u00e9\U0001F600"', "é😀"),
        ('"$${a} %%{b} $$ %% $ % $"', "${a} %{b} $$ %% $ % $"),
        ('"http://x # y /* z */"', "http://x # y /* z */"),
        ('"e\u0301"', "\u00e9"),
        ("<<E\nE", ""),
        ("<<E\n\nE", "\n"),
        ("<<E\na\n  b\nE", "a\n  b\n"),
        ("<<E\na\n  E", "a\n"),
        ("<<E\nEE\nE E\nE", "EE\nE E\n"),
        ('<<E\n# no comment // \\n "q"\nE', '# no comment // \\n "q"\n'),
        ("<<E\n$${a} %%{b}\nE", "${a} %{b}\n"),
        ("<<E\r\na\r\n b\r\nE", "a\r\n b\r\n"),
        ("<<-E\n    a\n      b\n    E", "a\n  b\n"),
        ("<<-E\n    a\n\n  \n   b\n    E", " a\n\n  \nb\n"),
        ("<<-E\n\t\ta\n\t b\n  E", "a\nb\n"),
    ],
)
def test_text_without_sequences_is_a_literal(text: str, expected: str) -> None:
    literal = value(text)
    assert isinstance(literal, hcl.Literal)
    assert literal.value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"${a}"', "T(a)"),
        ('" ${a} b ${c}"', "T(' ' a ' b ' c)"),
        ('"${ {b = "}"}.b }"', "T({'b': '}'}.b)"),
        ('"a${"b${c}"}"', "T('a' T('b' c))"),
        ('"${\n a\n}"', "T(a)"),
        ('"a ${~ b ~} c"', "T('a' b 'c')"),
        ('"%{ if a }b%{ endif }"', "T(If(a T('b') T()))"),
        ('"%{ if a ~} b %{~ else ~} c %{~ endif } d"', "T(If(a T('b') T('c')) ' d')"),
        ('"%{ for a in b }${a},%{ endfor }"', "T(For(a b T(a ',')))"),
        ('"%{for k, v in b}%{if v}x%{endif}%{endfor}"', "T(For(k,v b T(If(v T('x') T()))))"),
        ("<<E\nx ${a} # b\nE", "T('x ' a ' # b\\n')"),
        ("<<-E\n    x\n      ${a} z\n     w\n  E", "T('x\\n  ' a ' z\\n w\\n')"),
        ("<<-E\n    x\n${a}\n    E", "T('    x\\n' a '\\n')"),
        # A strip marker reaches to the end of the line; indentation of the next line remains.
        ("<<E\na\n${~ b ~}\n   c\nE", "T('a' b '   c\\n')"),
        ("<<E\n  a\n  ${~ b ~}\n   c\nE", "T('  a\\n' b '   c\\n')"),
        (
            "<<-E\n    %{ for x in y ~}\n      - ${x}\n    %{ endfor ~}\n    z\n  E",
            "T(For(x y T('      - ' x '\\n')) '    z\\n')",
        ),
        ("f(<<E\n${a}\nE\n, 2)", "f(T(a '\\n') 2)"),
    ],
)
def test_templates(text: str, expected: str) -> None:
    assert shape(value(text)) == expected


def test_every_span_is_the_text_of_its_node() -> None:
    text = 'a.b[0].c + f("é${d.e}", [ g ]...) * -h.*.i'
    total = value(text)
    assert isinstance(total, hcl.Binary)
    assert total.span.text == text
    assert total.left.span.text == "a.b[0].c"
    assert isinstance(total.left, hcl.Attribute)
    assert total.left.target.span.text == "a.b[0]"
    product = total.right
    assert isinstance(product, hcl.Binary)
    assert product.span.text == 'f("é${d.e}", [ g ]...) * -h.*.i'
    assert isinstance(product.left, hcl.Call)
    template, items = product.left.arguments
    assert template.span.text == '"é${d.e}"'
    assert isinstance(template, hcl.Template)
    assert [part.span.text for part in template.parts] == ["é", "d.e"]
    assert items.span.text == "[ g ]"
    assert isinstance(product.right, hcl.Unary)
    assert product.right.operand.span.text == "h.*.i"


def test_spans_of_conditionals_cover_condition_to_end() -> None:
    outer = value("a ? b : c ? d : e")
    assert isinstance(outer, hcl.Conditional)
    assert outer.span.text == "a ? b : c ? d : e"
    assert outer.otherwise.span.text == "c ? d : e"


def test_spans_of_directives_and_branches() -> None:
    template = value('"x%{ if a }y%{ else }z%{ endif }"')
    assert isinstance(template, hcl.Template)
    directive = template.parts[1]
    assert isinstance(directive, hcl.TemplateIf)
    assert directive.span.text == "%{ if a }y%{ else }z%{ endif }"
    assert (directive.then.span.text, directive.otherwise.span.text) == ("y", "z")


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("10.0.0.0/16", ".0", "put it in quotes"),
        ("{ a[0] = 1 }", "a[0]", "in quotes, or in parentheses"),
        ("1\n  + 2", "\n  ", "only inside brackets"),
        ("\n  1", " \n  ", "only inside brackets"),
        ("a ?\n b : c", "\n ", "only inside brackets"),
        ("{\n a = b\n . c\n}", "\n ", "only inside brackets"),
        ('"a${}"', "${}", "expression is missing"),
        ("9" * 5000, "9" * 5000, "too many digits"),
        ("9.0e999", "9.0e999", "too many digits"),
        (r'"a\qb"', r"\q", "invalid escape"),
        (r'"\U00110000"', r"\U00110000", "invalid escape"),
        (r'"\ud800"', r"\ud800", "invalid escape"),
        ('"a', '"a', "not closed on its line"),
        ('"a\nb"', '"a', "not closed on its line"),
    ],
)
def test_what_the_grammar_lets_through_is_refused(text: str, place: str, reason: str) -> None:
    file = parse(f"x = {text}\n")
    assert "x" not in file.body.arguments
    error = file.errors[0]
    assert error.span is not None
    assert error.span.text == place
    assert reason in error.message


def test_items_of_an_object_need_a_separator_but_are_kept() -> None:
    file = parse("x = { a = 1 b = 2 }\n")
    assert shape(file.body.arguments["x"].value) == "{'a': 1, 'b': 2}"
    (error,) = file.errors
    assert error.span is not None
    assert error.span.text == "b = 2"
