"""What Python code says to its loggers. Expected values follow the documentation of `logging`."""

from __future__ import annotations

import pytest

from policyscan.resources.logging import LoggingConfig
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config, configs, gaps

REDACT = """
import logging, re
class Redact(logging.Filter):
    def filter(self, record):
        record.msg = re.sub(r"(?i)(secret|signature)=\\S+", "", record.getMessage())
        record.args = ()
        return True
"""


def found(text: str) -> LoggingConfig:
    return config(REDACT + text)


def test_the_filter_of_the_guide_hides_one_name_and_is_attached_nowhere() -> None:
    guide = config('''
        import logging
        import re
        class SensitiveDataFilter(logging.Filter):
            def filter(self, record):
                record.msg = re.sub(r'X-MBX-APIKEY=[A-Za-z0-9]+',
                'X-MBX-APIKEY=[REDACTED]', str(record.msg))
                return True
        ''')  # fmt: skip
    assert guide.redaction_present is True
    assert guide.redacted_terms == ("X-MBX-APIKEY",)
    assert guide.attach_point == "none"


@pytest.mark.parametrize(
    ("text", "attach"),
    [
        ("logging.getLogger().addFilter(Redact())", "logger"),
        ("log = logging.getLogger('bot')\nlog.addFilter(Redact())", "logger"),
        ("h = logging.StreamHandler()\nh.addFilter(Redact())", "all_handlers"),
        ("f = Redact()\nh = logging.StreamHandler()\nh.addFilter(f)", "all_handlers"),
        ("a = logging.StreamHandler()\nb = logging.FileHandler('x')\na.addFilter(Redact())",
         "some_handlers"),
        ("logging.basicConfig()\nfor h in logging.getLogger().handlers:\n    h.addFilter(Redact())",
         "all_handlers"),
        ("logging.basicConfig()\nfor h in logging.root.handlers[:]:\n    h.addFilter(Redact())",
         "all_handlers"),
        ("logging.basicConfig()\nlogging.getLogger().addFilter(Redact())", "logger"),
        ("h = logging.StreamHandler()\nlogging.basicConfig(handlers=[h])\nh.addFilter(Redact())",
         "all_handlers"),
    ],
)  # fmt: skip
def test_where_a_filter_is_attached(text: str, attach: str) -> None:
    assert found(text).attach_point == attach
    assert found(text).redaction_present is True


@pytest.mark.parametrize(
    "text",
    [
        "def protect(thing):\n    thing.addFilter(Redact())",
        "for h in some_handlers:\n    h.addFilter(Redact())",
        "for h in logging.getLogger('x').handlers:\n    h.addFilter(Redact())",
    ],
)
def test_it_is_not_known_where_a_filter_is_attached(text: str) -> None:
    assert isinstance(found(text).attach_point, Unknown)


def test_a_filter_under_a_condition_may_not_be_there() -> None:
    text = "h = logging.StreamHandler()\nif settings.safe:\n    h.addFilter(Redact())"
    assert isinstance(found(text).redaction_present, Unknown)
    both = "if settings.console:\n    h = logging.StreamHandler()\n    h.addFilter(Redact())"
    assert found(both).redaction_present is True
    once = "log = logging.getLogger()\nif not log.handlers:\n    h = logging.StreamHandler()\n" \
        "    h.addFilter(Redact())"  # fmt: skip
    assert found(once).attach_point == "all_handlers"


def test_a_factory_sees_every_record() -> None:
    factory = """
import logging, re
old = logging.getLogRecordFactory()
def factory(*args, **kwargs):
    record = old(*args, **kwargs)
    record.msg = re.sub("secret=.*", "", record.getMessage())
    return record
logging.setLogRecordFactory(factory)
"""
    assert config(factory).attach_point == "log_record_factory"


def test_a_formatter_hides_what_it_formats() -> None:
    text = """
class Safe(logging.Formatter):
    def format(self, record):
        return re.sub("(?i)signature=[0-9a-f]+", "", super().format(record))
h = logging.StreamHandler()
h.setFormatter(Safe())
"""
    assert config("import logging, re\n" + text).attach_point == "all_handlers"


@pytest.mark.parametrize(
    "body",
    [
        "return record.levelno < 40",
        "record.host = 'x'\n        return True",
        "return 'Uvicorn running on' not in record.getMessage()",
        "for name in NAMES:\n            pass\n        return True",
        "record.msg = record.msg.replace('\\n', ' ')\n        return True",
    ],
)
def test_a_filter_that_hides_nothing(body: str) -> None:
    text = f"""
import logging
class Plain(logging.Filter):
    def filter(self, record):
        {body}
h = logging.StreamHandler()
h.addFilter(Plain())
"""
    plain = config(text)
    assert plain.redaction_present is False
    assert plain.attach_point is None


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ("record.msg = clean(record.msg)", None),
        ("record.msg = record.msg.replace(API_KEY, '*')", ()),
        ("record.msg = re.sub(PATTERN, '', record.msg)", ()),
        ("record.msg = re.sub(r'[A-Za-z0-9]{64}', '', record.msg)", ()),
        ("record.msg = re.sub('secret=.*', '', record.msg).replace(KEY, '')", ("secret",)),
        ("record.msg = re.sub('secret=.*', '', scrub(record.msg))", ("secret",)),
    ],
)
def test_what_hides_more_than_can_be_read_is_open(body: str, known: tuple[str, ...] | None) -> None:
    text = f"""
import logging, re
from elsewhere import clean, scrub, API_KEY, KEY, PATTERN
class Some(logging.Filter):
    def filter(self, record):
        {body}
        return True
h = logging.StreamHandler()
h.addFilter(Some())
"""
    some = config(text)
    if known is None:
        assert isinstance(some.redaction_present, Unknown)
        return
    assert some.redaction_present is True
    assert isinstance(some.redacted_terms, PartialList)
    assert set(known) <= set(some.redacted_terms.known)


@pytest.mark.parametrize(
    "text",
    [
        "PATTERNS = [r'(?i)secret=\\S+', r'(?i)signature=\\S+']\n"
        "class R(logging.Filter):\n    def filter(self, record):\n        for p in PATTERNS:\n"
        "            record.msg = re.sub(p, '', record.msg)\n        return True\n",
        "class R(logging.Filter):\n    RULES = [(re.compile('(?i)secret=.*'), 'x'),\n"
        "             (re.compile('signature=.*', re.I), 'y')]\n"
        "    def filter(self, record):\n        for p, to in self.RULES:\n"
        "            record.msg = p.sub(to, record.msg)\n        return True\n",
        "class R(logging.Filter):\n    def __init__(self):\n"
        "        self.p = re.compile('(?i)(secret|signature)=.*')\n"
        "    def filter(self, record):\n        record.msg = self.p.sub('', record.msg)\n"
        "        return True\n",
        "P = re.compile('(?i)(secret|signature)=.*')\ndef hide(text):\n    return P.sub('', text)\n"
        "class R(logging.Filter):\n    def filter(self, record):\n"
        "        record.msg = hide(record.getMessage())\n        return True\n",
        "class R(logging.Filter):\n    WORDS = ['secret', 'signature']\n"
        "    def filter(self, record):\n        text = record.getMessage().lower()\n"
        "        for w in self.WORDS:\n            if w in text:\n"
        "                record.msg = '*'\n                record.args = ()\n        return True\n",
    ],
)
def test_ways_to_write_the_same_redaction(text: str) -> None:
    same = config(f"import logging, re\n{text}h = logging.StreamHandler()\nh.addFilter(R())\n")
    assert same.redaction_present is True
    assert isinstance(same.redacted_terms, tuple)
    assert {"secret", "signature"} <= set(same.redacted_terms)


def test_a_list_that_changes_is_not_known() -> None:
    text = """
import logging, re
PATTERNS = ['secret=.*']
PATTERNS.clear()
class R(logging.Filter):
    def filter(self, record):
        for p in PATTERNS:
            record.msg = re.sub(p, '', record.msg)
        return True
h = logging.StreamHandler()
h.addFilter(R())
"""
    assert isinstance(config(text).redacted_terms, PartialList)


def test_what_a_class_inherits_hides_too() -> None:
    text = "class Mine(Redact):\n    pass\nh = logging.StreamHandler()\nh.addFilter(Mine())\n"
    assert found(text).attach_point == "all_handlers"
    theirs = "import logging\nfrom lib import BaseFilter\nclass Mine(BaseFilter):\n    pass\n" \
        "h = logging.StreamHandler()\nh.addFilter(Mine())\n"  # fmt: skip
    assert isinstance(config(theirs).redaction_present, Unknown)


def test_a_class_of_another_file_of_the_program() -> None:
    both = configs({
        "bot/log.py": REDACT,
        "bot/main.py": "import logging\nfrom bot.log import Redact\nh = logging.StreamHandler()\n"
        "h.addFilter(Redact())\n",
    })  # fmt: skip
    assert both[".#python_logging"].attach_point == "all_handlers"


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("logging.basicConfig(level=logging.DEBUG)", "debug"),
        ("logging.basicConfig(level='info')", "info"),
        ("logging.basicConfig(level=5)", "trace"),
        ("logging.basicConfig()", None),
        ("LEVEL = logging.DEBUG\nlogging.basicConfig(level=LEVEL)", "debug"),
        ("logging.getLogger().setLevel('DEBUG')", "debug"),
        ("logging.root.setLevel(logging.DEBUG)", "debug"),
        ("log = logging.getLogger('bot')\nlog.setLevel(logging.DEBUG)", "debug"),
        ("logging.basicConfig(level=logging.INFO)\nlogging.getLogger('x').setLevel('NOTSET')",
         "info"),
        ("log = logging.getLogger()\nlog.setLevel(logging.DEBUG)\nh = logging.StreamHandler()\n"
         "h.setLevel(logging.INFO)\nlog.addHandler(h)", "info"),
        ("log = logging.getLogger()\nlog.setLevel(logging.DEBUG)\nh = logging.StreamHandler()\n"
         "h.setLevel(logging.INFO)\nf = logging.FileHandler('x')\nlog.addHandler(h)", "debug"),
        ("if __name__ == '__main__':\n    logging.basicConfig(level=logging.DEBUG)", "debug"),
    ],
)  # fmt: skip
def test_the_level(text: str, level: str | None) -> None:
    assert config(f"import logging\n{text}\n").level == level


@pytest.mark.parametrize(
    "text",
    [
        "logging.basicConfig(level=os.environ.get('LEVEL', 'DEBUG'))",
        "logging.basicConfig(level=args.level)",
        "logging.basicConfig(level=logging.DEBUG if args.v else logging.INFO)",
        "if args.v:\n    logging.basicConfig(level=logging.DEBUG)",
        "LEVEL = 'INFO'\nif args.v:\n    LEVEL = 'DEBUG'\nlogging.basicConfig(level=LEVEL)",
        "def setup(level):\n    logging.basicConfig(level=level)",
        "logging.basicConfig(**options)",
        "logging.basicConfig(level='LOUD')",
        "CONFIG = {'version': 1, 'root': {'level': 'INFO', 'handlers': []}}\n"
        "CONFIG['root']['level'] = args.level\nlogging.config.dictConfig(CONFIG)",
    ],
)
def test_a_level_that_is_decided_elsewhere(text: str) -> None:
    assert isinstance(config(f"import logging, os\n{text}\n").level, Unknown)


def test_scripts_that_disagree_leave_the_level_open() -> None:
    one = {"a.py": "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"}
    other = {"b.py": "import logging\nlogging.basicConfig(level=logging.INFO)\n"}
    assert configs(one)[".#python_logging"].level == "debug"
    assert isinstance(configs(one | other)[".#python_logging"].level, Unknown)


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        ("http.client.HTTPConnection.debuglevel = 1", True),
        ("http.client.HTTPConnection.debuglevel = 0", False),
        ("ccxt.binance({'verbose': True})", True),
        ("ccxt.binance({'verbose': False})", False),
        ("e = ccxt.binance()\ne.verbose = True", True),
        ("logging.getLogger('urllib3').setLevel(logging.DEBUG)", True),
        ("logging.getLogger('urllib3').setLevel(logging.INFO)", False),
        ("connection.set_debuglevel(1)", True),
        ("urllib.request.build_opener(urllib.request.HTTPSHandler(debuglevel=1))", True),
    ],
)
def test_clients_that_show_their_requests(text: str, wire: bool) -> None:
    start = "import logging, http.client, ccxt\nlogging.basicConfig(level=logging.INFO)\n"
    assert config(f"{start}{text}\n").http_wire_debug is wire


@pytest.mark.parametrize(
    "text",
    [
        "if args.v:\n    http.client.HTTPConnection.debuglevel = 1",
        "http.client.HTTPConnection.debuglevel = args.v",
        "ccxt.binance({'verbose': args.v})",
        "logging.getLogger().setLevel(logging.DEBUG)",
    ],
)
def test_clients_that_may_show_their_requests(text: str) -> None:
    start = "import logging, http.client, ccxt\n"
    assert isinstance(config(f"{start}{text}\n").http_wire_debug, Unknown)


def test_what_is_no_logging_handler() -> None:
    text = "from telegram.ext import CommandHandler\nh = CommandHandler('start', f)\n" \
        "app.addHandler2(h)\nclass X(BaseHTTPRequestHandler):\n    pass\n"  # fmt: skip
    assert configs({"bot.py": text}) == {}
    quiet = "import logging\nlogging.getLogger('lib').addHandler(logging.NullHandler())\n"
    assert configs({"lib.py": quiet}) == {}


def test_tests_do_not_configure_the_program() -> None:
    files = {"main.py": "pass\n", "tests/conftest.py": "import logging\nlogging.basicConfig()\n"}
    assert configs(files) == {}


def test_structlog() -> None:
    text = """
import structlog, logging, re
def hide(logger, name, event):
    for key in event:
        if key in ("secret", "signature"):
            event[key] = "***"
    return event
structlog.configure(
    processors=[structlog.processors.add_log_level, hide, structlog.processors.JSONRenderer()],
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
)
"""
    log = config(text)
    assert (log.framework, log.level, log.attach_point) == ("structlog", "info", "processor")
    assert {"secret", "signature"} <= set(log.redacted_terms)  # type: ignore[arg-type]
    plain = config("import structlog\nstructlog.configure(processors=[structlog.dev.x()])\n")
    assert plain.redaction_present is False
    other = config("import structlog\nfrom x import y\nstructlog.configure(processors=[y])\n")
    assert isinstance(other.redaction_present, Unknown)


def test_loguru() -> None:
    text = """
import re, sys
from loguru import logger
def hide(record):
    record["message"] = re.sub("(?i)(secret|signature)=.*", "", record["message"])
logger.configure(patcher=hide)
logger.add(sys.stderr, level="INFO")
"""
    log = config(text)
    assert (log.framework, log.level, log.attach_point) == ("loguru", "info", "processor")
    bare = config("import sys\nfrom loguru import logger\nlogger.add(sys.stderr)\n")
    assert (bare.level, bare.redaction_present) == ("debug", False)


def test_a_source_that_does_not_parse_is_a_gap() -> None:
    (gap,) = gaps({"old.py": "import logging\nlogging.basicConfig()\nprint 'x'\n"})
    assert gap.subject == "old.py"
    assert gap.hides == ("LoggingConfig",)


def test_the_terms_of_the_exchange() -> None:
    text = "import logging\nlogging.basicConfig()\n"
    binance = config(text, **{"requirements.txt": "binance-connector\n"})
    assert binance.exchange_terms == ("X-MBX-APIKEY", "signature", "listenKey")
    assert isinstance(config(text, **{"requirements.txt": "ccxt\n"}).exchange_terms, PartialList)
    assert config(text).exchange_terms == ()


def test_the_program_is_named() -> None:
    files = {"bots/a/setup.py": "", "bots/a/x.py": "import logging\nlogging.basicConfig()\n"}
    assert configs(files)["bots/a#python_logging"].program == "bots/a"
