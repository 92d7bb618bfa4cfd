"""What nginx writes of requests. Expected values follow ngx_http_log_module."""

from __future__ import annotations

import pytest

from policyscan.errors import GapReason
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config, configs, gaps

SAFE = "log_format safe '$remote_addr $uri';"
LEAK = "log_format leak '$remote_addr $request_uri';"


def query(text: str) -> object:
    return config(text, "nginx.conf").logs_query


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        ("http { server {} }", True),
        ("http { access_log off; server {} }", False),
        ("http { access_log /x; server {} }", True),
        ("http { access_log /x combined; server {} }", True),
        (f"http {{ {SAFE} access_log /x safe; server {{}} }}", False),
        (f"http {{ {LEAK} access_log /x leak; server {{}} }}", True),
        (f"http {{ {SAFE} access_log /x safe; server {{ access_log /y; }} }}", True),
        (f"http {{ {SAFE} access_log /x; server {{ access_log /y safe; }} }}", False),
        (f"http {{ {SAFE} server {{ access_log /y safe; }} server {{}} }}", True),
        (f"http {{ {SAFE} access_log /x safe; access_log /y; server {{}} }}", True),
        (f"http {{ {SAFE} access_log /x safe; server {{ location / {{ access_log y; }} }}}}", True),
        (f"http {{ {SAFE} access_log /x safe; server {{ location / {{ if ($a) {{ access_log /y; }} "
         "} } }", True),
        ("http { log_format a '$args'; access_log /x a; server {} }", True),
        ("http { log_format a '${query_string}'; access_log /x a; server {} }", True),
        ("http { log_format a '$arg_signature'; access_log /x a; server {} }", True),
        ("http { log_format a \"$request_method $uri\"; access_log /x a; server {} }", False),
        ("http { log_format a escape=json '{\"r\":\"$request\"}'; access_log /x a; server {} }",
         True),
        ("http { log_format a $uri\n $request; access_log /x a buffer=32k; server {} }", True),
        ("http { # access_log /x combined;\n access_log off; server {} }", False),
        ("http { access_log /x buffer=32k; server {} }", True),
        ("events {} stream { server {} } http { access_log off; }", False),
    ],
)  # fmt: skip
def test_whether_the_query_is_written(text: str, leaks: bool) -> None:
    assert query(text) is leaks


@pytest.mark.parametrize(
    "text",
    [
        "http { access_log /x other; server {} }",
        "http { include /etc/nginx/shared/*.conf; server {} }",
        "server { listen 80; }",
        "http { map $request_uri $r { default $request_uri; } log_format a '$r'; access_log /x a;"
        " server {} }",
        "http { log_format a '$full'; access_log /x a; server { set $full $request_uri; } }",
        "http { access_log /x $format; server {} }",
    ],
)
def test_what_the_file_does_not_tell(text: str) -> None:
    assert isinstance(query(text), Unknown)


def test_headers() -> None:
    text = "http { log_format a '$http_x_mbx_apikey $cookie_session $sent_http_x $uri'; " \
        "access_log /x a; server {} }"  # fmt: skip
    assert config(text, "nginx.conf").logged_headers == ("x-mbx-apikey", "cookie")
    spelt = text.replace("$http_x_mbx", "token: $http_authorization] : $http_x_mbx")
    names = ("authorization", "x-mbx-apikey", "cookie")
    assert config(spelt, "nginx.conf").logged_headers == names
    partly = "http { access_log /x other; server {} }"
    assert isinstance(config(partly, "nginx.conf").logged_headers, PartialList)


@pytest.mark.parametrize(
    "text",
    [
        "http { map $http_authorization $a { default $http_authorization; } "
        "log_format f '$a'; access_log /x f; server {} }",
        "http { log_format f '$a'; access_log /x f; server { set $a $http_cookie; } }",
    ],
)
def test_headers_in_variables_of_the_configuration_are_not_known(text: str) -> None:
    found = config(text, "nginx.conf").logged_headers
    assert isinstance(found, PartialList)
    assert found.unknown.needs == "what $a holds"


@pytest.mark.parametrize(
    "made",
    ["map $request_id $other { default x; }", "geo $request_id $other { default 0; }"],
)
def test_what_a_variable_is_made_from_is_not_made(made: str) -> None:
    text = f"http {{ {made} log_format f '$request_id'; access_log /x f; server {{}} }}"
    assert query(text) is False
    assert config(text, "nginx.conf").logged_headers == ()


def test_a_part_takes_over_what_the_whole_says() -> None:
    files = {
        "nginx/nginx.conf": f"http {{ {SAFE} access_log /x safe; include conf.d/*.conf; }}",
        "nginx/conf.d/bot.conf": "server { listen 80; }",
        "nginx/conf.d/loud.conf": "server { access_log /y; }",
    }
    found = configs(files)
    assert found["nginx/conf.d/bot.conf"].logs_query is False
    assert found["nginx/conf.d/loud.conf"].logs_query is True


def test_a_format_of_another_file() -> None:
    files = {
        "nginx/formats.conf": SAFE,
        "nginx/nginx.conf": "http { include formats.conf; access_log /x safe; server {} }",
    }
    assert configs(files)["nginx/nginx.conf"].logs_query is False
    twice = files | {"nginx/more.conf": "log_format safe '$request';"}
    assert isinstance(configs(twice)["nginx/nginx.conf"].logs_query, Unknown)


def test_the_chain_leads_to_the_format() -> None:
    text = f"http {{\n {LEAK}\n access_log /x leak;\n server {{}}\n}}\n"
    steps = config(text, "nginx.conf").chains["logs_query"]
    assert [step.span.line for step in steps if step.span] == [2, 3]


def test_it_has_a_program_only_where_it_lies_in_one() -> None:
    files = {"setup.py": "", "nginx.conf": "http { server {} }"}
    assert configs(files)["nginx.conf"].program == ""
    inside = {"gateway/package.json": "{}", "gateway/nginx.conf": "http { server {} }"}
    assert configs(inside)["gateway/nginx.conf"].program == "gateway"


def test_what_is_no_nginx() -> None:
    assert configs({"etc/conf.d/app.conf": "[program:x]\ncommand=y\n"}) == {}
    assert gaps({"etc/conf.d/app.conf": "[program:x]\ncommand=y\n"}) == []


@pytest.mark.parametrize(
    "text",
    ["http { server {", "http { server { } } }", "server { {% if x %} }", 'http { "server }'],
)
def test_what_does_not_parse_is_a_gap(text: str) -> None:
    (gap,) = gaps({"nginx.conf": text})
    assert gap.reason is GapReason.UNPARSEABLE
