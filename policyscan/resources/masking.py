"""Hides secrets in text before it enters a finding.

`mask` errs on the side of hiding: a value that follows a secret's name goes unless it is plainly an
expression (`var.db_password`, `${TOKEN}`), and so does every published token format, wherever it
stands. At most the first four characters of a secret show, and never more than a fifth of it. Line
breaks stay where they are, so that a text may be masked whole and cut into lines afterwards: a line
in the middle of a private key or a heredoc can only be recognised from the lines before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from policyscan.resources.secret_signs import secret_name, token_format, token_pattern

__all__ = ["HIDDEN", "mask", "mask_value", "secret_name", "token_format"]

HIDDEN = "********"
"""Stands for the hidden rest of a secret, whatever its length."""

_MASKED = re.compile(r"[^\n*]{0,4}\*{8}")
_LINE = re.compile(r"[^\s][^\n]*")
_WINDOW = 400
"""How far an expression is searched for literals, in characters; it keeps the time linear."""

# Secrets that show by their own form.
_PRIVATE_KEY = re.compile(
    r"(?s)(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(.*?)(?=-----END |\Z)"
)
_KEY_LINE = re.compile(r"(?m)^[ \t\"']*([A-Za-z0-9+/]{48,76}={0,2})[\\n\"',]{0,4}[ \t\r]*$")
_LONG_RUN = re.compile(
    r"(?<![\w/+.=-])([A-Za-z0-9]{64}(?![\w/+=-])|(?<=[\"'])[A-Za-z0-9/+]{40}(?=[\"']))"
)
"""Forms without a mark of their own: 64 letters and digits (Binance), 40 of base 64 (AWS)."""
_PLACES = (
    re.compile(r"://[^\s/:@\"'<>]{0,128}:(?!\d{1,5}[/\s\"'])([^\s\"'<>]{1,256})(?=@)"),
    re.compile(r"(?i)\b(?:bearer|basic|digest|negotiate)[ \t]+([\w.~+/=-]{6,})"),
    re.compile(
        r"(?<![\w-])(?:-u|--user|--proxy-user|--auth)[ =][\"']?[^\s:\"'$]{1,128}:([^\s\"']+)"
    ),
    re.compile(r"\bsshpass[ \t]{1,9}-p[ \t]?[\"']?([^\s\"'$]{1,256})"),
    re.compile(r"\bmysql(?:dump|admin)?\b[^\n|;&]{0,200}?[ \t]-p[\"']?([^\s\"'$]{1,256})"),
    re.compile(
        r"SecureString[\"'][^{}]{0,300}?\bvalue[\"']?\s{0,40}[:=]\s{0,40}[\"']([^\"'\n$]{1,256})"
    ),
    re.compile(
        r"\bvalue[\"']?\s{0,40}[:=]\s{0,40}[\"']([^\"'\n$]{1,256})[\"'][^{}]{0,300}?SecureString"
    ),
)
"""A URL's user information, an Authorization header, the user of a curl command, the value of an
encrypted parameter."""

_ELEMENT = re.compile(
    r"<[A-Za-z][\w:.-]{0,99}\s([^<>]{1,1000})>(?:\s{0,200}(?:<!\[CDATA\[)?\s{0,200}([^<\s][^<]{0,4000}))?"
)
_ATTRIBUTE = re.compile(r"([A-Za-z][\w:.-]{0,99})\s{0,9}=\s{0,9}([\"'])(.*?)\2", re.DOTALL)
_DIRECTIVE = re.compile(
    r"\b(?:(?:proxy|grpc)_set_header|(?:fastcgi|uwsgi|scgi)_param|add_header|set)[ \t]{1,20}"
    r"\$?([\w-]{1,100})[ \t]{1,20}[\"']?([^\s\"';][^\"';\n]{0,500})"
)

_LOOKUP = re.compile(r"\$\{(?:[a-z]{1,20}:)?[\w.]{1,200}\}")
"""`${env:TOKEN}`, as log4j looks it up."""

# Secrets that a name announces.
_NAME = re.compile(
    r"(?i)(?<![\w.-])[\w.-]*?(?:secret|token|passw|passphrase|pwd|pass|cred|key|auth)[\w.-]*"
)
_ASSIGN = re.compile(
    r"(\\{0,7}[\"'`])?[\])]?(?: string)?[ \t]*(?:[=:]>|[:|?]?=(?![=~])|:(?![:=]))"
    r"(?:[ \t]*\r?\n[ \t]*(?=\\{0,7}[\"'])|([ \t]*))"
)
_ELSEWHERE = re.compile(
    r"(?i)\\{0,7}[\"']?\s{0,80}(?:,\s{0,80}|(?<=\n)[ \t]{0,80})"
    r"\\{0,7}[\"']?value\\{0,7}[\"']?\s?[:=]\s?"
    r"|[\"']?:?\s?\{?\s{1,80}(?:[^{}]{0,300}?\s)?[\"']?default[\"']?\s{0,40}[:=]\s?"
    r"|\\{0,7}[\"']\s{0,80},\s{0,80}(?=\\{0,7}[\"'])"
)
"""`name: TOKEN` with `value: …` beside it, a variable with its default, an argument list."""
_LINE_OF = re.compile(r"(?<=\.tf|\.py|\.go|\.js|\.ts|\.sh):[0-9]{1,6}(?![\w.])")
"""A place in a file whose name is like that of a secret: `secrets.tf:12`."""
_ACTION = re.compile(
    r"(?:(?<=\b(?:ssm|sts|iam|kms|ecr):)|(?<=\bsecretsmanager:))(?:[A-Z][a-z]{1,20}){2,6}(?=[\"'](?!\s?[:=]))"
)
"""The name of an action of AWS, behind that of its service."""
_INSTRUCTION = re.compile(r"(?i)[ \t]*(?:ENV|ARG|LABEL)[ \t]+")
_PREFIX = re.compile(r"(?i)(?:[ \t]|export[ \t]|set[ \t]|env[ \t]|arg[ \t]|[-+#;\"'])*")

# The value after it.
_QUOTE = re.compile(r"[rbfuRBFU]{0,2}(\\{0,7})(\"\"\"|'''|[\"'`])")
_HEREDOC = re.compile(r"(?s)<<[-~]?[ \t]*[\"']?(\w+)[\"']?[^\n]*\n(.*?)(?=\n[ \t]*\1\b|\Z)")
_SCALAR = re.compile(r"[|>][-+0-9]{0,2}[ \t]*(?:#[^\n]*)?\r?\n([ \t]+)")
_WORD = re.compile(r"(?:[^\s\"'`&;,)}\]<]|[&;,)}\]](?![\s,;)}\]\"'`]|\Z|[\w.-]*=))+")
_JOIN = re.compile(r"[ \t]*[+.]?[ \t]*(?=[\"'])|(?=[^\s\"'`&;,)}\]<])")
_NO_VALUE = re.compile(
    r"(?i)(?:true|false|null|none|nil|undefined|~|\{|\[|\(|\||>)?[ \t]*(?=[,;)}\]\n\r#]|\Z)"
    r"|\{[ \t]|<"
)
_REFERENCE = re.compile(
    r"(?:\$\{\{[^}\"'\n]*\}\}|\{\{[^}\"'\n]*\}\}|\$\{(?:(?:var|local|data|module|each|self)\.[\w-]"
    r"[\w.\[\]*-]*|[A-Za-z_][\w.\[\]*]*)\}|\$[A-Za-z_]\w*"
    r"|arn:[\w-]+:[\w-]+:[\w-]*:[\w-]*:[^\s\"']+|/run/secrets/[\w.-]+)(?=[\s,;)}\]\"']|\Z)"
)
_EXPRESSION = re.compile(
    r"(?:var|local|data|module|each|self|this|os|process)[.\[]|[a-z][a-z0-9]*_[a-z0-9_]+\.[\w-]+\.\w"
    r"|!?[A-Za-z_][\w.]*\(|\$\((?!echo|printf)|\[\s*(?=[\"'])"
    r"|!(?:Ref|GetAtt|ImportValue)[ \t]+[\w.:-]+[ \t]*$"
)
_LITERAL = re.compile(r"(?<![\\\w])([\"'])((?:[^\"'\\\n]|\\.)*)(?:\1|$)")
_READER = re.compile(r"(?:environ(?:\.get)?|getenv|env|file|open|lookup)[\[(][\"']?\Z")

_MOST_ROUNDS = 5
_SHORT = 400


def mask_value(value: str) -> str:
    """The value of a known secret as it may be shown: `ghp_********`."""
    if _MASKED.fullmatch(value):
        return value
    shown = value[: min(4, len(value) // 5)]
    return re.split(r"[\s*]", shown)[0] + HIDDEN


def mask(text: str) -> str:
    """The text without the secrets that its names, forms and places give away."""
    return _mask_short(text) if len(text) <= _SHORT else _mask(text)


def _mask(text: str) -> str:
    """Hiding one secret may show that its neighbour is one, so the text is looked at until nothing
    more is found."""
    for _ in range(_MOST_ROUNDS):
        masked = _mask_once(text)
        if masked == text:
            break
        text = masked
    return text


_mask_short = lru_cache(maxsize=4096)(_mask)
"""The same labels, values and addresses come up with every policy."""


def _mask_once(text: str) -> str:
    text = _PRIVATE_KEY.sub(lambda found: found[1] + _LINE.sub(HIDDEN, found[2]), text)
    text = _hide(text, _announced(text))
    text = token_pattern().sub(lambda found: _hide_token(found[0]), text)
    for pattern in _PLACES:
        text = _hide(text, (found.span(1) for found in pattern.finditer(text)))
    text = _hide(text, _in_markup(text)) if "<" in text else text
    text = _hide(text, _in_directives(text))
    for pattern in (_KEY_LINE, _LONG_RUN):
        text = _hide(text, (f.span(1) for f in pattern.finditer(text) if _is_mixed(f[1])))
    return text


def _hide(text: str, spans: Iterator[tuple[int, int]]) -> str:
    """The text with the spans masked; a span that begins inside an earlier one joins it."""
    parts: list[str] = []
    done = 0
    for start, end in _merged(sorted(spans)):
        value = text[start:end]
        hidden = _LINE.sub(HIDDEN, value) if "\n" in value else mask_value(value)
        parts += (text[done:start], hidden)
        done = end
    return "".join((*parts, text[done:]))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    start = end = 0
    for first, last in spans:
        if first < end:
            end = max(end, last)
            continue
        if start < end:
            yield start, end
        start, end = first, last
    if start < end:
        yield start, end


def _hide_token(token: str) -> str:
    return token if token.startswith("-----BEGIN") else mask_value(token)


def _is_mixed(run: str) -> bool:
    """True for a run that looks random: hexadecimal digests and plain words stay readable."""
    return bool(re.search("[a-z]", run) and re.search("[A-Z]", run) and re.search("[0-9]", run))


def _in_markup(text: str) -> Iterator[tuple[int, int]]:
    """The content and the `value` of an element whose `name` or `key` is that of a secret."""
    for element in _ELEMENT.finditer(text):
        attributes = {a[1].lower(): a for a in _ATTRIBUTE.finditer(text, *element.span(1))}
        names = (attributes[name][3] for name in ("name", "key", "id") if name in attributes)
        if not any(map(secret_name, names)):
            continue
        values = [attributes["value"].span(3)] if "value" in attributes else []
        if element[2] and not element[1].endswith("/"):
            values.append(element.span(2))
        yield from (span for span in values if not _says_nothing(text[slice(*span)]))


def _in_directives(text: str) -> Iterator[tuple[int, int]]:
    """What nginx sets a header or a variable with the name of a secret to."""
    for found in _DIRECTIVE.finditer(text):
        if secret_name(found[1]) and not found[2].startswith("$"):
            yield found.span(2)


def _says_nothing(value: str) -> bool:
    forms = (_NO_VALUE, _REFERENCE, _LOOKUP)
    return any(form.fullmatch(value.strip()) for form in forms)


def _announced(text: str) -> Iterator[tuple[int, int]]:
    """The places of all values that follow the name of a secret."""
    at = 0
    while name := _NAME.search(text, at):
        at = name.end()
        in_arn = text[at : at + 1] == ":" == text[max(0, name.start() - 1) : name.start()]
        told = _LINE_OF.match(text, at) or _ACTION.match(text, name.start())
        if in_arn or told or not secret_name(name[0].lstrip("-")):
            continue
        for start, whole_line in _values_begin(text, name):
            for span in _value(text, start, whole_line):
                yield span
                at = max(at, span[1])


def _values_begin(text: str, name: re.Match[str]) -> Iterator[tuple[int, bool]]:
    """Where values of a name may begin, and whether a bare one goes to the end of the line."""
    start, end = name.span()
    head = _head_of_line(text, start)
    if found := _ASSIGN.match(text, end):
        spaced = bool(found[2]) and not found[1]
        yield found.end(), spaced or (head is not None and bool(_PREFIX.fullmatch(head)))
    elif text[start - 1 : start] == "<" and text[end : end + 1] == ">":
        yield end + 1, False
    elif text[end : end + 1] in (" ", "\t"):
        if name[0].startswith("--"):
            yield end + 1, False
        elif head is not None and _INSTRUCTION.fullmatch(head):
            yield end + 1, True
    if found := _ELSEWHERE.match(text, end):
        yield found.end(), False


def _head_of_line(text: str, at: int) -> str | None:
    """What stands before `at` on its line, or None if that is much."""
    window = text[max(0, at - 40) : at]
    _, newline, head = window.rpartition("\n")
    return head if newline or at <= 40 else None


def _value(text: str, at: int, whole_line: bool) -> Iterator[tuple[int, int]]:
    """The places that hold the value that begins at `at`; nothing for a reference or none."""
    if found := _HEREDOC.match(text, at):
        yield found.span(2)
    elif found := _SCALAR.match(text, at):
        yield found.start(1), _block_end(text, found.end(), found[1])
    elif _QUOTE.match(text, at):
        yield from _quoted(text, at)
    elif _NO_VALUE.match(text, at) or _REFERENCE.match(text, at):
        return
    elif _EXPRESSION.match(text, at):
        yield from _literals(text, at)
    elif whole_line:
        line = text[at:].partition("\n")[0].rstrip()
        yield at, at + len(line)
    elif found := _WORD.match(text, at):
        yield found.span()


def _block_end(text: str, at: int, indent: str) -> int:
    """The end of a YAML block scalar: the last line that is indented like its first one."""
    end = _line_end(text, at)
    while end < len(text):
        following = _line_end(text, end + 1)
        line = text[end + 1 : following]
        if line.strip() and not line.startswith(indent):
            break
        end = following
    return end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _quoted(text: str, at: int) -> Iterator[tuple[int, int]]:
    """A quoted value and the quoted or bare pieces that are joined to it."""
    while quote := _QUOTE.match(text, at):
        start = quote.end()
        end, at = _closing(text, start, quote[1], quote[2])
        value = text[start:end]
        if not (_NO_VALUE.fullmatch(value) or _REFERENCE.fullmatch(value)):
            yield start, end
        joined = _JOIN.match(text, at)
        if joined is None:
            return
        at = joined.end()
    if found := _WORD.match(text, at):
        yield found.span()


def _closing(text: str, at: int, escape: str, quote: str) -> tuple[int, int]:
    """Where quoted text ends, and where its closing quote ends; an open one ends with its line."""
    if escape:
        pattern = rf"(?<!\\){re.escape(escape + quote)}"
    elif len(quote) == 3 or quote == "`":
        pattern = quote
    else:
        inner = rf"(?s)(?:[^{quote}\\]|\\.|{quote}{quote})*"
        content = re.compile(inner).match(text, at)
        end = content.end() if content else at
        return (end, end + 1) if text[end : end + 1] == quote else (_line_end(text, at),) * 2
    found = re.compile(pattern).search(text, at)
    return found.span() if found else (_line_end(text, at),) * 2


def _literals(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The literals in an expression, but for the names of variables and files that it reads."""
    stop = "]" if text[at] == "[" else "\n"
    end = text.find(stop, at, at + _WINDOW)
    for found in _LITERAL.finditer(text, at, end if end > 0 else at + _WINDOW):
        if not _READER.search(text, max(at, found.start() - 24), found.start() + 1):
            yield found.span(2)
