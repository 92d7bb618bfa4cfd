"""What AWS's documented evaluation says of each document, and what ours does."""

from __future__ import annotations

import pytest

from policyscan.inventory.reach import Reach
from policyscan.resources.iam.model import IamStatement
from policyscan.resources.iam.principals import forms_of
from policyscan.values import Unknown
from tests.iam.built import answer, built, secrets, statement
from tests.iam.documents import DOCUMENTS, GET, PAIRS, PRINCIPALS, Document, Principal


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.about)
def test_who_may_read(document: Document) -> None:
    resources = [*secrets(), *built(document)]
    assert (answer(resources, "grid"), answer(resources, "dca")) == (document.grid, document.dca)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.about)
def test_who_may_do_everything(document: Document) -> None:
    filled = Reach([*secrets(), *built(document)]).filled()
    answers = [each.admin for each in filled if isinstance(each, IamStatement)]
    is_open = any(isinstance(each, Unknown) for each in answers)
    found = "yes" if any(each is True for each in answers) else "unknown" if is_open else "no"
    assert found == document.admin


@pytest.mark.parametrize("case", PRINCIPALS, ids=lambda case: case.about)
def test_what_principals_are(case: Principal) -> None:
    given = {"Effect": "Allow", "Action": GET, case.element: case.principal}
    if case.when is not None:
        given["Condition"] = case.when
    forms = forms_of(statement(given, policy_kind="resource"))
    assert isinstance(forms, tuple)
    assert [each if isinstance(each, str) else "unknown" for each in forms] == case.forms


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0].about)
def test_the_one_thing_changed_changes_the_answer(pair: tuple[Document, Document]) -> None:
    first, second = pair
    assert (first.grid, first.dca, first.admin) != (second.grid, second.dca, second.admin)
