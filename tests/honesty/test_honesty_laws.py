"""What holds of every tree: the books balance, and less knowledge is never more certainty."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policyscan.config import Configuration
from policyscan.findings import Report
from tests.every_format import assert_told_everywhere
from tests.scanning import scan_files

few = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

CIDRS = ("0.0.0.0/0", "10.0.0.0/8", "1.2.3.4/32", "0.0.0.0/1", "::/0")
NAMES = ("a", "b", "c")
VARIABLES = ("v", "w")

cidrs = st.sampled_from([f'"{cidr}"' for cidr in CIDRS])
sources = st.sampled_from(
    [
        *(f'"{cidr}"' for cidr in CIDRS),
        *(f"var.{name}" for name in VARIABLES),
        "local.l",
        'var.v == "x" ? "0.0.0.0/0" : "10.0.0.0/8"',
        'try(local.m, "10.0.0.0/8")',
    ]
)
ports = st.sampled_from([(22, 22), (443, 443), (0, 65535), (3389, 3390)])
metas = st.sampled_from(["", "count = 0", "count = 2", "count = var.v", 'for_each = toset(["k"])'])


bodies = st.sampled_from(["{}", '{ default = "10.0.0.0/8" }'])
kinds = st.sampled_from(["group", "rule", "one", "secret", "rotation", "other", "listener"])


@st.composite
def blocks(draw: st.DrawFn, name: str) -> str:
    """One resource block called `name`."""
    kind = draw(
        st.sampled_from(["group", "rule", "one", "secret", "rotation", "other", "listener"])
    )
    low, high = draw(ports)
    meta = draw(metas)
    target = draw(st.sampled_from(NAMES))
    source = draw(sources)
    rule = f'from_port = {low}\n    to_port = {high}\n    protocol = "tcp"'
    group = f"aws_security_group.{target}.id"
    match kind:
        case "group":
            ingress = f"  ingress {{\n    {rule}\n    cidr_blocks = [{source}]\n  }}\n"
            body = f"{ingress * draw(st.integers(0, 2))}"
            return f'resource "aws_security_group" "{name}" {{\n  {meta}\n{body}}}\n'
        case "rule":
            return (
                f'resource "aws_security_group_rule" "{name}" {{\n  {meta}\n    {rule}\n'
                f'  type = "ingress"\n  security_group_id = aws_security_group.{target}.id\n'
                f"  cidr_blocks = [{source}]\n}}\n"
            )
        case "one":
            return (
                f'resource "aws_vpc_security_group_ingress_rule" "{name}" {{\n'
                f'  from_port = {low}\n  to_port = {high}\n  ip_protocol = "tcp"\n'
                f"  security_group_id = {group}\n  cidr_ipv4 = {source}\n}}\n"
            )
        case "secret":
            return f'resource "aws_secretsmanager_secret" "{name}" {{\n  name = "binance-key"\n}}\n'
        case "rotation":
            return (
                f'resource "aws_secretsmanager_secret_rotation" "{name}" {{\n'
                f"  secret_id = aws_secretsmanager_secret.{target}.id\n"
                "  rotation_rules {\n    automatically_after_days = 30\n  }\n}\n"
            )
        case "listener":
            return f'resource "aws_lb_listener" "{name}" {{\n  protocol = "HTTP"\n  {meta}\n}}\n'
    return f'resource "aws_sns_topic" "{name}" {{\n  {meta}\n}}\n'


@st.composite
def roots(draw: st.DrawFn) -> str:
    """The text of one root."""
    text = "".join(draw(blocks(name)) for name in NAMES[: draw(st.integers(1, 3))])
    for name in VARIABLES:
        text += f'variable "{name}" {draw(bodies)}\n'
    return text + f"locals {{\n  l = {draw(cidrs)}\n}}\n"


dockerfiles = st.lists(
    st.sampled_from(
        ["USER root", "USER 1000", "USER $U", "RUN x", "ENV TOKEN=abcdefgh1", "FROM scratch",
         "FROM debian:12 AS a", "FROM a", "ARG U=0", "COPY . ."]
    ),
    max_size=6,
).map(lambda lines: "\n".join(["FROM debian:12", *lines, ""]))  # fmt: skip

trees = st.fixed_dictionaries(
    {"main.tf": roots(), "m/main.tf": roots(), "Dockerfile": dockerfiles},
    optional={
        "terraform.tfvars": st.sampled_from(
            ['v = "0.0.0.0/0"\n', 'v = "10.1.0.0/16"\nw = "0.0.0.0/0"\n']
        ),
        "call.tf": st.sampled_from(
            [
                'module "m" {\n  source = "./m"\n  v = var.v\n}\n',
                'module "f" {\n  source = "a/b/c"\n}\n',
            ]
        ),
    },
)


def scanned(files: dict[str, str], configuration: Configuration | None = None) -> Report:
    with tempfile.TemporaryDirectory() as folder:
        return scan_files(Path(folder), dict(files), configuration=configuration)


def table(report: Report) -> dict[str, str]:
    """Verdict by fingerprint."""
    found = {finding.fingerprint: finding.verdict.value for finding in report.findings}
    assert len(found) == len(report.findings)
    return found


@few
@given(trees)
def test_every_pair_has_one_verdict_and_the_books_balance(files: dict[str, str]) -> None:
    report = scanned(files)
    assert not any(gap.reason.value == "crashed" for gap in report.gaps)
    assert all(entry.balanced for entry in report.ledger)
    table(report)
    policies = Counter(
        kind
        for policy in report.policies
        if not policy.idle.startswith("nothing")
        for kind in policy.kind.split(", ")
    )
    resources = {kind: set() for kind in policies}
    for finding in report.findings:
        resources[finding.resource.kind].add((finding.resource.unit, finding.resource.address))
    expected = sum(len(found) * policies[kind] for kind, found in resources.items())
    assert len(report.findings) == expected
    assert sum(report.summary.verdicts.values()) == expected


@few
@given(trees)
def test_blocks_are_counted_twice_and_agree(files: dict[str, str]) -> None:
    report = scanned(files)
    text = "\n".join(text for name, text in files.items() if name.endswith(".tf"))
    types_of = {
        "SecurityGroup": r"aws_(?:vpc_)?security_group\w*",
        "Secret": r"aws_secretsmanager_secret\w*",
        "TlsServerConfig": r"aws_lb_listener",
    }
    found = {entry.kind: entry.found for entry in report.ledger}
    for kind, types in types_of.items():
        assert found.get(kind, 0) == len(re.findall(rf'^resource "{types}"', text, re.MULTILINE))
    assert found["DockerfileStage"] == len(re.findall("^FROM", files["Dockerfile"], re.MULTILINE))


@few
@given(
    trees,
    st.sampled_from(
        [
            ("broken.tf", 'resource "aws_security_group_rule" "lost" {\n'),
            ("broken.tf.json", "{"),
            ("x.auto.tfvars", "v = \n"),
            ("m/broken.tf", "locals {\n  l = \n"),
            ("Dockerfile.broken", "FROM scratch\nUSR 1\n"),
        ]
    ),
)
def test_a_broken_file_adds_no_pass_and_takes_no_failure(
    files: dict[str, str], broken: tuple[str, str]
) -> None:
    """But for its own; a failure may become unknown where the values of variables are lost."""
    before = scanned(files)
    after = scanned({**files, broken[0]: broken[1]})
    assert any(gap.blocking for gap in after.gaps)
    assert after.summary.exit_code != 0
    was, now = table(before), table(after)
    for key, verdict in now.items():
        if verdict == "pass":
            assert was.get(key, "pass") == "pass"
        assert {was.get(key, verdict), verdict} != {"pass", "fail"}
    if "tfvars" not in broken[0]:
        lost = {key for key, verdict in was.items() if verdict == "fail"} - now.keys()
        assert not lost
        for key, verdict in was.items():
            assert verdict != "fail" or now[key] in ("fail", "unknown")


@few
@given(trees)
def test_less_knowledge_never_turns_a_verdict_round(files: dict[str, str]) -> None:
    known = {**files, "terraform.tfvars": 'v = "0.0.0.0/0"\nw = "10.9.0.0/16"\n'}
    known["main.tf"] = re.sub(r'(variable "\w") .*', r"\1 {}", files["main.tf"])
    full, less = table(scanned(known)), table(scanned(known | {"terraform.tfvars": ""}))
    for key in full.keys() & less.keys():
        assert {full[key], less[key]} != {"pass", "fail"}


@few
@given(trees, st.sampled_from(["z.tf", "other/main.tf"]))
def test_something_unrelated_changes_nothing(files: dict[str, str], name: str) -> None:
    unrelated = 'resource "aws_security_group" "unrelated" {\n  ingress {\n    from_port = 22\n'
    unrelated += '    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }\n}\n'
    before, after = table(scanned(files)), table(scanned({**files, name: unrelated}))
    assert before.items() <= after.items()
    assert "fail" in {verdict for key, verdict in after.items() if key not in before}


@few
@given(trees)
def test_space_comments_and_the_order_of_blocks_change_nothing(files: dict[str, str]) -> None:
    changed = {
        name: '# comment { " ${\n\n' + "\n\n".join(reversed(re.split(r"(?m)^(?=resource )", text)))
        if name.endswith(".tf")
        else text
        for name, text in files.items()
    }
    assert table(scanned(files)) == table(scanned(changed))


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees)
def test_every_format_tells_the_same(files: dict[str, str]) -> None:
    assert_told_everywhere(scanned({**files, "broken.tf": "x = {\n"}))
