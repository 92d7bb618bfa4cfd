"""Which resource a value means, as far as that can be told."""

from __future__ import annotations

from typing import Any

import pytest
from houses import ENVIRONMENT, NOW, ORIGIN, House, house, one_of, unknown
from msgspec.structs import replace

from policyscan.language import Environment, compile_expression
from policyscan.language.functions.joins import refers_to
from policyscan.resources.base import ProofLevel, Resource
from policyscan.resources.keys import Secret
from policyscan.resources.monitoring import LogGroup
from policyscan.resources.network import SecurityGroup
from policyscan.resources.vpc import NatGateway, Vpc
from policyscan.resources.workloads import Workload
from policyscan.values import PartialList, Ref, Unknown, Why

ACCOUNT = "111122223333/eu-west-1"
SEEN = replace(ORIGIN, unit=ACCOUNT, proof=ProofLevel.OBSERVED)
ELSEWHERE = replace(ORIGIN, unit="other")
VPC = Vpc(address="aws_vpc.main", origin=ORIGIN)
ARN = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0123456789abcdef0"
RUNNING = Vpc(address=ARN, origin=SEEN)
GROUP = SecurityGroup(
    address="aws_security_group.bot",
    origin=ORIGIN,
    name="bot",
    form="group",
    only_public_load_balancer=False,
)
LOGS = LogGroup(
    address="aws_cloudwatch_log_group.bot", origin=ORIGIN, name="/ecs/bot", kms_encrypted=True
)
LOGS_ARN = "arn:aws:logs:eu-west-1:111122223333:log-group:/ecs/bot"
LOGS_SEEN = LogGroup(
    address=LOGS_ARN,
    names=(LOGS_ARN, f"{LOGS_ARN}:*"),
    origin=SEEN,
    name="/ecs/bot",
    kms_encrypted=True,
)


def secret(name: Any, address: str = "aws_secretsmanager_secret.key", **more: Any) -> Secret:
    fields = {"purpose": "other", "kms": "customer", "rotation_enabled": True, "origin": ORIGIN}
    return Secret(address=address, name=name, **(fields | more))


SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/bot-AbCdEf"
SECRET_SEEN = secret("prod/bot", SECRET_ARN, names=("prod/bot",), origin=SEEN)


@pytest.mark.parametrize(
    ("value", "resource", "meant"),
    [
        # references, in one root
        (Ref("aws_vpc.main"), VPC, True),
        (Ref("aws_vpc.main", "arn"), VPC, True),
        (Ref("aws_vpc.main", "vpc_id"), VPC, True),
        (Ref("aws_vpc.main", "default_security_group_id"), VPC, None),
        (Ref("aws_vpc.other"), VPC, False),
        (Ref("aws_subnet.a", "vpc_id"), VPC, None),
        (Ref("aws_vpc_endpoint.a", "vpc_id"), VPC, None),
        (Ref("aws_secretsmanager_secret_version.v", "arn"), VPC, None),
        (Ref("aws_default_vpc.main"), VPC, False),
        (Ref("data.aws_vpc.main"), VPC, None),
        (Ref("module.net.aws_vpc.main"), VPC, False),
        (Ref("module.net.data.aws_vpc.main"), VPC, None),
        (Ref("module.net"), VPC, None),
        (Ref("module.net[0]", "vpc_id"), VPC, None),
        (Ref("aws_vpc.main[?]"), VPC, None),
        (Ref("aws_vpc.main"), RUNNING, None),
        (Ref("aws_vpc.other"), RUNNING, None),
        # ids
        ("vpc-0123456789abcdef0", VPC, None),
        ("vpc-0123456789abcdef0", RUNNING, True),
        ("vpc-0123456789abcdef1", RUNNING, False),
        ("subnet-0123456789abcdef1", RUNNING, None),
        # ARNs
        (ARN, RUNNING, True),
        (ARN + "1", RUNNING, None),
        (ARN.replace("cdef0", "cdef1"), RUNNING, False),
        (ARN.replace("111122223333", "444455556666"), RUNNING, False),
        (ARN, VPC, None),
        (LOGS_ARN + ":*", LOGS_SEEN, True),
        (LOGS_ARN + "s", LOGS_SEEN, None),
        (LOGS_ARN.replace("/ecs/bot", "/ecs/web"), LOGS_SEEN, False),
        (LOGS_ARN.replace("/ecs/bot", "/ecs/*"), LOGS_SEEN, None),
        (LOGS_ARN, LOGS, None),
        (LOGS_ARN.replace("/ecs/bot", "/ecs/web"), LOGS, False),
        (SECRET_ARN, SECRET_SEEN, True),
        (SECRET_ARN + ":password::", SECRET_SEEN, True),
        (SECRET_ARN.removesuffix("-AbCdEf"), SECRET_SEEN, None),
        (SECRET_ARN, secret("prod/bot"), None),
        (SECRET_ARN, secret("prod/web"), False),
        # names and addresses, in one unit
        ("/ecs/bot", LOGS, True),
        ("/ecs/web", LOGS, False),
        ("/ecs/*", LOGS, None),
        ("prod/bot", secret("prod/bot"), True),
        ("prod/web", secret("prod/bot"), False),
        ("prod/web", secret(None), None),
        ("prod/web", secret(unknown()), None),
        ("prod/web", secret(unknown(fragments=("stage",))), False),
        ("stage/web", secret(unknown(fragments=("stage",))), None),
        ("aws_vpc.main", VPC, True),
        ("aws_vpc.other", VPC, False),
        ("data.aws_vpc.main", VPC, None),
        ("main", VPC, None),
        ("bot", GROUP, None),
        ("", VPC, None),
    ],
)
def test_what_a_value_means(value: object, resource: Resource, meant: bool | None) -> None:
    answer = refers_to(value, resource, resource.origin.unit)
    assert answer.value is meant
    assert bool(answer.reasons) is (meant is None)


@pytest.mark.parametrize(
    ("value", "resource", "there", "anywhere"),
    [
        (Ref("aws_vpc.main"), VPC, False, None),
        (Ref("aws_vpc.other"), VPC, False, False),
        (Ref("data.aws_vpc.main"), VPC, None, None),
        (Ref("aws_vpc.main"), RUNNING, None, None),
        ("aws_vpc.main", VPC, None, None),
        ("/ecs/bot", LOGS, None, None),
        ("/ecs/web", LOGS, False, False),
        ("vpc-0123456789abcdef0", RUNNING, True, True),
        (ARN, RUNNING, True, True),
    ],
)
def test_a_name_means_nothing_in_another_unit(
    value: object, resource: Resource, there: bool | None, anywhere: bool | None
) -> None:
    assert refers_to(value, resource, "other").value is there
    assert refers_to(value, resource, None).value is anywhere


def test_what_is_not_known_keeps_its_reason() -> None:
    u = unknown()
    assert refers_to(u, VPC, ".").reasons == (u,)
    assert refers_to("x", u, ".").reasons == (u,)
    [reason] = refers_to("vpc-0123456789abcdef0", VPC, ".").reasons
    assert (reason.why, reason.needs) == (Why.COMPUTED, "the id, ARN or name of aws_vpc.main")
    [reason] = refers_to(Ref("data.aws_vpc.main"), VPC, ".").reasons
    assert reason.needs == "the value of data.aws_vpc.main.id"


# -- in conditions -------------------------------------------------------------------------------

GATEWAYS = Environment(resource=NatGateway, kinds={"Vpc": Vpc, "Workload": Workload})
OWN = 'has(resource.vpc) && resources("Vpc").exists(v, refers_to(resource.vpc, v) && !v.is_default)'


def ask(text: str, resource: Resource, *others: Resource, more: Unknown | None = None) -> Any:
    env = Environment(
        resource=type(resource), kinds={"Vpc": Vpc, "Workload": Workload, "Secret": Secret}
    )
    found = others if more is None else PartialList(others, more)
    return compile_expression(text, env).run(now=NOW, resource=resource, resources=lambda _: found)


def gateway(vpc: Any, **more: Any) -> NatGateway:
    return NatGateway(address="aws_nat_gateway.a", origin=ORIGIN, vpc=vpc, **more)


def workload(address: str, *secrets: Any, **more: Any) -> Workload:
    fields = {"form": "ecs_task", "secrets": secrets, "origin": ORIGIN}
    return Workload(address=address, **(fields | more))


def test_one_that_is_meant_is_enough() -> None:
    default = Vpc(address="aws_default_vpc.main", origin=ORIGIN, is_default=True)
    more = unknown("every Vpc")
    assert ask(OWN, gateway(Ref("aws_vpc.main")), default, VPC, more=more).truth is True
    assert ask(OWN, gateway(Ref("aws_default_vpc.main")), default, VPC).truth is False
    assert ask(OWN, gateway(Ref("aws_default_vpc.main")), default, VPC, more=more).truth is None
    assert ask(OWN, gateway("vpc-0123456789abcdef0"), default, VPC).truth is None
    assert ask(OWN, gateway("vpc-0123456789abcdef0"), default).truth is False
    assert ask(OWN, gateway(unknown("a value for var.vpc")), VPC).truth is None


def test_the_unit_of_what_is_judged_counts() -> None:
    there = Vpc(address="aws_vpc.main", origin=ELSEWHERE)
    assert ask(OWN, gateway(Ref("aws_vpc.main")), there).truth is False
    assert ask(OWN, gateway("aws_vpc.main"), there).truth is None
    assert (
        ask(
            OWN,
            gateway(
                Ref("aws_vpc.main"),
            ),
            there,
            VPC,
        ).truth
        is True
    )


def test_alternatives_agree_or_leave_it_open() -> None:
    both = one_of("q", a=Ref("aws_vpc.main"), b="aws_vpc.main")
    assert ask(OWN, gateway(both), VPC).truth is True
    either = one_of("q", a=Ref("aws_vpc.main"), b=Ref("aws_vpc.other"))
    assert ask(OWN, gateway(either), VPC).truth is None


READ_ONCE = 'resources("Workload").exists_one(w, w.secrets.exists(s, refers_to(s, resource)))'


def test_who_refers_to_what_is_judged() -> None:
    key = secret("prod/bot")
    a = workload("aws_ecs_task_definition.a", Ref(key.address, "arn"))
    b = workload("aws_ecs_task_definition.b", "prod/bot", Ref("aws_secretsmanager_secret.b"))
    none = workload("aws_ecs_task_definition.none", Ref("aws_secretsmanager_secret.b"))
    perhaps = workload("aws_ecs_task_definition.perhaps", SECRET_ARN)
    assert ask(READ_ONCE, key, a, none).truth is True
    assert ask(READ_ONCE, key, a, b).truth is False
    assert ask(READ_ONCE, key, a, b, more=unknown("every Workload")).truth is False
    assert ask(READ_ONCE, key, a, more=unknown("every Workload")).truth is None
    assert ask(READ_ONCE, key, none).truth is False
    assert ask(READ_ONCE, key, a, perhaps).truth is None
    there = workload("aws_ecs_task_definition.a", Ref(key.address, "arn"), origin=ELSEWHERE)
    assert ask(READ_ONCE, key, there).truth is False
    assert ask(READ_ONCE, key, there, a).truth is True


def test_who_refers_to_it_is_counted_where_all_are_known() -> None:
    readers = 'size(resources("Workload").filter(w, w.secrets.exists(s, refers_to(s, resource))))'
    key = secret("prod/bot")
    a = workload("aws_ecs_task_definition.a", Ref(key.address, "arn"))
    b = workload("aws_ecs_task_definition.b", "prod/bot")
    assert ask(f"{readers} == 2", key, a, b).truth is True
    assert ask(f"{readers} <= 1", key, a, b).truth is False
    assert ask(f"{readers} == 2", key, a, b, more=unknown("every Workload")).truth is None
    assert ask(f"{readers} == 0", key, workload("aws_ecs_task_definition.c")).truth is True


def test_a_witness_is_the_value_and_what_it_means() -> None:
    outcome = ask(OWN, gateway(Ref("aws_vpc.main")), VPC)
    assert {(each.address, each.path) for each in outcome.witnesses} >= {("", "vpc")}
    outcome = ask(OWN, gateway("vpc-0123456789abcdef0"), VPC)
    assert [reason.needs for reason in outcome.reasons] == ["the id, ARN or name of aws_vpc.main"]


def test_a_value_that_was_made_has_the_unit_of_all() -> None:
    made = 'resources("Vpc").exists(v, ([resource.s] + []).exists(s, refers_to(s, v)))'
    env = Environment(resource=ENVIRONMENT.resource, kinds={"Vpc": Vpc})
    program = compile_expression(made, env)

    def truth(*vpcs: Vpc) -> bool | None:
        subject = house(s=Ref("aws_vpc.main"))
        return program.run(now=NOW, resource=subject, resources=lambda _: vpcs).truth

    assert truth(VPC) is True
    assert truth(Vpc(address="aws_vpc.main", origin=ELSEWHERE)) is None


# -- by equality ---------------------------------------------------------------------------------

SHARED = 'resources("House").exists(g, g.address != resource.address && g.s == resource.s)'


def beside(text: str, s: Any, *others: House) -> bool | None:
    program = compile_expression(text, Environment(resource=House, kinds={"House": House}))
    return program.run(now=NOW, resource=house(s=s), resources=lambda _: others).truth


def other(s: Any, **more: Any) -> House:
    return house(s=s).model_copy(update={"address": "house.other", **more})


@pytest.mark.parametrize(
    "text",
    [
        SHARED,
        'resources("House").map(g, g.s).exists(v, v == resource.s)',
        'resources("House").exists(g, g.s in [resource.s])',
        'resources("House").exists(g, resource.s in [g.s])',
        'resources("House").exists(g, [g.s] == [resource.s])',
        'resources("House").exists(g, (g.a ? g.s : "") == resource.s)',
    ],
)
def test_references_of_two_roots_are_two_things(text: str) -> None:
    main, of_subnet = Ref("aws_vpc.main"), Ref("aws_subnet.a", "vpc_id")
    assert beside(text, main, other(Ref("aws_vpc.main", "arn"))) is True
    assert beside(text, main, other(Ref("aws_vpc.other"))) is False
    assert beside(text, main, other(of_subnet)) is None
    there = other(main, origin=ELSEWHERE)
    assert beside(text, main, there) is not True
    assert beside(text, Ref("data.aws_vpc.x"), other(Ref("data.aws_vpc.x"))) is True
    looked_up = other(Ref("data.aws_vpc.x"), origin=ELSEWHERE)
    assert beside(text, Ref("data.aws_vpc.x"), looked_up) is None


def test_a_reference_of_another_root_is_certainly_another_thing() -> None:
    there = other(Ref("aws_vpc.main"), origin=ELSEWHERE)
    assert beside(SHARED, Ref("aws_vpc.main"), there) is False
    default = other(Ref("aws_default_vpc.main"), origin=ELSEWHERE)
    assert beside(SHARED, Ref("aws_default_vpc.main"), default) is None


def test_what_was_made_of_others_is_of_any_root() -> None:
    made = '(resources("House").map(g, g.s) + []).exists(v, v == resource.s)'
    there = other(Ref("aws_vpc.main"), origin=ELSEWHERE)
    assert beside(made, Ref("aws_vpc.main"), there) is None
    assert beside(made, Ref("aws_vpc.main"), other(Ref("aws_vpc.main"))) is True


# -- by address and tag --------------------------------------------------------------------------


def test_joins_by_address_and_by_tag() -> None:
    by_tag = 'resources("Vpc").exists(v, v.tags["Name"] == resource.tags["Vpc"])'
    by_address = 'has(resource.vpc) && resources("Vpc").exists(v, v.address == resource.vpc)'
    named = Vpc(address="aws_vpc.main", origin=ORIGIN, tags={"Name": "main"})
    assert ask(by_tag, gateway(None, tags={"Vpc": "main"}), named).truth is True
    assert ask(by_tag, gateway(None, tags={"Vpc": "other"}), named).truth is False
    assert ask(by_tag, gateway(None, tags={"Vpc": unknown()}), named).truth is None
    assert ask(by_tag, gateway(None, tags={"Vpc": "main"}), VPC).truth is None
    assert ask(by_address, gateway("aws_vpc.main"), named).truth is True
    assert ask(by_address, gateway("aws_vpc.other"), named).truth is False
