"""Clients of TLS: what is one client, what its settings come to, and that nothing is dropped."""

from __future__ import annotations

import pytest

from policyscan.collectors.code.tls import reader
from policyscan.collectors.code.tls.shape import Shape
from policyscan.resources.base import Gap, Tally
from policyscan.resources.tls import TlsClientUse
from policyscan.text.source import Source
from policyscan.values import Unknown
from tests.unit.collectors.code.collecting import collect


def clients(files: dict[str, str | bytes]) -> dict[str, TlsClientUse]:
    return {item.address: item for item in collect(files) if isinstance(item, TlsClientUse)}


def books(files: dict[str, str | bytes]) -> Tally:
    (found,) = (i for i in collect(files) if isinstance(i, Tally) and i.kind == "TlsClientUse")
    return found


CONTEXT = """
    import certifi, ssl
    ctx = ssl.create_default_context(cafile=certifi.where())
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
"""


def test_a_context_and_its_settings_are_one_client() -> None:
    (use,) = clients({"bot.py": CONTEXT}).values()
    assert (use.library, use.language, use.program) == ("ssl", "python", ".")
    assert (use.verify, use.check_hostname) == (True, True)
    assert (use.min_version, use.ca_source) == ("1.3", "certifi")


def test_each_setting_has_its_own_place() -> None:
    (use,) = clients({"bot.py": CONTEXT}).values()
    (step,) = use.provenance("min_version")
    assert step.span is not None
    assert step.span.text == "ctx.minimum_version = ssl.TLSVersion.TLSv1_3"
    (step,) = use.provenance("ca_source")
    assert step.span is not None
    assert step.span.line == 2


def test_the_books_balance() -> None:
    found = books({"bot.py": CONTEXT})
    assert (found.found, found.normalised) == (3, 1)
    assert found.balanced
    assert dict(found.dropped) == {"further settings of the same client": 2}


def test_an_address_does_not_move_with_the_lines() -> None:
    text = "import requests\nrequests.get('https://a.example', verify=False)\n"
    assert set(clients({"bot.py": text})) == set(clients({"bot.py": "\n\n" + text}))


def test_what_stands_last_decides() -> None:
    text = """
        import ssl
        ctx = ssl.create_default_context()
        ctx.check_hostname = False
        ctx.check_hostname = True
    """
    (use,) = clients({"bot.py": text}).values()
    assert use.check_hostname is True


@pytest.mark.parametrize(
    "change",
    [
        "if debug:\n    ctx.check_hostname = False\n",
        "def weaken():\n    ctx.check_hostname = False\n",
        "match mode:\n    case 1:\n        ctx.check_hostname = False\n",
        "ctx.check_hostname = strict\n",
        "ctx.check_hostname = True if strict else False\n",
    ],
)
def test_a_setting_that_may_not_be_in_force_is_unknown(change: str) -> None:
    (use,) = clients(
        {"bot.py": "import ssl\nctx = ssl.create_default_context()\n" + change}
    ).values()
    assert isinstance(use.check_hostname, Unknown)
    assert "bot.py" in use.check_hostname.needs or "called" in use.check_hostname.needs


def test_a_condition_that_changes_nothing_is_no_doubt() -> None:
    text = "import ssl\nctx = ssl.create_default_context()\nif x:\n    ctx.check_hostname = True\n"
    (use,) = clients({"bot.py": text}).values()
    assert use.check_hostname is True


def test_the_variable_of_another_function_is_another() -> None:
    text = """
        import ssl
        def one():
            ctx = ssl.create_default_context()
            return ctx
        def two(ctx):
            ctx.check_hostname = False
    """
    first, second = clients({"bot.py": text}).values()
    assert first.check_hostname is True
    assert second.check_hostname is False
    assert isinstance(second.verify, Unknown)


def test_tests_and_servers_are_left_out() -> None:
    files: dict[str, str | bytes] = {
        "bot.py": "import ssl\nssl.create_default_context(ssl.Purpose.CLIENT_AUTH)\n",
        "tests/test_bot.py": "import requests\nrequests.get('https://a.example', verify=False)\n",
    }
    assert clients(files) == {}
    assert dict(books(files).dropped) == {"of a server": 2}


def test_a_program_with_keys_has_a_client_for_each_library() -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "ccxt\n",
        "bot.py": "import ccxt\nexchange = ccxt.kraken()\n",
    }
    use = clients(files)[".#ccxt"]
    assert (use.verify, use.check_hostname, use.min_version) == (True, True, None)
    assert (use.ca_source, use.exchange_client) == ("certifi", True)
    assert books(files).balanced


def test_a_program_without_keys_has_none() -> None:
    assert clients({"app.py": "import requests\nrequests.get('https://a.example')\n"}) == {}


def test_what_a_package_does_inside_is_unknown() -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "krakenex\n",
        "bot.py": "import krakenex\napi = krakenex.API()\n",
    }
    use = clients(files)[".#krakenex"]
    assert isinstance(use.verify, Unknown)
    assert use.exchange_client is True


def test_a_setting_elsewhere_raises_a_doubt_about_what_comes_as_it_is() -> None:
    files: dict[str, str | bytes] = {
        "requirements.txt": "ccxt\n",
        "bot.py": "import ccxt\nexchange = ccxt.kraken()\n",
        "tls.py": CONTEXT,
    }
    use = clients(files)[".#ccxt"]
    assert isinstance(use.min_version, Unknown)
    assert "tls.py:2" in use.min_version.needs


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("ssl.TLSVersion.TLSv1_3", "1.3"),
        ("ssl.TLSVersion.TLSv1_2", "1.2"),
        ("ssl.TLSVersion.TLSv1_1", "1.1"),
        ("ssl.TLSVersion.TLSv1", "1.0"),
        ("ssl.TLSVersion.MINIMUM_SUPPORTED", "1.0"),
    ],
)
def test_versions(text: str, version: str) -> None:
    files: dict[str, str | bytes] = {
        "bot.py": f"import ssl\nc = ssl.create_default_context()\nc.minimum_version = {text}\n"
    }
    (use,) = clients(files).values()
    assert use.min_version == version


def test_more_roots_beside_those_of_the_system_are_not_a_choice() -> None:
    text = "import ssl\nc = ssl.create_default_context()\nc.load_verify_locations('/ca.pem')\n"
    (use,) = clients({"bot.py": text}).values()
    assert use.ca_source == "system"


def test_a_file_with_too_many_settings_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_SETTINGS", 3)
    text = "import requests\n" + "requests.get('https://a.example', verify=False)\n" * 4
    items = collect({"bot.py": text})
    (gap,) = (item for item in items if isinstance(item, Gap))
    assert gap.subject == "bot.py"
    assert gap.hides == ("TlsClientUse",)
    assert books({"bot.py": text}).balanced


@pytest.mark.parametrize(
    "text",
    [
        "secret_session = requests.Session()\nsecret_session.verify = 's3cr3tvalue-abc'\n",
        "api_token.verify = 'abcdef0123456789'\n",
    ],
)
def test_what_is_masked_is_unknown(text: str) -> None:
    (use,) = clients({"bot.py": "import requests\n" + text}).values()
    assert isinstance(use.verify, Unknown)
    assert use.ca_source == "certifi"


def test_a_masked_version_is_unknown() -> None:
    text = "import ssl\nsecret = ssl.create_default_context()\nsecret.minimum_version = 'TLSv1_3'\n"
    (use,) = clients({"bot.py": text}).values()
    assert isinstance(use.min_version, Unknown)
    assert "TLSv1" not in use.min_version.needs


def test_text_is_no_bundle_in_javascript() -> None:
    (use,) = clients({"bot.js": "new https.Agent({ rejectUnauthorized: 'false' });\n"}).values()
    assert isinstance(use.verify, Unknown)
    assert use.ca_source == "certifi"


KEY = "HEADER = 'X-MBX-APIKEY'\n"


def test_an_import_is_no_client() -> None:
    text = f"import http.client\n{KEY}http.client.HTTPConnection.debuglevel = 1\n"
    assert clients({"bot.py": text}) == {}


def test_where_every_call_has_its_settings_there_is_no_other_client() -> None:
    text = f"import requests\n{KEY}requests.get(url, verify=False)\n"
    assert set(clients({"bot.py": text})) == {"bot.py#requests-1"}
    more = "requests.post(url)\n"
    assert set(clients({"bot.py": text + more})) == {"bot.py#requests-1", ".#requests"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"scripts": {"start": "NODE_TLS_REJECT_UNAUTHORIZED=0 node bot.js"}}'),
        (".env", "NODE_TLS_REJECT_UNAUTHORIZED='0'\n"),
        ("compose.yaml", 'environment:\n  NODE_TLS_REJECT_UNAUTHORIZED: "0"\n'),
    ],
)
def test_what_a_program_is_started_with_raises_a_doubt(path: str, text: str) -> None:
    code = f"const https = require('https');\nconst {KEY}https.get(url);\n"
    assert clients({"bot.js": code})[".#https"].verify is True
    use = clients({"bot.js": code, path: text})[".#https"]
    assert isinstance(use.verify, Unknown)
    assert f"{path}:" in use.verify.needs


# -- the shape of source -----------------------------------------------------------------------


def test_functions_and_branches_by_indentation() -> None:
    text = b"""\
def one(a,
        b):
    if a:
        x = 1
    elif b:
        x = 2
    else:
        x = 3
    return x

def two(): pass
y = "def three(): pass"
"""
    shape = Shape(Source("a.py", text), "python")
    assert [f.name for f in shape.functions] == ["one", "two"]
    (branch,) = shape.branches
    assert branch.condition == "a"
    assert text[branch.start : branch.end].decode().strip().endswith("x = 3")


def test_functions_and_branches_by_braces() -> None:
    text = b"""\
func (c *Client) one(a int) (*http.Client, error) {
    if c.x { y() } else { z() }
    f := func(b int) error { return nil }
    // func three() {
}
"""
    shape = Shape(Source("a.go", text), "go")
    assert sorted(f.name for f in shape.functions) == ["", "one"]
    assert [b.condition for b in shape.branches] == ["c.x", ""]


def test_assignments_are_not_arguments() -> None:
    text = b"""\
class A:
    verify = False
    def get(self):
        return f(
            verify=True,
        )
"""
    shape = Shape(Source("a.py", text), "python")
    assert [each.value for each in shape.assigned("verify")] == ["False"]


@pytest.mark.parametrize(
    "text",
    [
        b"/*" * 50_000,
        b"v = {;" * 20_000,
        b"\"'`" * 30_000,
        b"if (" * 30_000,
        b" ".join([b"a"] * 50_000) + b"{",
        b"a<" * 50_000 + b"{",
    ],
)
def test_hostile_text_ends(text: bytes) -> None:
    shape = Shape(Source("a.js", text), "javascript")
    assert shape.functions is not None
    assert len(shape.assigned("v")) <= 100
