"""Workers that share one queue: each message is with one of them at a time, and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Lock

import pytest

from rem_cli.errors import Status
from rem_cli.jobs import HostRun, Origin, Run, RunState
from rem_cli.jobs.retry import Retry
from rem_cli.jobs.workers import Handled, Hands, Idle, Shift, Shop
from rem_cli.reach import End, Outcome, Stop
from rem_cli.state import Claim, Message, Queue, State, Terms
from rem_cli.state.sqlite import SqliteState
from tests.contracts.conftest import HandClock

ENDS = {
    Status.DONE: End(Outcome.OK, exit=0),
    Status.ALL_FAILED: End(Outcome.FAILED, exit=1),
    Status.FAILED: End(Outcome.LOST),
    Status.TIMED_OUT: End(Outcome.TIMED_OUT, survivors=True),
    Status.INTERRUPTED: End(Outcome.CANCELLED),
}
AT_ONCE = Retry(times=1, interval=0, backoff=1, most=0, errors=frozenset(), idempotent=True)


def _run(status: Status) -> Run:
    hosts = [HostRun("web01", ENDS[status], 1.0)]
    return Run(1, "shop/jobs/a/b", Origin(), {}, 1, 0.0, RunState.FINISHED, status=status, hosts=hosts)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def state(tmp_path: Path, clock: HandClock) -> Iterator[State]:
    made = SqliteState(tmp_path / "state", "here", clock)
    yield made
    made.close()


@pytest.fixture
def stop() -> Iterator[Stop]:
    made = Stop(patience=1)
    yield made
    made.close()


class Bench:
    """A queue with messages, and workers that do what they are told."""

    def __init__(self, state: State, stop: Stop, *, deliveries: int = 2, lease: float = 60.0) -> None:
        self.terms = Terms(deliveries=deliveries, lease=lease)
        self.queue: Queue = state.queue("orders", self.terms)
        self.stop = stop
        self.told: list[Handled | Idle] = []

    def put(self, count: int) -> None:
        self.queue.put(*[Message(b"x", f"m{number:02}") for number in range(count)])

    def work(
        self,
        handle: Callable[[Claim, Stop], Run],
        *,
        workers: int = 1,
        once: bool = True,
        most: int | None = None,
        ready: Callable[[Stop], str] = lambda stop: "",
        again: Retry | None = AT_ONCE,
        at_once: int = 50,
    ) -> None:
        hands = [Hands(f"w{number}", ready, handle) for number in range(workers)]
        shop = Shop(self.queue, self.terms.lease, self.terms.deliveries, again)
        shop.work(hands, Shift(self.stop, once, most), self.told.append, at_once=at_once)

    def fates(self) -> dict[str, list[str]]:
        fates: dict[str, list[str]] = {}
        for one in self.told:
            if isinstance(one, Handled):
                fates.setdefault(one.id, []).append(str(one.fate))
        return fates


def test_each_message_is_handled_once_and_never_by_two_at_once(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(30)
    lock, running, seen = Lock(), 0, Counter[str]()
    most = 0

    def handle(claim: Claim, stop: Stop) -> Run:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            seen[claim.id] += 1
        with lock:
            running -= 1
        return _run(Status.DONE)

    bench.work(handle, workers=6, at_once=3)
    assert seen == {f"m{number:02}": 1 for number in range(30)}
    assert most <= 3
    assert bench.queue.counts()[:3] == (0, 0, 0)


def test_what_fails_is_handed_out_again_and_is_dead_after_its_deliveries(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(2)
    bench.work(lambda claim, stop: _run(Status.ALL_FAILED if claim.id == "m00" else Status.DONE))
    assert bench.fates() == {"m00": ["given back", "dead"], "m01": ["done"]}
    assert [one.id for one in bench.queue.peek(9, dead=True)] == ["m00"]


def test_what_fails_is_handed_out_again_only_after_a_while(state: State, stop: Stop, clock: HandClock) -> None:
    bench = Bench(state, stop)
    bench.put(1)
    bench.work(lambda claim, stop: _run(Status.ALL_FAILED), again=None)
    assert bench.fates() == {"m00": ["given back"]}
    clock.passes(14)
    bench.work(lambda claim, stop: _run(Status.DONE))
    clock.passes(16)
    bench.work(lambda claim, stop: _run(Status.DONE))
    assert bench.fates() == {"m00": ["given back", "done"]}


def test_a_worker_whose_host_does_not_answer_takes_no_message(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(1)
    bench.work(lambda claim, stop: _run(Status.DONE), ready=lambda stop: "web01: no route")
    assert bench.told == [Idle("w0", "web01: no route")]
    assert bench.queue.peek(1)[0].tries == 0


@pytest.mark.parametrize("status", [Status.FAILED, Status.TIMED_OUT])
def test_a_message_whose_programs_may_still_run_waits_for_its_lease(
    state: State, stop: Stop, clock: HandClock, status: Status
) -> None:
    bench = Bench(state, stop)
    bench.put(1)
    bench.work(lambda claim, stop: _run(status))
    bench.work(lambda claim, stop: _run(Status.DONE))
    assert bench.fates() == {"m00": ["left"]}
    clock.passes(60)
    bench.work(lambda claim, stop: _run(Status.DONE))
    assert bench.fates() == {"m00": ["left", "done"]}


def test_a_lease_is_renewed_while_its_run_goes_on(state: State, stop: Stop) -> None:
    bench = Bench(state, stop, lease=0.15)
    bench.put(1)
    renewed = Event()
    extend = bench.queue.extend
    times = 0

    def counted(token: str, *, lease: float | None = None) -> None:
        nonlocal times
        extend(token, lease=lease)
        times += 1
        if times == 4:  # longer than the lease by then
            renewed.set()

    bench.queue.extend = counted  # type: ignore[method-assign]

    def handle(claim: Claim, stop: Stop) -> Run:
        assert renewed.wait(30)
        assert state.queue("orders", bench.terms).claim(1) == []
        return _run(Status.DONE)

    bench.work(handle)
    assert bench.fates() == {"m00": ["done"]}


def test_a_worker_that_was_held_up_says_nothing_of_a_message_that_another_has(
    state: State, stop: Stop, clock: HandClock
) -> None:
    """F 84: it was done all the same, and the other one's word counts."""
    bench = Bench(state, stop)
    bench.put(1)
    others: list[Claim] = []

    def handle(claim: Claim, stop: Stop) -> Run:
        clock.passes(60)
        others.extend(state.queue("orders", bench.terms).claim(1))
        return _run(Status.DONE)

    bench.work(handle, most=1)
    assert bench.fates() == {"m00": ["lapsed"]}
    bench.queue.ack(others[0].token)


def test_a_run_whose_lease_is_lost_is_ended(state: State, stop: Stop, clock: HandClock) -> None:
    bench = Bench(state, stop, lease=0.15)
    bench.put(1)

    def handle(claim: Claim, ours: Stop) -> Run:
        clock.passes(1)
        assert ours.wait(30)
        return _run(Status.INTERRUPTED)

    bench.work(handle, most=1)
    assert bench.fates() == {"m00": ["lapsed"]}


def test_workers_that_are_told_to_end_finish_what_they_have(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(3)

    def handle(claim: Claim, ours: Stop) -> Run:
        stop.ask()  # the first time: nothing more is taken
        assert ours.asked == 0
        return _run(Status.DONE)

    bench.work(handle, once=False)
    assert bench.fates() == {"m00": ["done"]}
    assert bench.queue.counts().waiting == 2


def test_workers_that_are_told_twice_end_what_they_have_and_give_it_back(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(1)

    def handle(claim: Claim, ours: Stop) -> Run:
        stop.ask()
        stop.ask()
        assert ours.wait(30)
        return _run(Status.INTERRUPTED)

    bench.work(handle, once=False)
    assert bench.fates() == {"m00": ["given back"]}


def test_no_more_messages_are_taken_than_allowed(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(9)
    bench.work(lambda claim, stop: _run(Status.DONE), workers=4, once=False, most=5)
    assert (len(bench.fates()), bench.queue.counts().waiting) == (5, 4)


def test_what_a_worker_raises_ends_the_others_and_is_raised(state: State, stop: Stop) -> None:
    bench = Bench(state, stop)
    bench.put(2)

    def handle(claim: Claim, ours: Stop) -> Run:
        raise ValueError("of ours")

    with pytest.raises(ValueError, match="of ours"):
        bench.work(handle, workers=3, once=False)
    assert bench.queue.counts().waiting + bench.queue.counts().claimed == 2
