"""Which files are Terraform, by their names."""

from __future__ import annotations

TOFU = (".tofu", ".tofu.json")
"""Files that only OpenTofu reads, in the place of a `.tf` file of the same name."""


def is_terraform(path: str) -> bool:
    """Whether this file is configuration; not so the modules that Terraform has installed, which
    are read for the calls that mean them."""
    folder, _, name = path.rpartition("/")
    if ".terraform" in folder.split("/"):
        return False
    return name.endswith((".tf", ".tf.json", *TOFU)) and not name.startswith(".")


def is_variable_file(path: str) -> bool:
    """Whether Terraform reads this file for values without being told to."""
    name = path.rpartition("/")[2]
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )
