"""Files that configure `logging`. Expected values follow `logging.config`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policyscan.errors import GapReason
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config, configs, gaps, tallies

CODE = """
import logging, re
class Redact(logging.Filter):
    def filter(self, record):
        record.msg = re.sub("(?i)secret=.*", "", record.getMessage())
        return True
"""
BASE: dict[str, Any] = {
    "version": 1,
    "filters": {"hide": {"()": "bot.Redact"}},
    "handlers": {
        "out": {"class": "logging.StreamHandler", "filters": ["hide"]},
        "file": {"class": "logging.FileHandler", "filters": ["hide"]},
    },
    "root": {"level": "INFO", "handlers": ["out", "file"]},
}


def changed(**changes: Any) -> str:
    return json.dumps({**BASE, **changes})


def test_every_handler_hides() -> None:
    found = config(changed(), "logging.json", **{"bot.py": CODE})
    assert (found.redaction_present, found.attach_point) == (True, "all_handlers")
    assert {"api_secret", "apisecret", "secret"} <= set(found.redacted_terms)  # type: ignore[arg-type]
    assert found.level == "info"


@pytest.mark.parametrize(
    ("handlers", "attach"),
    [
        ({"out": {"class": "logging.StreamHandler", "filters": ["hide"]},
          "file": {"class": "logging.FileHandler"}}, "some_handlers"),
        ({"out": {"class": "logging.StreamHandler", "filters": ["hide"]},
          "file": {"class": "logging.NullHandler"}}, "all_handlers"),
        ({"out": {"class": "logging.StreamHandler"}, "file": {"class": "logging.FileHandler"}},
         None),
    ],
)  # fmt: skip
def test_which_handlers_hide(handlers: dict[str, Any], attach: str | None) -> None:
    files = {"logging.json": changed(handlers=handlers), "bot.py": CODE}
    found = configs(files)["logging.json"]
    assert found.attach_point == attach
    assert found.redaction_present is (attach is not None)


def test_a_handler_that_no_logger_uses_does_not_count() -> None:
    root = {"level": "INFO", "handlers": ["out"]}
    handlers = {**BASE["handlers"], "file": {"class": "logging.FileHandler"}}
    text = changed(root=root, handlers=handlers)
    assert config(text, "logging.json", **{"bot.py": CODE}).attach_point == "all_handlers"


def test_filters_of_loggers_are_beside_the_records() -> None:
    handlers = {"out": {"class": "logging.StreamHandler"}}
    root = {"level": "INFO", "handlers": ["out"], "filters": ["hide"]}
    text = changed(handlers=handlers, root=root)
    assert config(text, "logging.json", **{"bot.py": CODE}).attach_point == "logger"


def test_classes_of_other_people() -> None:
    found = config(changed(filters={"hide": {"()": "lib.Redactor"}}), "logging.json")
    assert isinstance(found.redaction_present, Unknown)
    plain = changed(filters={"hide": {"()": "logging.Filter"}})
    assert config(plain, "logging.json").redaction_present is False
    handlers = {"out": {"class": "lib.RedactingHandler"}, "file": {"class": "lib.LokiHandler"}}
    assert isinstance(config(changed(handlers=handlers), "log.json").redaction_present, Unknown)
    formatters = {"j": {"()": "pythonjsonlogger.jsonlogger.JsonFormatter"}}
    shown = {"out": {"class": "logging.StreamHandler", "formatter": "j"}}
    text = changed(handlers=shown, formatters=formatters, root={"handlers": ["out"]})
    assert config(text, "log.json").redaction_present is False


@pytest.mark.parametrize(
    ("root", "handler", "loggers", "level"),
    [
        ("DEBUG", None, {}, "debug"),
        ("DEBUG", "INFO", {}, "info"),
        ("INFO", "DEBUG", {}, "info"),
        ("INFO", None, {"bot": {"level": "DEBUG"}}, "debug"),
        ("INFO", "WARNING", {"bot": {"level": "DEBUG"}}, "warning"),
        (10, None, {}, "debug"),
        ("NOTSET", None, {}, "all"),
    ],
)
def test_the_level(root: object, handler: str | None, loggers: dict[str, Any], level: str) -> None:
    out = {"class": "logging.StreamHandler"} | ({"level": handler} if handler else {})
    text = json.dumps({
        "version": 1, "handlers": {"out": out}, "loggers": loggers,
        "root": {"level": root, "handlers": ["out"]},
    })  # fmt: skip
    assert config(text, "logging.json").level == level


@pytest.mark.parametrize("level", ["${LOG_LEVEL}", "{{ level }}", "$LEVEL", "LOUD"])
def test_a_level_that_is_filled_in_later(level: str) -> None:
    text = changed(root={"level": level, "handlers": ["out"]})
    assert isinstance(config(text, "logging.json").level, Unknown)


def test_a_logger_that_shows_requests() -> None:
    found = config(changed(loggers={"urllib3.connectionpool": {"level": "DEBUG"}}), "log.json")
    assert found.http_wire_debug is True


def test_yaml_with_places() -> None:
    text = "# \u00e9\nversion: 1\nhandlers:\n  out: {class: logging.StreamHandler}\n" \
        "root:\n  level: DEBUG\n  handlers: [out]\n"  # fmt: skip
    found = config(text, "conf/logging.yaml")
    assert found.address == "conf/logging.yaml"
    (step,) = found.chains["level"]
    assert step.span is not None
    assert (step.span.place, step.span.text) == ("conf/logging.yaml:6", "DEBUG")


def test_yaml_below_a_key() -> None:
    text = "logging:\n  version: 1\n  handlers: {}\n  root: {level: WARNING}\n"
    assert config(text, "logging.yml").level == "warning"


def test_ini() -> None:
    text = """
        [loggers]
        keys=root, bot
        [handlers]
        keys=console
        [formatters]
        keys=plain
        [logger_root]
        level=WARNING
        handlers=console
        [logger_bot]
        level=DEBUG
        handlers=console
        qualname=bot
        propagate=0
        [handler_console]
        class=StreamHandler
        formatter=plain
        args=(sys.stdout,)
        [formatter_plain]
        format=%(asctime)s
          %(message)s
    """
    found = config(text, "logging.conf")
    assert (found.level, found.redaction_present) == ("debug", False)


def test_a_dict_literal_and_one_that_is_made() -> None:
    text = f"import logging.config\nC = {BASE!r}\nlogging.config.dictConfig(C)\n" + CODE
    found = config(text, "bot.py")
    assert (found.level, found.attach_point) == ("info", "all_handlers")
    made = "import logging.config\nlogging.config.dictConfig(make())\n"
    assert isinstance(config(made).redaction_present, Unknown)
    assert isinstance(config(made).level, Unknown)
    spread = "import logging.config\nlogging.config.dictConfig({**BASE, 'version': 1})\n"
    assert isinstance(config(spread).redaction_present, Unknown)
    part = (
        "import logging.config\n"
        "logging.config.dictConfig({'version': 1, 'handlers': HANDLERS, 'root': {}})\n"
    )
    assert isinstance(config(part).redaction_present, Unknown)


def test_code_that_loads_a_mapping_from_a_file_says_nothing_of_its_own() -> None:
    load = "import logging, yaml\nlogging.config.dictConfig(yaml.safe_load(open('logging.yaml')))\n"
    files = {"bot.py": load, "logging.yaml": "version: 1\nhandlers: {}\nroot: {level: INFO}\n"}
    assert set(configs(files)) == {"logging.yaml"}
    files["bot.py"] = f"{load}logging.getLogger().setLevel(logging.DEBUG)\n"
    assert set(configs(files)) == {"logging.yaml", ".#python_logging"}
    del files["logging.yaml"]
    files["bot.py"] = load
    assert isinstance(configs(files)[".#python_logging"].redaction_present, Unknown)


def test_what_code_makes_of_a_mapping_that_it_loads_is_not_known() -> None:
    load = (
        "import logging.config, os, yaml\n"
        "with open('logging.yaml') as file:\n"
        "    said = yaml.safe_load(file)\n"
        "{}"
        "logging.config.dictConfig(said)\n"
    )
    files = {"logging.yaml": "version: 1\nhandlers: {}\nroot: {level: INFO}\n"}
    files["bot.py"] = load.format("")
    assert set(configs(files)) == {"logging.yaml"}
    for change in ("said['root']['level'] = os.environ['LEVEL']\n", "said.update(more)\n"):
        files["bot.py"] = load.format(change)
        assert isinstance(configs(files)[".#python_logging"].level, Unknown)


def test_code_that_loads_a_file_says_nothing_of_its_own() -> None:
    files = {
        "bot.py": "import logging.config\nlogging.config.fileConfig('logging.ini')\n",
        "logging.ini": "[loggers]\nkeys=root\n[handlers]\nkeys=\n[formatters]\nkeys=\n"
        "[logger_root]\nlevel=INFO\nhandlers=\n",
    }
    assert set(configs(files)) == {"logging.ini"}
    del files["logging.ini"]
    assert isinstance(configs(files)[".#python_logging"].redaction_present, Unknown)


def test_what_the_code_attaches_reaches_the_handlers_of_the_file() -> None:
    handlers = {"out": {"class": "logging.StreamHandler"}}
    plain = changed(handlers=handlers, root={"level": "INFO", "handlers": ["out"]})
    factory = (
        CODE + "\ndef f(*a):\n    return re.sub('secret=.*', '', a)\n"
        "logging.setLogRecordFactory(f)\n"
    )
    found = configs({"logging.json": plain, "bot.py": factory})["logging.json"]
    assert found.attach_point == "log_record_factory"
    loop = CODE + "\nfor h in logging.getLogger().handlers:\n    h.addFilter(Redact())\n"
    found = configs({"logging.json": plain, "bot.py": loop})["logging.json"]
    assert isinstance(found.redaction_present, Unknown)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("log.yaml", "- just\n- a list\n"),
        ("log.json", '{"entries": []}'),
        ("logs.conf", "input { file { path => '/x' } }\n"),
        ("logging.yaml", "a: {{ helm }}\n"),
        ("logging.cfg", "[section]\nkey=value\n"),
        ("log.yaml", ""),
    ],
)
def test_other_files_of_such_names(path: str, text: str) -> None:
    assert configs({path: text}) == {}
    assert gaps({path: text}) == []
    tally = tallies({path: text})["LoggingConfig"]
    assert (tally.found, tally.normalised, dict(tally.dropped)) == (1, 0, {"something else": 1})


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("logging.yaml", "version: 1\nhandlers: {a: [}\n", GapReason.UNPARSEABLE),
        ("logging.yaml", "version: 1\nhandlers: &h {}\nroot: *h\n", GapReason.UNSUPPORTED),
        ("logging.yaml", "version: 1\nhandlers: {a: !ENV x}\n", GapReason.UNSUPPORTED),
        ("logging.json", '{"version": 1, "handlers": ', GapReason.UNPARSEABLE),
        ("logging.ini", "[loggers]\nkeys=root\n[handlers]\nkeys=\n???\n", GapReason.UNPARSEABLE),
    ],
)
def test_what_cannot_be_read_is_a_gap(path: str, text: str, reason: GapReason) -> None:
    (gap,) = gaps({path: text})
    assert (gap.reason, gap.subject, gap.hides) == (reason, path, ("LoggingConfig",))


def test_a_filter_whose_class_is_of_the_program_is_not_idle() -> None:
    found = configs({"logging.json": changed(), "bot.py": CODE})
    assert set(found) == {"logging.json"}


def test_terms_stay_open_with_a_filter_that_is_not_known_beside_one_that_is() -> None:
    filters = {"hide": {"()": "bot.Redact"}, "more": {"()": "lib.More"}}
    handlers = {"out": {"class": "logging.StreamHandler", "filters": ["hide", "more"]}}
    text = changed(filters=filters, handlers=handlers, root={"handlers": ["out"]})
    found = config(text, "logging.json", **{"bot.py": CODE})
    assert found.redaction_present is True
    assert isinstance(found.redacted_terms, PartialList)
