"""What every engine of the state promises about locks."""

from __future__ import annotations

import threading

import pytest

from rem_cli.errors import Status
from rem_cli.state import Bucket, Lease, LockHeld, LockLost, StateError
from tests.contracts.conftest import START, Engine, HandClock


def test_27_a_free_lock_is_taken_with_a_fence_above_all_before(bucket: Bucket) -> None:
    before = bucket.put("a", b"1")
    first = bucket.acquire("deploy", 60)
    first.release()
    second = bucket.acquire("deploy", 60)
    assert before < first.fence < second.fence < bucket.put("a", b"2")


def test_28_the_second_asker_is_told_who_since_when_and_how_long(bucket: Bucket, clock: HandClock) -> None:
    lease = bucket.acquire("deploy", 60, why="release 7")
    clock.passes(20)
    with pytest.raises(LockHeld) as refused:
        bucket.acquire("deploy", 60)
    by = refused.value.holder
    assert (by.fence, by.since, by.why, round(by.left)) == (lease.fence, START, "release 7", 40)
    assert refused.value.message == (
        f"{by.by} has held the lock 'deploy' of runs for 20 s (release 7); its lease ends in 40 s"
    )
    assert refused.value.status is Status.HELD


def test_29_of_two_who_wait_exactly_one_gets_it(engine: Engine, bucket: Bucket) -> None:
    lease = bucket.acquire("deploy", 600)
    got: list[Lease] = []
    refused: list[LockHeld] = []
    both = threading.Barrier(3)

    def wait(other: Bucket) -> None:
        both.wait()
        try:
            got.append(other.acquire("deploy", 600, wait=1.5))
        except LockHeld as error:
            refused.append(error)

    waiting = [threading.Thread(target=wait, args=(engine.again().bucket("runs"),)) for _ in range(2)]
    for thread in waiting:
        thread.start()
    both.wait()
    lease.release()
    for thread in waiting:
        thread.join()
    assert (len(got), len(refused)) == (1, 1)
    assert got[0].fence > lease.fence
    assert refused[0].holder.fence == got[0].fence


def test_30_a_lease_that_is_over_frees_the_lock(bucket: Bucket, clock: HandClock) -> None:
    lease = bucket.acquire("deploy", 60)
    clock.passes(60)
    assert bucket.holder("deploy") is None
    assert bucket.acquire("deploy", 60).fence > lease.fence


def test_32_a_lease_that_is_renewed_is_kept(bucket: Bucket, clock: HandClock) -> None:
    lease = bucket.acquire("deploy", 60)
    for _ in range(30):
        clock.passes(20)
        lease.renew()
        assert round(lease.left) == 60
    holder = bucket.holder("deploy")
    assert holder is not None
    assert holder.fence == lease.fence


def test_33_a_lease_that_another_took_over_is_not_renewed(bucket: Bucket, clock: HandClock) -> None:
    lease = bucket.acquire("deploy", 60)
    clock.passes(61)
    bucket.acquire("deploy", 60)
    with pytest.raises(LockLost, match="the lock 'deploy' of runs is not ours any more"):
        lease.renew()
    assert lease.left == 0


def test_34_letting_go_twice_is_fine_and_leaves_the_next_holder_alone(bucket: Bucket, clock: HandClock) -> None:
    with bucket.acquire("deploy", 60) as lease:
        clock.passes(61)
        taken = bucket.acquire("deploy", 60)
        lease.release()
    holder = bucket.holder("deploy")
    assert holder is not None
    assert holder.fence == taken.fence


def test_35_a_lock_is_broken_with_the_fence_that_was_shown_and_no_other(bucket: Bucket) -> None:
    lease = bucket.acquire("deploy", 60)
    with pytest.raises(StateError, match=f"nobody holds the lock 'deploy' of runs with fence {lease.fence + 1}"):
        bucket.break_lock("deploy", lease.fence + 1)
    assert bucket.holder("deploy") is not None
    bucket.break_lock("deploy", lease.fence)
    assert bucket.holder("deploy") is None
    with pytest.raises(StateError, match="nobody holds"):
        bucket.break_lock("deploy", lease.fence)


def test_36_what_is_done_under_a_lock_never_interleaves(engine: Engine) -> None:
    """Each worker reads a number and writes it one higher, without compare-and-set."""
    for worker in engine.others("locked", workers=8, times=20):
        worker.join()
    assert engine.state.bucket("locked").get("number").body == b"160"


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_37_a_step_of_the_wall_clock_moves_no_lease(bucket: Bucket, clock: HandClock, step: float) -> None:
    lease = bucket.acquire("deploy", 60)
    clock.steps(step)
    holder = bucket.holder("deploy")
    assert holder is not None
    assert (round(holder.left), round(lease.left)) == (60, 60)
    clock.passes(60)
    assert bucket.holder("deploy") is None


def test_28_so_many_as_there_are_slots_hold_it_at_once(bucket: Bucket, clock: HandClock) -> None:
    first = bucket.acquire("build", 60, slots=2)
    clock.passes(10)
    second = bucket.acquire("build", 60, slots=2)
    assert (first.lock, second.lock) == ("build", "build 2")
    with pytest.raises(LockHeld) as refused:
        bucket.acquire("build", 60, slots=2)
    assert refused.value.holder.fence == first.fence  # it ends first
    second.release()
    assert bucket.acquire("build", 60, slots=2).lock == "build 2"


def test_locks_are_listed_by_bucket_and_name(engine: Engine, clock: HandClock) -> None:
    one, two = engine.state.bucket("a"), engine.state.bucket("b")
    two.acquire("y", 60)
    one.acquire("z", 60)
    one.acquire("x", 10)
    assert [(held.bucket, held.lock) for held in engine.state.locks()] == [("a", "x"), ("a", "z"), ("b", "y")]
    clock.passes(30)
    assert [held.lock for held in engine.state.locks()] == ["z", "y"]
