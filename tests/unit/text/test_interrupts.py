"""When a request to end becomes a `KeyboardInterrupt`."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from policyscan.text import interrupts
from policyscan.text.interrupts import STATE, finishing, held, listening


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(interrupts.time, "monotonic", clock)
    STATE.forget()
    yield clock
    STATE.forget()


def test_at_once_where_nobody_says_otherwise(clock: Clock) -> None:
    with pytest.raises(KeyboardInterrupt):
        STATE.note(signal.SIGTERM)
    assert STATE.received == signal.SIGTERM
    assert not STATE.pending


def test_the_first_waits_for_a_stage_that_listens(clock: Clock) -> None:
    with finishing():
        STATE.note(signal.SIGINT)
        assert STATE.pending
        with pytest.raises(KeyboardInterrupt), listening():
            pytest.fail("the stage began")
        assert STATE.level == interrupts.FINISHING
        assert not STATE.pending


def test_what_listens_afresh_hears_only_what_comes(clock: Clock) -> None:
    with finishing():
        STATE.note(signal.SIGINT)
        with listening(afresh=True):
            pass
        assert STATE.pending
        clock.now = 2
        with pytest.raises(KeyboardInterrupt), listening(afresh=True):
            STATE.note(signal.SIGINT)


def test_a_second_one_soon_is_the_same(clock: Clock) -> None:
    with pytest.raises(KeyboardInterrupt), finishing():  # when that is over
        STATE.note(signal.SIGINT)
        clock.now = 0.9
        STATE.note(signal.SIGTERM)
        assert STATE.received == signal.SIGINT
        assert not STATE.insisted


def test_who_asks_again_is_heard(clock: Clock) -> None:
    with finishing():
        STATE.note(signal.SIGINT)
        clock.now = 1.1
        with pytest.raises(KeyboardInterrupt):
            STATE.note(signal.SIGTERM)
    assert STATE.received == signal.SIGTERM
    assert STATE.insisted


def test_what_is_held_is_done_whole(clock: Clock) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            STATE.note(signal.SIGINT)
            clock.now = 2
            STATE.note(signal.SIGINT)
            done.append(1)
        done.append(2)
    assert done == [1]
    assert STATE.level == interrupts.LISTENING


def test_held_work_may_wait_for_what_is_not(clock: Clock) -> None:
    with pytest.raises(KeyboardInterrupt), held() as hold, hold.lifted():
        STATE.note(signal.SIGINT)
    with finishing(), held() as hold, hold.lifted():
        assert STATE.level == interrupts.FINISHING


def test_another_exception_is_not_hidden(clock: Clock) -> None:
    with pytest.raises(OSError, match="disk"), held():
        STATE.note(signal.SIGINT)
        raise OSError("disk")
    assert STATE.pending
