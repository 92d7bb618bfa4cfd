"""What references mean is never told where it is not known: held against made-up estates."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.resources.references import is_itself, means, same_target, same_text, type_of
from policyscan.values import Ref


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (Ref("aws_vpc.a"), Ref("aws_vpc.a", "arn"), True),
        (Ref("aws_vpc.a"), Ref("aws_vpc.b"), False),
        (Ref("aws_vpc.a"), Ref("module.net.aws_vpc.a"), False),
        (Ref('aws_vpc.a["x.y[0]"]'), Ref('aws_vpc.a["z"]', "vpc_id"), False),
        (Ref("aws_iam_role.a", "unique_id"), Ref("aws_iam_role.a", "arn"), True),
        # attributes that name another resource
        (Ref("aws_vpc.a"), Ref("aws_subnet.s", "vpc_id"), None),
        (Ref("aws_subnet.s", "vpc_id"), Ref("aws_subnet.s", "vpc_id"), True),
        (Ref("aws_subnet.s", "vpc_id"), Ref("aws_subnet.t", "vpc_id"), None),
        (Ref("aws_vpc.a"), Ref("aws_vpc.a", "default_security_group_id"), None),
        (Ref("aws_nat_gateway.a"), Ref("aws_nat_gateway.a", "allocation_id"), None),
        # what accompanies another resource, and what nobody knows
        (Ref("aws_secretsmanager_secret_version.v", "arn"), Ref("aws_vpc.a", "arn"), None),
        (Ref("aws_s3_bucket_policy.p"), Ref("aws_s3_bucket_policy.q"), None),
        (Ref("aws_s3_bucket_policy.p"), Ref("aws_s3_bucket_policy.p", "arn"), None),
        (Ref("thing_of_another.x"), Ref("thing_of_another.y"), None),
        (Ref("module.lost", "vpc_id"), Ref("aws_vpc.a"), None),
        (Ref("module.lost", "vpc_id"), Ref("module.lost", "vpc_id"), True),
        # one VPC is the default one
        (Ref("aws_default_vpc.a"), Ref("aws_default_vpc.b"), None),
        (Ref("aws_default_vpc.a"), Ref("aws_vpc.a"), False),
        # data sources, and instances of unknown number
        (Ref("data.aws_vpc.a"), Ref("data.aws_vpc.a", "arn"), True),
        (Ref("data.aws_vpc.a"), Ref("aws_vpc.a"), None),
        (Ref("aws_vpc.a[?]"), Ref("aws_vpc.a[?]"), None),
        (Ref("aws_vpc.a[?]"), Ref("aws_vpc.b"), None),
    ],
)
def test_two_references(a: Ref, b: Ref, same: bool | None) -> None:
    assert same_target(a, b) is same
    assert same_target(b, a) is same


@pytest.mark.parametrize(
    ("a", "b", "elsewhere", "somewhere"),
    [
        (Ref("aws_vpc.a"), Ref("aws_vpc.a"), False, None),
        (Ref("aws_vpc.a"), Ref("aws_vpc.b"), False, False),
        (Ref("aws_default_vpc.a"), Ref("aws_default_vpc.a"), None, None),
        (Ref("aws_subnet.s", "vpc_id"), Ref("aws_subnet.s", "vpc_id"), None, None),
        (Ref("data.aws_vpc.a"), Ref("data.aws_vpc.a"), None, None),
    ],
)
def test_two_references_of_two_roots(
    a: Ref, b: Ref, elsewhere: bool | None, somewhere: bool | None
) -> None:
    assert same_target(a, b, False) is elsewhere
    assert same_target(a, b, None) is somewhere


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (Ref("aws_vpc.a"), Ref("aws_vpc.a"), True),
        (Ref("aws_vpc.a"), Ref("aws_vpc.b"), False),
        (Ref("aws_vpc.a"), Ref("aws_vpc.a", "arn"), None),
        (Ref("aws_iam_role.a", "arn"), Ref("aws_iam_role.b", "arn"), False),
        (Ref("aws_iam_role.a"), Ref("aws_iam_role.b"), None),  # the names of two accounts
        (Ref("aws_iam_role.a", "name"), Ref("aws_iam_user.a", "name"), None),
        (Ref("aws_subnet.s", "vpc_id"), Ref("aws_subnet.t", "vpc_id"), None),
    ],
)
def test_two_texts(a: Ref, b: Ref, same: bool | None) -> None:
    assert same_text(a, b) is same


def test_types() -> None:
    assert type_of('module.m["a.b"].data.aws_vpc.x["c.d[1]"]') == "aws_vpc"
    assert type_of("module.net") == type_of("module.net[0]") == type_of("main") == ""
    assert is_itself(Ref("aws_vpc.a", "vpc_id"))
    assert not is_itself(Ref("aws_vpc.a", "main_route_table_id"))
    assert not is_itself(Ref("aws_vpc_endpoint.a", "vpc_id"))


# -- estates --------------------------------------------------------------------------------------

OWN = ("aws_vpc", "aws_subnet", "aws_security_group", "aws_iam_role", "aws_secretsmanager_secret")
ITSELF = {"id", "arn", "name"}
OTHERS = {
    "aws_subnet": {"vpc_id"},
    "aws_security_group": {"vpc_id"},
    "aws_vpc": {"main_route_table_id", "default_security_group_id"},
}
TYPES = (*OWN, "aws_default_vpc", "aws_secretsmanager_secret_version", "aws_kms_alias")
ADDRESSES = tuple(
    f"{before}{type_}.{name}"
    for before in ("", "module.m.", "data.", "module.m.data.")
    for type_ in TYPES
    for name in ("a", "b", "a[0]", "a[?]")
)
REFS = tuple(
    Ref(address, attribute)
    for address in ADDRESSES
    for attribute in (*ITSELF, *OTHERS.get(type_of(address), ()), "vpc_id")
)


class Estate:
    """What every reference of two roots means, chosen by chance as Terraform allows it."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._new = itertools.count(100)
        self._things: dict[object, object] = {}
        self._by_type: dict[str, list[object]] = {}

    def thing(self, ref: Ref, root: str) -> object:
        if "[?]" in ref.address:  # each mention may be of another instance
            address = ref.address.replace("[?]", f"[{self._chance.choice('012')}]")
            return self.thing(Ref(address, ref.attribute), root)
        type_ = type_of(ref.address)
        own = ref.attribute in ITSELF or f"aws_{ref.attribute}" == f"{type_}_id"
        if ref.attribute == "vpc_id" and type_ in ("aws_vpc", "aws_default_vpc"):
            own = True
        key = (root, ref.address, "" if own and type_ in (*OWN, "aws_default_vpc") else ref)
        if key not in self._things:
            self._things[key] = self._made(ref, type_, own)
        return self._things[key]

    def _made(self, ref: Ref, type_: str, own: bool) -> object:
        if own and "data." not in ref.address and type_ in OWN:
            return self._called(next(self._new))
        if own and type_ == "aws_default_vpc" and "data." not in ref.address:
            return f"default {self._chance.choice('12')}"
        return self._chance.choice([*self._known(), "default 1", "default 2", "elsewhere"])

    def _called(self, thing: int) -> object:
        self._by_type.setdefault("", []).append(thing)
        return thing

    def _known(self) -> list[object]:
        return self._by_type.get("", [])


@settings(max_examples=3_000, deadline=None)
@given(
    a=st.sampled_from(REFS),
    b=st.sampled_from(REFS),
    near=st.booleans(),
    roots=st.sampled_from(["same", "two"]),
    told=st.booleans(),
)
def test_no_estate_contradicts_what_is_told(
    a: Ref, b: Ref, near: bool, roots: str, told: bool
) -> None:
    if near:
        b = Ref(a.address, b.attribute)
    one_root = (roots == "same") if told else None
    answer = same_target(a, b, one_root)
    meant = means(a, b.address, one_root)
    for seed in range(25):
        estate = Estate(seed)
        where = "x" if roots == "same" else "y"
        if seed % 2:
            there, here = estate.thing(b, where), estate.thing(a, "x")
        else:
            here, there = estate.thing(a, "x"), estate.thing(b, where)
        same = here == there
        assert answer in (None, same), (a, b, one_root)
        if b.attribute in ITSELF and type_of(b.address) in OWN and b.certain:
            assert meant in (None, same), (a, b, one_root)
