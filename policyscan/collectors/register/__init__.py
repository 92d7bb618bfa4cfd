"""The register of exchange API keys, `keys.yaml`: one resource for each key that it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.collectors.interface import Item, Reading
    from policyscan.text.tree import Tree

FILE_NAME = "keys.yaml"


class RegisterCollector:
    """Reads `keys.yaml`, in any directory."""

    name = "register"
    kinds: tuple[str, ...] = ("ApiKey",)

    def claims(self, path: str, head: bytes) -> bool:  # noqa: ARG002 - the name decides
        """True for a file that is named like a register."""
        return path.rpartition("/")[2] == FILE_NAME

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """The keys of all registers, in the order of the paths."""
        from policyscan.collectors.register.collector import read_all  # late: often not needed

        return read_all(tree, paths, reading)
