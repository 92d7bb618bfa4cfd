"""The page on the language says what the language does: every expression on it is judged."""

from __future__ import annotations

import re

import pytest

from policyscan.collectors.interface import Reading
from policyscan.collectors.terraform import TerraformCollector
from policyscan.errors import PolicyError
from policyscan.language import Environment, compile_expression
from policyscan.policy.model import CONTEXT
from policyscan.resources.base import Resource
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.resources.network import SecurityGroup
from policyscan.text.tree import DirectoryTree
from policyscan.values import PartialList, Unknown, Why
from tests.docs.language_tables import KINDS_PAGE, PAGE, TABLES, with_tables
from tests.docs.pages import blocks
from tests.scanning import NOW

KINDS = load_kinds(MODULES)
PARAMS: dict[str, tuple[str, object]] = {
    "tiers": ("list(string)", ("high", "medium")),
    "days": ("int", 90),
}
ENVIRONMENT = Environment(
    resource=SecurityGroup,
    params={name: kind for name, (kind, _) in PARAMS.items()},
    context=CONTEXT,
    kinds=KINDS,
)
_LINE = re.compile(r"(.*?)\s*//\s*(true|false|unknown|error: .*)$")
LINES = [
    (line, *found.groups())
    for block in blocks(PAGE)
    if block.language == "cel"
    for line in block.text.splitlines()
    if (found := _LINE.fullmatch(line)) or pytest.fail(f"no answer in: {line}")
]


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Resource:
    """The group at the top of the page."""
    place = tmp_path_factory.mktemp("page")
    [text] = [block.text for block in blocks(PAGE) if block.language == "hcl"]
    (place / "main.tf").write_text(text)
    found = TerraformCollector().read(DirectoryTree(place), ["main.tf"], Reading("."))
    [resource] = [item for item in found if isinstance(item, SecurityGroup)]
    return resource.model_copy(update={"tier": "high"})


def elsewhere(kind: str) -> PartialList[Resource]:
    """Files are an open world: nothing of the kind was found."""
    return PartialList((), Unknown(Why.OUTSIDE, f"a look at every {kind}"))


@pytest.mark.parametrize(("text", "answer"), [(text, answer) for _, text, answer in LINES])
def test_what_an_expression_says(text: str, answer: str, group: Resource) -> None:
    if answer.startswith("error: "):
        with pytest.raises(PolicyError, match=re.escape(answer.removeprefix("error: "))):
            compile_expression(text, ENVIRONMENT)
        return
    outcome = compile_expression(text, ENVIRONMENT).run(
        now=NOW,
        resource=group,
        params={name: value for name, (_, value) in PARAMS.items()},
        resources=elsewhere,
    )
    assert outcome.truth is {"true": True, "false": False, "unknown": None}[answer], outcome


def test_there_are_expressions() -> None:
    assert len(LINES) > 40


def test_its_tables_are_made_of_the_code() -> None:
    """`python -m tests.docs.language_tables` writes them anew."""
    pages = [page.read_text("utf-8") for page in (PAGE, KINDS_PAGE)]
    assert pages == [with_tables(page) for page in pages]
    for name in TABLES:
        assert f"<!-- {name} -->" in "".join(pages)
