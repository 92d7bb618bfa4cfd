"""From the bytes of a Dockerfile to its instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from policyscan.errors import ParseError
from policyscan.text.dockerfile.arguments import (
    KEYWORDS,
    BadInstructionError,
    check,
    exec_words,
    flags_of,
    pairs_of,
    split,
    words_of,
)
from policyscan.text.dockerfile.lines import (
    BLANKS,
    Lines,
    LogicalLine,
    decode,
    skip_blanks,
)
from policyscan.text.dockerfile.syntax import DockerfileText, Heredoc, Instruction
from policyscan.text.dockerfile.words import WordError, pieces_of
from policyscan.text.source import Source, Span

_EXEC = frozenset({"ADD", "CMD", "COPY", "ENTRYPOINT", "RUN", "SHELL", "VOLUME"})
_HEREDOCS = frozenset({"ADD", "COPY", "RUN"})
_NOT_TRIGGERS = frozenset({"FROM", "MAINTAINER", "ONBUILD"})
_KEYWORD = re.compile(r"[^ \t\r\f\v]+")
_HEREDOC = re.compile(r"[0-9]*<<(-?)([^<]+)")


def read_dockerfile(source: Source) -> DockerfileText:
    """The instructions of a Dockerfile. Never raises: what does not parse is an instruction with
    an error, and the rest is read."""
    return _Reader(source).read()


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.lines = Lines(source)
        self.escape = "\\"
        self.errors: list[ParseError] = []

    def read(self) -> DockerfileText:
        directives = self._directives()
        instructions = tuple(self._instructions())
        return DockerfileText(
            self.source,
            instructions,
            directives,
            self.escape,
            tuple(self.lines.comments),
            tuple(self.errors),
        )

    def _directives(self) -> dict[str, str]:
        directives: dict[str, str] = {}
        for name, value, span in self.lines.directives():
            if name in directives:
                self._error(f"the directive {name} is given twice", span)
            elif name == "escape" and value not in ("\\", "`"):
                self._error("the escape character must be a backslash or a backtick", span)
            else:
                directives[name] = value
        self.escape = directives.get("escape", "\\")
        return directives

    def _instructions(self) -> Iterator[Instruction]:
        staged = False
        while line := self.lines.logical(self.escape):
            instruction = self._parse(line)
            if instruction.keyword == "FROM":
                staged = True
            elif not staged and instruction.error is None and instruction.keyword != "ARG":
                instruction = self._broken(instruction, "only ARG may stand before the first FROM")
            if instruction.error:
                self.errors.append(instruction.error)
            yield instruction

    def _parse(self, line: LogicalLine) -> Instruction:
        """The instruction on a line, with the here-documents on the lines after it."""
        instruction = self._instruction(line)
        inner = instruction.trigger or instruction
        if inner.keyword not in _HEREDOCS or inner.exec_form or "<<" not in inner.rest.text:
            return instruction
        bodies = []
        for name, chomp, expand in _announced(inner.rest.text):
            heredoc = self._heredoc(name, chomp=chomp, expand=expand)
            if heredoc is None:
                instruction = self._broken(instruction, f"the here-document {name} does not end")
                break
            bodies.append(heredoc)
        span = self.source.span(instruction.span.start, self._end_of_last_line())
        heredocs = tuple(bodies)
        if instruction.trigger:
            trigger = replace(instruction.trigger, heredocs=heredocs)
            return replace(instruction, trigger=trigger, span=span)
        return replace(instruction, heredocs=heredocs, span=span)

    def _end_of_last_line(self) -> int:
        """Before the line ending that was read last."""
        read = self.lines.text[max(0, self.lines.at - 2) : self.lines.at]
        return self.lines.at - (len(read) - len(read.rstrip("\r\n")))

    def _instruction(self, line: LogicalLine, *, is_trigger: bool = False) -> Instruction:
        text = line.text
        end = len(text.rstrip(BLANKS))
        begin = skip_blanks(text, 0, end)
        keyword = _KEYWORD.match(text, begin)
        assert keyword, "a logical line is not blank"
        name = decode(keyword.group()).upper()
        start = skip_blanks(text, keyword.end(), end)
        span = line.span(begin, end)
        flags, start = flags_of(line, start, end)
        rest = line.word(start, end)
        instruction = Instruction(name, span, rest, flags)
        try:
            if name not in KEYWORDS:
                shown = f" {name}" if re.fullmatch(r"[A-Z]{1,20}", name) else ""
                raise BadInstructionError(f"there is no instruction{shown}")
            if is_trigger and name in _NOT_TRIGGERS:
                raise BadInstructionError(f"ONBUILD does not take {name}")
            instruction = self._with_arguments(instruction, line, start, end)
            check(instruction)
        except BadInstructionError as bad:
            return self._broken(instruction, bad.message)
        return instruction

    def _with_arguments(
        self, instruction: Instruction, line: LogicalLine, start: int, end: int
    ) -> Instruction:
        keyword = instruction.keyword
        if keyword == "ONBUILD" and start < end:
            trigger = self._instruction(line.tail(start), is_trigger=True)
            return replace(instruction, trigger=trigger, error=trigger.error)
        if keyword in ("ARG", "ENV", "LABEL"):
            return replace(instruction, pairs=pairs_of(keyword, line, start, end, self.escape))
        words = exec_words(line, start, end) if keyword in _EXEC else None
        if words is not None:
            return replace(instruction, words=words, exec_form=True)
        if keyword in ("ADD", "COPY", "EXPOSE", "FROM", "VOLUME"):
            return replace(instruction, words=words_of(line, start, end))
        return replace(instruction, words=(instruction.rest,) if start < end else ())

    def _heredoc(self, name: str, *, chomp: bool, expand: bool) -> Heredoc | None:
        """The here-document that begins at the next line; None if the file ends before it does."""
        start = self.lines.at
        lines: list[str] = []
        while True:
            end = self.lines.at
            line = self.lines.take()
            if line is None:
                return None
            text = self.lines.text[line[0] : line[1]]
            text = text.lstrip("\t") if chomp else text
            if decode(text) == name:
                body = "".join(f"{line}\n" for line in lines)
                return Heredoc(name, decode(body), expand, self.source.span(start, end))
            lines.append(text)

    def _error(self, message: str, span: Span) -> None:
        self.errors.append(ParseError(self.source.path, message, span=span))

    def _broken(self, instruction: Instruction, message: str) -> Instruction:
        error = ParseError(self.source.path, message, span=instruction.span)
        return replace(instruction, error=error)


def _announced(text: str) -> Iterator[tuple[str, bool, bool]]:
    """Name, `<<-` and whether to expand, for each here-document that a line announces."""
    try:
        pieces_of(text, "\\")
    except WordError:
        return
    for start, end in split(text, "\\"):
        match = _HEREDOC.fullmatch(text, start, end)
        if not match:
            continue
        written = match.group(2)
        name = "".join(piece for piece in pieces_of(written, "\\") if isinstance(piece, str))
        if name:
            yield name, bool(match.group(1)), name == written
