"""What the register says, joined with secrets and workloads."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.inventory import Inventory
from policyscan.inventory.register import Register, names_secret
from policyscan.resources.base import Origin, ProofLevel, Resource
from policyscan.resources.keys import ApiKey, Permissions
from policyscan.text.source import Source
from policyscan.values import OneOf, PartialList, Unknown, Why, is_known
from tests.unit.inventory.made import exchange_secret, workload
from tests.unit.language.houses import one_of

OPEN = Unknown(Why.MISSING, "a field")
SOURCE = Source("keys.yaml", b"- name: grid")


def key(name: str, **fields: Any) -> ApiKey:
    """A key whose other fields are not known."""
    required = {n for n, field in ApiKey.model_fields.items() if field.is_required()}
    unknown = dict.fromkeys(required - {"address", "origin", "permissions"}, OPEN)
    scope = {name: "declared" for name in ("environment", "tier") if name in fields}
    return ApiKey(
        address=f"keys.yaml#{name}",
        origin=Origin("register", ".", "keys.yaml", SOURCE.whole(), ProofLevel.ASSERTED),
        permissions=Permissions(**dict.fromkeys(Permissions.model_fields, OPEN)),
        scope=scope,
        **{**unknown, **fields},
    )


def inventory(*resources: Resource, complete: bool = False, **more: Any) -> Inventory:
    closed = [("ApiKey", "keys.yaml")] if complete else []
    return Inventory(resources, closed=closed, **more)


def joined(*resources: Resource, **more: Any) -> dict[str, Any]:
    """By what follows `#`, the keys as the inventory holds them."""
    held = inventory(*resources, **more).of("ApiKey")
    return {each.address.rpartition("#")[2]: each for each in held}


# -- names of secrets --------------------------------------------------------------------------

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [
        ("prod/binance", "prod/binance", True),
        ("prod/binance", "prod/binance2", False),
        ("prod/binance", "Prod/Binance", False),
        (f"{ARN}prod/binance-AbCdEf", "prod/binance", True),
        (f"{ARN}prod/binance", "prod/binance", True),
        (f"{ARN}prod/binance-AbCdEf", "prod/binance-AbCdEf", True),
        (f"{ARN}prod/binance-AbCdE", "prod/binance", False),
        (f"{ARN}prod/binance-maker", "prod/binance", False),
        (f"{ARN}prod/binance-takers", "prod/binance", True),  # AWS's ending cannot be told from it
        ("prod/*", "prod/binance", True),
        ("prod/*", "staging/binance", False),
        ("aws_secretsmanager_secret.k", "anything", True),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/prod/binance", "/prod/binance", True),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/binance", "binance", True),
        ("arn:aws:ssm:eu-west-1:123456789012:parameter/binance", "binance2", False),
    ],
)
def test_what_an_entry_calls_a_secret(text: str, name: str, answer: bool) -> None:
    assert names_secret(text, exchange_secret(name=name)) is answer


def test_a_name_that_is_not_known_may_be_meant_unless_a_piece_of_it_is_foreign() -> None:
    partly = Unknown(Why.VARIABLE_UNSET, "a value for var.env", fragments=("binance-",))
    assert isinstance(names_secret("binance-prod", exchange_secret(name=partly)), Unknown)
    assert isinstance(names_secret("bin*", exchange_secret(name=partly)), Unknown)
    assert names_secret("kraken-prod", exchange_secret(name=partly)) is False
    assert isinstance(names_secret("x", exchange_secret(name=None)), Unknown)
    either = one_of("q", yes="a", no="b")
    assert isinstance(names_secret("a", exchange_secret(name=either)), Unknown)
    assert names_secret("c", exchange_secret(name=either)) is False


def test_a_secret_of_another_environment_is_another_one() -> None:
    secret = exchange_secret(
        name="binance", environment="staging", scope={"purpose": "derived", "environment": "tagged"}
    )
    held = joined(key("grid", secrets=("binance",), environment="production"), secret)
    assert not held["aws_secretsmanager_secret.k"].registered
    held = joined(key("grid", secrets=("binance",), environment="staging"), secret)
    assert list(held) == ["grid"]


def test_one_name_for_two_secrets_tells_none() -> None:
    two = [exchange_secret(f"aws_secretsmanager_secret.{n}", name="binance") for n in "ab"]
    held = joined(key("grid", secrets=("binance",)), *two, complete=True)
    for secret in two:
        stated = held[secret.address].stated
        assert isinstance(stated, Unknown)
        assert stated.needs == "which of 2 secrets binance in keys.yaml#grid is"


# -- secrets without an entry ------------------------------------------------------------------


def test_a_secret_without_an_entry_is_a_key_of_which_nothing_is_known() -> None:
    scope = {"purpose": "derived", "tier": "tagged"}
    secret = exchange_secret(name="binance", tier="high", scope=scope, conditional=OPEN)
    held = joined(secret)["aws_secretsmanager_secret.k"]
    assert (held.registered, held.tier, held.scope["tier"]) == (False, "high", "tagged")
    assert held.conditional is OPEN
    assert held.origin.unit == secret.origin.unit
    stated = held.stated
    assert stated.needs == (
        "an entry for aws_secretsmanager_secret.k in keys.yaml, which `policyscan init` begins"
    )
    for name in ApiKey.model_fields.keys() - {"role", "environment", "tier", "tags"}:
        value = getattr(held, name)
        assert is_known(value) is (
            name
            in "registered address origin chains seals identity names scope permissions".split()
        ), name


def test_the_register_that_lists_all_keys_lists_no_more() -> None:
    held = joined(key("grid", secrets=("binance",)), exchange_secret(name="kraken"), complete=True)
    assert held["aws_secretsmanager_secret.k"].stated == ()
    silent = joined(key("grid"), exchange_secret(name="kraken"), complete=True)
    assert silent["aws_secretsmanager_secret.k"].stated is OPEN
    vault = joined(key("grid", storage="vault"), exchange_secret(name="kraken"), complete=True)
    assert vault["aws_secretsmanager_secret.k"].stated == ()


def test_other_secrets_and_listed_ones_are_no_keys() -> None:
    from tests.unit.inventory.made import Secret, made

    other = made(Secret, "aws_secretsmanager_secret.smtp", name="smtp")
    held = inventory(key("grid", secrets=("binance",)), exchange_secret(name="binance"), other)
    assert [each.address for each in held.of("ApiKey")] == ["keys.yaml#grid"]
    tally = held.register.tally(".")
    assert (tally.found, tally.normalised) == (1, 0)
    assert tally.dropped == {"has an entry in the register": 1}


def test_the_secret_stays_the_one_that_its_address_means() -> None:
    held = inventory(exchange_secret(name="binance"))
    found = held.find("aws_secretsmanager_secret.k", "root")
    assert found is not None and found.kind == "Secret"


# -- who uses a key ----------------------------------------------------------------------------


def test_which_workloads_the_register_names_for_a_secret() -> None:
    secret = exchange_secret(name="binance")
    bots = [workload(f"aws_instance.bot_{n}", name=f"bot-{n}") for n in "abc"]
    entry = key("grid", secrets=("binance",), used_by=("bot-a", "aws_instance.bot_b", "Bot_C"))
    register = Register((entry, secret, *bots))
    assert register.workloads(secret) == tuple(bots)
    assert register.entries(secret) == (entry,)
    assert Register((entry, *bots)).workloads(secret) == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bot-grid", True),
        ("bot_grid", True),
        ("BOT-GRID", True),
        ("grid", False),
        ("aws_instance.bot_grid", True),
        ('module.desk.aws_instance.bot_grid["a"]', False),
    ],
)
def test_what_an_entry_calls_a_workload(name: str, found: bool) -> None:
    bot = workload("aws_instance.bot_grid")
    assert bool(Register((bot,)).users(key("k", used_by=(name,)))) is found


def test_of_two_workloads_of_one_name_that_in_the_environment_of_the_key_is_meant() -> None:
    bots = [
        workload(
            "aws_instance.bot",
            unit=unit,
            environment=unit,
            scope={"environment": "tagged"},
        )
        for unit in ("production", "staging")
    ]
    entry = key("k", used_by=("bot",), environment="production")
    assert joined(entry, *bots, complete=True)["k"].used_in == ("production",)
    assert joined(entry, bots[1], complete=True)["k"].used_in == ("staging",)
    [chain] = [joined(entry, bots[1], complete=True)["k"].chains["used_in[0]"]]
    assert chain[0].label == "aws_instance.bot uses it"


def test_a_workload_in_the_environment_of_the_key_does_not_hide_another_one() -> None:
    bots = [
        workload(f"aws_instance.{name}", environment=where, scope={"environment": "tagged"})
        for name, where in (("a", "production"), ("b", "staging"))
    ]
    entry = key("k", used_by=("a", "b"), environment="production")
    assert joined(entry, *bots, complete=True)["k"].used_in == ("production", "staging")


def test_a_workload_whose_environment_nobody_tells_may_be_anywhere() -> None:
    held = joined(
        key("k", used_by=("bot",), environment="production"),
        workload("aws_instance.bot"),
        complete=True,
    )
    [environment] = held["k"].used_in
    assert isinstance(environment, OneOf)


def test_where_else_a_key_is_listed() -> None:
    entries = (
        key("a", fingerprint="1" * 12, environment="production"),
        key("b", fingerprint="1" * 12, environment="staging"),
        key("c", fingerprint="2" * 12, environment="staging"),
        key("d", environment="production"),
        key("e", environment="development"),
    )
    used_in = joined(*entries, complete=True)["a"].used_in
    assert used_in[0] == "staging"
    assert used_in[1:] == (OPEN,)  # "e" may be the same key; "d" would be in production too
    used_in = joined(*entries)["a"].used_in
    assert isinstance(used_in, PartialList)
    assert used_in.unknown.needs == "`complete: true` in keys.yaml, if it lists every key"


def test_a_secret_without_an_entry_shows_that_a_register_is_not_complete() -> None:
    entry = key("a", fingerprint="1" * 12, environment="production", secrets=("binance",))
    used_in = joined(entry, exchange_secret(name="kraken"), complete=True)["a"].used_in
    assert isinstance(used_in, PartialList)


# -- entries that nothing uses -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "more", "answer"),
    [
        ({"secrets": ("binance",), "used_by": ()}, {}, True),
        ({"secrets": ("gone",), "used_by": ("bot",)}, {}, True),
        ({"secrets": ("gone",), "used_by": ("old",)}, {}, False),
        ({"secrets": ("gone",), "used_by": ("old",)}, {"unseen": ("Secret",)}, None),
        ({"secrets": ("gone",), "used_by": ("old",)}, {"unseen": ("LogGroup",)}, False),
        ({"secrets": ("gone",)}, {}, None),
        ({"used_by": ("old",)}, {}, None),
        ({"secrets": ("gone",), "used_by": PartialList(("old",), OPEN)}, {}, None),
    ],
)
def test_whether_what_an_entry_names_is_declared(
    fields: dict[str, Any], more: dict[str, Any], answer: bool | None
) -> None:
    held = joined(
        key("k", **fields), exchange_secret(name="binance"), workload("aws_instance.bot"), **more
    )
    found = held["k"].declared_here
    assert found is answer if answer is not None else isinstance(found, Unknown)


def test_without_secrets_and_workloads_there_is_nothing_to_compare_with() -> None:
    assert joined(key("k", secrets=("gone",), used_by=()))["k"].declared_here is None
