"""A look at a content tells the same whether it is new or kept, and what is kept holds no text."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from policyscan.collectors.code.exchange_signs import signs_of
from policyscan.collectors.code.looks import Look, Looks
from policyscan.text.source import Source

BOT = b"""import logging, ssl
import ccxt
from binance.client import Client
import ccxt
logging.basicConfig()
client = Client(os.environ["BINANCE_API_KEY"], secret="hunter2-hunter2")
exchange = ccxt.kraken({"verify": False})
"""
EMPTY = Look((), False, False, False)


def looked_at(folder: Path | None, data: bytes = BOT, language: str = "python") -> Look:
    looks = Looks(folder)
    found = looks.at(data, language)
    looks.save()
    return found


def test_every_sign_is_there_once_at_its_first_place(tmp_path: Path) -> None:
    first = {}
    for sign in signs_of(BOT, BOT.lower(), "python"):
        first.setdefault(sign[:3], sign)
    for _ in range(2):
        look = looked_at(tmp_path / "cache")
        assert list(look.signs(BOT)) == list(first.values())
        assert (look.logs, look.steers) == (True, True)
    assert {sign.text for sign in first.values()} >= {"ccxt", "BINANCE_API_KEY", "ccxt.kraken"}


def test_a_kept_look_is_the_new_one(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert looked_at(cache) == looked_at(cache) == looked_at(None)


def test_the_second_run_does_not_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked_at(tmp_path / "cache")
    monkeypatch.setattr("policyscan.collectors.code.looks.signs_of", None)
    assert looked_at(tmp_path / "cache") == found


def test_the_language_and_every_byte_count(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    looked_at(cache)
    assert not looked_at(cache, BOT, "java").logs
    assert looked_at(cache, b"import csv\n") == EMPTY


def test_another_version_of_the_package_looks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at(tmp_path / "cache")
    monkeypatch.setattr("policyscan.collectors.code.looks.package_digest", lambda: "other")
    monkeypatch.setattr("policyscan.collectors.code.looks.signs_of", lambda *_: iter(()))
    assert looked_at(tmp_path / "cache").marks == ()


def test_nothing_of_the_file_is_kept(tmp_path: Path) -> None:
    looked_at(tmp_path / "cache")
    (kept,) = (tmp_path / "cache").iterdir()
    data = kept.read_bytes()
    assert b"hunter2" not in data
    assert b"BINANCE_API_KEY" not in data


@pytest.mark.parametrize("kept", [b"", b"\xc1", msgspec.msgpack.encode({"marks": 1})])
def test_an_entry_that_is_none_is_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes
) -> None:
    monkeypatch.setattr("policyscan.text.cache.ContentCache.get", lambda *_: kept)
    assert looked_at(tmp_path / "cache") == looked_at(None)


def test_uses_of_libraries_are_kept_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source("bot.py", b"import requests\nrequests.get(url)\n")
    looks = Looks(tmp_path / "cache")
    found = looks.uses(source, "python")
    looks.save()
    assert [(uses.library, uses.found) for uses in found] == [("requests", 1)]
    monkeypatch.setattr("policyscan.collectors.code.tls.uses.uses_of", None)
    assert Looks(tmp_path / "cache").uses(source, "python") == found
