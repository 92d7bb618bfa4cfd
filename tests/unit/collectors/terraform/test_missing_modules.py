"""Modules that are not in the tree."""

from __future__ import annotations

from pathlib import Path

from tests.scanning import scan_files


def test_the_same_call_in_two_roots_leaves_two_gaps(tmp_path: Path) -> None:
    call = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    report = scan_files(tmp_path, {"one/main.tf": call, "two/main.tf": call})
    assert sorted(
        (gap.subject, gap.location.path) for gap in report.gaps if gap.location is not None
    ) == [("module.vpc", "one/main.tf"), ("module.vpc", "two/main.tf")]
