"""`policy list`, `show`, `test` and `lint` on the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from log_policies import GOOD
from lxml import etree

from policyscan.cli import main
from policyscan.cli.parser import build_parser

Capture = pytest.CaptureFixture[str]
SCHEMA = etree.XMLSchema(etree.parse(str(Path(__file__).parents[2] / "schemas" / "junit-10.xsd")))
OTHER = GOOD.replace("DESK-LOG-001", "DESK-LOG-002").replace("short-lived", "brief")


@pytest.fixture
def house(quiet_environment: Path) -> Path:
    folder = quiet_environment / "house"
    folder.mkdir()
    (folder / "short-lived-logs.yaml").write_text(GOOD)
    return folder


def ids(capsys: Capture, *arguments: str) -> list[str]:
    assert main(["policy", "list", "--format", "json", *arguments]) == 0
    return [each["id"] for each in json.loads(capsys.readouterr().out)]


# -- list --------------------------------------------------------------------------------------


def test_filters_of_one_sort_add_up_and_of_two_must_both_hold(capsys: Capture) -> None:
    net, tls = ids(capsys, "--family", "NET"), ids(capsys, "--family", "tls")
    assert net and tls
    assert ids(capsys, "--family", "NET", "--family", "TLS") == [*net, *tls]
    assert ids(capsys, "--family", "NET", "--kind", "Vpc") == ["PS-NET-007"]
    assert ids(capsys, "--family", "NET", "--kind", "Trail") == []


def test_a_list_by_source(capsys: Capture) -> None:
    assert set(ids(capsys, "--source", "tls")) == {"PS-TLS-003", "PS-TLS-009"}
    assert "PS-NET-002" in ids(capsys, "--source", "configuration")
    assert "PS-CI-009" in ids(capsys, "--source", "comparison")
    every = ids(capsys)
    sources = ("code", "dockerfile", "register", "schedules", "terraform", "aws", "docker", "tls")
    of_any = [
        part for name in (*sources, "configuration", "comparison") for part in ("--source", name)
    ]
    assert ids(capsys, *of_any) == every


def test_a_list_by_control_and_criterion(capsys: Capture) -> None:
    assert "PS-NET-004" in ids(capsys, "--control", "CTL-SG")
    assert "PS-NET-004" in ids(capsys, "--control", "soc2:cc6.6")
    assert ids(capsys, "--control", "CTL-DNS") == []


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--family", "NEZ"], "there is no family 'NEZ'; did you mean 'NET'?"),
        (["--kind", "SecurtyGroup"], "there is no kind 'SecurtyGroup'; did you mean 'SecurityG"),
        (["--source", "teraform"], "there is no source 'teraform'; did you mean 'terraform'?"),
        (["--control", "SOC2:CC66"], "there is no control 'SOC2:CC66'; did you mean 'SOC2:CC6"),
        (["--severity", "worst"], "There are critical, high, low, medium"),
    ],
)
def test_a_filter_that_means_nothing(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(["policy", "list", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_a_policy_that_does_not_load_is_told(house: Path, capsys: Capture) -> None:
    (house / "broken.yaml").write_text("id: [")
    assert main(["policy", "list", "--policies", "house"]) == 2
    assert "policyscan: house/broken.yaml:1:" in capsys.readouterr().err


# -- show --------------------------------------------------------------------------------------


def test_all_of_a_policy_as_json(house: Path, capsys: Capture) -> None:
    assert main(["policy", "show", "DESK-LOG-001", "--policies", "house", "--format", "json"]) == 0
    shown: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert shown["reads"] == ["retention_days"]
    assert shown["sources"] == ["terraform", "aws"]
    assert shown["tests"] == [{"name": "kept, not kept, and not known", "line": 17}]
    assert shown["path"] == "house/short-lived-logs.yaml"


def test_what_is_read_of_other_resources_is_shown(capsys: Capture) -> None:
    assert main(["policy", "show", "PS-NET-006", "--format", "json"]) == 0
    reads = json.loads(capsys.readouterr().out)["reads"]
    assert {"addresses", "vpc_zones", "NatGateway.subnet"} <= set(reads)


def test_the_file_of_a_policy_that_ships_is_shown_where_it_is(capsys: Capture) -> None:
    assert main(["policy", "show", "PS-NET-004", "--format", "json"]) == 0
    path = Path(json.loads(capsys.readouterr().out)["path"])
    assert "id: PS-NET-004" in path.read_text()


# -- test --------------------------------------------------------------------------------------


def test_one_file_is_tested(house: Path, capsys: Capture) -> None:
    (house / "brief-logs.yaml").write_text("id: [")
    assert main(["policy", "test", "house/short-lived-logs.yaml"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("DESK-LOG-001  ok    kept, not kept, and not known  ")
    assert out[0].endswith(" ms")
    assert out[1:] == ["1 of 1 tests of policies passed"]


def test_a_failure_names_what_was_expected_and_where_the_test_is(
    house: Path, capsys: Capture
) -> None:
    wrong = GOOD.replace("good: pass", "good: fail").replace(
        "      aws_cloudwatch_log_group.open: unknown\n",
        "      aws_cloudwatch_log_group.no: pass\n",
    )
    (house / "short-lived-logs.yaml").write_text(wrong)
    assert main(["policy", "test", "house", "-q"]) == 1
    head, *rest = capsys.readouterr().out.splitlines()
    assert head.startswith("DESK-LOG-001  FAIL  ")
    assert rest == [
        "  aws_cloudwatch_log_group.good: expected fail, got pass",
        "  aws_cloudwatch_log_group.no: expected pass, and nothing was judged",
        "  aws_cloudwatch_log_group.open: unknown, which the test does not expect: it cannot be "
        "judged: it depends on a value for var.unset (main.tf:1)",
        "  the test is at house/short-lived-logs.yaml:17",
        "0 of 1 tests of policies passed",
    ]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("retention_days >=", "retention_day >=", "house/brief-logs.yaml:9:54: unknown field"),
        ("    expect:\n", "    expects:\n", "house/brief-logs.yaml:24:5: unknown key 'expects'"),
        ("id: DESK-LOG-002", "id: DESK-LOG-001", "brief-logs.yaml:2:5: 'DESK-LOG-001' is alrea"),
    ],
)
def test_a_policy_that_does_not_load_keeps_no_other_from_being_tested(
    old: str, new: str, complaint: str, house: Path, capsys: Capture
) -> None:
    (house / "brief-logs.yaml").write_text(OTHER.replace(old, new))
    names = ["house/short-lived-logs.yaml"] if "LOG-001" in new else []
    if names:  # the second of two that clash is the one that is told
        (house / "short-lived-logs.yaml").rename(house / "a.yaml")
    assert main(["policy", "test", "house"]) == 2
    out = capsys.readouterr().out
    assert complaint in out
    assert "DESK-LOG-001  ok" in out
    assert "1 of 1 tests of policies passed" in out
    assert "1 policy does not load" in out


def test_a_test_with_options_that_no_configuration_has(house: Path, capsys: Capture) -> None:
    (house / "brief-logs.yaml").write_text(
        OTHER.replace("    files:", "    options: {scop: {}}\n    files:")
    )
    assert main(["policy", "test", "house"]) == 1
    out = capsys.readouterr().out
    assert "unknown key 'scop'; did you mean 'scope'?" in out
    assert "1 of 2 tests" in out


def test_selected_policies_alone(house: Path, capsys: Capture) -> None:
    (house / "brief-logs.yaml").write_text(OTHER)
    assert main(["policy", "test", "house", "--select", "desk-log-002"]) == 0
    assert "1 of 1 tests" in capsys.readouterr().out
    assert main(["policy", "test", "house", "--select", "DESK-LOG-003"]) == 2
    assert "no policy is called DESK-LOG-003; did you mean" in capsys.readouterr().err


def test_results_as_junit(house: Path, capsys: Capture) -> None:
    (house / "brief-logs.yaml").write_text(OTHER.replace("good: pass", "good: fail"))
    (house / "broken.yaml").write_text("id: [\x41<&")
    assert main(["policy", "test", "house", "--junit", "tests.xml"]) == 2
    tree = etree.parse("tests.xml")
    SCHEMA.assertValid(tree)
    root = tree.getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    [failure] = root.iter("failure")
    assert failure.get("message") == ("aws_cloudwatch_log_group.good: expected fail, got pass")
    [error] = root.iter("error")
    assert error.get("message").startswith("house/broken.yaml:1:")
    times = [float(case.get("time")) for case in root.iter("testcase") if case.get("time")]
    assert len(times) == 2 and all(time > 0 for time in times)


def test_results_of_mutants_as_junit(house: Path, capsys: Capture) -> None:
    assert main(["policy", "test", "house", "--mutate", "--junit", "out/mutants.xml"]) == 1
    SCHEMA.assertValid(etree.parse("out/mutants.xml"))


def test_a_place_that_is_not_there(quiet_environment: Path, capsys: Capture) -> None:
    for command in ("test", "lint"):
        assert main(["policy", command, "none"]) == 2
        assert "there is no directory none" in capsys.readouterr().err
    Path("empty").mkdir()
    for command in (["test"], ["lint"], ["test", "--mutate"]):
        assert main(["policy", *command, "empty"]) == 2


# -- lint --------------------------------------------------------------------------------------


def test_problems_are_told_with_place_rule_and_next_step(house: Path, capsys: Capture) -> None:
    (house / "short-lived-logs.yaml").write_text(GOOD.replace("CTL-AUDIT-LOG", "CTL-AUDIT-LOGS"))
    assert main(["policy", "lint", "house"]) == 1
    out = capsys.readouterr().out
    assert out.splitlines() == [
        "house/short-lived-logs.yaml:13:10: control: there is no control 'CTL-AUDIT-LOGS'; did you "
        "mean 'CTL-AUDIT-LOG'?",
        "    control: CTL-AUDIT-LOGS",
        "             ^^^^^^^^^^^^^^",
        "  Controls of your own stand in the file that `controls` of policyscan.yaml names.",
        "1 policy, 1 problem",
    ]


def test_a_problem_without_a_line_shows_none(house: Path, capsys: Capture) -> None:
    (house / "short-lived-logs.yaml").write_bytes(b"id: \xff")
    assert main(["policy", "lint", "house"]) == 1
    assert "" not in map(str.strip, capsys.readouterr().out.splitlines())


def test_controls_of_the_firm_exist_too(house: Path, capsys: Capture) -> None:
    (house / "short-lived-logs.yaml").write_text(GOOD.replace("CTL-AUDIT-LOG", "CTL-OURS"))
    assert main(["policy", "lint", "house"]) == 1
    Path("policyscan.yaml").write_text("version: 1\ncontrols: controls.yaml\n")
    Path("controls.yaml").write_text(
        "version: 1\ncontrols:\n  - {id: CTL-OURS, owner: a, statement: b, frequency: daily,\n"
        '     criteria: {direct: ["SOC2:CC7.2"]}}\n'
    )
    assert main(["policy", "lint", "house"]) == 0


def test_problems_as_json(house: Path, capsys: Capture) -> None:
    (house / "broken.yaml").write_text("id: [")
    assert main(["policy", "lint", "house", "--format", "json"]) == 1
    [problem] = json.loads(capsys.readouterr().out)
    assert (problem["rule"], problem["path"], problem["line"]) == ("load", "house/broken.yaml", 1)


def test_nothing_is_wrong(house: Path, capsys: Capture) -> None:
    assert main(["policy", "lint", "house"]) == 0
    assert capsys.readouterr().out == "1 policy, 0 problems\n"


# -- help --------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["list", "show", "new", "test", "lint", "docs"])
def test_help_has_examples_that_are_read(action: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        build_parser(["policy"]).parse_args(["policy", action, "--help"])
    text = capsys.readouterr().out
    examples = [
        line.strip() for line in text.splitlines() if f"  policyscan policy {action}" in line
    ]
    assert examples
    assert max(map(len, text.splitlines())) <= 80
    parser = build_parser(["policy"])
    for example in examples:
        words = example.split("  ")[0].replace('"', "").removesuffix("\\").split()
        if "--title" not in example:
            assert parser.parse_args(words[1:])


def test_a_pipe_among_policies_ends_nothing(house: Path, capsys: Capture) -> None:
    os.mkfifo(house / "pipe.yaml")
    assert main(["policy", "test", "house"]) == 2
    assert "house/pipe.yaml: it is no regular file" in capsys.readouterr().out
    assert main(["policy", "new", "open-door", "--kind", "Vpc", "--policies", "house"]) == 0
