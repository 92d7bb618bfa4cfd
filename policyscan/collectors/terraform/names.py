"""Which files are Terraform, by their names."""

from __future__ import annotations

TOFU = (".tofu", ".tofu.json")
"""Files that only OpenTofu reads, in the place of a `.tf` file of the same name."""


FOLDER = ".terraform"
"""Where Terraform keeps what it has installed, in the directory of a root."""


def is_terraform(path: str) -> bool:
    """Whether this file is configuration."""
    name = path.rpartition("/")[2]
    return name.endswith((".tf", ".tf.json", *TOFU)) and not name.startswith(".")


def root_above(path: str) -> str | None:
    """The root in whose `.terraform` a file lies, the outermost; None if it lies in none."""
    before, mark, _ = f"/{path}".partition(f"/{FOLDER}/")
    return before[1:] if mark else None


def is_variable_file(path: str) -> bool:
    """Whether Terraform reads this file for values without being told to."""
    name = path.rpartition("/")[2]
    return name in ("terraform.tfvars", "terraform.tfvars.json") or name.endswith(
        (".auto.tfvars", ".auto.tfvars.json")
    )
