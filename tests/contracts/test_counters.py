"""What every engine of the state promises about counters, and about what it holds as a whole."""

from __future__ import annotations

import pytest

from rem_cli.state import Holding, Message
from tests.contracts.conftest import Engine, HandClock


def test_55_eight_workers_adding_one_a_thousand_times_give_8000(engine: Engine) -> None:
    for worker in engine.others("add", workers=8, times=1000):
        worker.join()
    assert engine.state.counter("hits").total().total == 8000


def test_56_the_same_id_counts_once(engine: Engine, clock: HandClock) -> None:
    counter = engine.state.counter("hits")
    for _ in range(2):
        counter.add(5, id="order 7")
    counter.add(1, id="order 8")
    engine.state.counter("other").add(1, id="order 7")
    assert counter.total().total == 6
    clock.passes(86401)
    for id in ("order 9", "order 7"):
        counter.add(1, id=id)
    assert counter.total().total == 8


@pytest.mark.parametrize("numbers", [[5, -8], [1 << 70, 1], [-(1 << 70), 1 << 71], [0]])
def test_57_numbers_are_exact_however_big(engine: Engine, numbers: list[int]) -> None:
    counter = engine.state.counter("hits")
    for number in numbers:
        counter.add(number)
    assert counter.total() == (sum(numbers), {"here": sum(numbers)})


def test_57_a_counter_that_nobody_added_to_is_nothing(engine: Engine) -> None:
    assert engine.state.counter("hits").total() == (0, {})


def test_what_is_not_empty_is_told_and_can_be_taken_away_whole(engine: Engine) -> None:
    state = engine.state
    state.bucket("a").put("gone", b"")
    state.bucket("a").drop("gone")
    state.bucket("b").put("1", b"")
    state.counter("c").add(id="once")
    state.queue("d").put(Message(b""), Message(b""))
    state.queue("d").ack(state.queue("d").claim()[0].token)
    state.bucket("b").acquire("deploy", 60)
    assert state.holdings() == [Holding("b", False, 1), Holding("c", False, 1), Holding("d", True, 1)]
    for name in "bcd":
        state.forget(name)
    assert (state.holdings(), state.locks()) == ([], [])
    state.counter("c").add(3, id="once")
    assert state.counter("c").total().total == 3
    assert state.queue("d").put(Message(b"")) == 1
