"""What loggers of requests write, by the formats that programs give them."""

from __future__ import annotations

import pytest

from policyscan.resources.logging import LoggingConfig
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config

HEAD = "const morgan = require('morgan');\n"
LONG = ":method :status :url :http-version " * 20


def morgan(lines: str) -> LoggingConfig:
    return config(HEAD + lines, "app.js")


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        ("morgan(':req[authorization] :req[cookie]')", ("authorization", "cookie")),
        ('morgan(":req[X-Token]: :req[cookie]", {})', ("cookie", "x-token")),
        ("morgan(`:req[api-key] = :req[cookie]`)", ("api-key", "cookie")),
        ("morgan(\n  ':method' // no header\n)", ()),
        ("morgan(':status :res[set-cookie] :date[iso] :remote-addr :remote-user')", ()),
        ("morgan(':method :res[authorization] :req[cookie]')", ("cookie",)),
        (f"morgan('{LONG} :req[authorization]')", ("authorization",)),
        ("morgan('combined')", ()),
    ],
)
def test_headers_of_a_format_of_morgan(text: str, headers: tuple[str, ...]) -> None:
    found = morgan(f"app.use({text});\n")
    assert found.logs_all_headers is False
    assert found.logged_headers == headers


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("morgan.token('who', r => r.headers.cookie);\napp.use(morgan(':who :req[a]'));", ("a",)),
        ("morgan.format('mine', ':req[cookie]');\napp.use(morgan('mine'));", ()),
        ("app.use(morgan(`:req[cookie] ${more}`));", ("cookie",)),
        ("app.use(morgan(':req[cookie] ' + more));", ()),
        ("app.use(morgan((tokens, req, res) => req.url));", ()),
        ("app.use(morgan(process.env.FORMAT));", ()),
    ],
)
def test_a_format_that_is_not_known_whole(text: str, known: tuple[str, ...]) -> None:
    found = morgan(text + "\n")
    assert isinstance(found.logs_all_headers, Unknown)
    assert isinstance(found.logged_headers, PartialList)
    assert found.logged_headers.known == known


def test_a_format_in_a_constant_keeps_what_is_read_of_it() -> None:
    found = morgan("const F = ':req[x] :status';\napp.use(morgan(F));\n")
    assert found.logged_headers == ("x",)
    hidden = morgan("const F = ':req[authorization] :req[cookie]';\napp.use(morgan(F));\n")
    assert isinstance(hidden.logged_headers, PartialList)
    assert hidden.logged_headers.known == ("authorization",)


@pytest.mark.parametrize(
    ("message", "headers"),
    [
        ("{{req.headers.authorization}} {{req.headers.cookie}}", ("authorization", "cookie")),
        ("{{req.headers['X-Token']}}: {{res.statusCode}}", ("x-token",)),
        ("{{req.method}} {{res.headers.date}}", ()),
    ],
)
def test_headers_in_a_message_of_express_winston(message: str, headers: tuple[str, ...]) -> None:
    text = "const w = require('express-winston');\napp.use(winston.logger({transports: [t], "
    text += f'requestWhitelist: ["url"], msg: "{message}"}}));\n'
    found = config(text, "app.js")
    assert found.logs_all_headers is False
    assert found.logged_headers == headers
