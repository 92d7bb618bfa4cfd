"""What the reader takes from a Dockerfile; expected values follow the Dockerfile reference."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from policyscan.text.dockerfile import DockerfileText, Instruction, read_dockerfile
from policyscan.text.source import Source


def read(text: str | bytes) -> DockerfileText:
    data = text.encode() if isinstance(text, str) else text
    return read_dockerfile(Source("Dockerfile", data))


def only(text: str) -> Instruction:
    """The instruction after `FROM a`."""
    instructions = read("FROM a\n" + text).instructions
    assert len(instructions) == 2
    return instructions[1]


def pairs(instruction: Instruction) -> list[tuple[str, str | None]]:
    return [
        (pair.name.text, None if pair.value is None else pair.value.text)
        for pair in instruction.pairs
    ]


def words(instruction: Instruction) -> list[str]:
    return [word.text for word in instruction.words]


def errors(text: str) -> list[tuple[int, str]]:
    return [(error.span.line if error.span else 0, error.message) for error in read(text).errors]


def test_keywords_are_upper_case_and_arguments_are_as_written() -> None:
    first, second = read("from  alpine:3.20\tas Base\nuser   root:root  \n").instructions
    assert (first.keyword, words(first)) == ("FROM", ["alpine:3.20", "as", "Base"])
    assert (second.keyword, second.rest.text) == ("USER", "root:root")


def test_a_byte_order_mark_and_windows_line_endings_are_no_part_of_anything() -> None:
    text = read(b"\xef\xbb\xbfFROM a\r\nRUN x \\\r\n  y\r\nUSER b\r\n")
    assert [i.rest.text for i in text.instructions] == ["a", "x   y", "b"]
    assert text.instructions[0].span.start == 3


def test_directives_stand_on_the_first_lines_only() -> None:
    text = read(
        "# syntax=docker/dockerfile:1\n# Escape = `\nFROM a\n# check=skip=all\nRUN x `\n  y\n"
    )
    assert text.directives == {"syntax": "docker/dockerfile:1", "escape": "`"}
    assert text.escape == "`"
    assert text.instructions[1].rest.text == "x   y"
    assert [span.text for span in text.comments] == ["# check=skip=all"]


def test_a_comment_ends_the_directives() -> None:
    assert read("# hello\n# escape=`\nFROM a\n").escape == "\\"


def test_wrong_directives_are_errors_and_the_rest_is_read() -> None:
    text = read("# escape=x\n# syntax=a\n# syntax=b\nFROM a\n")
    assert len(text.errors) == 2
    assert len(text.instructions) == 1


def test_continuations_skip_comments_and_blank_lines() -> None:
    text = "RUN a \\\n# no\n\n   # no\n  && b \\\n\nUSER c\n"
    run = only(text)
    assert run.rest.text == "a   && b USER c"
    assert run.span.text == text.rstrip("\n")


def test_two_backslashes_do_not_continue_a_line() -> None:
    assert [i.keyword for i in read("FROM a\nRUN x\\\\\nUSER b\n").instructions] == [
        "FROM",
        "RUN",
        "USER",
    ]


def test_places_are_exact_inside_continued_lines() -> None:
    source = Source(
        "Dockerfile", 'FROM a\nENV é=1 \\\n  # note\n  TOKEN="x y" \\\n  Z=ü\n'.encode()
    )
    env = read_dockerfile(source).instructions[1]
    assert [(p.name.span.text, p.value.span.text) for p in env.pairs if p.value] == [
        ("é", "1"),
        ("TOKEN", '"x y"'),
        ("Z", "ü"),
    ]
    token = env.pairs[1].name.span
    assert source.position(token.start) == (4, 3)


def test_env_in_both_forms() -> None:
    assert pairs(only('ENV a=b c="d e" f=g\\ h i=\n')) == [
        ("a", "b"),
        ("c", '"d e"'),
        ("f", "g\\ h"),
        ("i", ""),
    ]
    assert pairs(only("ENV a  b c=d\n")) == [("a", "b c=d")]


def test_arg_takes_names_with_and_without_values() -> None:
    assert pairs(only("ARG a b=c d=\n")) == [("a", None), ("b", "c"), ("d", "")]


def test_label_names_may_be_quoted() -> None:
    assert pairs(only('LABEL "a b"=c d=e\n')) == [('"a b"', "c"), ("d", "e")]


def test_flags_come_first() -> None:
    copy = only('COPY --from=build --chown="a:b" --link x y /z\n')
    assert [(flag.name, flag.value) for flag in copy.flags] == [
        ("from", "build"),
        ("chown", "a:b"),
        ("link", None),
    ]
    assert words(copy) == ["x", "y", "/z"]


def test_exec_form_is_a_json_array_of_strings() -> None:
    run = only('RUN [ "a", "b\\"c\\u0041" ]\n')
    assert (run.exec_form, words(run)) == (True, ["a", 'b"cA'])
    assert [word.span.text for word in run.words] == ["a", 'b\\"c\\u0041']
    assert (only("CMD []\n").exec_form, only("CMD []\n").words) == (True, ())


def test_what_is_no_json_is_a_command() -> None:
    for text in ("RUN ['a']", 'RUN ["a", 1]', 'RUN ["a"] x', 'RUN ["a"', "RUN [[[["):
        run = only(text)
        assert (run.exec_form, words(run)) == (False, [text.removeprefix("RUN ")])


def test_heredocs_are_not_instructions() -> None:
    text = 'RUN <<EOF cat - <<-"X Y" && done\nUSER root\n# kept\nEOF\n\tFROM b\n\tX Y\nUSER c\n'
    _, run, user = read("FROM a\n" + text).instructions
    assert [(h.name, h.text, h.expand) for h in run.heredocs] == [
        ("EOF", "USER root\n# kept\n", True),
        ("X Y", "FROM b\n", False),
    ]
    assert run.heredocs[1].span.text == "\tFROM b\n"
    assert run.span.text.endswith("X Y")
    assert user.rest.text == "c"


def test_what_only_looks_like_a_heredoc() -> None:
    for line in (
        "RUN a <<<EOF",
        "RUN $((1 << 3))",
        "RUN echo 'a <<EOF b'",
        'RUN ["a", "<<EOF"]',
        "CMD cat <<EOF",
        "RUN cat<<EOF",
    ):
        assert only(line).heredocs == ()


def test_a_heredoc_of_copy_is_a_source() -> None:
    copy = only("COPY 3<<A <<'B' /etc/\n1\nA\n$x\nB\n")
    assert [(h.name, h.text, h.expand) for h in copy.heredocs] == [
        ("A", "1\n", True),
        ("B", "$x\n", False),
    ]


def test_onbuild_holds_an_instruction() -> None:
    onbuild = only("ONBUILD RUN <<EOF\nx\nEOF\n")
    assert onbuild.trigger is not None
    assert onbuild.trigger.keyword == "RUN"
    assert [heredoc.text for heredoc in onbuild.trigger.heredocs] == ["x\n"]
    copy = only("ONBUILD COPY --from=b \\\n  x /y\n").trigger
    assert copy is not None
    assert [word.span.text for word in copy.words] == ["x", "/y"]


def test_an_error_concerns_one_instruction() -> None:
    assert errors("FROM a\nUSRE b\nUSER c\nENV d\nCOPY x\nFROM\nONBUILD FROM y\n") == [
        (2, "there is no instruction USRE"),
        (4, "ENV needs a name and a value"),
        (5, "COPY needs a source and a destination"),
        (6, "FROM needs an argument"),
        (7, "ONBUILD does not take FROM"),
    ]


def test_an_error_does_not_repeat_what_may_be_a_secret() -> None:
    assert errors("FROM a\nghp_012345678901234567890123456789012345\n") == [
        (2, "there is no instruction")
    ]


def test_malformed_from_lines() -> None:
    for line in ("FROM a b", "FROM a b c", "FROM a AS 1", "FROM a AS x/y", "FROM a AS b c"):
        assert len(errors(line)) == 1


def test_only_arg_may_precede_from() -> None:
    assert errors("ARG a\nRUN x\nFROM b\n") == [(2, "only ARG may stand before the first FROM")]


def test_an_open_heredoc_is_an_error() -> None:
    assert errors("FROM a\nRUN <<EOF\nUSER b\n") == [(2, "the here-document EOF does not end")]


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    assert errors("FROM a\n" + "ONBUILD " * 20_000) == [(2, "ONBUILD does not take ONBUILD")]


LINES = st.sampled_from(
    [
        *(
            "FROM a",
            "FROM a AS b",
            "RUN x \\",
            "RUN <<EOF <<-'X Y'",
            "EOF",
            "\tX Y",
            "# c",
            "",
            "\\",
        ),
        *("# escape=`", "RUN x `", 'ENV a=b c="d e" \\', "ENV a b", "USER 'a", "ONBUILD RUN <<EOF"),
        *('RUN ["a", \\', '"b"]', "COPY --from=b x y", "é\ud7ff", "  ", "ARG x=${y:-'z'}"),
    ]
)


@given(
    st.one_of(st.binary(max_size=200), st.lists(LINES, max_size=12).map("\n".join).map(str.encode))
)
def test_any_text_is_read_and_every_place_lies_in_the_file(data: bytes) -> None:
    text = read(data)
    end = 0
    for instruction in text.instructions:
        assert end <= instruction.span.start < instruction.span.end <= len(data)
        end = instruction.span.end
        inner = instruction.trigger or instruction
        for span in (
            *(word.span for word in (inner.rest, *inner.words)),
            *(pair.name.span for pair in inner.pairs),
            *(heredoc.span for heredoc in inner.heredocs),
        ):
            assert instruction.span.start <= span.start <= span.end <= instruction.span.end
