"""Puts the comment on the pull request: one per category, changed in place from run to run.

A comment is a courtesy. Whatever GitHub answers, the gate stays what it is: a token that may not
write (that of a fork's pull request) is told in one line, and the job goes on. Runs with the
standard library alone, as `python -I comment.py`.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

Environment = Mapping[str, str]
LONGEST = 65536
"""Characters that GitHub takes as the body of a comment."""
SECONDS = 30
MOST_PAGES = 30
MOST_BYTES = 64 << 20
PAGE = 100
_MARKER = re.compile(r"<!-- policyscan[^\n]{0,300}-->")


class Unable(Exception):  # noqa: N818 - told, never an error
    """Why there is no comment."""


class Refused(Unable):
    """The token may not do that."""


def main(environ: Environment) -> int:
    """Always 0."""
    try:
        print(publish(environ))
    except Unable as reason:
        print(f"::notice title=policyscan::no comment was written: {one_line(str(reason))}")
    return 0


def publish(environ: Environment) -> str:
    """What was done. Raises `Unable`."""
    body = body_of(Path(environ["COMMENT"]))
    marker = marker_of(body)
    number, head = request_of(Path(environ["GITHUB_EVENT_PATH"]))
    server = Server(environ)
    if server.head_of(number) != head:
        raise Unable("the pull request has a newer commit, whose own run writes it")
    for comment in server.comments_with(marker, number):
        if comment["body"] == body:
            return "the comment says so already"
        with suppress(Refused):  # another program's, which quotes ours
            server.ask("PATCH", f"issues/comments/{comment['id']}", {"body": body})
            return "changed the comment"
    server.ask("POST", f"issues/{number}/comments", {"body": body})
    return "wrote the comment"


def body_of(file: Path) -> str:
    """The comment as the scan wrote it."""
    try:
        body = file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Unable(f"there is none: {error}") from None
    if len(body) > LONGEST:
        raise Unable(f"it is longer than {LONGEST:,} characters")
    return body


def marker_of(body: str) -> str:
    """The line by which the comment is found again: it is the first."""
    found = _MARKER.fullmatch(body.partition("\n")[0].strip())
    if found is None:
        raise Unable("it has no marker")
    return found[0]


def request_of(file: Path) -> tuple[int, str]:
    """The number of the pull request, and the commit that the run is for."""
    try:
        request = json.loads(file.read_bytes())["pull_request"]
        number, head = request["number"], request["head"]["sha"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise Unable("the run is for no pull request") from None
    if not isinstance(number, int) or not isinstance(head, str):
        raise Unable("the run is for no pull request")
    return number, head


class Server:
    """The pull requests of a repository, and what is said about them."""

    def __init__(self, environ: Environment) -> None:
        self._token = environ.get("TOKEN", "")
        self._api = environ["GITHUB_API_URL"]
        self._base = f"{self._api}/repos/{environ['GITHUB_REPOSITORY']}"
        # The token goes to this server and is carried nowhere by a redirection.
        self._opener = urllib.request.build_opener(NoRedirection)

    def head_of(self, number: int) -> str:
        """The newest commit of a pull request: an older run may end later, or be run again."""
        found = self.ask("GET", f"pulls/{number}")
        head = found.get("head") if isinstance(found, dict) else None
        return str(head.get("sha")) if isinstance(head, dict) else ""

    def comments_with(self, marker: str, number: int) -> Iterator[Mapping[str, Any]]:
        """The comments that begin with a marker and that we wrote, or another program: people may
        quote it."""
        for page in range(1, MOST_PAGES + 1):
            found = self.ask("GET", f"issues/{number}/comments?per_page={PAGE}&page={page}")
            if not isinstance(found, list):
                raise Unable("GitHub answers something else than comments")
            for comment in filter(_is_comment, found):
                if comment["body"].partition("\n")[0].strip() == marker and self._is_ours(comment):
                    yield comment
            if len(found) < PAGE:
                return

    def _is_ours(self, comment: Mapping[str, Any]) -> bool:
        """Whether a program wrote it, or the person whose token we were given."""
        author = comment["user"]
        return bool(author.get("type") == "Bot" or author.get("login") == self._person)

    @cached_property
    def _person(self) -> str:
        """Whose token it is; empty for that of a job, which may not ask."""
        try:
            found = self._ask("GET", f"{self._api}/user")
        except Unable:
            return ""
        return str(found.get("login") or "") if isinstance(found, dict) else ""

    def ask(self, method: str, path: str, data: Mapping[str, str] | None = None) -> Any:
        """The answer about the repository, as JSON. Raises `Unable`."""
        return self._ask(method, f"{self._base}/{path}", data)

    def _ask(self, method: str, url: str, data: Mapping[str, str] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - https, as GitHub names itself
            url,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "policyscan",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return json.loads(answer.read(MOST_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {401, 403, 404}:
                raise Refused(
                    f"the token may not ({error.code}); it needs `pull-requests: write`, which "
                    "GitHub gives to no pull request from a fork"
                ) from None
            raise Unable(f"GitHub answers {error.code}") from None
        except (OSError, ValueError, RecursionError, http.client.HTTPException) as error:
            raise Unable(f"GitHub does not answer: {error}") from None


def _is_comment(found: object) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("body"), str)
        and isinstance(found.get("user"), dict)
        and isinstance(found.get("id"), int)
    )


class NoRedirection(urllib.request.HTTPRedirectHandler):
    """Takes a redirection for an error."""

    def redirect_request(self, *_: object) -> None:
        """None, for which urllib raises."""


def one_line(text: str) -> str:
    """Text as the value of a workflow command, which cannot begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main(os.environ))
