"""What annotations mean, how types are spelt, and which values fit them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Optional, Union

import pytest
from houses import Door, House

from policyscan.language import types as t
from policyscan.values import Many, Maybe


@pytest.mark.parametrize(
    ("annotation", "spelt"),
    [
        (int, "int"),
        (Maybe[bool], "bool"),
        (Maybe[str | None], "string or null"),
        (Optional[float], "double or null"),  # noqa: UP045 - both spellings occur
        (Union[int, None], "int or null"),
        (Annotated[int, "note"], "int"),
        (Maybe[Literal["a", "b"]], 'one of "a", "b"'),
        (Literal["a", None], 'one of "a" or null'),
        (Many[Maybe[str]], "list(string)"),
        (list[int], "list(int)"),
        (Many[Door], "list(Door)"),
        (Maybe[Mapping[str, Maybe[str]]], "map(string, string)"),
        (Maybe[datetime], "timestamp"),
        (Maybe[Literal["a"] | Literal["b"]], 'one of "a", "b"'),
    ],
)
def test_annotations(annotation: object, spelt: str) -> None:
    assert str(t.annotation_type(annotation)) == spelt


@pytest.mark.parametrize(
    "annotation", [object, bytes, set[int], Literal[1], Union[int, str], tuple[object, ...]]
)
def test_annotations_that_policies_cannot_handle(annotation: object) -> None:
    assert t.annotation_type(annotation) is None


def test_hidden_fields_do_not_exist() -> None:
    fields = t.fields_of(House)
    assert {"address", "tags", "a"} <= set(fields)
    assert not {"origin", "chains", "conditional", "identity", "kind", "HIDDEN"} & set(fields)


@pytest.mark.parametrize("text", ["int", "list(string)", "map(string, list(int))", "timestamp"])
def test_a_type_is_spelt_as_it_is_read(text: str) -> None:
    assert str(t.parse_type(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "str",
        "list",
        "list()",
        "list(int, int)",
        "map(int, int)",
        "map(string)",
        "int)",
        "list(int",
        "list(" * 50,
    ],
)
def test_what_is_not_a_type(text: str) -> None:
    with pytest.raises(ValueError, match="is not a type"):
        t.parse_type(text)


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (1.5, "int", "expected int, found 1.5"),
        (True, "int", "expected int, found true"),
        (1, "bool", "expected bool, found 1"),
        (None, "string", "expected string, found null"),
        ([1, "x"], "list(int)", "expected int, found 'x'"),
        ({"a": [1]}, "map(string, int)", "expected int, found a list"),
        ({1: 1}, "map(string, int)", "expected string, found 1"),
        ({}, "list(int)", "expected list\\(int\\), found a map"),
    ],
)
def test_values_that_do_not_fit(value: object, kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        t.conform(value, t.parse_type(kind))
