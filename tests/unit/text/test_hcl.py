"""Files of HCL: bodies and places, what is wrong with them, and what survives."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from policyscan.errors import GapReason
from policyscan.text.hcl import grammar, read_template
from policyscan.text.hcl.syntax import Body, File
from policyscan.text.source import Source, Span
from tests.unit.text.hcl_shape import parse, shape

BEFORE = 'resource "a" "before" {\n  x = 1\n}\n'
AFTER = 'resource "a" "after" {\n  y = "é"\n}\n'


def names(file: File) -> list[str]:
    return [block.labels[-1] if block.labels else block.type for block in file.body.blocks]


def test_blocks_and_arguments_with_their_places() -> None:
    file = parse(
        "# top\n"
        'resource "aws_s3_bucket" logs { # head\n'
        '  bucket = "b-${var.env}" // tail\n'
        "\n"
        "  /* before */\n"
        "  versioning {\n"
        "    enabled = true\n"
        "  }\n"
        "  lifecycle {}\n"
        "}\n"
        "region = 1\n"
    )
    assert file.errors == ()
    (block,) = file.body.blocks
    assert (block.type, block.labels) == ("resource", ("aws_s3_bucket", "logs"))
    assert block.header.text == 'resource "aws_s3_bucket" logs'
    assert block.span.text.startswith("resource") and block.span.text.endswith("{}\n}")
    assert block.body.span.text.startswith("{ # head") and block.body.span.text.endswith("}")
    bucket = block.body.arguments["bucket"]
    assert bucket.name_span.text == "bucket"
    assert bucket.span.text == 'bucket = "b-${var.env}"'
    assert bucket.span.line == 3
    assert [inner.type for inner in block.body.blocks] == ["versioning", "lifecycle"]
    (versioning,) = block.body.of_type("versioning")
    assert shape(versioning.body.arguments["enabled"].value) == "True"
    assert [comment.span.text for comment in file.comments] == [
        "# top",
        "# head",
        "// tail",
        "/* before */",
    ]
    assert file.body.arguments["region"].span.text == "region = 1"
    assert file.body.span == file.source.whole()


def test_one_line_blocks_and_words_of_the_language_as_names() -> None:
    file = parse("a { for = 1 }\nb {}\nnull = 2\n")
    assert file.errors == ()
    assert list(file.body.blocks[0].body.arguments) == ["for"]
    assert list(file.body.arguments) == ["null"]


def test_byte_order_mark_and_windows_line_ends() -> None:
    file = parse(b'\xef\xbb\xbfa = 1\r\nb "c" {\r\n  d = [\r\n 2]\r\n}\r\n')
    assert file.errors == ()
    assert file.body.arguments["a"].span.text == "a = 1"
    assert file.body.blocks[0].header.text == 'b "c"'
    assert file.body.blocks[0].body.arguments["d"].span.line == 3


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "\ufeff"])
def test_nothing_is_no_error(text: str) -> None:
    file = parse(text)
    assert (file.errors, file.body.blocks, file.body.arguments) == ((), (), {})


def test_a_heredoc_may_end_the_file() -> None:
    assert shape(parse("a = <<E\nx\nE").body.arguments["a"].value) == "'x\\n'"


def test_a_heredoc_that_holds_block_headers_is_text() -> None:
    file = parse('a = <<E\nresource "x" "y" {\n}\nE\n' + AFTER)
    assert file.errors == ()
    assert names(file) == ["after"]


@pytest.mark.parametrize(
    ("faulty", "place", "message"),
    [
        ("  z =\n  y = 2\n}\n", "=", "one value after `=`; `=` is not expected here"),
        ("  z = [1, 2\n}\n", "}", "expected `]` for the `[` of line 5, found `}`"),
        ("  z = foo(1,,2)\n}\n", ",", "arguments with commas"),
        ("  z = [1 2]\n}\n", "1", "values with commas"),
        ('  z = "abc\n  y = 2\n}\n', '"abc', "string is not closed on its line"),
        ('  z = "abc\n  y = "def\n}\n', '"abc', "string is not closed on its line"),
        ('  z = "${a\n  y = 2\n', "${", "`${` is not closed with `}`"),
        ("  z {\n    y = 2\n}\n", "{", "`{` is not closed with `}`"),
        ("  z = <<EOT\n  foo\n}\n", "<<EOT", "heredoc is not closed"),
        ("<<<<<<< HEAD\n  z = 1\n=======\n  z = 2\n>>>>>>> b\n}\n", "<<<<<<<", "merge conflict"),
        ('  z = "\\q"\n}\n', "\\q", "invalid escape sequence"),
        ("  z = 10.0.0.0/16\n}\n", ".0", "put it in quotes"),
        ("  z = 1\n  + 2\n}\n", "\n  ", "only inside brackets"),
        ("  z = 1e5\n}\n", "1e5", "1.0e5"),
        ("  z: 1\n}\n", ":", "`:` is not expected here"),
        ("  z = 'a'\n}\n", "'", "double quotes"),
        ("  b = {c = 1, , }\n}\n", ",", "`key = value`"),
        ("}}\n", "}", "nothing is open that `}` could close"),
        ('  y "${z}" {}\n}\n', '"${z}"', "a label cannot hold a template"),
    ],
)
def test_a_faulty_block_is_left_out_and_its_neighbours_stay(
    faulty: str, place: str, message: str
) -> None:
    file = parse(BEFORE + 'resource "aws_b" "bad" {\n' + faulty + AFTER)
    assert names(file) == ["before", "after"]
    error = file.errors[0]
    assert message in error.message
    assert error.message.startswith('`resource "aws_b" "bad"` (lines 4 to ') or "}}" in faulty
    assert error.span is not None
    assert error.span.text == place
    assert file.body.blocks[1].body.arguments["y"].span.text == 'y = "é"'


def test_both_sides_of_a_merge_conflict_between_blocks_are_read() -> None:
    ours, theirs = AFTER.replace("after", "ours"), AFTER.replace("after", "theirs")
    file = parse(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> branch\n{AFTER}")
    assert names(file) == ["ours", "theirs", "after"]
    assert len(file.errors) == 3
    assert all("merge conflict" in error.message for error in file.errors)


def test_an_open_comment_is_found() -> None:
    file = parse(BEFORE + "/* open\n" + AFTER)
    assert "before" in names(file)
    assert "this comment is not closed" in file.errors[0].message


def test_braces_that_balance_by_chance_do_not_hide_a_resource() -> None:
    file = parse('resource "b" "bad" {\n  z = 1\n' + AFTER + "}\n")
    assert names(file) == ["after"]
    assert "a closing brace is missing" in file.errors[0].message


def test_messages_never_quote_values() -> None:
    file = parse('password = "hunter2\nresource "x" {\n secret = hunter2 hunter2\n}\n')
    assert file.errors
    assert not any("hunter2" in error.message for error in file.errors)


def test_a_value_that_was_cut_at_an_error_does_not_survive() -> None:
    assert parse("a = 1e5\n").body.arguments == {}
    assert parse("a = 1 2\n").body.arguments == {}


def test_an_argument_that_is_set_twice_keeps_its_first_value() -> None:
    file = parse("a {\n b = 1\n b = 2\n}\nc = 3\nc = 4\n")
    assert shape(file.body.blocks[0].body.arguments["b"].value) == "1"
    assert shape(file.body.arguments["c"].value) == "3"
    assert [(e.span and e.span.line, e.message) for e in file.errors] == [
        (3, "the argument b was set before, on line 2"),
        (6, "the argument c was set before, on line 5"),
    ]


@pytest.mark.parametrize("text", ["a { b = 1 c = 2 }\n", "a {} b {}\n", "a = 1 b = 2\n"])
def test_two_things_on_one_line_are_noted_and_kept(text: str) -> None:
    file = parse(text)
    (error,) = file.errors
    assert "its own line" in error.message
    blocks = file.body.blocks
    kept = len(blocks) + len(file.body.arguments)
    assert kept == 2 or list(blocks[0].body.arguments) == ["b", "c"]


def test_bytes_that_are_not_utf8() -> None:
    in_comment = parse(b"a = 1 # \xe9t\xe9\n")
    assert in_comment.errors == ()
    text = b'a = 1\nb {\n c = "\xff\xfe"\n}\nd = 2\n'
    file = parse(text)
    assert (list(file.body.arguments), file.body.blocks) == (["a", "d"], ())
    (error,) = file.errors
    assert "`b` (lines 2 to 4) not read: bytes that are not UTF-8" in error.message
    assert error.span == file.source.span(text.index(b"\xff"), text.index(b"\xff") + 2)


def test_other_encodings_and_binary_data_are_one_error() -> None:
    for data in ("a = 1".encode("utf-16"), random.Random(0).randbytes(10_000)):
        file = parse(data)
        assert len(file.errors) == 1
        assert (file.body.blocks, file.body.arguments) == ((), {})


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000 + "]" * 100_000,
        "a = " + "[" * 100_000,
        "a = " + "(" * 100_000 + "1" + ")" * 100_000,
        "a = " + "-" * 100_000 + "1",
        "a = 1" + "+1" * 100_000,
        "a = b" + ".c" * 100_000,
        "a = " + "b ? c : " * 50_000 + "d",
        'a = "' + '${"' * 20_000 + '"}' * 20_000 + '"',
        'a = "' + "%{ if b }" * 10_000 + "%{ endif }" * 10_000 + '"',
        "a {\n" * 50_000 + "}\n" * 50_000,
        'a = "' * 30_000,
        "a = <<E\n" * 30_000,
        "a = <<E\n" + "\n" * 200_000 + "E\n",
    ],
    ids=lambda text: text[:12],
)
def test_bombs_are_refused_quickly_and_the_rest_is_read(text: str) -> None:
    start = time.thread_time()
    file = parse(f"{text}\n{AFTER}")
    assert time.thread_time() - start < 3
    assert file.errors
    assert file.body.arguments.keys() <= {"a"}
    assert names(file) in ([], ["after"])


@pytest.mark.parametrize("text", ["[" * 99 + "]" * 99, '"${' * 40 + "1" + '}"' * 40])
def test_deep_nesting_within_the_limit_is_read(text: str) -> None:
    assert parse(f"a = {text}\n").errors == ()


def test_a_bomb_does_not_take_its_neighbours_with_it() -> None:
    file = parse(BEFORE + "a = " + "[" * 1000 + "]" * 1000 + "\n" + AFTER)
    assert names(file) == ["before", "after"]
    (error,) = file.errors
    assert error.message == "line 4 not read: nested more than 100 levels deep"


def test_large_files_and_endless_work_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "SECONDS", 0.2)
    assert parse(b"#" * 5_000_001).errors[0].reason is GapReason.TOO_LARGE
    file = parse(b'.,{[(=%$"!' * 100_000)
    assert file.errors[-1].reason is GapReason.TOO_LARGE


def test_a_template_file_is_one_expression() -> None:
    source = Source("t.tftpl", b'a ${x}\n%{ for y in z ~}\n  - ${y}\n%{ endfor ~}\n"\\n"')
    template = read_template(source)
    assert shape(template) == "T('a ' x '\\n' For(y z T('  - ' y '\\n')) '\"\\\\n\"')"
    assert shape(read_template(Source("t", b"END\nEND_\n"))) == "'END\\nEND_\\n'"


REAL = (
    b'variable "env" {\n  type = map(object({ n = optional(string, "x") }))\n}\n'
    b'resource "aws_security_group" "this" {\n  for_each = { for k, v in var.env : k => v if v }\n'
    b'  name = "sg-${each.key}%{ if true }x%{ endif }" # why\n  dynamic "ingress" {\n'
    b"    for_each = local.a[*].b\n    content {\n      ports = [22, 443]\n    }\n  }\n"
    b'  policy = <<-EOT\n    {"a": "${var.env ? 1 : 2}"}\n  EOT\n}\n'
)


def spans(node: object) -> Iterator[Span]:
    """Every span below `node`."""
    if isinstance(node, Span):
        yield node
    elif isinstance(node, Body):
        yield node.span
        for part in (*node.arguments.values(), *node.blocks):
            yield from spans(part)
    elif isinstance(node, tuple):
        for part in node:
            yield from spans(part)
    elif isinstance(node, Struct):
        for name in node.__struct_fields__:
            yield from spans(getattr(node, name))


def assert_sound(data: bytes) -> None:
    file = parse(data)
    found = [*spans(file.body), *spans(file.comments)]
    for error in file.errors:
        assert error.span is not None
        found.append(error.span)
    for span in found:
        assert 0 <= span.start <= span.end <= len(data)


def test_a_real_file_has_no_error() -> None:
    assert parse(REAL).errors == ()
    assert len(parse(REAL).body.blocks) == 2
    assert_sound(REAL)


@settings(max_examples=150, deadline=2000)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert_sound(data)


@settings(max_examples=300, deadline=2000)
@given(
    st.integers(0, len(REAL)),
    st.integers(0, 30),
    st.one_of(
        st.sampled_from(
            [b'"', b"{", b"}", b"${", b"%{", b"<<E\n", b"\n", b"=", b"/*", b"\\", b"[*]"]
        ),
        st.binary(max_size=4),
        st.text('{}[]()"$%=~.,:\n<EOT-0a ', max_size=8).map(str.encode),
    ),
)
def test_damaged_files(start: int, cut: int, inserted: bytes) -> None:
    assert_sound(REAL[:start] + inserted + REAL[start + cut :])


@settings(max_examples=100, deadline=2000)
@given(st.integers(0, len(REAL)), st.integers(1, 40))
@example(0, 37)  # the cut leaves a `{` that the parser takes together with the block before it
def test_an_earlier_block_survives_damage_or_is_told(start: int, cut: int) -> None:
    file = parse(BEFORE.encode() + REAL[:start] + REAL[start + cut :] + AFTER.encode())
    told = [error for error in file.errors if error.message.startswith('`resource "a" "before"`')]
    assert names(file)[0] == "before" or told
