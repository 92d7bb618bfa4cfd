"""Where a library is used as it comes: an import is no client, nor is a call with settings."""

from __future__ import annotations

import textwrap

import pytest

from policyscan.collectors.code.tls.uses import uses_of
from policyscan.text.source import Source


def as_it_comes(text: str, language: str) -> list[str]:
    """The libraries that a text uses without settings, each with the place."""
    source = Source("bot", textwrap.dedent(text).lstrip("\n").encode())
    return [
        f"{uses.library} {source.span(*uses.plain).text}"
        for uses in uses_of(source, language)
        if uses.plain is not None
    ]


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("import requests\nrequests.get(url, timeout=3)", "requests requests.get"),
        ("import requests as r\nr.post(url)", "requests r.post"),
        ("from requests import get as fetch\nfetch(url)", "requests fetch"),
        ("from requests import (\n    Session,\n)\nclass S(Session): pass", "requests Session"),
        (
            "import requests\nwith requests.Session() as s:\n    s.get(u)",
            "requests requests.Session",
        ),
        ("import requests\ngetattr(requests, method)(url)", "requests getattr(requests"),
        ("import requests\nfor row in requests.get(url): pass", "requests requests.get"),
        ("import requests\ncall(requests.get, url)", "requests requests.get"),
        ("import requests\ncheck(requests.get(url), verify=False)", "requests requests.get"),
        (
            "import functools, requests\nget = functools.partial(requests.get, timeout=3)",
            "requests requests.get",
        ),
        (
            "import requests\ns = requests.Session()\ns.get(u, verify=False)\ns.post(u)",
            "requests requests.Session",
        ),
        ("import aiohttp\nfactory = aiohttp.ClientSession", "aiohttp aiohttp.ClientSession"),
        (
            "import urllib.parse, urllib.request\nurllib.request.urlopen(u)",
            "urllib urllib.request.urlopen",
        ),
        ("from urllib import request\nrequest.urlopen(u)", "urllib request.urlopen"),
        (
            "from http.client import HTTPSConnection\nHTTPSConnection(host)",
            "http.client HTTPSConnection",
        ),
        ("from websockets.asyncio.client import connect\nconnect(u)", "websockets connect"),
        (
            "import websocket\nw = websocket.WebSocketApp(u)\nw.run_forever()",
            "websocket-client websocket.WebSocketApp",
        ),
        ("import ccxt.async_support as ccxt\nccxt.binance({'apiKey': k})", "ccxt ccxt.binance"),
        ("from binance import AsyncClient\nAsyncClient.create(k, s)", "binance AsyncClient"),
        (
            'import requests\nrequests.get(u, params={"context": 1, "session": 2})',
            "requests requests.get",
        ),
    ],
)
def test_used_in_python(text: str, use: str) -> None:
    assert as_it_comes(text, "python") == [use]


@pytest.mark.parametrize(
    "text",
    [
        "import requests",
        "import requests\nrequests.get(url, verify=False)",
        "import requests\nrequests.get(\n    url,\n    params=f(1),\n    verify=False,\n)",
        "import requests\ns = requests.Session()\ns.verify = '/ca.pem'",
        "import requests\ns = requests.Session()\ns.mount('https://', Strict())",
        "import requests\nwith requests.Session() as s:\n    s.get(u, verify=False)",
        "import requests\nmore = {'verify': False}\nrequests.get(url, **more)",
        "import requests\nmore = {}\nmore['verify'] = False\nrequests.get(url, **more)",
        "import functools, requests\nget = functools.partial(requests.get, verify=False)",
        "import requests\ncall(requests.get, url, verify=False)",
        "import requests\ncall(\n    requests.get,\n    url,\n    verify=False,\n)",
        "import requests\ngetattr(requests, method)(url, verify=False)",
        "import requests\ndef f(s: requests.Session, t) -> requests.Session: return s",
        "import requests\ntry: f()\nexcept (requests.RequestException, requests.Timeout): pass",
        "import requests\n# requests.get(url)\nTEXT = 'requests.get(url)'",
        "import requests\nisinstance(s, requests.Session)",
        "import http.client\nhttp.client.HTTPSConnection.debuglevel = 1",
        "from http.client import HTTPSConnection\na: Union[bool, HTTPSConnection]",
        "import websockets\nwebsockets.connect(f'{HOST}/{key}', ssl=context)",
        "import websocket\nw = websocket.WebSocketApp(u)\nw.run_forever(sslopt=options)",
        "import ccxt\ntry: f()\nexcept (ccxt.NetworkError, ccxt.BadSymbol): raise ccxt.Halt(s)",
        "import ccxt\nccxt.binance({'verify': False})",
        "import urllib.parse\nurllib.parse.quote(u)",
    ],
)
def test_not_used_in_python(text: str) -> None:
    assert as_it_comes(text, "python") == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("const https = require('https');\nhttps.get(url);", "https https.get"),
        (
            "const https = require('node:https');\nnew https.Agent({ keepAlive: true });",
            "https https.Agent",
        ),
        ('require("https").get("https://x");', 'https require("https").get'),
        (
            "import axios, { AxiosError } from 'axios';\nconst a = axios.create({ baseURL });",
            "axios axios.create",
        ),
        ("import axios from 'axios';\naxios.get<Ticker>(url);", "axios axios.get"),
        ("const axios = require('axios').default;\naxios({ url });", "axios axios"),
        ("import { request as ask } from 'https';\nask(url);", "https ask"),
        ("import WebSocket from 'ws';\nlet s: WebSocket;\ns = new WebSocket(url);", "ws WebSocket"),
        ("import got from 'got';\nconst a = await got('https://x').json();", "got got"),
        ("import * as ccxt from 'ccxt';\nnew ccxt.binance({ apiKey });", "ccxt ccxt.binance"),
        (
            "const fetch = require('node-fetch');\nfetch(u, { agent });\nfetch(`https://x`);",
            "node-fetch fetch",
        ),
    ],
)
def test_used_in_typescript(text: str, use: str) -> None:
    assert as_it_comes(text, "typescript") == [use]


@pytest.mark.parametrize(
    "text",
    [
        "import https from 'https';",
        "import https from 'https';\nhttps.get({ host, rejectUnauthorized: false });",
        "import https from 'https';\nhttps.get({ host, agent });",
        "import https from 'https';\nhttps.createServer({}, listen);",
        "const https = require('https');\nconst o = { rejectUnauthorized: false };\nhttps.get(o);",
        "const https = require('https');\no.rejectUnauthorized = false;\nhttps.get(o);",
        "import axios from 'axios';\naxios.get(url, { httpsAgent });",
        "import axios from 'axios';\nconst a = axios.create();\na.defaults.httpsAgent = agent;",
        "import type { AxiosInstance } from 'axios';\nfunction f(a: AxiosInstance) {}",
        "import { WebSocketServer, WebSocket } from 'ws';\nconst a: Set<WebSocket> = new Set();",
        "// const https = require('https');\nhttps.get(url);",
    ],
)
def test_not_used_in_typescript(text: str) -> None:
    assert as_it_comes(text, "typescript") == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("var c = &http.Client{Timeout: 3}", "net/http http.Client{"),
        ("func f() { http.Get(u) }", "net/http http.Get("),
        ("type A struct {\n\tc http.Client\n}", "net/http http.Client"),
        ("func f() {\n\ttr := &http.Transport{\n\t\tProxy: p,\n\t}\n}", "net/http http.Transport{"),
        (
            "func f() { websocket.DefaultDialer.Dial(u, nil) }",
            "gorilla/websocket websocket.DefaultDialer",
        ),
        ("func f() { c := resty.New().SetTimeout(3) }", "resty resty.New("),
    ],
)
def test_used_in_go(text: str, use: str) -> None:
    assert as_it_comes(f"package a\n{text}\n", "go") == [use]


@pytest.mark.parametrize(
    "text",
    [
        "func f(c *http.Client) { r, _ := http.NewRequest(m, u, nil); c.Do(r) }",
        "var c = &http.Client{Transport: &http.Transport{TLSClientConfig: t}}",
        "func f() {\n\ttr := http.DefaultTransport.(*http.Transport).Clone()\n"
        "\ttr.TLSClientConfig = t\n}",
        "func f() { http.DefaultTransport.(*http.Transport).TLSClientConfig = t }",
        "func f() { resty.New().SetTLSClientConfig(t) }",
        "var d = websocket.Dialer{TLSClientConfig: t}",
    ],
)
def test_not_used_in_go(text: str) -> None:
    assert as_it_comes(f"package a\n{text}\n", "go") == []


@pytest.mark.parametrize(
    ("text", "use"),
    [
        ("HttpClient.newHttpClient()", ["java.net.http HttpClient.newHttpClient("]),
        ("HttpClient.newBuilder().sslContext(c).build()", []),
        ("new OkHttpClient.Builder().readTimeout(t).build()", ["okhttp new OkHttpClient.Builder("]),
        ("new OkHttpClient.Builder().sslSocketFactory(f, m).build()", []),
        ("HttpClients.createDefault()", ["httpclient HttpClients.createDefault("]),
        ("HttpClients.custom().setSSLContext(c).build()", []),
        ("(HttpsURLConnection) url.openConnection()", ["javax.net.ssl (HttpsURLConnection)"]),
        ("(HttpsURLConnection) open().setSSLSocketFactory(f)", []),
    ],
)
def test_in_java(text: str, use: list[str]) -> None:
    assert as_it_comes(f"class A {{ Object c = {text}; }}", "java") == use


@pytest.mark.parametrize(
    "text",
    [
        "import requests\n" + "requests.get(" * 20_000,
        "import requests\n" + "s = requests.Session()\n" * 3_000 + "s.get(u)\n" * 3_000,
        "from requests import (" + "a," * 50_000,
        "import requests\n"
        + "".join(f"s{n} = requests.get(u, verify=c{n})\n" for n in range(9_000)),
    ],
)
def test_hostile_text_ends(text: str) -> None:
    assert isinstance(as_it_comes(text, "python"), list)
