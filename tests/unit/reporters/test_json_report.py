from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from policyscan.errors import UsageError
from policyscan.findings import Report
from policyscan.findings.report import SCHEMA
from policyscan.reporters.json_report import JsonReporter, load_report
from policyscan.reporters.json_schema import report_schema
from tests.sample_report import hostile_report, sample_report

PUBLISHED = Path(__file__).parents[3] / "reports" / "schema" / "report-1.json"


def render(report: Report) -> bytes:
    return JsonReporter().render(report)


@pytest.mark.parametrize("report", [sample_report(), hostile_report()])
def test_reads_back_whole(report: Report) -> None:
    assert load_report(render(report)) == report


# A high surrogate before a low one is a pair in JSON and one character for its readers.
any_text = st.text(st.characters(exclude_categories=()), max_size=12).filter(
    lambda text: text == json.loads(json.dumps(text)) and not "\ud800" <= text[-1:] <= "\udbff"
)


@given(any_text)
def test_reads_back_whatever_the_strings_are(text: str) -> None:
    report = hostile_report(text)
    data = render(report)
    assert load_report(data) == report
    assert data.isascii() and data.endswith(b"}\n")


def test_equal_reports_have_equal_bytes() -> None:
    assert render(sample_report()) == render(sample_report())
    assert render(load_report(render(sample_report()))) == render(sample_report())


def test_stable_names() -> None:
    document = json.loads(render(sample_report()))
    assert next(iter(document)) == "schema"
    first = document["findings"][0]
    assert first["policy_id"] == "PS-NET-001"
    assert (first["verdict"], first["severity"], first["blocking"]) == ("fail", "critical", True)
    assert first["resource"]["kind"] == "SecurityGroup"
    assert first["resource"]["address"] == "aws_security_group.bot"
    place = first["location"]
    assert place["path"] == "infra/prod/main.tf"
    assert [place[name] for name in ("start_line", "start_column")] == [14, 20]
    assert [place[name] for name in ("end_line", "end_column")] == [14, 31]
    assert document["summary"]["verdicts"] == {
        "pass": 3, "fail": 5, "unknown": 2, "waived": 1, "not_applicable": 1,
    }  # fmt: skip
    assert document["summary"]["exit_code"] == 1 and document["summary"]["complete"] is False
    assert {"reason", "subject", "message"} <= set(document["gaps"][0])
    assert {"version", "sha256", "parameters", "idle"} <= set(document["policies"][0])
    assert {"path", "sha256"} <= set(document["documents"][0])
    assert {"targets_declared", "targets_reached", "excluded"} <= set(document["coverage"])
    for name in ("tool", "run", "profile", "ledger", "waivers", "controls", "criteria"):
        assert document[name]


def test_a_place_is_always_an_object() -> None:
    document = json.loads(render(sample_report()))
    nowhere = {
        "path": None, "start_line": None, "start_column": None, "end_line": None,
        "end_column": None, "line_hash": None,
    }  # fmt: skip
    live = next(one for one in document["findings"] if one["resource"]["collector"] == "tls")
    assert live["location"] == nowhere
    assert live["witnesses"][0]["location"] == nowhere
    assert document["gaps"][1]["location"] == nowhere


def test_parameters_that_json_cannot_hold_become_text() -> None:
    report = sample_report()
    odd = {"since": date(2026, 1, 31), "limit": float("inf"), "ratio": 0.5}
    policies = (replace(report.policies[0], parameters=odd), *report.policies[1:])
    document = json.loads(render(replace(report, policies=policies)))
    assert document["policies"][0]["parameters"] == {
        "since": "2026-01-31", "limit": "inf", "ratio": 0.5,
    }  # fmt: skip


def test_published_schema_is_what_is_written() -> None:
    assert {field.name: field.default for field in fields(Report)}["schema"] == SCHEMA
    assert PUBLISHED.read_bytes() == report_schema(), (
        "the types of the report have changed: write report_schema() to reports/schema/ again"
    )


@pytest.mark.parametrize("report", [sample_report(), hostile_report()])
def test_satisfies_its_schema(report: Report) -> None:
    validator = jsonschema_rs.Draft202012Validator(json.loads(report_schema()))
    without_surrogates = render(report).replace(b"\\ud", b"?")  # which this validator cannot take
    validator.validate(json.loads(without_surrogates))


def test_schema_knows_every_member() -> None:
    """Nothing is written that the schema does not describe."""
    schema = json.loads(report_schema())
    for shape in (schema, *schema["$defs"].values()):
        if "properties" in shape:
            shape["additionalProperties"] = False
    jsonschema_rs.Draft202012Validator(schema).validate(json.loads(render(sample_report())))


def test_unknown_members_are_ignored_and_new_ones_have_defaults() -> None:
    document = json.loads(render(sample_report()))
    document["later"] = {"x": 1}
    document["findings"][0]["later"] = None
    del document["scope_questions"]
    report = load_report(json.dumps(document).encode())
    assert report == replace(sample_report(), scope_questions=())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda it: it["run"].pop("commit"), "run.commit is missing"),
        (lambda it: it["findings"][0].update(title=3), "findings[0].title .* a string, not an int"),
        (lambda it: it["gaps"][0].update(reason="bad"), "gaps[0].reason .* denied or unreadable"),
        (lambda it: it["findings"][0].update(verdict=[]), "findings[0].verdict"),
        (lambda it: it["findings"][0].update(blocking=1), "findings[0].blocking .* a boolean"),
        (lambda it: it["findings"][0].update(witnesses=[]), "findings[0] .* no witness"),
        (lambda it: it["gaps"][0]["location"].update(start_line=None), "start_line .* an integer"),
        (lambda it: it["gaps"].append(None), "gaps[3] .* an object"),
        (lambda it: it["summary"].update(verdicts={"good": 1}), "summary.verdicts"),
        (lambda it: it.update(documents={}), "documents .* an array, not an object"),
        (lambda it: it.update(schema="report-2"), "not a report of policyscan"),
    ],
)  # fmt: skip
def test_bad_reports_are_refused_with_the_place(change, complaint: str) -> None:
    document = json.loads(render(sample_report()))
    change(document)
    with pytest.raises(UsageError, match=complaint.replace("[", r"\[").replace("]", r"\]")):
        load_report(json.dumps(document).encode())


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"null", b"[]", b"{", b'{"a": NaN}', b"[" * 100_000, b"1" * 5000]
)
def test_what_is_no_report_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError):
        load_report(data)
