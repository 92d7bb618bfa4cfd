"""The instructions that an image was built by, as lines that two sources can be compared by.

An engine keeps a line for each instruction in the history of an image. The classic builder and
BuildKit write them in different ways, and a Dockerfile in a third; `canonical` brings all of them
to one form, in which values that may be secret are left out:

    ARG NAME   ENV NAME OTHER   LABEL name        without the values
    RUN apt-get update && …                       masked, without the shell and the build arguments
    CMD python bot.py   ENTRYPOINT /bot           the arguments, masked
    COPY a b -> /app   ADD ? -> /app              `?` where the sources are not told
    USER trader   WORKDIR /app
    EXPOSE, VOLUME, HEALTHCHECK, …                the keyword alone

https://docs.docker.com/reference/dockerfile/
https://github.com/opencontainers/image-spec/blob/main/config.md
"""

from __future__ import annotations

import json
import posixpath
import re
from enum import IntEnum

from policyscan.resources.masking import mask

MAX_LINE = 4_000
"""Characters of a line that are looked at."""
_ARROW = " -> "
_KEYWORDS = frozenset(
    "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL"
    " STOPSIGNAL USER VOLUME WORKDIR".split()
)
_SHELL = r"(?:\S*(?:sh|cmd|powershell)(?:\.exe)?(?: -o \w+| [-/](?!c )[A-Za-z]+)* (?:-c|/C)) "
_NO_OPERATION = re.compile(rf"{_SHELL}#\(nop\)\s*(.*)", re.DOTALL)
"""How the classic builder writes what runs nothing."""
_WITH_SHELL = re.compile(_SHELL)
_ARGUMENTS = re.compile(rf"\|[0-9]+ (.*?)(?={_SHELL})", re.DOTALL)
"""The build arguments before a command: `|1 VERSION=1.2 /bin/sh -c …`."""
_PAIR = re.compile(r"(?:^|(?<=\s))([A-Za-z_][\w./-]*)(?==|\s|$)")
_ASSIGNED = re.compile(r"(?:^|(?<=\s))\"?([A-Za-z_][\w./-]*)\"?=")
_FLAG = re.compile(r"--[a-z-]+(?:=(?:(?!file:|dir:|multi:)\S)*)?\s*")
_HASHED = re.compile(r"(?:(?:file|dir|multi):[0-9a-f]{64}\s*)+ in (.*)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


class Fit(IntEnum):
    """How well a line of a Dockerfile fits one of a history."""

    NO = 0
    OPEN = 1
    """By its keyword; the rest is not told on one side."""
    TELLING = 2
    """By all that it says."""


def canonical(line: str) -> str:
    """A line of a history, or one that is canonical already, without values that may be secret.

    Empty for a line that says nothing."""
    keyword, rest = parted(line[:MAX_LINE])
    return instruction(keyword, rest) if keyword else ""


def parted(line: str) -> tuple[str, str]:
    """The keyword of a line and what follows it; both are empty for a line that says nothing."""
    text = line.strip().removesuffix("# buildkit").strip()
    found = _NO_OPERATION.fullmatch(text)
    if found:
        text = found[1].strip()
    keyword, _, rest = text.partition(" ")
    if keyword in _KEYWORDS:
        return keyword, rest.strip()
    return ("", "") if found or not text else ("RUN", text)


def build_arguments(command: str) -> str:
    """The build arguments before a command of a history; empty without any."""
    found = _ARGUMENTS.match(command)
    return found[1] if found else ""


def instruction(keyword: str, rest: str) -> str:
    """An instruction in canonical form; `rest` is what follows the keyword and its flags."""
    if keyword in ("ARG", "ENV", "LABEL"):
        return " ".join((keyword, *_names(rest)))
    if keyword in ("COPY", "ADD"):
        return f"{keyword} {_copied(rest)}"
    if keyword in ("USER", "WORKDIR"):
        return f"{keyword} {mask(_spaced(rest))}"
    if keyword == "RUN":
        return f"RUN {mask(_command(rest))}"
    if keyword in ("CMD", "ENTRYPOINT"):
        return f"{keyword} {mask(_command(_unquoted(rest)))}".strip()
    return keyword


def open_line(keyword: str) -> str:
    """A line of which only the keyword is known."""
    return f"{keyword} ?"


def fit(written: str, told: str) -> Fit:
    """How well a line of a Dockerfile fits a line of a history; both are canonical."""
    keyword, _, rest = written.partition(" ")
    other, _, known = told.partition(" ")
    if keyword != other:
        return Fit.NO
    if rest == "?" or known == "?":
        return Fit.OPEN
    if keyword in ("COPY", "ADD"):
        return _fit_copies(rest, known)
    if keyword == "WORKDIR":
        return Fit.OPEN if _same_place(rest, known) else Fit.NO
    if rest != known:
        return Fit.NO
    return Fit.TELLING if rest else Fit.OPEN


def _fit_copies(written: str, told: str) -> Fit:
    sources, _, place = written.partition(_ARROW)
    known, _, to = told.partition(_ARROW)
    if not _same_place(place, to):
        return Fit.NO
    if "?" in (sources, known):
        return Fit.OPEN if "?" in (place, to) else Fit.TELLING
    return Fit.TELLING if sources == known else Fit.NO


def _same_place(written: str, told: str) -> bool:
    """Whether two paths may be one; an engine may have made a relative one absolute."""
    if "?" in (written, told):
        return True
    written, told = posixpath.normpath(written), posixpath.normpath(told)
    if written == told or posixpath.isabs(written):
        return written == told
    return posixpath.isabs(told) and (written == "." or told.endswith(f"/{written}"))


def _names(rest: str) -> list[str]:
    """The names of pairs, or of a list of names alone, in order."""
    assigned = _ASSIGNED.findall(rest)
    bare = [] if assigned else _PAIR.findall(rest)
    if not assigned:
        return bare
    first = rest.split("=", 1)[0].split()
    return [*first[:-1], *assigned]


def _copied(rest: str) -> str:
    """Sources and destination of COPY and ADD."""
    while flag := _FLAG.match(rest):
        rest = rest[flag.end() :]
    if _ARROW in rest:
        return mask(rest)
    if hashed := _HASHED.fullmatch(rest):
        return f"?{_ARROW}{mask(hashed[1].strip())}"
    words = _unquoted(rest).split()
    if len(words) < 2:
        return "?"
    return mask(f"{' '.join(words[:-1])}{_ARROW}{words[-1]}")


def _command(text: str) -> str:
    """A command without the build arguments and the shell before it."""
    if text.startswith("|"):
        found = _ARGUMENTS.match(text)
        if found is None:
            return "?"
        text = text[found.end() :]
    text = _spaced(text)
    return _WITH_SHELL.sub("", text, count=1) if _WITH_SHELL.match(text) else text


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _unquoted(text: str) -> str:
    """The strings of a list, which Go writes with blanks between them and JSON with commas."""
    if not (text.startswith("[") and text.endswith("]")):
        return text
    strings = (_plain(found) for found in _QUOTED.findall(text))
    return " ".join(strings)


def _plain(quoted: str) -> str:
    try:
        return str(json.loads(f'"{quoted}"'))
    except ValueError:
        return quoted
