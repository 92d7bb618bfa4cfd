"""The file with which a policy begins: a condition on a real field of its kind, with tests that
pass, for people to change."""

from __future__ import annotations

import json

from msgspec import Struct

from policyscan.data import data_file

_WHY_AND_FIX = """\
why: >-
  Say in one to four sentences what goes wrong where this fails: who can do what then, and what it
  costs.
fix: >-
  Say what to write or to call instead, with code in backticks."""


class Beginning(Struct, frozen=True):
    """What a person says of a policy that is to be."""

    id: str
    slug: str
    kind: str
    title: str
    severity: str
    schema: str
    """The way from its folder to `schema.json`."""


def title_of(slug: str) -> str:
    """A title to begin with: `open-door` is a thing that nothing should be or have."""
    return f"There is no {slug.replace('-', ' ')}"


def written(beginning: Beginning) -> str:
    """The text of the file."""
    body = data_file(f"templates/{beginning.kind}.yaml.in").read_text("utf-8")
    return "\n".join(
        [
            f"# yaml-language-server: $schema={beginning.schema}",
            f"id: {beginning.id}",
            "version: 1",
            f"slug: {beginning.slug}",
            f"title: {_scalar(beginning.title)}",
            f"severity: {beginning.severity}",
            "plane: change",
            f"resource: {beginning.kind}",
            body.replace("@WHY_AND_FIX@", _WHY_AND_FIX),
        ]
    )


def _scalar(text: str) -> str:
    """Text as YAML takes it for text."""
    plain = text[:1].isalpha() and text.replace(" ", "").replace("-", "").isalnum()
    return text if plain and text.isascii() else json.dumps(text, ensure_ascii=False)
