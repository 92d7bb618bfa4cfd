"""Terraform: roots, modules, expressions, and the resources they declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.collectors.terraform.names import is_terraform

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.collectors.interface import Item, Reading
    from policyscan.text.tree import Tree


class TerraformCollector:
    """Reads `*.tf` and `*.tf.json` with the modules and values they use."""

    name = "terraform"
    kinds: tuple[str, ...] = (
        "SecurityGroup",
        "Secret",
        "Trail",
        "Detector",
        "LogGroup",
        "TlsServerConfig",
        "Workload",
        "IamStatement",
        "IamAccessKey",
        "RotationProcess",
        "Vpc",
        "Subnet",
        "NatGateway",
    )

    def claims(self, path: str, head: bytes) -> bool:  # noqa: ARG002 - the name decides
        """Whether Terraform would read this file as configuration."""
        return is_terraform(path)

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """Everything that the roots among `paths` declare."""
        from policyscan.collectors.terraform.collector import read_all  # late: often not needed

        return read_all(tree, paths, reading)
