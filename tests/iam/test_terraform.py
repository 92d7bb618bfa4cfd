"""Every document through every form in which Terraform writes it: the answers are the same."""

from __future__ import annotations

import pytest

from policyscan.inventory.reach import Reach
from policyscan.resources.iam.model import IamStatement
from policyscan.values import Unknown
from tests.iam.built import answer
from tests.iam.documents import DOCUMENTS, Document
from tests.iam.terraform import FORMS, written
from tests.unit.collectors.terraform.written import resources


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.about)
def test_every_form_says_the_same(document: Document, form: str) -> None:
    found = list(resources(written(document, form)).values())
    admins = [s.admin for s in Reach(found).filled() if isinstance(s, IamStatement)]
    is_open = any(isinstance(admin, Unknown) for admin in admins)
    admin = "yes" if any(a is True for a in admins) else "unknown" if is_open else "no"
    answers = answer(found, "grid"), answer(found, "dca"), admin
    assert answers == (document.grid, document.dca, document.admin)
