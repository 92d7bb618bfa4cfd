"""The tables that ship, as a reader of YAML reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from policyscan.data import data_file, load_table

FOLDER = data_file("")
TABLES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("name", TABLES)
def test_is_read_as_yaml(name: str) -> None:
    assert load_table(name) == yaml.safe_load(Path(FOLDER, name).read_bytes())
