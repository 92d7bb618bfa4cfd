"""What is kept from run to run is the user's alone, never in the way, never believed blindly."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from policyscan.text import cache
from policyscan.text.cache import ContentCache, cache_folder, key_of
from policyscan.text.tree import DirectoryTree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "policyscan"


def opened(folder: Path | None, generation: str = "1") -> ContentCache:
    return ContentCache(folder, "facts", generation)


def filled(folder: Path | None, generation: str = "1", **entries: str) -> ContentCache:
    found = opened(folder, generation)
    for key, value in entries.items():
        found.put(key_of(key.encode()), value.encode())
    found.save()
    return found


def value(found: ContentCache, key: str) -> str | None:
    got = found.get(key_of(key.encode()))
    return None if got is None else got.decode()


def the_file(folder: Path) -> Path:
    (found,) = folder.iterdir()
    return found


def test_what_is_put_is_there_in_the_next_run(folder: Path) -> None:
    filled(folder, a="1", b="2")
    filled(folder, c="3")
    found = opened(folder)
    assert [value(found, key) for key in "abcd"] == ["1", "2", "3", None]


def test_another_generation_knows_nothing_of_it(folder: Path) -> None:
    filled(folder, a="1")
    assert value(opened(folder, "2"), "a") is None
    assert value(ContentCache(folder, "other", "1"), "a") is None


def test_parts_of_a_key_do_not_run_together() -> None:
    assert key_of(b"ab", b"c") != key_of(b"a", b"bc") != key_of(b"abc")
    assert key_of(b"a") == key_of(b"a")


def test_it_is_the_users_alone(folder: Path) -> None:
    filled(folder, a="1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(the_file(folder).stat().st_mode) == 0o600


def test_a_run_that_learns_nothing_writes_nothing(folder: Path) -> None:
    filled(folder, a="1")
    before = the_file(folder).stat()
    found = opened(folder)
    assert value(found, "a") == "1"
    found.save()
    assert the_file(folder).stat().st_mtime_ns == before.st_mtime_ns
    opened(folder / "other").save()
    assert not (folder / "other").exists()


def spoil(data: bytes) -> dict[str, bytes]:
    return {
        "empty": b"",
        "cut": data[:-1],
        "longer": data + b"x",
        "another form": b"policyscan 2\n" + data[13:],
        "one bit": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        "no value": b"policyscan 1\n" + b"\0" * 32 + b"\x80",
        "text": b"hello\n" * 100,
    }


@pytest.mark.parametrize("how", spoil(b"x" * 99))
def test_what_is_damaged_is_missing_and_mended(how: str, folder: Path) -> None:
    filled(folder, a="1")
    path = the_file(folder)
    path.write_bytes(spoil(path.read_bytes())[how])
    assert value(opened(folder), "a") is None
    filled(folder, b="2")
    assert value(opened(folder), "b") == "2"


def test_a_payload_of_another_kind_is_missing(folder: Path) -> None:
    import hashlib

    filled(folder, a="1")
    payload = b"\x93\x01\x02\x03"
    the_file(folder).write_bytes(b"policyscan 1\n" + hashlib.sha256(payload).digest() + payload)
    assert value(opened(folder), "a") is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_what_others_may_have_written_is_not_read(mode: int, folder: Path) -> None:
    filled(folder, a="1")
    the_file(folder).chmod(mode)
    assert value(opened(folder), "a") is None
    the_file(folder).chmod(0o600)
    assert value(opened(folder), "a") == "1"
    folder.chmod(0o777)
    assert value(opened(folder), "a") is None
    filled(folder, b="2")
    folder.chmod(0o700)
    assert value(opened(folder), "b") is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_is_not_read(folder: Path) -> None:
    filled(folder, a="1")
    os.chown(the_file(folder), 12345, 12345)
    assert value(opened(folder), "a") is None


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    filled(folder, a="1")
    moved = the_file(folder).rename(tmp_path / "moved")
    (folder / moved.name).symlink_to(moved)
    link = folder / opened(folder)._file
    link.symlink_to(moved)
    assert value(opened(folder), "a") is None
    filled(folder, b="2")
    assert not link.is_symlink()
    assert value(opened(tmp_path), "b") is None
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(folder)
    assert value(opened(elsewhere), "b") is None


@pytest.mark.parametrize("kind", ["fifo", "folder"])
def test_what_is_no_file_stops_nothing(kind: str, folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o700)
    path = folder / opened(folder)._file
    if kind == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.mkdir(mode=0o700)
    assert value(filled(folder, a="1"), "a") == "1"


def test_a_place_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "inner", Path("/proc/nothing"), None):
        assert value(filled(place, a="1"), "a") == "1"
    assert (tmp_path / "file").read_text() == ""


def test_a_write_that_fails_leaves_what_was_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(folder, a="1")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        filled(folder, b="2")
    assert value(opened(folder), "a") == "1"
    assert the_file(folder)


def test_its_size_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 10_000)
    for number in range(30):
        filled(folder, **{f"key{number}": "x" * 1000})
    assert the_file(folder).stat().st_size < 11_000
    found = opened(folder)
    assert value(found, "key29")
    assert value(found, "key0") is None


def test_old_generations_go(folder: Path) -> None:
    for number in range(10):
        filled(folder, str(number), a="1")
        for path in folder.iterdir():
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
    assert len(list(folder.iterdir())) == cache.MOST_FILES
    assert value(opened(folder, "9"), "a") == "1"


class TestFolder:
    @pytest.fixture(autouse=True)
    def switched_on(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("POLICYSCAN_CACHE")
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def test_where_it_is(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree = DirectoryTree(tmp_path / "tree")
        assert cache_folder(tree) == tmp_path / "home" / ".cache" / "policyscan"
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder(tree) == tmp_path / "xdg" / "policyscan"
        monkeypatch.setenv("XDG_CACHE_HOME", "relative")
        assert cache_folder(tree) == tmp_path / "home" / ".cache" / "policyscan"

    @pytest.mark.parametrize("word", ["off", "OFF", "0", "no", "false"])
    def test_it_can_be_switched_off(
        self, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("POLICYSCAN_CACHE", word)
        assert cache_folder(DirectoryTree(tmp_path / "tree")) is None

    def test_it_is_never_in_the_tree(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tree = tmp_path / "tree"
        (tree / "inner").mkdir(parents=True)
        for place in (tree, tree / "inner", tree / "new" / "deep", tree / ".." / "tree"):
            monkeypatch.setenv("XDG_CACHE_HOME", str(place))
            assert cache_folder(DirectoryTree(tree)) is None
        (tmp_path / "link").symlink_to(tree / "inner")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link"))
        assert cache_folder(DirectoryTree(tree)) is None
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "tree2"))
        assert cache_folder(DirectoryTree(tree)) == tmp_path / "tree2" / "policyscan"
        (tmp_path / "alias").symlink_to(tree)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tree))
        assert cache_folder(DirectoryTree(tmp_path / "alias")) is None

    def test_no_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", "relative")
        assert cache_folder(DirectoryTree(tmp_path / "tree")) is None
