"""Files that steer the gate, spoilt: what cannot be read is told, with exit 2, never a defect."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from policyscan.config import Configuration
from policyscan.errors import PolicyscanError
from policyscan.gate.baseline import load
from policyscan.gate.waivers.reading import load_waivers

TIMES = int(os.environ.get("POLICYSCAN_SPOILT", "200"))
SEED = int(os.environ.get("POLICYSCAN_SEED", "0"))
WAIVERS = b"""version: 1
waivers:
  - id: "WVR-1"
    policy: "PS-NET-004"
    address: "aws_security_group.office"
    reason: "the office moves"
    owner: "ana"
    approver: "bo"
    ticket: "OPS-12"
    since: "2026-11-28"
    expires: "2027-03-31"
    accepts:
      ingress: {"at most": [{"cidrs": ["0.0.0.0/0"], "from_port": 22}]}
"""
BASELINE = b'{"version": 1, "failures": [{"fingerprint": "a", "policy_id": "x"}], "gaps": []}'
PIECES = (
    b"{", b"[", b'"', b"&a ", b"*a ", b"null", b"1e999", b"!!x ", b"\xff", b"\0", b"9" * 20, b"\n",
    b": ", b"- ",
)  # fmt: skip


def spoilt(text: bytes, chance: random.Random) -> bytes:
    data = bytearray(text)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data) + 1)
        end = place + chance.choice((0, 1, chance.randint(1, 12)))
        data[place:end] = chance.choice((*PIECES, b"", bytes([chance.randrange(256)])))
    return bytes(data)


def _waivers(data: bytes, folder: Path) -> None:
    (folder / "waivers.yaml").write_bytes(data)
    load_waivers("waivers.yaml", Configuration(), folder)


def _baseline(data: bytes, _: Path) -> None:
    load("baseline.json", data)


@pytest.mark.parametrize(("read", "text"), [(_waivers, WAIVERS), (_baseline, BASELINE)])
def test_a_spoilt_file_is_told(
    read: Callable[[bytes, Path], None], text: bytes, tmp_path: Path
) -> None:
    chance = random.Random(SEED)
    for _ in range(TIMES):
        data = spoilt(text, chance)
        try:
            read(data, tmp_path)
        except PolicyscanError as error:
            assert error.exit_code == 2, data
