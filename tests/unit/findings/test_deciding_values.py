"""The values on which a verdict rests, as reports list them."""

from __future__ import annotations

from policyscan.findings.derivation import Derivation, Link, deciding_values

WRITTEN = (Link("attribute", "tier"),)


def value(expression: str, path: str, said: str) -> Derivation:
    return Derivation(expression, said, decides=True, path=path, provenance=WRITTEN)


def test_what_differs_between_cases_has_all_its_values() -> None:
    cases = tuple(
        Derivation(
            "resource.days <= params.most[resource.tier]",
            "false",
            decides=True,
            label=f"if the tier is {tier}",
            parts=(value("resource.days", "days", "92"), value("resource.tier", "tier", tier)),
        )
        for tier in ('"high"', '"low"')
    )
    root = Derivation("all", "false", decides=True, parts=cases)
    found = [(one.path, one.value) for one in deciding_values((root,))]
    assert found == [("days", "92"), ("tier", '"high" or "low"')]


def test_a_field_that_is_asked_for_and_then_read_is_told_once() -> None:
    parts = (value("has(resource.days)", "days", "true"), value("resource.days", "days", "92"))
    root = Derivation("both", "false", decides=True, parts=parts)
    assert [one.value for one in deciding_values((root,))] == ["true"]
