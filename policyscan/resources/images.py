"""Image references, what is known about public images, and which users are root.

References and users are texts in which `HOLE` stands for each piece that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache

from msgspec import Struct

from policyscan.data import load_table

HOLE = "\0"
"""Stands in a text for a piece that is not known."""

TABLE = "base_images.yaml"
_ROOT_NAMES = frozenset({"root", "containeradministrator", "administrator"})
"""Names of the administrator, in lower case: Linux, then Windows."""


class Reference(Struct, frozen=True):
    """The name of an image: `docker.io/library/python`, `3.12-slim`, `sha256:…`."""

    name: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """The parts of `name[:tag][@digest]`. A part that a hole may contain is a hole."""
        rest, at, digest = text.partition("@")
        last = rest[rest.rfind("/") + 1 :]
        _, colon, tag = last.partition(":")
        name = rest[: len(rest) - len(colon) - len(tag)]
        ends_open = not at and rest.endswith(HOLE)
        if not colon and HOLE in last:
            tag = HOLE
        return cls(name, tag or None, HOLE if ends_open else digest or None)

    @property
    def tag_words(self) -> frozenset[str]:
        """The words of the tag without numbers: `alpine` of `3.12-alpine3.20`."""
        return frozenset(re.findall("[a-z]+", (self.tag or "").lower()))

    @property
    def tag_is_open(self) -> bool:
        """True if more may be in the tag than can be seen: it has a hole, or a digest stands for
        a tag that is not written."""
        return HOLE in self.tag if self.tag is not None else bool(self.digest)


class KnownImage(Struct, frozen=True):
    """One row of the table."""

    name: str
    family: str
    user: str | None
    """Empty if the image sets none; None if not known."""
    tag_users: Mapping[str, str]
    tag_families: Mapping[str, str]


class BaseImageTable(Struct, frozen=True):
    """The dated table of well-known images."""

    as_of: str
    mirrors: tuple[str, ...]
    tag_families: Mapping[str, str]
    other_platforms: frozenset[str]
    images: Mapping[str, KnownImage]

    def find(self, name: str) -> KnownImage | None:
        """The row of an image; of several that fit, the one that says most of the name."""
        if HOLE in name:
            return None
        for mirror in self.mirrors:
            if name.startswith(mirror):
                name = name[len(mirror) :]
                break
        name = name.removeprefix("library/")
        if name in self.images:
            return self.images[name]
        parts = name.split("/")[:8]
        for count in range(len(parts) - 1, 0, -1):
            if row := self.images.get("/".join(parts[:count]) + "/*"):
                return row
        return None

    def family(self, reference: Reference) -> str | None:
        """The family of an image, None if not known: by its row, else by the words of its tag."""
        row = self.find(reference.name)
        by_tag = self.tag_families if row is None else row.tag_families
        for word, family in by_tag.items():
            if word in reference.tag_words:
                return family
        if row is None or (by_tag and reference.tag_is_open):
            return None
        return row.family

    def user(self, reference: Reference) -> str | None:
        """The default user of an image: empty if it sets none, None if not known."""
        row = self.find(reference.name)
        words = reference.tag_words
        if row is None or not self.other_platforms.isdisjoint(words):
            return None
        for word, user in row.tag_users.items():
            if word in words:
                return user
        return None if row.tag_users and reference.tag_is_open else row.user


@cache
def base_images() -> BaseImageTable:
    """The table that comes with policyscan."""
    data = load_table(TABLE)
    images = {
        name: KnownImage(
            name,
            family,
            group.get("user"),
            group.get("tag_users", {}),
            group.get("tag_families", data["tag_families"]),
        )
        for group in data["groups"]
        for name, family in group["images"].items()
    }
    return BaseImageTable(
        str(data["as_of"]),
        tuple(data["mirrors"]),
        data["tag_families"],
        frozenset(data["other_platforms"]),
        images,
    )


def user_is_root(user: str, root_names: Collection[str] = ()) -> bool | None:
    """Whether containers that run as `user` (`name`, `uid`, either with `:group`) have user id 0;
    None if a hole or a blank leaves it open.

    `root_names` are further names that stand for user id 0. No user at all is root.
    """
    name = user.partition(":")[0].strip()
    if HOLE in name or re.search(r"\s", name):
        return None
    if re.fullmatch(r"[+-]?[0-9]+", name):
        return not name.strip("+-0")
    return not name or name.lower() in _ROOT_NAMES or name in root_names
