"""What the command of a job says: which program it starts, and who hears of it when it fails."""

from __future__ import annotations

import re

from policyscan.resources.rotation_words import rotates_keys
from policyscan.text.display import shortened
from policyscan.values import Maybe, Unknown, Why

_OPERATOR = re.compile(r"\|\||&&|;|\n|\|&?(?!\|)")
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.")
_SHELL = re.compile(
    r"\s*(?:\S*/)?(?:ba|da|z|k)?sh\s+(?:-\w+\s+)*-\w*c\s+(['\"])(.*)\1\s*", re.DOTALL
)
_KEYWORDS = re.compile(r"^\s*(?:(?:then|else|do|if|while|until|!|\{|\()\s+)+")
_TOKEN = re.compile(r"[^\s'\"`;|&()<>]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ASSIGNMENT = re.compile(r"\w+=.*")
_PROGRAM = re.compile(r".*\.(?:sh|bash|py|js|mjs|ts|rb|pl|php|go)")
_REDIRECTION = re.compile(r"(?:(&)|(?<![^\s;|&()])([0-9]))?>>?\|?\s*(&[0-9]|[^\s;|&<>()]+)")
"""Of standard output, of both, or of the number before it."""

_SWALLOWED = re.compile(r"(?:2>&1\s*\||\|&)\s*(?:\S*/)?(?:logger|systemd-cat)\b")
"""Standard error that is given to the journal."""

_TELLS = frozenset(
    "alert alerts alerting notify notifies notifier notification page pager paging pagerduty "
    "opsgenie victorops splunkoncall slack slacktee telegram discord teams webhook mail mailx "
    "mutt sendmail msmtp swaks ssmtp sns sms twilio ntfy pushover gotify apprise sentry "
    "onfailure".split()
)
"""Words of a command that tells somebody."""
_WATCHES = re.compile(
    r"hc-ping\.com|healthchecks|cronitor|nosnch\.in|deadmanssnitch|runitor|betteruptime|betterstack"
    r"|heartbeat|sentry-cli\s+monitors|cronhub|dead-?man"
)
"""Services that miss a run which did not report its end."""
_INERT = frozenset(
    "true : false exit return echo printf logger sleep rm touch date test [ [[ tee cat ts grep "
    "sed awk systemd-cat then else fi done kill wait sync".split()
)
"""Commands that tell nobody."""
_MAX = 20_000


def program_of(command: str) -> str:
    """The program that a command rotates keys with: of its words the first that says so, or else
    that is named like a script, or else that is no assignment."""
    tokens = [t for t in _TOKEN.findall(command[:_MAX]) if not _ASSIGNMENT.fullmatch(t)]
    rotating = [token for token in tokens if rotates_keys(token) is not False]
    scripts = [token for token in tokens if _PROGRAM.fullmatch(token)]
    return next(iter((*rotating, *scripts, *tokens)), "")


def tells_of_failure(command: str) -> Maybe[bool]:
    """Whether the command itself tells somebody if what it starts fails."""
    inner = _SHELL.fullmatch(command[:_MAX])
    text = inner[2] if inner else command[:_MAX]
    if _WATCHES.search(text):
        return True
    doubt: Unknown | None = None
    for operator, part in _parts(text):
        words = {word.lower() for word in _WORD.findall(part)}
        name = next(iter(_TOKEN.findall(part)), "").rpartition("/")[2]
        tells = bool(words & _TELLS) and name not in _INERT
        if tells and (operator in ("||", "|", "|&") or (not operator and _wraps(part))):
            return True
        if (tells and operator != "&&") or (operator == "||" and name not in _INERT):
            shown = shortened(" ".join(part.split()), 60)
            doubt = Unknown(Why.OUTSIDE, f"whether `{shown}` tells somebody of a failure")
    return False if doubt is None else doubt


def names_a_channel(text: str) -> bool:
    """Whether a text names a way to tell somebody."""
    words = {word.lower() for word in _WORD.findall(text[:_MAX])}
    return bool(words & _TELLS) or _WATCHES.search(text[:_MAX]) is not None


def _wraps(part: str) -> bool:
    """Whether the first word tells and starts what follows: `alert-on-failure rotate-keys.sh`."""
    tokens = [t for t in _TOKEN.findall(part) if not _ASSIGNMENT.fullmatch(t)]
    first = {word.lower() for word in _WORD.findall(tokens[0].rpartition("/")[2])}
    return len(tokens) > 1 and bool(first & _TELLS) and rotates_keys(tokens[0]) is False


def _parts(text: str) -> list[tuple[str, str]]:
    """The commands of a line, each with the operator before it; none for the first."""
    blank = _QUOTED.sub(lambda match: "_" * len(match[0]), text)
    parts, operator, at = [], "", 0
    for found in _OPERATOR.finditer(blank):
        parts.append((operator, text[at : found.start()]))
        operator, at = found[0], found.end()
    parts.append((operator, text[at:]))
    plain = [(operator, _KEYWORDS.sub("", part, count=1)) for operator, part in parts]
    return [(operator, part) for operator, part in plain if part.strip()]


def writes_errors_to_mail(command: str) -> bool:
    """Whether what a command writes to its standard error is left to cron."""
    blank = _QUOTED.sub(lambda match: "_" * len(match[0]), command[:_MAX])
    if _SWALLOWED.search(blank):
        return False
    ends = {"1": "cron", "2": "cron"}
    for both, number, target in _REDIRECTION.findall(blank):
        end = ends.get(target[1:], "file") if target.startswith("&") else "file"
        ends.update(dict.fromkeys(("1", "2") if both else (number or "1",), end))
    return ends["2"] == "cron"
