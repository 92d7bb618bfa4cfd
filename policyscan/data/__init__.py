"""Tables and policies that ship with the tool, wherever it is installed.

A wheel carries the policies in this folder; a source tree has them beside the package.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def data_file(name: str) -> Path:
    """A file of this folder, by its path with `/`: `exchanges/binance.yaml`."""
    return _HERE / name


def policies_directory() -> Path:
    """The policies that ship, with their profiles under `profiles/`."""
    shipped = _HERE / "policies"
    return shipped if shipped.is_dir() else _HERE.parent.parent / "policies"
