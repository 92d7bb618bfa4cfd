"""Tables and policies that ship with the tool, wherever it is installed.

A wheel carries the policies in this folder; a source tree has them beside the package.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


def data_file(name: str) -> Path:
    """A file of this folder, by its path with `/`: `exchanges/binance.yaml`."""
    return _HERE / name


@cache
def load_table(name: str) -> dict[str, Any]:
    """What a YAML file of this folder holds."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    table = yaml.load(data_file(name).read_bytes(), Loader=loader)  # noqa: S506 - safe in both cases
    assert isinstance(table, dict)
    return table


def load_tables(folder: str) -> tuple[dict[str, Any], ...]:
    """What the YAML files of a folder in this one hold, in the order of their names."""
    paths = sorted(data_file(folder).glob("*.yaml"))
    return tuple(load_table(f"{folder}/{path.name}") for path in paths)


def policies_directory() -> Path:
    """The policies that ship, with their profiles under `profiles/`."""
    shipped = _HERE / "policies"
    return shipped if shipped.is_dir() else _HERE.parent.parent / "policies"
