"""What a page does in Chromium: the dialogs that it opens, and what it asks for."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 120.0
"""Seconds until an answer has to come."""
TOUCH_ALL = """
    for (const each of document.querySelectorAll('details')) each.open = true;
    for (const each of document.querySelectorAll('*'))
        for (const name of ['mouseover', 'mouseenter', 'focus', 'animationstart', 'toggle'])
            each.dispatchEvent(new Event(name, {bubbles: true}));
    new Promise(done => setTimeout(() => done(document.title), 200))
"""


@dataclass
class Deeds:
    """What a page did."""

    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """For anything but itself."""


@dataclass
class Browser:
    """Chromium, spoken to through a pair of pipes (Chrome DevTools Protocol)."""

    orders: int
    answers: int
    rest: bytes = b""
    number: int = 0
    session: str = ""
    deeds: Deeds = field(default_factory=Deeds)
    page: str = ""

    def visit(self, page: Path) -> Deeds:
        """Loads a page, opens and touches everything on it, and says what it did."""
        self.deeds, self.page = Deeds(), page.as_uri()
        self.ask("Page.navigate", url=self.page)
        self.until("Page.loadEventFired")
        self.ask("Runtime.evaluate", expression=TOUCH_ALL, awaitPromise=True)
        self.ask("Page.getNavigationHistory")
        return self.deeds

    def ask(self, method: str, **params: object) -> dict[str, Any]:
        self.number += 1
        number = self.number
        order = {"id": number, "method": method, "params": params}
        if self.session:
            order["sessionId"] = self.session
        os.write(self.orders, json.dumps(order).encode() + b"\0")
        while (message := self.next()).get("id") != number:
            pass
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def until(self, method: str) -> None:
        while self.next().get("method") != method:
            pass

    def next(self) -> dict[str, Any]:
        """The next message, after what has to be done about it."""
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.answers], [], [], max(0.0, end - time.monotonic()))
            assert ready, "Chromium does not answer"
            data = os.read(self.answers, 1 << 20)
            assert data, "Chromium has gone"
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        params = message.get("params", {})
        if message.get("method") == "Page.javascriptDialogOpening":
            self.deeds.dialogs.append(params["message"])
            accept = {"id": 0, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
            order = json.dumps(accept | {"sessionId": self.session})
            os.write(self.orders, order.encode() + b"\0")
        if message.get("method") == "Network.requestWillBeSent":
            url = params["request"]["url"]
            if url.partition("#")[0] != self.page:
                self.deeds.requests.append(url)
        return message


@contextmanager
def chromium(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in `folder`."""
    program = shutil.which("chromium")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("chromium is not installed: scripts/setup-tools")
        pytest.skip("chromium is not installed: scripts/setup-tools")
    theirs_in, orders = os.pipe()
    answers, theirs_out = os.pipe()
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in (theirs_in, theirs_out)]

    def give() -> None:
        os.dup2(high[0], 3)
        os.dup2(high[1], 4)

    options = (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
        "--disable-background-networking", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-extensions", "--proxy-server=127.0.0.1:9", f"--user-data-dir={folder}",
    )  # fmt: skip
    process = subprocess.Popen(
        [program, *options],
        preexec_fn=give,  # noqa: PLW1509 - it only moves two descriptors
        pass_fds=(3, 4),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for fd in (theirs_in, theirs_out, *high):
        os.close(fd)
    browser = Browser(orders, answers)
    try:
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.ask("Target.attachToTarget", targetId=target, flatten=True)
        browser.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime"):
            browser.ask(f"{domain}.enable")
        yield browser
    finally:
        process.kill()
        process.wait()
        os.close(orders)
        os.close(answers)
