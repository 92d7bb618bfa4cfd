"""Units: a root, a file, or one region of an account."""

from __future__ import annotations

from policyscan.resources.units import in_account, set_unit

__all__ = ["in_account", "set_unit"]
