"""The samples that people look at before they install anything are what the tool writes today."""

from __future__ import annotations

import pytest

from scripts.samples import EXPLAINED, ROOT, SAMPLES, SUFFIXES, sample_outputs


@pytest.fixture(scope="module")
def outputs() -> dict[str, bytes]:
    return sample_outputs()


@pytest.mark.parametrize("called", ["trading-desk", "account"])
@pytest.mark.parametrize("suffix", [*SUFFIXES.values(), EXPLAINED])
def test_the_sample_is_what_would_be_written_now(
    outputs: dict[str, bytes], suffix: str, called: str
) -> None:
    name = f"{called}.{suffix}"
    same = (SAMPLES / name).read_bytes() == outputs[name]  # a diff of HTML helps nobody
    assert same, f"{name} is out of date: run `make samples` and look at the difference"


def test_there_are_no_other_samples(outputs: dict[str, bytes]) -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(outputs)


def test_nothing_of_this_machine_is_in_them(outputs: dict[str, bytes]) -> None:
    for name, data in outputs.items():
        assert str(ROOT).encode() not in data, name
