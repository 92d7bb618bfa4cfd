"""Programs, and what shows that they talk to an exchange."""

from __future__ import annotations

import pytest

from policyscan.collectors.code import CodeCollector
from policyscan.collectors.code.names import is_vendored
from policyscan.collectors.code.quick_look import may_tell, stems
from policyscan.resources.exchanges import exchanges
from tests.unit.collectors.code.collecting import collect, programs, signs, tallies

HOST = ("Binance", "host", "api.binance.com")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("import ccxt\n", ("several exchanges", "import", "ccxt")),
        ("import os, ccxt\n", ("several exchanges", "import", "ccxt")),
        ("import ccxt.pro as pro\n", ("several exchanges", "import", "ccxt.pro")),
        ("from binance.client import Client\n", ("Binance", "import", "binance.client")),
        ("def f():\n    from binance import Client\n", ("Binance", "import", "binance")),
        ("x = ccxt.kraken({})\n", ("Kraken", "import", "ccxt.kraken")),
        ("URL = 'https://api.binance.com/api/v3'\n", HOST),
        ("URL = 'wss://API.BINANCE.COM:9443/ws'\n", ("Binance", "host", "API.BINANCE.COM")),
        ("h = {'X-MBX-APIKEY': k}\n", ("Binance", "header", "X-MBX-APIKEY")),
        ("h = {'x-mbx-apikey': k}\n", ("Binance", "header", "x-mbx-apikey")),
        ("os.environ['BINANCE_API_KEY']\n", ("Binance", "environment", "BINANCE_API_KEY")),
        ("class S:\n    KRAKEN_SECRET: str\n", ("Kraken", "environment", "KRAKEN_SECRET")),
        ('os.getenv("MY_OKX_PASSPHRASE")\n', ("OKX", "environment", "MY_OKX_PASSPHRASE")),
    ],
)
def test_a_sign_in_python(text: str, sign: tuple[str, str, str]) -> None:
    assert sign in signs(text)


@pytest.mark.parametrize(
    "text",
    [
        "from exchange.binance import Client\n",
        "x = 'import ccxt'\n",
        "important = ccxtra\n",
        "URL = 'https://api.binance.com.evil.example/'\n",
        "URL = 'https://myapi.binance.community'\n",
        "BINANCE_FEE_KEYS = 3\n",
        "KRAKEN_CACHE_KEY = 'kraken'\n",
        "binance_cache = {}\n",
    ],
)
def test_no_sign_in_python(text: str) -> None:
    assert signs(text) == set()


def test_a_module_of_its_own_is_no_library() -> None:
    mine = {"main.py": "import binance\n", "binance.py": "pass\n"}
    assert programs(mine)["."].signs == ()
    below = {"bot/main.py": "import binance\n", "bot/binance.py": "pass\n"}
    assert programs(below)["."].signs == ()
    package = {**below, "bot/__init__.py": ""}
    assert [each.text for each in programs(package)["."].signs] == ["binance"]


@pytest.mark.parametrize(
    ("path", "text", "sign"),
    [
        ("a.js", "const c = require('ccxt')\n", ("several exchanges", "import", "ccxt")),
        ("a.ts", "import { pro } from 'ccxt';\n", ("several exchanges", "import", "ccxt")),
        ("a.mjs", "await import(\"binance\")\n", ("Binance", "import", "binance")),
        ("a.ts", "import x from '@binance/connector/src'\n",
         ("Binance", "import", "@binance/connector")),
        ("a.js", "process.env.BINANCE_API_KEY\n", ("Binance", "environment", "BINANCE_API_KEY")),
        ("a.go", 'import (\n\tb "github.com/adshao/go-binance/v2/futures"\n)\n',
         ("Binance", "import", "github.com/adshao/go-binance/v2/futures")),
        ("A.java", "import com.binance.connector.client.SpotClient;\n",
         ("Binance", "import", "com.binance.connector.client.SpotClient")),
        ("a.rs", 'const U: &str = "https://api.binance.com";\n', HOST),
    ],
)  # fmt: skip
def test_a_sign_in_other_languages(path: str, text: str, sign: tuple[str, str, str]) -> None:
    assert sign in signs(text, path)


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("requirements.txt", "# ccxt\nrequests\nccxt==4.3 ; python_version > '3.9'\n", "ccxt"),
        ("requirements.txt", "python_binance[extra]>=1\n", "python_binance"),
        ("requirements/base.txt", "ccxt\n", "ccxt"),
        ("pyproject.toml", '[project]\nname="x"\ndependencies=["ccxt>=4"]\n', "ccxt"),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython-binance = "1"\n', "python-binance"),
        ("pyproject.toml", '[dependency-groups]\nlive=["ccxt"]\n', "ccxt"),
        ("setup.py", "setup(install_requires=['ccxt>=1.0', 'x'])\n", "ccxt"),
        ("setup.cfg", "[options]\ninstall_requires =\n    ccxt>=1\n", "ccxt"),
        ("Pipfile", '[packages]\nccxt = "*"\n', "ccxt"),
        ("environment.yml", "dependencies:\n  - pip:\n    - ccxt==4.1\n", "ccxt"),
        ("package.json", '{"dependencies": {"ccxt": "^4"}}', "ccxt"),
        ("package.json", '{"dependencies": {"exchange": "npm:ccxt@^4"}}', "ccxt"),
        ("go.mod", "module x\nrequire github.com/adshao/go-binance/v2 v2.5.0\n",
         "github.com/adshao/go-binance/v2"),
        ("Cargo.toml", '[dependencies]\nbinance = "0.20"\n', "binance"),
        ("pom.xml", "<dependency><groupId>io.github.binance</groupId>\n"
         "<artifactId>binance-connector-java</artifactId></dependency>",
         "io.github.binance:binance-connector-java"),
        ("build.gradle", "implementation 'io.github.binance:binance-connector-java:3.0.0'\n",
         "io.github.binance:binance-connector-java"),
    ],
)  # fmt: skip
def test_an_sdk_in_a_manifest(path: str, text: str, name: str) -> None:
    (program,) = programs({path: text}).values()
    assert [(each.sign, each.text) for each in program.signs] == [("sdk", name)]
    assert program.handles_keys


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("requirements.txt", "ccxt-rate-limiter\nmyccxt\n"),
        ("requirements.txt", "-r ccxt.txt\n"),
        ("pyproject.toml", '[project]\nname="ccxt"\nkeywords=["ccxt", "python-binance"]\n'),
        ("package.json", '{"name": "ccxt", "keywords": ["ccxt"], "scripts": {"ccxt": "x"}}'),
        ("package.json", '{"dependencies": {"@types/binance": "1"}}'),
        ("Cargo.toml", '[package]\nname = "binance"\n'),
        ("setup.py", "setup(name='ccxt', version='1')\n"),
        ("setup.py", "setup(\n    name = 'ccxt',\n)\n"),
        ("setup.cfg", "[metadata]\nname = ccxt\n"),
    ],
)
def test_no_sdk_in_a_manifest(path: str, text: str) -> None:
    (program,) = programs({path: text}).values()
    assert program.signs == ()


def test_public_market_data_needs_no_key() -> None:
    program = programs({"feed.py": "URL = 'https://data-api.binance.vision'\n"})["."]
    assert [each.sign for each in program.signs] == ["host"]
    assert not program.handles_keys


def test_each_file_belongs_to_the_nearest_manifest_above() -> None:
    found = programs({
        "requirements.txt": "requests\n",
        "tool.py": "pass\n",
        "bots/maker/requirements.txt": "ccxt\n",
        "bots/maker/src/main.py": "import ccxt\n",
        "bots/feed/package.json": "{}",
        "bots/feed/index.js": "fetch('https://api.kraken.com')\n",
    })  # fmt: skip
    assert {name: each.handles_keys for name, each in found.items()} == {
        ".": False,
        "bots/maker": True,
        "bots/feed": False,
    }
    assert found["bots/feed"].languages == ("javascript",)


def test_the_modules_of_a_java_build_are_one_program() -> None:
    found = programs({
        "app/pom.xml": "<project/>",
        "app/core/pom.xml": "<project/>",
        "app/core/src/A.java": 'String H = "X-MBX-APIKEY";\n',
        "other/pom.xml": "<project/>",
    })  # fmt: skip
    assert {name: each.handles_keys for name, each in found.items()} == {
        "app": True,
        "other": False,
    }


def test_tests_and_examples_count_only_where_nothing_else_is() -> None:
    with_code = {"main.py": "pass\n", "tests/test_x.py": "import ccxt\n"}
    assert not programs(with_code)["."].handles_keys
    alone = {"examples/x/requirements.txt": "", "examples/x/main.py": "import ccxt\n"}
    assert programs(alone)["examples/x"].handles_keys


def test_variables_are_found_where_they_are_handed_out() -> None:
    files = {
        "main.py": "pass\n",
        ".env.example": "# keys\nBINANCE_API_KEY=\n",
        "docker-compose.yml": "services:\n  bot:\n    environment:\n      - KRAKEN_API_KEY\n",
    }
    found = {(each.exchange, each.text) for each in programs(files)["."].signs}
    assert found == {("Binance", "BINANCE_API_KEY"), ("Kraken", "KRAKEN_API_KEY")}


def test_the_chain_of_a_sign_leads_to_its_place() -> None:
    program = programs({"a.py": "x = 1\nURL = 'api.binance.com'\n"})["."]
    (step,) = program.chains["signs[0]"]
    assert step.span is not None
    assert (step.span.place, step.span.text) == ("a.py:2", "api.binance.com")


def test_copies_of_other_peoples_code_are_left_alone() -> None:
    claims = CodeCollector().claims
    for path in (
        "node_modules/ccxt/index.js",
        "vendor/github.com/x/y.go",
        "lib/python3/site-packages/ccxt/base.py",
    ):
        assert claims(path, b"") and is_vendored(path)
    assert not is_vendored("vendors/main.py")
    assert claims("vendors/main.py", b"")
    assert not claims("main.tf", b"")
    assert not claims("Dockerfile", b"")


def test_a_tree_without_source_has_no_program() -> None:
    assert not programs({"main.tf": "", ".env.example": "BINANCE_API_KEY=\n"})


def test_what_is_not_read_is_counted() -> None:
    tally = tallies({
        "a.py": "pass\n",
        "tests/b.py": "pass\n",
        "huge.py": "x = 1\n" * 200_000,
        "bundle.js": "a=1;" * 10_000,
    })["source file"]  # fmt: skip
    assert (tally.found, tally.normalised) == (4, 1)
    assert sorted(tally.dropped.values()) == [1, 1, 1]


@pytest.mark.parametrize("files", [
    {"bad.py": b"import ccxt\n\x00\xff\xfe"},
    {"old.py": "print 'x'\nimport ccxt\n"},
    {"deep.py": "x = " + "(" * 5000 + ")" * 5000 + "\nimport ccxt\naddHandler\n"},
    {"minus.py": "x = " + "-" * 50000 + "1\nimport ccxt\nlogging.addHandler(x)\n"},
    {"attr.py": "import ccxt\naddHandler\nx" + ".a" * 20000 + "()\n"},
    {"plus.py": "import ccxt\naddHandler\nx = " + "+".join(["1"] * 20000) + "\n"},
    {"latin.py": "# -*- coding: latin-1 -*-\n# \xe9\nimport ccxt\n".encode("latin-1")},
    {"esc.py": "import ccxt\nx = '\\d'\nlogging.basicConfig()\n"},
])  # fmt: skip
def test_a_source_that_is_hostile_or_old_still_shows_its_signs(files: dict[str, str]) -> None:
    program = programs(files)["."]
    assert program.handles_keys


@pytest.mark.parametrize("text", ["binance" * 100_000, "api.binance.com " * 40_000, "@" * 900_000])
def test_many_stems_take_no_time(text: str) -> None:
    assert programs({"a.py": f"x = '{text}'\n"})["."] is not None


def test_every_name_of_the_tables_holds_a_stem() -> None:
    for each in exchanges():
        names = [*each.hosts.production, *each.hosts.test, *each.header_names]
        names += [*each.environment_names]
        for listed in (*each.packages.values(), *each.imports.values()):
            names += listed
        for name in names:
            assert may_tell(name.lower().encode()), name
    assert len(stems()) < 150


def test_the_books_of_programs_balance() -> None:
    manifests = ["pom.xml", "a/pom.xml", "a/package.json", "b/requirements/x.txt", "c/d/e/go.mod"]
    manifests += ["c/d/e/f/build.gradle", "c/d/e/f/g/build.gradle.kts", "c/setup.py"]
    for number in range(1 << len(manifests)):
        chosen = [name for bit, name in enumerate(manifests) if number >> bit & 1]
        files = dict.fromkeys([*chosen, "a/x.py", "c/y.ts"], "")
        tally = tallies({**files, **{n: "{}" for n in chosen if n.endswith(".json")}})["Program"]
        assert tally.found == tally.normalised, chosen


def test_two_runs_agree() -> None:
    files = {"a.py": "import ccxt\nURL='api.kraken.com'\n", "b/package.json": "{}", "b/x.ts": ""}
    first = [repr(item) for item in collect(files)]
    assert first == [repr(item) for item in collect(files)]


def test_a_manifest_that_does_not_parse_is_a_gap() -> None:
    for path, text in (("pyproject.toml", "ccxt = ["), ("package.json", '{"ccxt": ')):
        (gap,) = [item for item in collect({path: text}) if type(item).__name__ == "Gap"]
        assert gap.subject == path  # type: ignore[union-attr]
