"""Which files are Terraform, by their names."""

from __future__ import annotations


def is_terraform(path: str) -> bool:
    """Whether Terraform would read this file as configuration."""
    name = path.rpartition("/")[2]
    return name.endswith((".tf", ".tf.json")) and not name.startswith((".", "#")) and name != ".tf"
