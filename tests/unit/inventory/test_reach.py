"""Which statement reaches which exchange secret, and who reads it."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.config import ScopeAssignment
from policyscan.inventory.reach import Reach, Reader
from policyscan.resources.base import Resource
from policyscan.resources.iam.model import Condition, IamStatement
from policyscan.resources.keys import Secret
from policyscan.resources.workloads import Workload
from policyscan.values import Alternative, OneOf, PartialList, Ref, Unknown, Why
from tests.unit.inventory.made import made, statement
from tests.unit.inventory.test_register_join import key

GET = "secretsmanager:GetSecretValue"
GRID = "binance-api-key-production-grid"
OPEN = Unknown(Why.VARIABLE_UNSET, "a value for var.x")


def secret(label: str, name: Any = GRID, **fields: Any) -> Any:
    purpose = fields.pop("purpose", "exchange_api_key")
    address = f"aws_secretsmanager_secret.{label}"
    return made(Secret, address, name=name, purpose=purpose, **fields)


def role(label: str) -> Ref:
    return Ref(f"aws_iam_role.{label}", "arn")


def arn(label: str) -> Ref:
    return Ref(f"aws_secretsmanager_secret.{label}", "arn")


def allow(*resources: Any, who: str | Ref | None = None, **fields: Any) -> Any:
    """An Allow of reading for the role of a grid bot."""
    fields = {"actions": (GET,), "resources": resources, **fields}
    address = fields.pop("address", "aws_iam_role_policy.bot#Read")
    return statement(address, role("grid") if who is None else who, **fields)


def filled(*resources: Resource, **more: Any) -> IamStatement:
    """The first statement, with what comes of the join."""
    joined = Reach(resources, **more).filled()
    return next(each for each in joined if isinstance(each, IamStatement))


def assign(**fields: Any) -> ScopeAssignment:
    return ScopeAssignment(place="policyscan.yaml:3:5", **fields)


# -- which secrets -----------------------------------------------------------------------------


def test_a_declared_secret_and_what_is_done_to_it() -> None:
    found = filled(allow(arn("grid"), actions=("secretsmanager:*Secret",)), secret("grid"))
    assert found.reaches_exchange_secret is True
    assert found.exchange_secrets == ("aws_secretsmanager_secret.grid",)
    assert found.secret_actions == tuple(
        f"secretsmanager:{name}Secret"
        for name in ("Update", "Delete", "Rotate", "CancelRotate", "Restore", "Create", "Describe")
    )


def test_a_secret_for_something_else_is_none() -> None:
    found = filled(allow(arn("smtp")), secret("smtp", "smtp", purpose="other"))
    assert found.reaches_exchange_secret is False
    assert found.exchange_secrets == found.secret_actions == ()


def test_a_secret_of_which_nobody_knows_what_it_is_for() -> None:
    why = Unknown(Why.VARIABLE_UNSET, "a value for var.name")
    unclear = secret("k", why, purpose="other").model_copy(update={"purpose": why})
    found = filled(allow(arn("k")), unclear)
    assert isinstance(found.reaches_exchange_secret, Unknown)


def test_a_person_says_what_a_secret_is_for() -> None:
    mail = secret("k", "mail-binance")
    told = assign(address="aws_secretsmanager_secret.k", purpose="other")
    assert filled(allow(arn("k")), mail, assignments=[told]).reaches_exchange_secret is False


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("arn:aws:secretsmanager:*:*:secret:binance-api-key-*", "binance-api-key-*"),
        (
            "arn:aws:secretsmanager:eu-west-1:1:secret:kraken/??-??????",
            "kraken/??-??????",
        ),
        ("arn:aws-cn:secretsmanager:*:*:secret:binance-a1B2c3", "binance-a1B2c3"),
        ("arn:aws:ssm:*:*:parameter/bots/binance/*", "bots/binance/*"),
        ("*binance-api*", "*binance-api*"),
    ],
)
def test_a_pattern_names_a_secret_that_no_file_declares(pattern: str, shown: str) -> None:
    found = filled(allow(pattern, actions=(GET, "ssm:GetParameter")))
    assert (found.reaches_exchange_secret, found.exchange_secrets) == (True, (shown,))


@pytest.mark.parametrize(
    "pattern",
    [
        "arn:aws:s3:::binance-api-key/*",
        "arn:aws:secretsmanager:*:*:secret:smtp-a1B2c3",
        "arn:aws:secretsmanager:*:*:secret:postgres-*",
        "arn:aws:secretsmanager:*:*:secret:prod/grafana/*",
        "arn:aws:kms:*:*:key/*",
    ],
)
def test_other_patterns_name_none(pattern: str) -> None:
    assert filled(allow(pattern)).reaches_exchange_secret is False


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "arn:aws:secretsmanager:*:*:secret:*",
        "arn:aws:secretsmanager:*:*:secret:prod/*",
        Ref("data.aws_secretsmanager_secret.one", "arn"),
        Unknown(Why.VARIABLE_UNSET, "a value for var.arn"),
    ],
)
def test_a_wildcard_may_reach_what_no_file_declares(pattern: Any) -> None:
    found = filled(allow(pattern))
    assert isinstance(found.reaches_exchange_secret, Unknown)
    assert isinstance(found.exchange_secrets, PartialList)


def test_a_data_source_says_by_its_label_what_it_is() -> None:
    found = filled(allow(Ref("data.aws_secretsmanager_secret.binance", "arn")))
    assert found.exchange_secrets == ("data.aws_secretsmanager_secret.binance",)


def test_all_secrets_reach_one_that_another_statement_names() -> None:
    named = allow("arn:aws:secretsmanager:*:*:secret:binance-*", address="p.b#0", who=role("b"))
    found = filled(allow("*", address="p.a#0"), named)
    assert found.reaches_exchange_secret is True


@pytest.mark.parametrize(
    ("actions", "path", "reaches"),
    [
        (("ssm:GetParametersByPath",), "/prod", True),
        (("ssm:GetParametersByPath", "ssm:GetParameter"), "/prod/", True),
        (("ssm:GetParametersByPath",), "/prod/binance/api-key", True),
        (("ssm:GetParameter",), "/prod", False),
        (("ssm:GetParametersByPath",), "/pro", False),
        (("ssm:GetParametersByPath",), "/prod/other", False),
        (("ssm:GetParametersByPath", "ssm:PutParameter"), "/prod", None),
    ],
)
def test_whoever_gets_parameters_by_path_gets_all_levels_of_it(
    actions: tuple[str, ...], path: str, reaches: bool | None
) -> None:
    # "If a user has access to a path, then the user can access all levels of that path."
    # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
    address = "aws_ssm_parameter.k"
    key = made(
        Secret, address, name="/prod/binance/api-key", purpose="exchange_api_key", store="ssm"
    )
    found = filled(allow(f"arn:aws:ssm:*:*:parameter{path}", actions=actions), key)
    if reaches is None:
        assert isinstance(found.reaches_exchange_secret, Unknown)
    else:
        assert found.reaches_exchange_secret is reaches
        assert (address in found.exchange_secrets) is reaches


def test_references_mean_resources_of_their_own_root() -> None:
    here, there = secret("k", "a-binance-key"), secret("k", "b-binance-key", unit="other")
    found = filled(allow(arn("k")), here, there)
    assert found.exchange_secrets == ("aws_secretsmanager_secret.k",)
    assert filled(allow(arn("k")), there).reaches_exchange_secret is False


def test_whether_two_roots_share_an_account_is_not_known() -> None:
    there = secret("k", unit="other")
    assert isinstance(filled(allow("*"), there).reaches_exchange_secret, Unknown)


def test_one_of_several_instances() -> None:
    one = secret('k["a"]')
    found = filled(allow(arn("k[?]")), one)
    assert isinstance(found.reaches_exchange_secret, Unknown)
    assert filled(allow(arn('k["b"]')), one, secret('k["b"]')).reaches_exchange_secret is True


@pytest.mark.parametrize("kind", ["trust", "boundary"])
def test_other_kinds_of_policies_reach_nothing(kind: str) -> None:
    found = filled(allow("*", actions=("*",), policy_kind=kind), secret("grid"))
    assert (found.admin, found.reaches_exchange_secret) == (False, False)


def test_the_policy_of_a_secret_is_about_that_one() -> None:
    given = {"policy_kind": "resource", "service": "secretsmanager", "principals": ("*",)}
    found = filled(allow("*", who=arn("grid"), **given), secret("grid"), secret("dca"))
    assert found.exchange_secrets == ("aws_secretsmanager_secret.grid",)
    assert found.principal_forms == ("anyone",)


# -- whose they are ----------------------------------------------------------------------------


def test_a_word_that_both_share() -> None:
    mine, other = secret("a"), secret("b", "binance-api-key-production-dca")
    assert filled(allow(arn("a")), mine, other).reaches_only_its_own is True
    assert isinstance(filled(allow(arn("b")), mine, other).reaches_only_its_own, Unknown)
    assert isinstance(filled(allow(arn("a"), arn("b")), mine, other).reaches_only_its_own, Unknown)


def test_the_ways_of_terraform_to_name_things_tell_nothing() -> None:
    k = made(
        Secret,
        "module.secrets.aws_secretsmanager_secret.binance_credentials",
        purpose="exchange_api_key",
    )
    reference = Ref(k.address, "arn")
    bot = Ref("module.compute.aws_iam_role.ec2", "arn")
    found = filled(allow(reference, who=bot, address="module.compute.p.x#0"), k)
    assert found.reaches_exchange_secret is True
    assert isinstance(found.reaches_only_its_own, Unknown)


def test_a_data_source_is_its_own_by_its_label_only() -> None:
    for label, own in (("binance_grid", True), ("binance_dca", False), ("token", False)):
        found = filled(allow(Ref(f"data.aws_secretsmanager_secret.{label}", "arn")))
        assert (found.reaches_only_its_own is True) is own


def test_all_there_are_is_not_its_own() -> None:
    for pattern in ("*", "arn:aws:secretsmanager:*", "arn:aws:secretsmanager:eu-west-1:1:secret:*"):
        found = filled(allow(pattern), secret("grid"))
        assert (found.reaches_only_its_own, found.covers_all_secrets) == (False, True)


def test_the_name_of_the_workload_counts_as_well() -> None:
    bot = made(Workload, "aws_instance.grid", iam_role=Ref("aws_iam_role.main", "arn"))
    given = allow(arn("k"), who=role("main"))
    assert isinstance(filled(given, secret("k")).reaches_only_its_own, Unknown)
    assert filled(given, secret("k"), bot).reaches_only_its_own is True


def test_what_runs_as_one_role_says_nothing_of_another() -> None:
    bots = [
        made(Workload, f"aws_instance.{name}", iam_role=Ref(f'aws_iam_role.bot["{which}"]', "arn"))
        for name, which in (("grid", "a"), ("dca", "b"))
    ]
    k = secret("k", "binance-grid")
    for which, own in (("a", True), ("b", False)):
        given = allow(arn("k"), who=Ref(f'aws_iam_role.bot["{which}"]', "arn"))
        assert (filled(given, k, *bots).reaches_only_its_own is True) is own
    elsewhere = made(Workload, "aws_instance.grid", iam_role=role("main"), unit="other")
    given = allow(arn("k"), who=role("main"))
    assert isinstance(filled(given, k, elsewhere).reaches_only_its_own, Unknown)


def test_a_deny_in_another_root_is_for_another_role() -> None:
    other = allow("*", effect="Deny", unit="other", address="aws_iam_role_policy.no#No")
    assert filled(allow(arn("grid")), other, secret("grid")).reaches_exchange_secret is True


def test_the_register_says_who_uses_a_secret() -> None:
    entry = key("seven", secrets=("binance-api-key-7",), used_by=("maker",))
    given = allow(arn("k"), who=role("maker-task"))
    k = secret("k", "binance-api-key-7")
    assert isinstance(filled(given, k).reaches_only_its_own, Unknown)
    assert filled(given, k, entry).reaches_only_its_own is True
    other = allow(arn("k"), who=role("taker-task"))
    assert isinstance(filled(other, k, entry).reaches_only_its_own, Unknown)


def test_the_register_may_name_a_workload_whose_words_tell_nothing() -> None:
    entry = key("paper", secrets=("binance-api-key-7",), used_by=("paper-trader",))
    bot = made(Workload, "aws_instance.this", name="Paper_Trader", iam_role=role("this"))
    given = allow(arn("k"), who=role("this"))
    k = secret("k", "binance-api-key-7")
    assert filled(given, k, entry, bot).reaches_only_its_own is True
    live = made(Workload, "aws_instance.this", name="live-trader", iam_role=role("this"))
    assert isinstance(filled(given, k, entry, live).reaches_only_its_own, Unknown)


def test_the_register_may_name_a_workload_by_its_address() -> None:
    bot = made(Workload, "aws_instance.bot", iam_role=role("this"))
    given, k = allow(arn("k"), who=role("this")), secret("k", "binance-api-key-7")
    for name, own in (("aws_instance.bot", True), ("bot", True), ("aws_instance.other", False)):
        entry = key("seven", secrets=("binance-api-key-7",), used_by=(name,))
        assert (filled(given, k, entry, bot).reaches_only_its_own is True) is own


def test_a_label_that_two_workloads_have_names_neither() -> None:
    entry = key("seven", secrets=("binance-api-key-7",), used_by=("bot",))
    bots = [
        made(Workload, f"module.{name}.aws_instance.bot[0]", iam_role=role(name))
        for name in ("live", "test")
    ]
    given, k = allow(arn("k"), who=role("live")), secret("k", "binance-api-key-7")
    assert filled(given, k, entry, bots[0]).reaches_only_its_own is True
    assert isinstance(filled(given, k, entry, *bots).reaches_only_its_own, Unknown)


def test_an_address_that_two_roots_have_names_neither() -> None:
    entry = key("seven", secrets=("binance-api-key-7",), used_by=("aws_instance.bot",))
    bots = [
        made(Workload, "aws_instance.bot", iam_role=role("this"), unit=unit)
        for unit in ("root", "other")
    ]
    given, k = allow(arn("k"), who=role("this")), secret("k", "binance-api-key-7")
    assert filled(given, k, entry, bots[0]).reaches_only_its_own is True
    assert isinstance(filled(given, k, entry, *bots).reaches_only_its_own, Unknown)


def test_a_person_puts_one_workload_and_its_secrets_together() -> None:
    k = secret("k", "binance-api-key")
    given = allow(arn("k"), who=role("main"))
    group = assign(path="root/*", role="trading")
    assert filled(given, k, assignments=[group]).reaches_only_its_own is True
    second = allow(arn("k"), who=role("second"), address="aws_iam_role_policy.second#Read")
    assert isinstance(filled(given, second, k, assignments=[group]).reaches_only_its_own, Unknown)


def tagged(name: str, value: str) -> Condition:
    return Condition(operator="StringEquals", key=f"aws:ResourceTag/{name}", values=(value,))


def test_a_tag_of_the_secret_that_has_to_be_that_of_the_role() -> None:
    k = secret("k", "binance-api-key", tags={"Bot": "grid", "Environment": "production"})
    for name, value, own in (
        ("Bot", "${aws:PrincipalTag/Bot}", True),
        ("Bot", "${aws:PrincipalTag/Bot}*", False),
        ("Bot", "${aws:PrincipalTag/Bot, 'grid'}", False),
        ("Bot", "grid", True),
        ("Environment", "production", False),
        ("Environment", "${aws:PrincipalTag/Environment}", False),
    ):
        found = filled(allow("*", conditions=(tagged(name, value),)), k)
        assert (found.reaches_only_its_own is True) is own


# -- environments ------------------------------------------------------------------------------


def test_environments_that_are_reached() -> None:
    a = secret("a", environment="production")
    b = secret("b", "binance-api-key-staging-dca", environment="staging")
    assert filled(allow(arn("a")), a, b).environments_reached == ("production",)
    assert filled(allow(arn("a"), arn("b")), a, b).environments_reached == ("production", "staging")
    named = filled(allow("arn:aws:secretsmanager:*:*:secret:binance-test-*"))
    assert named.environments_reached == ("development",)
    unclear = filled(allow("arn:aws:secretsmanager:*:*:secret:binance-*")).environments_reached
    assert isinstance(unclear, tuple)
    assert isinstance(unclear[0], Unknown)


@pytest.mark.parametrize(
    ("operator", "key", "values", "bound"),
    [
        ("StringEquals", "aws:ResourceTag/Environment", ("prod",), ("production",)),
        ("StringEquals", "secretsmanager:ResourceTag/env", ("prod", "live"), ("production",)),
        ("StringLike", "aws:ResourceTag/Stage", ("prod*",), ("production",)),
        ("StringEquals", "aws:ResourceTag/Env", ("prod", "dev"), ("production", "development")),
        ("StringEquals", "aws:ResourceTag/Environment", ("${aws:PrincipalTag/Env}",), ("own",)),
        ("StringLike", "aws:ResourceTag/Stage", ("${aws:PrincipalTag/Stage, '*'}",), ("?",)),
        ("StringEqualsIfExists", "aws:ResourceTag/Environment", ("prod",), ()),
        ("ForAllValues:StringEquals", "aws:ResourceTag/Environment", ("prod",), ()),
        ("StringNotEquals", "aws:ResourceTag/Environment", ("dev",), ()),
        ("StringEquals", "aws:ResourceTag/Bot", ("prod",), ()),
        ("StringEquals", "aws:RequestTag/Environment", ("prod",), ()),
    ],
)  # fmt: skip
def test_environments_that_conditions_bind(
    operator: str, key: str, values: tuple[str, ...], bound: tuple[str, ...]
) -> None:
    condition = Condition(operator=operator, key=key, values=values)
    found = filled(allow("*", conditions=(condition,))).bound_environments
    assert found == bound or (bound == ("?",) and isinstance(found, PartialList))


# -- who reads ---------------------------------------------------------------------------------


def readers(*resources: Resource) -> list[tuple[str, tuple[str, ...], bool, bool]]:
    return [_shown(reader) for reader in Reach(resources).readers()]


def _shown(reader: Reader) -> tuple[str, tuple[str, ...], bool, bool]:
    addresses = tuple(each.address.rpartition(".")[2] for each in reader.secrets)
    return str(reader.principal), addresses, reader.specific, reader.certain


def test_who_reads_a_secret() -> None:
    grid = "aws_iam_role.grid.arn"
    k = secret("grid")
    assert readers(allow(arn("grid")), k) == [(grid, ("grid",), True, True)]
    assert readers(allow("*"), k) == [(grid, ("grid",), False, True)]
    assert readers(allow(arn("grid"), actions=("secretsmanager:Put*",)), k) == []
    assert readers(allow("arn:aws:secretsmanager:*:*:secret:binance-*")) == [(grid, (), True, True)]
    why = Unknown(Why.VARIABLE_UNSET, "a value for var.arn")
    assert readers(allow(why), k) == [(grid, ("grid",), True, False)]


def test_readers_by_the_policy_of_the_secret() -> None:
    given = {"policy_kind": "resource", "service": "secretsmanager"}
    bot = "arn:aws:iam::123456789012:role/bot"
    found = allow("*", who=arn("grid"), principals=(bot,), **given)
    assert readers(found, secret("grid")) == [(bot, ("grid",), True, True)]


def test_a_deny_of_the_role_takes_the_reader_away() -> None:
    denied = allow(arn("grid"), address="aws_iam_role_policy.no#No", effect="Deny")
    assert readers(allow("*"), denied, secret("grid")) == []
    other = allow(arn("grid"), address="p.no#No", effect="Deny", who=role("other"))
    assert len(readers(allow("*"), other, secret("grid"))) == 1


def test_a_condition_of_which_it_is_not_known_what_it_is_about() -> None:
    open_ = Condition(operator="StringEquals", key=OPEN, values=("x",))
    found = filled(allow(arn("grid"), conditions=(open_,)), secret("grid"))
    assert isinstance(found.reaches_exchange_secret, Unknown)
    assert isinstance(found.bound_environments, PartialList)
    given = {"policy_kind": "resource", "service": "secretsmanager", "principals": ("*",)}
    for condition in (
        open_,
        Condition(operator="ArnEquals", key="aws:PrincipalArn", values=OPEN),
        Condition(operator=OPEN, key="aws:PrincipalArn", values=("x",)),
    ):
        policy = allow("*", who=arn("grid"), conditions=(condition,), **given)
        forms = filled(policy, secret("grid")).principal_forms
        assert isinstance(forms, tuple)
        assert isinstance(forms[0], Unknown)


def test_one_of_two_patterns_is_not_all_secrets() -> None:
    either = OneOf((Alternative("*", ()), Alternative("arn:aws:s3:::x", ())), OPEN)
    found = filled(allow(either), secret("grid"))
    assert found.covers_all_secrets is False
    assert isinstance(found.reaches_only_its_own, Unknown)
    assert isinstance(found.reaches_exchange_secret, Unknown)


def test_what_is_not_seen_at_all_is_not_taken_for_a_deny() -> None:
    nothing = dict.fromkeys(("effect", "actions", "not_actions", "resources", "conditions"), OPEN)
    unread = allow(address="p.other#0", **nothing)
    assert filled(allow(arn("grid")), unread, secret("grid")).reaches_exchange_secret is True
    either = allow("*", address="p.other#0", effect=OPEN)
    found = filled(allow(arn("grid")), either, secret("grid"))
    assert isinstance(found.reaches_exchange_secret, Unknown)


def test_a_deny_that_is_attached_to_nothing_here() -> None:
    elsewhere = Unknown(Why.OUTSIDE, "what aws_iam_policy.no is attached to")
    fields = {"effect": "Deny", "attached_to": PartialList((), elsewhere)}
    loose = made(IamStatement, "aws_iam_policy.no#0", actions=("*",), resources=("*",), **fields)
    wide = made(
        IamStatement,
        "aws_iam_policy.no#0",
        actions=("*",),
        resources=("*",),
        effect="Deny",
        attached_to=PartialList((), OPEN),
    )
    assert filled(allow(arn("grid")), loose, secret("grid")).reaches_exchange_secret is True
    found = filled(allow(arn("grid")), wide, secret("grid"))
    assert isinstance(found.reaches_exchange_secret, Unknown)


# -- what is not known -------------------------------------------------------------------------

LISTS = "actions not_actions resources not_resources principals not_principals attached_to".split()
FIELDS = (
    "effect actions not_actions resources not_resources conditions principals not_principals"
    " attached_to boundary managed principal_class"
).split()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", ["identity", "resource", "boundary", "trust"])
def test_nothing_raises_where_a_field_is_not_known(field: str, kind: str) -> None:
    fields = {"actions": ("*",), "resources": ("*",), "policy_kind": kind, "principals": ("*",)}
    for unknown in (OPEN, OneOf((Alternative((), ()),), OPEN), PartialList(("x",), OPEN)):
        if isinstance(unknown, PartialList) and field not in LISTS:
            continue
        given = made(IamStatement, "p.x#0", **{"effect": "Allow", **fields, field: unknown})
        reach = Reach([given, allow("*"), secret("grid")])
        assert len(reach.filled()) == 3
        assert all(reader.secrets for reader in reach.readers())


def test_the_id_of_the_own_account_is_a_whole_account() -> None:
    account = Ref("data.aws_caller_identity.me", "account_id")
    given = {"policy_kind": "resource", "service": "secretsmanager", "principals": (account,)}
    found = filled(allow("*", who=arn("grid"), **given), secret("grid"))
    assert found.principal_forms == ("account",)
