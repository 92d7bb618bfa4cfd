"""The names that policies have: no two share an id, a former id or a slug, wherever they lie."""

from __future__ import annotations

import re

from policyscan.text.yaml import Document

WHAT = {"id": "id", "aliases": "former id", "slug": "slug"}


class Claims:
    """Who has which name, over all directories of a run."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[str, str]] = {}

    def claim(
        self, document: Document, name: str, slug: str, aliases: tuple[str, ...], owner: str = ""
    ) -> None:
        """Notes the names of a policy; errors about another one call it `owner`, or else by the
        path of its file. Raises PolicyError at a name that means another policy already."""
        names = [("id", name), *(("aliases", alias) for alias in aliases), ("slug", slug)]
        for key, each in names:
            if each in self._owners:
                what, other = self._owners[each]
                start, end = _place(document, key, each)
                raise document.error(
                    f"'{each}' is already the {what} of {other}",
                    start,
                    end,
                    hint=f"Give one of them another {WHAT[key].removeprefix('former ')}.",
                )
        for key, each in names:
            self._owners[each] = WHAT[key], owner or document.path


def _place(document: Document, key: str, name: str) -> tuple[int, int]:
    """Where the name stands behind its key."""
    match = re.search(rf"^{key}:[^:]*?\b{re.escape(name)}\b", document.text, re.MULTILINE)
    end = match.end() if match else 1
    return (end - len(name) if match else 0), end
