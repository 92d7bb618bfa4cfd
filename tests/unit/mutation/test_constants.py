"""Changed defaults of parameters."""

from __future__ import annotations

from policyscan.mutation.constants import MAX_MEMBERS, chosen, variations, varied


def test_values_next_to_a_constant() -> None:
    assert varied(7) == (6, 8)
    assert varied(0.5) == (-0.5, 1.5)
    assert varied(True) == (False,)
    assert varied("720h") == ("719h", "721h")
    assert varied("1.0") == ("1.1",)  # there is no version 1.-1
    assert varied("environment") == ("environmentx",)
    assert varied("") == ("X",)


def test_a_list_loses_each_member_and_all() -> None:
    values = [(each.path, each.value) for each in variations(("22", "80-90"))]
    assert values == [((), ()), ((0,), ("80-90",)), ((1,), ("22",))]
    assert [each.value for each in variations(("22",))] == [()]
    assert list(variations(())) == []


def test_a_map_changes_in_each_of_its_values() -> None:
    default = {"v4": 8, "names": ("a",)}
    changes = [(each.path, each.before, each.after, each.value) for each in variations(default)]
    assert changes == [
        (("v4",), 8, 7, {"v4": 7, "names": ("a",)}),
        (("v4",), 8, 9, {"v4": 9, "names": ("a",)}),
        (("names", 0), "a", None, {"v4": 8, "names": ()}),
    ]


def test_a_long_list_loses_some_of_its_members_the_first_and_the_last_among_them() -> None:
    assert chosen(MAX_MEMBERS) == tuple(range(MAX_MEMBERS))
    some = chosen(1000)
    assert len(some) == len(set(some)) == MAX_MEMBERS
    assert (some[0], some[-1]) == (0, 999)
    assert chosen(1000) == some
