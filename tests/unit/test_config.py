from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from policyscan import config
from policyscan.config import (
    CONTEXT,
    Configuration,
    DockerfileSettings,
    Exclude,
    NamedFile,
    ScopeAssignment,
    TerraformSettings,
    load_configuration,
    parse_configuration,
)
from policyscan.errors import UsageError
from policyscan.policy import model
from policyscan.resources.keys import Secret

FULL = b"""\
version: 1
project: desk
profile: audit
scope:
  assign:
    - match: {path: "infra/prod/**"}
      tier: high
    - match: {tag: Team=desk=a, address: "aws_*"}
      role: trading
      purpose: exchange_api_key
terraform:
  baselines: [infra/account]
  var_files: [prod.tfvars]
  variables: {cidr: 10.0.0.0/8, count: 2}
dockerfile:
  build_args: {PYTHON: "3.13"}
  targets: {bot/Dockerfile: runtime}
parameters:
  PS-NET-004: {ports: [443]}
context:
  regions: [eu-west-1]
exclude:
  - path: docs/**
    reason: shown in the manual
"""


def test_every_key() -> None:
    assert parse_configuration("p.yaml", FULL) == Configuration(
        path="p.yaml",
        digest=hashlib.sha256(FULL).hexdigest(),
        project="desk",
        profile="audit",
        scope=(
            ScopeAssignment(path="infra/prod/**", tier="high", place="p.yaml:6:7"),
            ScopeAssignment(
                address="aws_*",
                tag=("Team", "desk=a"),
                role="trading",
                purpose="exchange_api_key",
                place="p.yaml:8:7",
            ),
        ),
        terraform=TerraformSettings(
            ("infra/account",), ("prod.tfvars",), {"cidr": "10.0.0.0/8", "count": 2}
        ),
        dockerfile=DockerfileSettings({"PYTHON": "3.13"}, {"bot/Dockerfile": "runtime"}),
        parameters={"PS-NET-004": {"ports": [443]}},
        context={"regions": ("eu-west-1",)},
        exclude=(Exclude("docs/**", "shown in the manual"),),
    )


def test_a_context_that_was_not_stated_is_absent_not_empty() -> None:
    assert parse_configuration("p.yaml", b"version: 1").context == {}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("project: x", "p.yaml:1:1: the file lacks 'version'", ""),
        ("version: 2", "p.yaml:1:10: version must be 1", ""),
        ("version: 1\nscop: {}", "p.yaml:2:1: unknown key 'scop'; did you mean 'scope'?", ""),
        (
            "version: 1\nexclude: [{path: x}]",
            "p.yaml:2:11: exclude[0] lacks 'reason'",
            "",
        ),
        (
            "version: 1\nexclude: [{path: x, reason: ''}]",
            "p.yaml:2:29: exclude[0].reason must not be empty",
            "Write it, or take the line out.",
        ),
        (
            "version: 1\nscope: {assign: [{match: {}, role: other}]}",
            "p.yaml:2:26: it matches nothing",
            "Add path, address or tag.",
        ),
        (
            "version: 1\nscope: {assign: [{match: {path: x}}]}",
            "p.yaml:2:18: it assigns nothing",
            "Add one of role, environment, tier, purpose.",
        ),
        (
            "version: 1\nscope: {assign: [{match: {tag: x}, role: other}]}",
            "p.yaml:2:32: a tag is written as name=value",
            "For example: tag: Team=desk",
        ),
        (
            "version: 1\nscope: {assign: [{match: {path: x}, tier: hihg}]}",
            "p.yaml:2:43: unknown scope.assign[0].tier 'hihg'; did you mean 'high'?",
            "",
        ),
        ("version: 1\ndockerfile: {build_args: {A: 3.10}}", "p.yaml:2:30", "Put it in quotes."),
        (
            "version: 1\ncontext: {regions: eu-west-1}",
            "p.yaml:2:20",
            "A list stands in brackets: [a, b].",
        ),
        ("- version: 1", "p.yaml:1:1: the file must be a mapping", ""),
    ],
)
def test_complaints_name_the_place_and_the_next_step(text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_configuration("p.yaml", text.encode())
    assert str(caught.value).startswith(message)
    assert caught.value.hint == hint


def test_without_a_file_there_is_no_configuration(tmp_path: Path) -> None:
    assert load_configuration(None, tmp_path) == Configuration()


def test_the_working_directory_is_looked_at_and_nothing_above_it(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "policyscan.yaml").write_text("version: 1\nproject: outer\n")
    assert load_configuration(None, inner) == Configuration()
    assert load_configuration(None, tmp_path).project == "outer"


@pytest.mark.parametrize("name", ["policyscan.yml", ".policyscan.yaml"])
def test_a_name_that_looks_right_and_is_not_read_is_a_complaint(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("version: 1\n")
    with pytest.raises(UsageError, match="is not read"):
        load_configuration(None, tmp_path)
    assert load_configuration(Path(name), tmp_path).path == name


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_configuration(Path("other.yaml"), tmp_path)
    assert caught.value.message == "other.yaml: No such file or directory"


def test_an_empty_file_is_an_empty_configuration_with_a_digest(tmp_path: Path) -> None:
    (tmp_path / "policyscan.yaml").write_text("# later\n")
    configuration = load_configuration(None, tmp_path)
    assert configuration.path == "policyscan.yaml"
    assert configuration.digest == hashlib.sha256(b"# later\n").hexdigest()


def test_the_context_that_can_be_stated_is_the_one_that_policies_know() -> None:
    assert {*CONTEXT, "allow_list", "verified_allow_list"} == set(model.CONTEXT)


def test_answers_are_those_that_the_kinds_know() -> None:
    def words(kind: type, field: str) -> set[str]:
        return {
            word
            for part in get_args(kind.model_fields[field].annotation)
            for word in get_args(part)
            if isinstance(word, str)
        }

    assert words(Secret, "tier") == set(config.TIERS)
    assert words(Secret, "purpose") == set(config.PURPOSES)


LISTS = b"""\
version: 1
allow_lists:
  - name: spot
    exchange: binance
    ranges: ["52.84.25.0/24", "2001:db8::/48"]
    owner: netops
    verified: "2026-01-31"
  - {name: futures, exchange: binance, ranges: [54.230.137.0/24]}
"""


def test_allow_lists_keep_their_places() -> None:
    spot, futures = parse_configuration("p.yaml", LISTS).allow_lists
    assert (spot.name, spot.exchange, spot.owner) == ("spot", "binance", "netops")
    assert (spot.ranges, spot.verified) == (("52.84.25.0/24", "2001:db8::/48"), date(2026, 1, 31))
    assert (futures.ranges, futures.owner, futures.verified) == (("54.230.137.0/24",), "", None)
    assert (spot.span.line, futures.span.line) == (3, 8)
    assert spot.places["ranges[1]"].text.strip('"') == "2001:db8::/48"
    assert spot.places["verified"].line == 7


def test_places_count_bytes_after_a_byte_order_mark() -> None:
    data = "\ufeffversion: 1\n# ü\nallow_lists: [{name: a, exchange: é, ranges: [1.1.1.1/32]}]\n"
    (only,) = parse_configuration("p.yaml", data.encode()).allow_lists
    assert only.places["ranges[0]"].text == "1.1.1.1/32"


FIRST = "{name: a, exchange: a, ranges: [1.1.1.1/32]}"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{exchange: a, ranges: [1.1.1.1/32]}", "lacks 'name'"),
        ("{name: a, exchange: a}", "lacks 'ranges'"),
        ("{name: a, exchange: a, ranges: []}", "it allows nothing"),
        ("{name: a, exchange: a, ranges: 1.1.1.1/32}", "must be a list"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/24]}", "not an address range"),
        ("{name: a, exchange: a, ranges: [binance.com]}", "not an address range"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/32], owner: ''}", "must not be empty"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/32], verified: 2026-01-31}", "not every reader"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/32], verified: '31.01.2026'}", "must look like"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/32], verified: '2026-02-30'}", "no day"),
        ("{name: a, exchange: a, ranges: [1.1.1.1/32], since: x}", "unknown key 'since'"),
        ("{name: 'a b', exchange: a, ranges: [1.1.1.1/32]}", "must look like"),
        (f"{FIRST}, {FIRST}", "two lists called a"),
    ],
)
def test_what_is_no_allow_list(entry: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_configuration("p.yaml", f"version: 1\nallow_lists: [{entry}]\n".encode())
    assert message in caught.value.message
    assert str(caught.value).startswith("p.yaml:2:")


def test_controls_are_read_beside_the_configuration(tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    (desk / "policyscan.yaml").write_text("version: 1\ncontrols: ours/controls.yaml\n")
    (desk / "ours").mkdir()
    (desk / "ours" / "controls.yaml").write_bytes(b"version: 1\n")
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "controls.yaml").write_bytes(b"another\n")
    controls = load_configuration(Path("desk/policyscan.yaml"), tmp_path).controls
    assert controls == NamedFile("desk/ours/controls.yaml", b"version: 1\n")
    assert load_configuration(None, desk).controls == NamedFile(
        "ours/controls.yaml", b"version: 1\n"
    )


def test_controls_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "policyscan.yaml").write_text("version: 1\ncontrols: none.yaml\n")
    with pytest.raises(
        UsageError, match=r"policyscan.yaml:2:11: none.yaml: No such file"
    ) as caught:
        load_configuration(None, tmp_path)
    assert caught.value.hint == "The path is relative to the configuration."


def test_categories_of_soc_2() -> None:
    text = b"version: 1\nsoc2_categories: [availability, processing_integrity]\n"
    assert parse_configuration("p.yaml", text).soc2_categories == (
        "availability",
        "processing_integrity",
    )
    with pytest.raises(UsageError, match=r"p.yaml:2:19: unknown category 'avail'"):
        parse_configuration("p.yaml", b"version: 1\nsoc2_categories: [avail]\n")
