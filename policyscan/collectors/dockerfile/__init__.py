"""Dockerfiles: one resource for each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.collectors.dockerfile.names import is_dockerfile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.collectors.interface import Item, Reading
    from policyscan.text.tree import Tree


class DockerfileCollector:
    """Reads `Dockerfile`, `Containerfile` and their variants."""

    name = "dockerfile"
    kinds: tuple[str, ...] = ("DockerfileStage",)

    def claims(self, path: str, head: bytes) -> bool:  # noqa: ARG002 - the name decides
        """True for a file that is named like a Dockerfile."""
        return is_dockerfile(path)

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """The stages of all files, in the order of the paths."""
        from policyscan.collectors.dockerfile.collector import read_all  # late: often not needed

        return read_all(tree, paths, reading)
