"""Which files steer the gate, what became of them, and what that means for a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from policyscan.config import Configuration
from policyscan.findings.profiles import load_profile
from policyscan.findings.report import Report
from policyscan.governance.comments import effect_of_lines, waiver_lines
from policyscan.governance.effects import effect_of
from policyscan.governance.names import attributes, named, told
from policyscan.pipeline import ScanRequest, scan
from tests.scanning import NOW
from tests.unit.text.repositories import git, repository, write

BASE = {"policyscan.yaml": b"version: 1\n", "README.md": b"x\n", "main.tf": b""}
GROUP = b'resource "aws_security_group" "a" {}\n'


def judged(root: Path, *, base: str = "", trust: str = "", ref: str = "") -> Report:
    profile = load_profile("ci", root)
    request = ScanRequest(root, Configuration(), profile, base=base, trust=trust, ref=ref)
    return scan(request, now=NOW)


def states(report: Report) -> dict[str, str]:
    return {
        finding.resource.address: finding.verdict.value
        for finding in report.findings
        if finding.policy_id == "PS-CI-009"
    }


def changed(root: Path, files: dict[str, bytes]) -> Path:
    write(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "change")
    return root


def test_without_another_side_the_policy_is_idle_and_says_why(tmp_path: Path) -> None:
    report = judged(repository(tmp_path, BASE))
    (policy,) = (each for each in report.policies if each.id == "PS-CI-009")
    assert policy.idle == "nothing to compare with: it needs --trust, or else --base"
    assert states(report) == {}


@pytest.mark.parametrize("option", ["base", "trust"])
def test_either_side_will_do(tmp_path: Path, option: str) -> None:
    root = changed(repository(tmp_path, BASE), {"policyscan.yaml": b"version: 1\nproject: x\n"})
    report = judged(root, **{option: "HEAD~1"})
    assert states(report) == {"policyscan.yaml": "fail"}
    (finding,) = (each for each in report.findings if each.policy_id == "PS-CI-009")
    assert (finding.location.start_line, finding.blocking) == (2, False)
    assert finding.witnesses[0].provenance[0].label == "project, 1 line added"


def test_a_commit_is_compared_like_a_work_tree(tmp_path: Path) -> None:
    root = changed(repository(tmp_path, BASE), {"policyscan.yaml": b"version: 1\nproject: x\n"})
    write(root, {"waivers.yaml": b"not committed"})
    assert states(judged(root, trust="HEAD~1", ref="HEAD")) == {"policyscan.yaml": "fail"}


def test_the_gate_alone_is_nothing_to_judge(tmp_path: Path) -> None:
    files = {"policyscan.yaml": b"version: 1\n", "README.md": b"x"}
    root = changed(repository(tmp_path, files), {"README.md": b"y"})
    report = judged(root, trust="HEAD~1")
    assert states(report) == {"policyscan.yaml": "pass"}
    assert report.summary.exit_code == 3
    assert "nothing was found" in report.summary.outcome


def test_files_above_the_target_count_and_have_no_place_in_it(tmp_path: Path) -> None:
    root = repository(tmp_path, BASE | {"infra/main.tf": GROUP})
    changed(root, {"policyscan.yaml": b"version: 1\nproject: x\n"})
    report = judged(root / "infra", trust="HEAD~1")
    assert states(report) == {"policyscan.yaml": "fail"}
    (finding,) = (each for each in report.findings if each.policy_id == "PS-CI-009")
    assert finding.location is None


def test_what_cannot_be_read_is_not_known(tmp_path: Path) -> None:
    root = changed(repository(tmp_path, BASE), {"policyscan.yaml": b"#" * 1_100_000})
    assert states(judged(root, trust="HEAD~1")) == {"policyscan.yaml": "unknown"}


def test_several_places_where_two_sides_parted_must_all_agree(tmp_path: Path) -> None:
    """A criss-cross merge: both sides took over each other's older state."""
    root = repository(tmp_path, BASE)
    git(root, "checkout", "-q", "-b", "pr")
    changed(root, {"a": b"1"})
    git(root, "checkout", "-q", "main")
    changed(root, {"policyscan.yaml": b"version: 1\nproject: stricter\n"})
    git(root, "merge", "-q", "--no-edit", "pr")
    git(root, "checkout", "-q", "pr")
    git(root, "merge", "-q", "--no-edit", "-s", "ours", "main~1")
    changed(root, {"b": b"1"})
    assert states(judged(root, trust="main")) == {"policyscan.yaml": "fail"}


PINS = b"requests==2\npolicyscan==0.1.0 \\\n  --hash=sha256:aa\n"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (PINS.replace(b"requests==2", b"requests==3"), "pass"),
        (PINS.replace(b"0.1.0", b"0.0.9"), "fail"),
        (PINS.replace(b"sha256:aa", b"sha256:bb"), "fail"),
        (PINS + b"--extra-index-url https://e.example/\n", "fail"),
        (b"requests==2\n", "fail"),
    ],
)
def test_of_a_list_of_packages_what_says_which_policyscan_counts(
    text: bytes, verdict: str, tmp_path: Path
) -> None:
    root = changed(repository(tmp_path, {"requirements.txt": PINS}), {"requirements.txt": text})
    assert states(judged(root, trust="HEAD~1")) == {"requirements.txt": verdict}


def test_line_ends_of_a_checkout_are_no_change(tmp_path: Path) -> None:
    root = changed(repository(tmp_path, BASE), {"policyscan.yaml": b"version: 1\r\n"})
    assert states(judged(root, trust="HEAD~1")) == {"policyscan.yaml": "pass"}


@pytest.mark.parametrize(
    ("path", "steers"),
    [
        ("policyscan.yaml", "configuration"),
        ("a/b/PolicyScan.YML", "configuration"),
        (".policyscan.toml", "configuration"),
        ("infra/waivers.yaml", "waivers"),
        ("WAIVERS.YML", "waivers"),
        (".gitmodules", "ignore"),
        (".github/CODEOWNERS", "owners"),
        ("CODEOWNERS", "owners"),
        ("src/CODEOWNERS", ""),
        ("policyscan.yaml.bak", ""),
        ("main.tf", ""),
    ],
)
def test_names_that_tell(path: str, steers: str) -> None:
    assert named(path) == steers


FILES = {
    ".github/workflows/gate.yml": b"run: policyscan scan .",
    ".github/workflows/test.yml": b"run: pytest",
    ".github/workflows/odd.yaml": b"run: PolicyScan scan .",
    ".github/actions/x/action.yml": b"runs: policyscan",
    ".gitlab-ci.yml": b"include: {local: /ci/gate.yml}",
    "ci/gate.yml": b"script: policyscan scan .",
    "Jenkinsfile": b"sh 'make gate'",
    "Jenkinsfile.gate": b"sh 'python tools/gate.py'",
    "tools/gate.py": b"run(['policyscan'])",
    "azure-pipelines.yml": b"- script: policyscan",
    "Makefile": b"gate:\n\tpolicyscan scan .",
    ".pre-commit-config.yaml": b"- repo: https://x/policyscan",
    "bitbucket-pipelines.yml": b"nothing",
    ".circleci/config.yml": b"policyscan",
    "policyscan-baseline.json": b'{"policyscan_baseline": 1}',
    "docs/baseline.json": b"{}",
    "rules/policies/a.yaml": b"id: A\nseverity: low\nrequire: x\n",
    "k8s/policies/net.yaml": b"apiVersion: v1\n",
    "x/profiles/p.yaml": b"version: 1\nfindings: []\ngaps: []\n",
    "controls.yaml": b"version: 1\ncontrols: []\n",
    ".gitattributes": b"*.png binary\n",
    "sub/.gitattributes": b"*.tf -filter\n",
    "docs/howto.md": b"policyscan",
    ".zuul.yaml": b"run: policyscan scan .",
    "zuul.d/gate.yml": b"run: policyscan scan .",
    ".prow.yaml": b"policyscan",
    ".teamcity/settings.kts": b"policyscan",
    ".builds/gate.yml": b"policyscan",
    "tools/gate.ps1": b"policyscan scan .",
    "gate.cmd": b"nothing",
    "mise.toml": b"run = 'policyscan'",
    "ci/requirements-gate.txt": b"policyscan==0.1.0",
    "requirements.txt": b"requests==2\n",
    "uv.lock": b'name = "policyscan"\n',
}


def test_files_that_tell_by_what_they_say() -> None:
    assert told(FILES, lambda path: FILES[path]) == {
        ".github/workflows/gate.yml": "workflow",
        ".github/workflows/odd.yaml": "workflow",
        ".github/actions/x/action.yml": "workflow",
        ".gitlab-ci.yml": "workflow",
        "ci/gate.yml": "workflow",
        "Jenkinsfile": "workflow",
        "Jenkinsfile.gate": "workflow",
        "tools/gate.py": "workflow",
        "azure-pipelines.yml": "workflow",
        "Makefile": "workflow",
        ".pre-commit-config.yaml": "hook",
        ".circleci/config.yml": "workflow",
        ".zuul.yaml": "workflow",
        "zuul.d/gate.yml": "workflow",
        ".prow.yaml": "workflow",
        ".teamcity/settings.kts": "workflow",
        ".builds/gate.yml": "workflow",
        "tools/gate.ps1": "workflow",
        "mise.toml": "workflow",
        "ci/requirements-gate.txt": "workflow",
        "uv.lock": "workflow",
        "policyscan-baseline.json": "baseline",
        "rules/policies/a.yaml": "policies",
        "x/profiles/p.yaml": "profile",
        "controls.yaml": "controls",
        "sub/.gitattributes": "ignore",
    }


def test_attributes_that_change_what_is_checked_out() -> None:
    text = b"# *.tf filter=x\n*.tf filter=lfs diff=lfs\n*.md text\n*.y ident\n*.z !filter\n"
    assert attributes(text) == {b"*.tf filter=lfs diff=lfs", b"*.y ident", b"*.z !filter"}


@pytest.mark.parametrize(
    ("role", "old", "new", "effect"),
    [
        ("configuration", b"version: 1\n", b"version: 1\nexclude: []\n", "exclude, 1 line added"),
        ("configuration", b"a: 1\nb: 2\n", b"b: 2\na: 1\n", "lines in another order"),
        ("configuration", b"a: 1\n", b"a: [\n", "1 line added, 1 line removed"),
        ("configuration", b"a: 1\n", b"'x y': &a 2\n", "1 line added, 1 line removed"),
        ("waivers", None, b"waivers: []\n", "waivers, 1 line added"),
        ("workflow", b"x\ny\n", None, "2 lines removed"),
        ("workflow", b"x\n", b"x\n", None),
    ],
)
def test_effects(role: str, old: bytes | None, new: bytes | None, effect: str | None) -> None:
    assert effect_of(role, old, new) == effect


def test_waivers_in_comments() -> None:
    one = waiver_lines(b"x\n  # policyscan: waive A until B\r\ny # PolicyScan:waive C\n")
    assert sorted(one) == [b"# policyscan: waive A until B", b"y # PolicyScan:waive C"]
    assert not waiver_lines(b"policyscan: waiver\nwaive\n")
    assert effect_of_lines(one, waiver_lines(b"")) == "waivers in comments: 2 removed"
