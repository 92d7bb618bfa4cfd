"""Redaction that looks complete and is not: none of it may pass for certain."""

from __future__ import annotations

import pytest

from policyscan.resources.logging import LoggingConfig
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config

START = """
import logging, re
P = re.compile("(?i)(secret|signature|authorization)=.*")
class Redact(logging.Filter):
    def filter(self, record):
        record.msg = P.sub("", record.getMessage())
        return True
h = logging.StreamHandler()
h.addFilter(Redact())
logging.getLogger().addHandler(h)
"""


def is_certain(found: LoggingConfig) -> bool:
    """Whether the policies on redaction would pass for these three names."""
    return (
        found.redaction_present is True
        and isinstance(found.redacted_terms, tuple)
        and {"secret", "signature", "authorization"} <= set(found.redacted_terms)
        and isinstance(found.attach_point, str)
        and found.attach_point in ("all_handlers", "log_record_factory", "processor")
    )


def test_the_plain_case_is_certain() -> None:
    assert is_certain(config(START))


@pytest.mark.parametrize(
    "text",
    [
        START.replace("record.msg = P.sub", "P.sub"),
        START.replace("record.msg =", "if record.levelno > 10:\n            record.msg ="),
        START.replace("(?i)", ""),
        START.replace("secret|", "secrets|"),
        START.replace("=.*", "=[0-9]+=.*").replace("secret|", "sec|"),
        START + "h.removeFilter(h.filters[0])\n",
        START + "logging.getLogger().addHandler(logging.FileHandler('x'))\n",
        START + "logging.getLogger().addHandler(make_handler())\n",
        START + "from x import other\nlogging.getLogger().addHandler(other)\n",
        START + "logging.basicConfig()\n",
        START + "logging.basicConfig(handlers=[h, logging.FileHandler('x')])\n",
        START + "f = logging.FileHandler('x')\nf.addFilter(logging.Filter())\n",
        START + "import logging.config\nlogging.config.dictConfig({'version': 1, 'handlers': "
        "{'f': {'class': 'logging.FileHandler'}}, 'root': {'handlers': ['f']}})\n",
        START + "logging.config.dictConfig(make())\n",
        START.replace("h.addFilter(Redact())", "if x:\n    h.addFilter(Redact())"),
        START.replace("h.addFilter", "try:\n    pass\nexcept E:\n    h.addFilter"),
        START.replace("h.addFilter(Redact())", "logging.getLogger().addFilter(Redact())"),
        START.replace("h.addFilter(Redact())", ""),
        START.replace("h.addFilter(Redact())", "h.addFilter"),
        START.replace("h.addFilter(Redact())", "# h.addFilter(Redact())"),
        START.replace("h.addFilter(Redact())", "'h.addFilter(Redact())'"),
        START.replace('P = re.compile("', 'P = re.compile("x"); Q = re.compile("'),
        START.replace("class Redact", "P = re.compile('x')\nclass Redact"),
        START.replace('re.compile("(?i)', 're.compile(PREFIX + "(?i)'),
        START.replace('"(?i)(secret', 'f"{x}(?i)(secret'),
    ],
)
def test_what_is_not_certain(text: str) -> None:
    assert not is_certain(config(text))


@pytest.mark.parametrize(
    "pattern",
    [
        "%msg %replace{%msg}{(?i)(secret|signature|authorization)=.*}{}%n",
        "%replace{%msg}{(?i)(secret|signature|authorization)=.*}{} %m%n",
        "%replace{%d}{(?i)(secret|signature|authorization)=.*}{} %msg%n",
        "%replace{%msg}{(?i)(secret|signature)=.*}{}%n",
    ],
)
def test_patterns_that_write_the_message_elsewhere(pattern: str) -> None:
    whole = (
        '<Configuration><Appenders><Console name="o"><PatternLayout pattern="'
        f'{pattern}"/></Console></Appenders><Loggers><Root level="info"><AppenderRef ref="o"/>'
        "</Root></Loggers></Configuration>"
    )
    assert not is_certain(config(whole, "log4j2.xml"))
    good = whole.replace(pattern, "%replace{%msg}{(?i)(secret|signature|authorization)=.*}{}%n")
    assert is_certain(config(good, "log4j2.xml"))


@pytest.mark.parametrize(
    "text",
    [
        "http { log_format s '$uri'; access_log /x s; server { include snippets/log.conf; } }",
        "http { log_format s '$uri'; access_log /x s; server { if ($x) { include a/*.conf; } } }",
    ],
)
def test_a_server_that_includes_what_is_not_here(text: str) -> None:
    found = config(text, "nginx.conf")
    assert isinstance(found.logs_query, Unknown)
    assert isinstance(found.logged_headers, PartialList)
    harmless = text.replace("snippets/log.conf", "fastcgi_params").replace("a/*.conf", "mime.types")
    assert config(harmless, "nginx.conf").logs_query is False


def test_names_that_stand_for_ever_more_names() -> None:
    lines = ["A0 = ['x'] * 1", *(f"A{n} = [{f'A{n - 1}, ' * 9}]" for n in range(1, 25))]
    text = "import logging.config\n" + "\n".join(lines)
    text += "\nlogging.config.dictConfig({'version': 1, 'root': {'handlers': ['h']}, 'handlers': "
    text += "{'h': {'class': 'logging.StreamHandler', 'filters': A24}}})\n"
    assert isinstance(config(text).redaction_present, Unknown)


def test_classes_that_inherit_without_end() -> None:
    text = "import logging\nclass C0(logging.Filter):\n    pass\n"
    text += "".join(f"class C{n}(C{n - 1}):\n    pass\n" for n in range(1, 3000))
    text += "class L(L):\n    pass\nclass M(N):\n    pass\nclass N(M):\n    pass\n"
    text += (
        "h = logging.StreamHandler()\nh.addFilter(C2999())\nh.addFilter(L())\nh.addFilter(M())\n"
    )
    assert isinstance(config(text).redaction_present, Unknown)
