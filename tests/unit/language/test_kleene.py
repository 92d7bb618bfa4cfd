"""The tables of Kleene's logic; that answers survive every substitution is shown in
`tests/equivalence/test_language_campaigns.py`."""

from __future__ import annotations

from itertools import product

from houses import house, judge, unknown

from policyscan.values import Unknown

KLEENE = (True, False, None)


def _kleene_and(p: bool | None, q: bool | None) -> bool | None:
    return False if p is False or q is False else (None if p is None or q is None else True)


def test_the_tables_of_kleene() -> None:
    def as_field(value: bool | None) -> bool | Unknown:
        return unknown() if value is None else value

    for p, q in product(KLEENE, repeat=2):
        subject = house(a=as_field(p), b=as_field(q))
        both = _kleene_and(p, q)
        negated = [None if v is None else not v for v in (p, q)]
        either = _kleene_and(*negated)
        assert judge("resource.a && resource.b", subject).truth is both
        assert judge("resource.a || resource.b", subject).truth is (
            None if either is None else not either
        )
        assert judge("!(resource.a && resource.b)", subject).truth is (
            judge("!resource.a || !resource.b", subject).truth
        )
        assert judge("[resource.a, resource.b].all(x, x)", subject).truth is both
