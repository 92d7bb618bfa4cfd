"""What the slow tier proves, word by word: `proofs.txt` has for each expression the proof (the
value and all that it rests on, each with its place), what it took, and what was read."""

from __future__ import annotations

from pathlib import Path

import pytest
from proofs import prove, shown, told

TABLE = Path(__file__).with_name("proofs.txt").read_text("utf-8")
CASES = [case.splitlines() for case in TABLE.strip().split("\n\n")]


@pytest.mark.parametrize(("text", "proof", "steps"), CASES, ids=[case[0] for case in CASES])
def test_a_proof_says_what_it_rests_on(text: str, proof: str, steps: str) -> None:
    found = prove(text)
    assert shown(found.proof) == proof.strip()
    assert told(found) == steps.strip()
