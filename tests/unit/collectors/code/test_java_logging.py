"""Log4j 2 and logback. Expected values follow their manuals."""

from __future__ import annotations

import pytest

from policyscan.errors import GapReason
from policyscan.values import PartialList, Unknown
from tests.unit.collectors.code.collecting import config, configs, gaps

HIDE4 = "%d %replace{%msg}{(?i)(secret|signature)=[^ ]+}{x}%n"
HIDEB = "%d %replace(%msg){'(?i)(secret|signature)=[^ ]+', 'x'}%n"


def log4j2(
    pattern: str = "%d %msg%n", level: str = "info", more: str = "", second: str = ""
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="WARN">
  <Properties><Property name="layout">{HIDE4}</Property></Properties>
  <Appenders>
    <Console name="out"><PatternLayout pattern="{pattern}"/>{more}</Console>{second}
  </Appenders>
  <Loggers>
    <Root level="{level}"><AppenderRef ref="out"/><AppenderRef ref="file"/></Root>
  </Loggers>
</Configuration>"""


def logback(pattern: str = "%d %msg%n", level: str = "INFO", more: str = "", top: str = "") -> str:
    return f"""<configuration>{top}
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">{more}
    <encoder><pattern>{pattern}</pattern></encoder>
  </appender>
  <root level="{level}"><appender-ref ref="out"/></root>
</configuration>"""


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (log4j2(HIDE4), "log4j2.xml"),
        (log4j2("${layout}"), "log4j2.xml"),
        (log4j2().replace('<PatternLayout pattern="%d %msg%n"/>',
                          f"<PatternLayout><Pattern>{HIDE4}</Pattern></PatternLayout>"),
         "src/main/resources/log4j2-prod.xml"),
        (logback(HIDEB), "logback.xml"),
        (logback("${p}", top=f'<property name="p" value="{HIDEB}"/>'), "logback-spring.xml"),
        ("appender.out.type = Console\nappender.out.name = out\n"
         "appender.out.layout.type = PatternLayout\n"
         f"appender.out.layout.pattern = {HIDE4}\n"
         "rootLogger.level = info\nrootLogger.appenderRef.o.ref = out\n", "log4j2.properties"),
        ("Configuration:\n  Appenders:\n    Console:\n      name: out\n      PatternLayout:\n"
         f"        Pattern: \"{HIDE4}\"\n  Loggers:\n    Root:\n      level: info\n"
         "      AppenderRef:\n        ref: out\n", "log4j2.yaml"),
        ('{"Configuration": {"Appenders": {"Console": {"name": "out", "PatternLayout": '
         f'{{"pattern": "{HIDE4}"}}}}}}, "Loggers": {{"Root": {{"level": "info", '
         '"AppenderRef": {"ref": "out"}}}}}', "log4j2.json"),
    ],
)  # fmt: skip
def test_a_pattern_that_hides(text: str, path: str) -> None:
    found = config(text, path)
    assert found.redaction_present is True
    assert found.attach_point == "all_handlers"
    assert {"secret", "signature"} <= set(found.redacted_terms)  # type: ignore[arg-type]
    assert found.level == "info"


@pytest.mark.parametrize(
    ("text", "path"),
    [(log4j2(), "log4j2.xml"), (logback(), "logback.xml"), (log4j2(HIDE4), "config/log4j2.xml")],
)
def test_where_it_is(text: str, path: str) -> None:
    found = config(text, path)
    assert found.address == path
    assert found.origin.proof.value == "heuristic"  # the program may hide secrets itself


@pytest.mark.parametrize(("text", "path"), [(log4j2(), "log4j2.xml"), (logback(), "logback.xml")])
def test_a_pattern_that_hides_nothing(text: str, path: str) -> None:
    found = config(text, path)
    assert found.redaction_present is False
    assert found.attach_point is None


def test_one_appender_of_two() -> None:
    second = '<File name="file" fileName="x"><PatternLayout pattern="%msg%n"/></File>'
    assert config(log4j2(HIDE4, second=second), "log4j2.xml").attach_point == "some_handlers"
    both = second.replace("%msg%n", HIDE4)
    assert config(log4j2(HIDE4, second=both), "log4j2.xml").attach_point == "all_handlers"
    silent = log4j2(HIDE4, second='<Null name="unused"/>')
    assert config(silent, "log4j2.xml").attach_point == "all_handlers"


def test_an_appender_behind_another() -> None:
    second = '<Async name="file"><AppenderRef ref="out"/></Async>'
    assert config(log4j2(HIDE4, second=second), "log4j2.xml").attach_point == "all_handlers"
    rewrite = '<Rewrite name="file"><AppenderRef ref="out"/><MyPolicy/></Rewrite>'
    assert isinstance(config(log4j2(second=rewrite), "log4j2.xml").redaction_present, Unknown)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (log4j2("%d %mask{%msg}%n"), "log4j2.xml"),
        (log4j2("${env:PATTERN}"), "log4j2.xml"),
        (log4j2().replace("PatternLayout pattern=\"%d %msg%n\"", "MaskingLayout"), "log4j2.xml"),
        (logback("%d %mask(%msg)%n", top='<conversionRule conversionWord="mask" '
                 'converterClass="com.firm.Mask"/>'), "logback.xml"),
        (logback("${PATTERN}"), "logback.xml"),
        (logback().replace("<encoder>", '<encoder class="com.firm.MaskingEncoder">'),
         "logback.xml"),
        (logback().replace("<encoder>", '<encoder class="ch.qos.logback.core.encoder.'
         'LayoutWrappingEncoder"><layout class="com.firm.Masking"/>'), "logback.xml"),
    ],
)  # fmt: skip
def test_something_of_somebody_else_may_hide(text: str, path: str) -> None:
    assert isinstance(config(text, path).redaction_present, Unknown)


def test_a_masking_decorator() -> None:
    encoder = (
        '<encoder class="net.logstash.logback.encoder.LogstashEncoder"><jsonGeneratorDecorator '
        'class="net.logstash.logback.mask.MaskingJsonGeneratorDecorator">'
        "<path>secret</path><value>(?i)signature=\\w+</value></jsonGeneratorDecorator></encoder>"
    )
    text = logback().replace("<encoder><pattern>%d %msg%n</pattern></encoder>", encoder)
    found = config(text, "logback.xml")
    assert {"secret", "signature"} <= set(found.redacted_terms)  # type: ignore[arg-type]


def test_a_regex_that_cannot_be_read_leaves_the_terms_open() -> None:
    found = config(log4j2("%replace{%msg}{[A-Za-z0-9]{64}}{x}"), "log4j2.xml")
    assert found.redaction_present is True
    assert isinstance(found.redacted_terms, PartialList)


@pytest.mark.parametrize(
    ("text", "path", "level"),
    [
        (log4j2(level="DEBUG"), "log4j2.xml", "debug"),
        (log4j2(level="all"), "log4j2.xml", "all"),
        (log4j2(level="trace", more='<ThresholdFilter level="warn"/>'), "log4j2.xml", "warning"),
        (logback(level="TRACE"), "logback.xml", "trace"),
        (logback().replace(' level="INFO"', ""), "logback.xml", "debug"),
        (logback(level="DEBUG", more='<filter class="ch.qos.logback.classic.filter.'
         'ThresholdFilter"><level>ERROR</level></filter>'), "logback.xml", "error"),
        (logback(level="${L}", top='<property name="L" value="WARN"/>'), "logback.xml", "warning"),
    ],
)  # fmt: skip
def test_the_level(text: str, path: str, level: str) -> None:
    assert config(text, path).level == level


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (log4j2(level="${sys:level:-info}"), "log4j2.xml"),
        (log4j2(level="${env:LEVEL}"), "log4j2.xml"),
        (logback(level="${LEVEL:-INFO}"), "logback.xml"),
        (logback().replace("<root", '<springProfile name="dev"><root').replace(
            "</root>", "</root></springProfile>"), "logback-spring.xml"),
    ],
)  # fmt: skip
def test_a_level_that_is_decided_elsewhere(text: str, path: str) -> None:
    assert isinstance(config(text, path).level, Unknown)


def test_the_wire_loggers() -> None:
    wire = '<Logger name="org.apache.http.wire" level="debug"/>'
    assert config(log4j2().replace("<Root", f"{wire}<Root"), "log4j2.xml").http_wire_debug is True
    quiet = wire.replace("debug", "warn")
    text = log4j2().replace("<Root", f"{quiet}<Root")
    assert config(text, "log4j2.xml").http_wire_debug is False


@pytest.mark.parametrize(
    "text",
    [
        "<Configuration><Appenders>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><configuration>&b;</configuration>',
        '<!DOCTYPE c SYSTEM "file:///etc/passwd"><configuration/>',
        "<a>" * 1000,
        "",
    ],
)
def test_xml_that_is_not_read_is_a_gap(text: str) -> None:
    for path in ("log4j2.xml", "logback.xml"):
        (gap,) = gaps({path: text})
        assert gap.reason is GapReason.UNPARSEABLE


def test_another_document_of_that_name() -> None:
    assert configs({"log4j2.xml": "<project/>", "logback-notes.xml": "<html/>"}) == {}


def test_those_of_tests_do_not_count() -> None:
    files = {"src/main/java/A.java": "", "src/test/resources/logback-test.xml": logback()}
    assert configs(files) == {}
