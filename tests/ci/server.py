"""What of GitHub is on the other side: repositories, pull requests, and the API of comments."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "desk/bot"
AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "ann"),
        ("EMAIL", "ann@desk.example"),
        ("DATE", "1790000000 +0000"),
    )
}


class GitHub:
    """A server whose repositories are directories, with one repository and its pull requests."""

    def __init__(self, place: Path, api: str = "http://127.0.0.1:9") -> None:
        self.place = place
        self.api = api
        self.url = f"file://{place}/server"
        self.repository = REPOSITORY
        self.bare = place / "server" / REPOSITORY
        self.work = place / "work"
        self.bare.mkdir(parents=True)
        self.git("init", "-q", "--bare", "-b", "main", ".", at=self.bare)
        self.work.mkdir()
        self.git("init", "-q", "-b", "main", ".")
        self.git("remote", "add", "origin", str(self.bare))
        self._number = 0

    def git(self, *arguments: str, at: Path | None = None) -> str:
        """The output of git in the clone of a developer."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=at or self.work,
            env={"PATH": os.environ["PATH"], "HOME": str(self.place), **AUTHOR},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str | None], branch: str = "main") -> str:
        """The commit of these files (None removes one) on a branch, pushed."""
        here = self.git("branch", "--list", "--format=%(refname:short)", branch)
        if not here and self.git("branch", "--list"):
            self.git("checkout", "-q", "-b", branch, "main", "--")
        elif here:
            self.git("checkout", "-q", branch, "--")
        for name, text in files.items():
            path = self.work / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        self.git("push", "-q", "-f", "origin", f"refs/heads/{branch}:refs/heads/{branch}")
        return self.git("rev-parse", "HEAD")

    def push_event(self) -> dict[str, Any]:
        """What a push to main starts."""
        return {
            "_ref": "refs/heads/main",
            "_sha": self.git("rev-parse", "main"),
            "repository": {"default_branch": "main"},
        }

    def pull_request(self, branch: str, *, fork: bool = False) -> dict[str, Any]:
        """What a pull request from a branch starts: GitHub has merged it for a trial."""
        self._number += 1
        base, head = (self.git("rev-parse", name) for name in ("main", f"refs/heads/{branch}"))
        self.git("checkout", "-q", "--detach", base)
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {head} into {base}", head)
        merged = self.git("rev-parse", "HEAD")
        self.git("push", "-q", "origin", f"{merged}:refs/pull/{self._number}/merge")
        self.git("push", "-q", "origin", f"{head}:refs/pull/{self._number}/head")
        if fork:
            self.git("push", "-q", "origin", f":refs/heads/{branch}")
        owner = "stranger/bot" if fork else REPOSITORY
        return {
            "_ref": f"refs/pull/{self._number}/merge",
            "_sha": merged,
            "repository": {"default_branch": "main"},
            "pull_request": {
                "number": self._number,
                "title": '"; exit 0; #\n::stop-commands::x',
                "base": {"ref": "main", "sha": base, "repo": {"full_name": REPOSITORY}},
                "head": {"ref": branch, "sha": head, "repo": {"full_name": owner}},
            },
        }


class Comments:
    """The comments of the repository, and what was asked about them."""

    def __init__(self) -> None:
        self.stored: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, str]] = []
        """Method, path and `Authorization` of each request."""
        self.status = 200
        """What writing is answered with."""
        self.person = ""
        """Whose token it is; empty for that of a job."""
        self.strange: set[int] = set()
        """Ids of comments that the token may not change."""

    def add(self, body: str, user: str, login: str = "") -> None:
        """A comment of somebody: `Bot` or `User`."""
        author = {"type": user, "login": login or user.lower()}
        self.stored.append({"id": len(self.stored) + 1, "body": body, "user": author})


@contextmanager
def api_of_comments(github: GitHub) -> Iterator[tuple[str, Comments]]:
    """The address of a server that speaks as GitHub does of comments, and what it holds.

    https://docs.github.com/en/rest/issues/comments and https://docs.github.com/en/rest/pulls/pulls
    """
    comments = Comments()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/user":
                self._answer(200 if comments.person else 403, {"login": comments.person})
                return
            if "/pulls/" in self.path:
                number = self.path.rpartition("/")[2]
                head = github.git("rev-parse", f"refs/pull/{number}/head", at=github.bare)
                self._answer(200, {"head": {"sha": head}})
                return
            query = parse_qs(urlsplit(self.path).query)
            size, page = int(query["per_page"][0]), int(query["page"][0])
            self._answer(200, comments.stored[(page - 1) * size : page * size])

        def do_POST(self) -> None:
            person = comments.person
            kind = "User" if person else "Bot"
            self._write(lambda data: comments.add(data["body"], kind, person))

        def do_PATCH(self) -> None:
            number = int(re.search(r"/comments/(\d+)$", self.path)[1])  # type: ignore[index]
            if number in comments.strange:
                self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(403, {})
                return
            self._write(lambda data: comments.stored[number - 1].update(body=data["body"]))

        def _write(self, change: Any) -> None:
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if comments.status == 200:
                change(data)
            self._answer(comments.status, {"message": "as it is"})

        def _answer(self, status: int, data: object) -> None:
            comments.asked.append((self.command, self.path, self.headers["Authorization"]))
            body = json.dumps(data).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", comments
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
