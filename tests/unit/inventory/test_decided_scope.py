"""Who answers a question of scope, and how strong the answer is."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.config import ScopeAssignment
from policyscan.resources.containers import DockerfileStage
from policyscan.resources.keys import Secret
from policyscan.resources.programs import Program
from policyscan.values import OneOf, PartialList, Ref, Unknown, Why
from tests.unit.inventory.made import (
    answer,
    exchange_secret,
    group,
    logs,
    made,
    program,
    settled,
    statement,
    workload,
)

REF = Ref("aws_secretsmanager_secret.k", "arn")
TRADING = ("trading", "derived")


def role(*resources: Any, of: str) -> tuple[Any, str] | None:
    return answer(settled(*resources)[of], "role")


# -- declared and tagged ----------------------------------------------------------------------


def test_a_declaration_is_stronger_than_a_tag_and_a_tag_than_a_name() -> None:
    tagged = group("aws_security_group.web", tags={"Role": "trading"})
    assert role(tagged, of="aws_security_group.web") == ("trading", "tagged")
    declared = ScopeAssignment(address="*.web", role="gateway", place="p.yaml:3:5")
    found = settled(tagged, assign=(declared,))["aws_security_group.web"]
    assert answer(found, "role") == ("gateway", "declared")
    assert found.chains["role"][0].label == "scope.assign at p.yaml:3:5"


def test_of_two_declarations_the_first_holds() -> None:
    first = ScopeAssignment(path="root/*", tier="high")
    second = ScopeAssignment(path="*", tier="low", environment="staging")
    found = settled(group("aws_security_group.x"), assign=(first, second))["aws_security_group.x"]
    assert answer(found, "tier") == ("high", "declared")
    assert answer(found, "environment") == ("staging", "declared")


@pytest.mark.parametrize(
    ("tags", "question", "value"),
    [
        ({"Environment": "prod"}, "environment", "production"),
        ({"env": "Live"}, "environment", "production"),
        ({"Stage": "uat"}, "environment", "staging"),
        ({"Stage": "pre-prod"}, "environment", "staging"),
        ({"ENVIRONMENT": "testnet"}, "environment", "development"),
        ({"policyscan:environment": "staging", "Env": "prod"}, "environment", "staging"),
        ({"policyscan:tier": "high"}, "tier", "high"),
        ({"Purpose": "market-maker bot"}, "role", "trading"),
        ({"Role": "bastion"}, "role", "admin"),
        ({"policyscan:role": "other"}, "role", "other"),
    ],
)
def test_tags_answer_in_the_words_that_people_use(
    tags: dict[str, str], question: str, value: str
) -> None:
    found = settled(group("aws_security_group.x", tags=tags))["aws_security_group.x"]
    assert answer(found, question) == (value, "tagged")


@pytest.mark.parametrize(
    "tags", [{"Environment": "blue"}, {"Environment": "non-prod"}, {"Team": "prod"}, {}]
)
def test_a_tag_that_says_nothing_leaves_the_question_open(tags: dict[str, str]) -> None:
    found = settled(group("aws_security_group.x", tags=tags))["aws_security_group.x"]
    assert answer(found, "environment") is None
    assert isinstance(found.environment, OneOf)
    assert [one.value for one in found.environment.alternatives] == [
        "production", "staging", "development",
    ]  # fmt: skip
    assert found.environment.unknown.question == "environment"


def test_a_tag_whose_value_is_not_known_says_what_would_tell() -> None:
    reason = Unknown(Why.VARIABLE_UNSET, "a value for var.env")
    found = settled(group("aws_security_group.x", tags={"Env": reason}))["aws_security_group.x"]
    assert isinstance(found.environment, OneOf)
    assert found.environment.unknown.needs == "a value for var.env"


# -- derived -----------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [REF, "binance-key", "arn:aws:secretsmanager:e:1:secret:b"])
def test_a_workload_that_reads_an_exchange_secret_trades(secret: Any) -> None:
    names = {"binance-key": "binance-key"}.get(secret, "b" if isinstance(secret, str) else None)
    key = exchange_secret(name=names)
    assert role(key, workload("aws_instance.x", secrets=(secret,)), of="aws_instance.x") == TRADING


def test_a_workload_that_reads_another_secret_does_not() -> None:
    other = made(Secret, "aws_secretsmanager_secret.smtp")
    box = workload("aws_instance.x", secrets=(Ref(other.address, "arn"),))
    assert role(other, box, of="aws_instance.x") is None


def test_a_variable_that_is_named_for_an_exchange_key_is_enough() -> None:
    box = workload("aws_ecs_task_definition.x", environment_names=("TZ", "BINANCE_API_SECRET"))
    found = settled(box)["aws_ecs_task_definition.x"]
    assert answer(found, "role") == TRADING
    label = "aws_ecs_task_definition.x has the variable BINANCE_API_SECRET"
    assert found.chains["role"][0].label == label


def test_what_a_trading_workload_uses_serves_trading() -> None:
    box = workload(
        "aws_instance.x",
        secrets=PartialList((REF,), Unknown(Why.VARIABLE_UNSET, "var.more")),
        groups=(Ref("aws_security_group.x"),),
        log_groups=("/app/x",),
        iam_role=Ref("aws_iam_role.x", "arn"),
    )
    found = settled(
        exchange_secret(),
        box,
        group("aws_security_group.x"),
        group("aws_security_group.y"),
        logs("aws_cloudwatch_log_group.x", name="/app/x"),
        statement("aws_iam_role_policy.x#1", Ref("aws_iam_role.x", "id")),
        statement("aws_iam_role_policy.y#1", Ref("aws_iam_role.y", "id")),
    )
    assert {address: answer(one, "role") for address, one in found.items()} == {
        "aws_secretsmanager_secret.k": TRADING,
        "aws_instance.x": TRADING,
        "aws_security_group.x": TRADING,
        "aws_security_group.y": ("trading", "default"),
        "aws_cloudwatch_log_group.x": TRADING,
        "aws_iam_role_policy.x#1": TRADING,
        "aws_iam_role_policy.y#1": ("trading", "default"),
    }
    assert [step.label for step in found["aws_security_group.x"].chains["role"]][:2] == [
        "aws_security_group.x serves aws_instance.x",
        "aws_instance.x reads aws_secretsmanager_secret.k",
    ]


def test_a_group_that_trading_shares_with_others_carries_trading() -> None:
    shared = Ref("aws_security_group.x")
    bot = workload("aws_instance.a", secrets=(REF,), groups=(shared,))
    web = workload("aws_instance.b", tags={"Role": "web"}, groups=(shared,))
    found = settled(exchange_secret(), bot, web, group("aws_security_group.x"))
    assert answer(found["aws_security_group.x"], "role") == TRADING
    assert answer(found["aws_instance.b"], "role") == ("other", "tagged")


def test_the_function_that_rotates_a_secret_does_not_trade() -> None:
    key = exchange_secret(rotation_function=Ref("aws_lambda_function.r", "arn"))
    box = workload("aws_lambda_function.r", form="lambda", secrets=(REF,))
    assert role(key, box, of="aws_lambda_function.r") == ("rotation", "derived")


def test_roles_are_the_same_by_name_and_by_arn() -> None:
    box = workload("aws_instance.x", secrets=(REF,), iam_role="desk-bot")
    grant = statement("aws_iam_policy.p#1", "arn:aws:iam::123456789012:role/desk-bot")
    assert role(exchange_secret(), box, grant, of="aws_iam_policy.p#1") == TRADING


@pytest.mark.parametrize("uncertain", [Ref("data.aws_security_group.x"), Ref("aws_x.y[?]")])
def test_a_reference_that_may_be_any_resource_connects_nothing(uncertain: Ref) -> None:
    box = workload("aws_instance.x", secrets=(REF,), groups=(uncertain,))
    there = group(uncertain.address)
    found = settled(exchange_secret(), box, there)
    assert answer(found[uncertain.address], "role") != TRADING


def test_references_do_not_cross_roots() -> None:
    box = workload("aws_instance.x", unit="a", secrets=(REF,))
    assert role(exchange_secret(unit="b"), box, of="aws_instance.x") == ("trading", "default")


def test_a_group_of_public_load_balancers_is_public() -> None:
    lb = group("aws_security_group.x", only_public_load_balancer=True)
    assert role(lb, of="aws_security_group.x") == ("public", "derived")


@pytest.mark.parametrize(
    ("dockerfile", "expected"),
    [
        ("Dockerfile", None),
        ("bots/arb/Dockerfile", TRADING),
        ("bots/arb/docker/Dockerfile", TRADING),
        ("bots/web/Dockerfile", None),
        ("bots/arbiter/Dockerfile", None),
    ],
)
def test_an_image_of_a_program_that_handles_keys_trades(dockerfile: str, expected: Any) -> None:
    stage = made(DockerfileStage, f"{dockerfile}#0", unit=dockerfile)
    others = [made(Program, "bots/web", unit="bots/web"), made(Program, ".", unit=".")]
    found = answer(settled(program("bots/arb"), stage, *others)[stage.address], "role")
    assert found == (expected or ("trading", "default"))


def test_environment_and_tier_go_on_where_all_agree() -> None:
    prod = workload("aws_instance.a", tags={"Env": "prod"}, groups=(Ref("aws_security_group.x"),))
    more = workload("aws_instance.b", tags={"Env": "prod"}, groups=(Ref("aws_security_group.x"),))
    dev = workload("aws_instance.c", tags={"Env": "dev"}, groups=(Ref("aws_security_group.x"),))
    shared = group("aws_security_group.x")
    agreed = settled(prod, more, shared)["aws_security_group.x"]
    assert answer(agreed, "environment") == ("production", "derived")
    assert answer(settled(prod, dev, shared)["aws_security_group.x"], "environment") is None
    silent = workload("aws_instance.d", groups=(Ref("aws_security_group.x"),))
    assert answer(settled(prod, silent, shared)["aws_security_group.x"], "environment") is None


def test_a_workload_is_in_the_environment_of_its_secrets() -> None:
    key = exchange_secret(tags={"Environment": "production", "Tier": "high"})
    found = settled(key, workload("aws_instance.x", secrets=(REF,)))["aws_instance.x"]
    assert answer(found, "environment") == ("production", "derived")
    assert answer(found, "tier") == ("high", "derived")


def test_what_follows_from_a_name_is_no_stronger_than_a_name() -> None:
    box = workload("aws_instance.bot", groups=(Ref("aws_security_group.x"),))
    found = settled(box, group("aws_security_group.x"))
    assert answer(found["aws_instance.bot"], "role") == ("trading", "named")
    assert answer(found["aws_security_group.x"], "role") == ("trading", "named")


# -- named and default -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "fields", "value"),
    [
        ("aws_security_group.bot", {}, "trading"),
        ("aws_security_group.bot_db", {}, "other"),
        ("aws_security_group.db_bot", {}, "trading"),
        ("aws_security_group.slack_bot", {}, None),
        ("aws_security_group.robot", {}, None),
        ("aws_security_group.bastion", {}, "admin"),
        ("aws_security_group.tradingAlb", {}, "public"),
        ("aws_security_group.this", {"name": "desk-binance"}, "trading"),
        ('module.bot["arb"].aws_security_group.this', {}, "trading"),
        ("module.web.aws_security_group.strategy", {}, "trading"),
        ("aws_security_group.this", {"tags": {"Name": "market-maker"}}, "trading"),
        ("aws_security_group.this", {"description": "for the trading bots"}, "trading"),
        ("aws_security_group.main", {}, None),
    ],
)
def test_names_say_what_a_thing_is_for(
    address: str, fields: dict[str, Any], value: str | None
) -> None:
    expected = (value, "named") if value else None
    assert role(group(address, **fields), of=address) == expected


def test_what_all_names_of_a_root_begin_with_says_nothing() -> None:
    names = ("trading-desk-web", "trading-desk-x", "trading-desk-main")
    groups = [group(f"aws_security_group.g{n}", name=name) for n, name in enumerate(names)]
    found = settled(*groups)
    assert answer(found["aws_security_group.g0"], "role") == ("other", "named")
    assert answer(found["aws_security_group.g1"], "role") is None


@pytest.mark.parametrize(
    ("unit", "value"),
    [("infra/prod", "production"), ("envs/staging/eu", "staging"), ("infra/product", None)],
)
def test_the_path_of_a_root_names_its_environment(unit: str, value: str | None) -> None:
    found = settled(group("aws_security_group.x", unit=unit))["aws_security_group.x"]
    assert answer(found, "environment") == ((value, "named") if value else None)


def test_in_a_repository_that_trades_the_rest_serves_trading() -> None:
    found = settled(program(), group("aws_security_group.x"), group("aws_security_group.web"))
    assert answer(found["aws_security_group.x"], "role") == ("trading", "default")
    assert answer(found["aws_security_group.web"], "role") == ("other", "named")


def test_elsewhere_it_is_not_known_what_it_is_for() -> None:
    found = settled(group("aws_security_group.x"))["aws_security_group.x"]
    assert isinstance(found.role, Unknown)
    assert found.role.question == "role"


@pytest.mark.parametrize("label", ["kraken-public-api-key", "web", "bot"])
def test_the_name_of_a_secret_gives_it_no_role(label: str) -> None:
    secret = made(Secret, f"aws_ssm_parameter.{label}", name=f"{label}-prod")
    decided = settled(secret)[secret.address]
    assert isinstance(decided.role, Unknown)
    assert (decided.environment, decided.scope["environment"]) == ("production", "named")


def test_the_terminal_of_traders_is_told_by_its_name_before_the_machine_it_stands_on() -> None:
    box = workload("aws_instance.metatrader_1", name="metatrader_5_web_server")
    found = settled(box)[box.address]
    assert answer(found, "role") == ("trading", "named")
