"""Policies as they are loaded: their fields, their parameters, and which are left alone."""

from __future__ import annotations

import hashlib
import os
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from policy_files import KINDS, TEXT, load, load_one, with_line

from policyscan.config import CONTEXT as STATED
from policyscan.data import policies_directory
from policyscan.errors import PolicyError, UsageError
from policyscan.findings.model import Plane, Severity, Verdict, Witness
from policyscan.policy import PolicyStub, load_policies, load_tests
from policyscan.policy.model import CONTEXT
from policyscan.resources.kinds import MODULES, load_kinds


def test_every_field_is_read(tmp_path: Path) -> None:
    policy = load_one(tmp_path)
    assert policy.id == "PS-SEC-006"
    assert (policy.version, policy.slug) == (1, "secret-without-own-key")
    assert policy.title == "Secrets are encrypted with a key of the firm's own"
    assert (policy.severity, policy.plane) == (Severity.MEDIUM, Plane.CHANGE)
    assert (policy.kinds, policy.scope, policy.expect_min) == (("Secret",), "each", 0)
    assert policy.when == 'resource.purpose == "exchange_api_key"'
    assert policy.require == "resource.tier in params.tiers"
    assert policy.require_program.text == policy.require
    assert policy.when_program is not None
    assert (policy.why, policy.fix, policy.control) == ("Because.", "Do it.", "CTL-SEC-STORE")
    assert policy.criteria == ("SOC2:CC6.1", "ISO27001:A.8.24")
    assert policy.guide == ("Production Secrets Storage",)
    assert (policy.aliases, policy.deprecated) == ((), "")
    assert policy.path == "policies/p0.yaml"
    assert policy.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    with pytest.raises(FrozenInstanceError):
        policy.id = "PS-SEC-007"  # type: ignore[misc]


def test_optional_fields(tmp_path: Path) -> None:
    text = with_line("slug", "slug: x\naliases: [PS-SEC-001]\ndeprecated: use another")
    policy = load_one(tmp_path, text)
    assert (policy.aliases, policy.deprecated) == (("PS-SEC-001",), "use another")
    text = with_line("when", "").replace("tier in params", "purpose in params")
    assert load_one(tmp_path, text).when_program is None


def test_a_set(tmp_path: Path) -> None:
    text = with_line("when", "scope: set").replace(
        "require: resource.tier in params.tiers",
        "require: members.exists(m, m.tier in params.tiers)\nexpect_min: 2",
    )
    text = text.replace("expect_min: 2\n", "").replace("message:", "expect_min: 2\nmessage:")
    policy = load_one(tmp_path, text)
    assert (policy.scope, policy.expect_min, policy.when) == ("set", 2, "")


def test_parameters(tmp_path: Path) -> None:
    policy = load_one(tmp_path)
    (parameter,) = policy.params
    assert (parameter.name, parameter.type) == ("tiers", "list(string)")
    assert policy.parameters() == {"tiers": ("high", "medium")}
    assert policy.parameters({"tiers": ["low"]}) == {"tiers": ("low",)}
    with pytest.raises(UsageError, match="PS-SEC-006 has no parameter 'tier'; did you mean"):
        policy.parameters({"tier": ["low"]})
    with pytest.raises(
        UsageError, match="parameter 'tiers' of PS-SEC-006: expected string, found 1"
    ):
        policy.parameters({"tiers": [1]})


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("int", "-3", -3),
        ("double", "1.5", 1.5),
        ("double", "7", 7.0),
        ("string", "'1'", "1"),
        ("string", "plain", "plain"),
        ("bool", "true", True),
        ("list(int)", "[]", ()),
        ("map(string, int)", "{v4: 8, 'v6': 16}", {"v4": 8, "v6": 16}),
        ("map(string, double)", "{a: 7}", {"a": 7.0}),
        ("map(string, list(string))", "{a: [b]}", {"a": ("b",)}),
    ],
)
def test_defaults_by_type(tmp_path: Path, kind: str, written: str, value: object) -> None:
    more = f"params:\n  more: {{about: x, type: '{kind}', default: {written}}}"
    policy = load_one(tmp_path, with_line("params", more))
    found = policy.parameters()["more"]
    assert found == value
    assert type(found) is type(value)


def test_the_message_is_filled_once(tmp_path: Path) -> None:
    policy = load_one(tmp_path)
    witness = Witness("a[0]", '"{address}"', "{witness.path}")
    assert policy.fail_message("s.x", witness) == 's.x: a is "{address}" ({witness.path})'


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("permissions.spot_margin", "true", "permissions spot margin is true"),
        ("cidrs[0].open_to[12]", "30.0", "cidrs open to is 30"),
        ("rotated_at", 'timestamp("2026-08-20T00:00:00Z")', "rotated at is 2026-08-20"),
        ("rotated_at", 'timestamp("2026-08-20T08:30:00Z")', "rotated at is 2026-08-20 08:30 UTC"),
        ("aws_vpc.desk_1.is_default", "0.5", "aws_vpc.desk_1.is_default is 0.5"),
        ("module.net.aws_vpc.a.is_default", "true", "module.net.aws_vpc.a.is_default is true"),
        ("data.aws_vpc.a.is_default", "true", "data.aws_vpc.a.is_default is true"),
        ("name", '"30.0"', 'name is "30.0"'),
    ],
)
def test_the_message_speaks_of_the_field_in_words(
    tmp_path: Path, path: str, value: str, said: str
) -> None:
    message = load_one(tmp_path).fail_message("s.x", Witness(path, value, "n"))
    assert message == f"s.x: {said} (n)"


def test_tests_are_read_when_asked_for(tmp_path: Path) -> None:
    (test,) = load_tests(load_one(tmp_path))
    assert test.name == "one of each"
    assert test.files == {"main.tf": 'resource "aws_secretsmanager_secret" "a" {}\n'}
    assert test.options == {"context": {"regions": ["eu-west-1"]}}
    assert test.expect == {"aws_secretsmanager_secret.a": Verdict.PASS}
    assert test.line == 22


def test_policies_of_other_kinds_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    (folder / "keys").mkdir(parents=True)
    (folder / "profiles").mkdir()
    (folder / "keys" / "secret.yaml").write_text(TEXT)
    (folder / "keys" / "broken.yml").write_text(
        "id: PS-MON-001\nversion: 2\nslug: 'broken'\ntitle: \"It's all\"  \nseverity: high\n"
        "plane: account\nresource: Trail\ncontrol: CTL-X\nrequire: ((\n"
    )
    (folder / "profiles" / "ci.yaml").write_text("not a policy")
    (folder / "schema.json").write_text("{}")
    loaded = load_policies(folder, KINDS, frozenset({"Secret"}))
    assert [policy.id for policy in loaded.policies] == ["PS-SEC-006"]
    assert loaded.policies[0].path == "policies/keys/secret.yaml"
    (stub,) = loaded.stubs
    digest = hashlib.sha256((folder / "keys" / "broken.yml").read_bytes()).hexdigest()
    assert stub == PolicyStub(
        id="PS-MON-001",
        version=2,
        slug="broken",
        title="It's all",
        severity=Severity.HIGH,
        plane=Plane.ACCOUNT,
        kinds=("Trail",),
        control="CTL-X",
        path="policies/keys/broken.yml",
        sha256=digest,
    )
    assert [each.id for each in loaded.everything] == ["PS-MON-001", "PS-SEC-006"]
    with pytest.raises(PolicyError, match=r"^policies/keys/broken.yml:"):
        load_policies(folder, KINDS, frozenset({"Trail"}))
    with pytest.raises(PolicyError, match=r"^policies/keys/broken.yml:"):
        load_policies(folder, KINDS)


@pytest.mark.parametrize(
    "require",
    [
        """resources("Trail").exists(t, t.address != "") && size(resources('Secret')) > 0""",
        """>-
  resources(
  "Trail").all(t, t.address != "") && !resources( 'Secret').exists(s, s.address == "")""",
        """'resources("Trail").exists(t, true) || size(resources(''Secret'')) > 0'""",
        r'''"resources('Trail').exists(t, true) || size(resources(\"Secret\")) > 0"''',
    ],
)
def test_kinds_that_are_looked_at_are_read_from_the_text_as_well(
    require: str, tmp_path: Path
) -> None:
    policy = load_one(tmp_path, with_line("require", f"require: {require}"))
    assert policy.related == {"Trail", "Secret"}
    (stub,) = load_policies(tmp_path / "policies", KINDS, frozenset()).stubs
    assert stub.related == {"Trail", "Secret"}


def test_no_related_kind_of_a_policy_that_ships_is_missed() -> None:
    kinds = load_kinds(MODULES)
    stubs = load_policies(policies_directory(), kinds, frozenset()).stubs
    related = {stub.id: stub.related for stub in stubs}
    every = load_policies(policies_directory(), kinds).policies
    assert all(related[each.id] >= each.related for each in every)
    assert any(each.related for each in every)


def test_an_id_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, TEXT, TEXT)
    assert str(caught.value) == (
        "policies/p1.yaml:1:5: 'PS-SEC-006' is already the id of policies/p0.yaml"
    )
    other = TEXT.replace("PS-SEC-006", "PS-SEC-007")
    aliased = other.replace("title:", "aliases: [PS-SEC-006]\ntitle:")
    with pytest.raises(PolicyError, match=r"p1.yaml:4:11: 'PS-SEC-006' is already"):
        load(tmp_path, TEXT, aliased)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    file = folder / "p.yaml"
    file.write_bytes(b"id: PS-SEC-006\ntitle: \xff\n")
    with pytest.raises(PolicyError, match=r"^policies/p.yaml:2: this file is not UTF-8"):
        load_policies(folder, KINDS)
    file.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PolicyError, match="larger than 1,000,000 bytes"):
        load_policies(folder, KINDS)
    file.unlink()
    file.symlink_to(tmp_path / "missing.yaml")
    with pytest.raises(PolicyError, match="No such file"):
        load_policies(folder, KINDS)


def test_a_kind_that_is_none_is_told_even_if_nothing_of_it_is_here(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "p.yaml").write_text(TEXT.replace("resource: Secret", "resource: Secrets"))
    with pytest.raises(PolicyError, match=r"p.yaml:7:11: unknown resource 'Secrets'; did you mean"):
        load_policies(folder, KINDS, frozenset({"Trail"}))


def test_a_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "p.yaml").write_bytes(text.encode())
    (policy,) = load_policies(folder, KINDS).policies
    assert policy.id == "PS-SEC-006"
    (folder / "p.yaml").write_bytes(text.replace("resource.tier", "resource.tire").encode())
    with pytest.raises(PolicyError, match=r"p.yaml:9:19: unknown field 'tire'"):
        load_policies(folder, KINDS)


def test_the_context_is_what_a_configuration_may_state() -> None:
    assert tuple(CONTEXT) == (*STATED, "allow_list", "verified_allow_list")


def test_links_in_a_ring_are_followed_once(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    for number in range(10):
        (tmp_path / "policies" / f"again{number}").symlink_to(".", target_is_directory=True)

    assert [policy.id for policy in load(tmp_path, TEXT).policies] == ["PS-SEC-006"]


def test_a_pipe_is_no_policy(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    os.mkfifo(tmp_path / "policies" / "a.yaml")

    with pytest.raises(PolicyError, match="it is no regular file"):
        load(tmp_path, TEXT)


def test_what_lies_too_deep_is_told(tmp_path: Path) -> None:
    (tmp_path / "policies" / "1/2/3/4/5/6/7/8/9").mkdir(parents=True)

    with pytest.raises(PolicyError, match="more than 8 directories in one another"):
        load(tmp_path, TEXT)


def test_a_folder_that_cannot_be_looked_through_is_told(tmp_path: Path) -> None:
    """One that may be listed and not entered, as a user who is not root sees it."""
    place = tmp_path / "policies"
    place.mkdir()
    (place / "a.yaml").write_text(TEXT)

    is_dir = Path.is_dir

    def refused(path: Path) -> bool:
        if path.name == "a.yaml":
            raise PermissionError(13, "Permission denied")
        return is_dir(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(place), "is_dir", refused)
        with pytest.raises(PolicyError, match="Permission denied"):
            load_policies(place, KINDS)
