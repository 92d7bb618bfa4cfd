"""What the command of a job says: which program it starts, and who hears of it when it fails."""

from __future__ import annotations

import re

from policyscan.collectors.schedules.shell import MAX_LENGTH, commands_of, unquoted
from policyscan.resources.rotation.words import rotates_keys
from policyscan.text.display import shortened
from policyscan.text.words import words_of
from policyscan.values import Maybe, Unknown, Why

_TOKEN = re.compile(r"[^\s'\"`;|&()<>]+")
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


def program_of(command: str) -> str:
    """The program that a command rotates keys with: of its words the first that says so, or else
    that is named like a script, or else that is no assignment."""
    tokens = [t for t in _TOKEN.findall(command[:MAX_LENGTH]) if not _ASSIGNMENT.fullmatch(t)]
    answers = {token: rotates_keys(token) for token in tokens}
    certain = [token for token in tokens if answers[token] is True]
    perhaps = [token for token in tokens if answers[token] is None]
    scripts = [token for token in tokens if _PROGRAM.fullmatch(token)]
    return next(iter((*certain, *perhaps, *scripts, *tokens)), "")


def tells_of_failure(command: str) -> Maybe[bool]:
    """Whether the command itself tells somebody if what it starts fails."""
    if _WATCHES.search(command[:MAX_LENGTH]):
        return True
    doubt: Unknown | None = None
    for each in commands_of(command):
        operator, part = each.operator, each.text
        words = set(words_of(part))
        tells = bool(words & _TELLS) and each.name not in _INERT
        if tells and (operator in ("||", "|", "|&") or (not operator and _wraps(part))):
            return True
        if (tells and operator != "&&") or (operator == "||" and each.name not in _INERT):
            shown = shortened(" ".join(part.split()), 60)
            doubt = Unknown(Why.OUTSIDE, f"whether `{shown}` tells somebody of a failure")
    return False if doubt is None else doubt


def names_a_channel(text: str) -> bool:
    """Whether a text names a way to tell somebody."""
    words = set(words_of(text[:MAX_LENGTH]))
    return bool(words & _TELLS) or _WATCHES.search(text[:MAX_LENGTH]) is not None


def _wraps(part: str) -> bool:
    """Whether the first word tells and starts what follows: `alert-on-failure rotate-keys.sh`."""
    tokens = [t for t in _TOKEN.findall(part) if not _ASSIGNMENT.fullmatch(t)]
    first = set(words_of(tokens[0].rpartition("/")[2]))
    return len(tokens) > 1 and bool(first & _TELLS) and rotates_keys(tokens[0]) is False


def writes_errors_to_mail(command: str) -> bool:
    """Whether what a command writes to its standard error is left to cron."""
    blank = unquoted(command[:MAX_LENGTH])
    if _SWALLOWED.search(blank):
        return False
    ends = {"1": "cron", "2": "cron"}
    for both, number, target in _REDIRECTION.findall(blank):
        end = ends.get(target[1:], "file") if target.startswith("&") else "file"
        ends.update(dict.fromkeys(("1", "2") if both else (number or "1",), end))
    return ends["2"] == "cron"
