"""Puts the comment on the pull request: one per category, changed in place from run to run.

A comment is a courtesy. Whatever GitHub answers, the gate stays what it is: a token that may not
write (that of a fork's pull request) is told in one line, and the job goes on. Runs with the
standard library alone, as `python -I comment.py`.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Environment = Mapping[str, str]
LONGEST = 65536
"""Characters that GitHub takes as the body of a comment."""
SECONDS = 30
MOST_PAGES = 30
PAGE = 100
_MARKER = re.compile(r"<!-- policyscan[^\n]{0,300}-->")


class Unable(Exception):  # noqa: N818 - told, never an error
    """Why there is no comment."""


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
    number = number_of(Path(environ["GITHUB_EVENT_PATH"]))
    server = Server(environ)
    mine = next(server.comments_with(marker, number), None)
    if mine is None:
        server.ask("POST", f"issues/{number}/comments", {"body": body})
        return "wrote the comment"
    if mine["body"] == body:
        return "the comment says so already"
    server.ask("PATCH", f"issues/comments/{mine['id']}", {"body": body})
    return "changed the comment"


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


def number_of(file: Path) -> int:
    """The number of the pull request."""
    event = json.loads(file.read_bytes())
    number = event.get("pull_request", {}).get("number")
    if not isinstance(number, int):
        raise Unable("the run is for no pull request")
    return number


class Server:
    """The comments of a repository."""

    def __init__(self, environ: Environment) -> None:
        self._token = environ.get("TOKEN", "")
        self._base = f"{environ['GITHUB_API_URL']}/repos/{environ['GITHUB_REPOSITORY']}"
        # The token goes to this server and is carried nowhere by a redirection.
        self._opener = urllib.request.build_opener(NoRedirection)

    def comments_with(self, marker: str, number: int) -> Iterator[Mapping[str, Any]]:
        """The comments that begin with a marker and that a program wrote: people may quote it."""
        for page in range(1, MOST_PAGES + 1):
            found = self.ask("GET", f"issues/{number}/comments?per_page={PAGE}&page={page}")
            for comment in found:
                first = (comment.get("body") or "").partition("\n")[0].strip()
                if first == marker and (comment.get("user") or {}).get("type") == "Bot":
                    yield comment
            if len(found) < PAGE:
                return

    def ask(self, method: str, path: str, data: Mapping[str, str] | None = None) -> Any:
        """The answer, as JSON. Raises `Unable`."""
        request = urllib.request.Request(  # noqa: S310 - https, as GitHub names itself
            f"{self._base}/{path}",
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
                return json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code in {401, 403, 404}:
                raise Unable(
                    f"the token may not ({error.code}); it needs `pull-requests: write`, which "
                    "GitHub gives to no pull request from a fork"
                ) from None
            raise Unable(f"GitHub answers {error.code}") from None
        except (OSError, ValueError) as error:
            raise Unable(f"GitHub does not answer: {error}") from None


class NoRedirection(urllib.request.HTTPRedirectHandler):
    """Takes a redirection for an error."""

    def redirect_request(self, *_: object) -> None:
        """None, for which urllib raises."""


def one_line(text: str) -> str:
    """Text as the value of a workflow command, which cannot begin another one."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    sys.exit(main(os.environ))
