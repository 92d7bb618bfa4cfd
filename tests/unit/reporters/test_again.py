"""The command that a report gives for a finding leads to that finding."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from policyscan.reporters.again import explain_command
from tests.sample_report import sample_report

RUN = sample_report().run
MADE = "report.json (made with -o json=report.json)"
"""What is asked for where no directory and no report leads to the finding."""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("scan", ""),
        ("scan infra", " infra"),
        ("scan infra --config a.yaml -o html=r.html", " infra --config a.yaml"),
        ("scan --policies=house -q infra -osarif --base origin/main", " --policies=house infra"),
        ("scan infra --ref v1 --profile audit --changed", " infra --ref v1"),
        ("scan --staged --changed", ""),
        ("scan infra --aws --region eu-west-1", f" --report {MADE}"),
        ("scan infra --aws -o json=r.json", " --report r.json"),
        ("scan infra --config", f" --report {MADE}"),
        ("audit -o html=r.html", f" --report {MADE}"),
        ("audit -o json -o html=r.html", f" --report {MADE}"),
        ("audit -o json=-", f" --report {MADE}"),
        ("audit -q -o html=r.html --output json=a/r.json", " --report a/r.json"),
        ("audit -ojson=r.json", " --report r.json"),
        ("audit --output=json=r.json", " --report r.json"),
    ],
)  # fmt: skip
def test_it_has_what_a_finding_depends_on(arguments: str, words: str) -> None:
    run = replace(RUN, arguments=tuple(arguments.split()))
    expected = f"policyscan explain 0823a10c0013{words}"
    assert explain_command(run, "0823a10c00138f64094dad9340e3946f") == expected


def test_a_path_is_one_word_of_a_shell() -> None:
    run = replace(RUN, arguments=("scan", "my infra;ls\x1b"))
    said = explain_command(run, "0823a10c00138f64")
    assert said.startswith("policyscan explain 0823a10c0013 'my infra;ls")
    assert "\x1b" not in said
    assert explain_command(replace(RUN, arguments=()), "0823") == "policyscan explain 0823"
