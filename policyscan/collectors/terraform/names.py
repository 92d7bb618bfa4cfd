"""Which files are Terraform, by their names."""

from __future__ import annotations


def is_terraform(path: str) -> bool:
    """Whether this file is configuration; not so the modules that Terraform has installed, which
    are read for the calls that mean them."""
    folder, _, name = path.rpartition("/")
    if ".terraform" in folder.split("/"):
        return False
    return name.endswith((".tf", ".tf.json")) and not name.startswith(".")
