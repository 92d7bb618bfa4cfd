"""Tables and policies that ship with the tool, wherever it is installed.

A wheel carries the policies in this folder; a source tree has them beside the package.
"""

from __future__ import annotations

import hashlib
import os
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

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(data_file(name).read_bytes())
    table = _plain(loader, loader.get_single_node())
    assert isinstance(table, dict)
    return table


def _plain(loader: Any, node: Any) -> Any:
    """What a node stands for. The loader's own way to it, made for cycles and for any tag, takes
    twice as long; the tables have neither."""
    if node.id == "mapping":
        return {_plain(loader, key): _plain(loader, value) for key, value in node.value}
    if node.id == "sequence":
        return [_plain(loader, item) for item in node.value]
    return node.value if node.tag == "tag:yaml.org,2002:str" else loader.construct_object(node)


def load_tables(folder: str) -> tuple[dict[str, Any], ...]:
    """What the YAML files of a folder in this one hold, in the order of their names."""
    paths = sorted(data_file(folder).glob("*.yaml"))
    return tuple(load_table(f"{folder}/{path.name}") for path in paths)


def policies_directory() -> Path:
    """The policies that ship, with their profiles under `profiles/`."""
    shipped = _HERE / "policies"
    return shipped if shipped.is_dir() else _HERE.parent.parent / "policies"


@cache
def package_digest() -> str:
    """SHA-256 over the names and bytes of the package's own modules and data. The policies are
    left out: they have a digest of their own."""
    digest = hashlib.sha256()
    package = os.fspath(_HERE.parent)
    for folder, folders, names in os.walk(package):
        folders[:] = sorted({*folders} - {"__pycache__", "policies"})
        inside = f"{folder}/"[len(package) + 1 :].replace(os.sep, "/")
        for name in sorted(names):
            data = _bytes_of(f"{folder}/{name}")
            digest.update(f"{inside}{name}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()


def _bytes_of(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, os.fstat(descriptor).st_size + 1)
    finally:
        os.close(descriptor)
