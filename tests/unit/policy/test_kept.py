"""Policies of former runs: found again by the content of their files, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import policy_files
import pytest
from policy_files import KINDS, TEXT

from policyscan.data import policies_directory
from policyscan.language.syntax.stored import restored, stored
from policyscan.language.syntax.tree import written
from policyscan.policy import Policy, load_policies
from policyscan.policy.kept import KeptPolicies
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.cache import ContentCache

READER = "policyscan.policy.loader.read_policy"


def said(policy: Policy) -> list[object]:
    """All that a policy says, with its trees as data."""
    parts: list[object] = []
    for name in Policy.__slots__:
        value = getattr(policy, name)
        if name.endswith("program"):
            value = value and (value.text, stored(value.root), value.kinds, value.context)
        parts.append(value)
    return parts


def test_every_policy_that_ships_comes_back_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = load_kinds(MODULES)
    first = KeptPolicies(tmp_path)
    before = load_policies(policies_directory(), kinds, kept=first).policies
    first.save()
    monkeypatch.setattr(READER, None)
    after = load_policies(policies_directory(), kinds, kept=KeptPolicies(tmp_path)).policies
    assert len(before) > 60
    assert [*map(said, before)] == [*map(said, after)]


def test_a_file_that_changed_is_read(tmp_path: Path) -> None:
    kept = KeptPolicies(tmp_path / "kept")
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "p.yaml").write_text(TEXT)
    (first,) = load_policies(folder, KINDS, kept=kept).policies
    kept.save()
    (folder / "p.yaml").write_text(TEXT.replace("why: Because.", "why: It must."))
    (second,) = load_policies(folder, KINDS, kept=KeptPolicies(tmp_path / "kept")).policies
    assert (first.why, second.why) == ("Because.", "It must.")


def test_the_same_file_elsewhere_is_called_by_its_own_path(tmp_path: Path) -> None:
    kept = KeptPolicies(None)
    policy_files.load(tmp_path, TEXT)
    (tmp_path / "policies").rename(tmp_path / "house")
    (first,) = load_policies(tmp_path / "house", KINDS, kept=kept).policies
    (tmp_path / "house").rename(tmp_path / "desk")
    (second,) = load_policies(tmp_path / "desk", KINDS, kept=kept).policies
    assert (first.path, second.path) == ("house/p0.yaml", "desk/p0.yaml")
    assert second.document.path == "desk/p0.yaml"


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([]),
        msgspec.msgpack.encode(["PS-SEC-006", "one"]),
        msgspec.msgpack.encode({"id": "PS-SEC-006"}),
    ],
)
def test_an_entry_that_cannot_be_read_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setattr(ContentCache, "get", lambda *_: damage)
    policy_files.load(tmp_path, TEXT)
    (policy,) = load_policies(tmp_path / "policies", KINDS, kept=KeptPolicies(None)).policies
    assert policy.id == "PS-SEC-006"


def test_a_tree_that_names_another_class_is_refused() -> None:
    with pytest.raises(LookupError):
        restored(["Popen", "ls"])
    with pytest.raises(TypeError):
        restored(["Literal", 0, 1])


def test_a_tree_comes_back_as_it_was() -> None:
    (policy,) = load_policies(
        policies_directory() / "monitoring", load_kinds(MODULES), frozenset({"Trail"})
    ).policies
    root = policy.require_program.root
    again = restored(stored(root))
    assert written(again) == written(root)
    assert (again.start, again.end) == (root.start, root.end)


def test_another_version_of_the_package_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = KeptPolicies(tmp_path / "kept")
    policy_files.load(tmp_path, TEXT)
    (policy,) = load_policies(tmp_path / "policies", KINDS, kept=first).policies
    first.save()
    found = KeptPolicies(tmp_path / "kept").get(policy.document, policy.sha256, KINDS)
    assert found is not None
    monkeypatch.setattr("policyscan.policy.kept.package_digest", lambda: "another")
    assert KeptPolicies(tmp_path / "kept").get(policy.document, policy.sha256, KINDS) is None
