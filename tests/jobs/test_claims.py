"""Claims on what is due: whoever looks, and however many do, each instant of each job is run by one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from rem_cli.errors import NoTargetError
from rem_cli.jobs.claims import BUCKET, LEASE, Claims
from rem_cli.jobs.due import Turn, claim_due
from rem_cli.jobs.schedule.decide import Policy, decide
from rem_cli.jobs.schedule.read import read
from rem_cli.jobs.tenure import Tenure
from rem_cli.language import Item
from rem_cli.state import Lease, LockLost, State
from rem_cli.state.memory import MemoryState
from rem_cli.state.sqlite import SqliteState
from tests.jobs.bench import HandClock
from tests.jobs.items import job
from tests.jobs.schedule.due import instant

NOON = instant("2026-06-01T12:00Z")
HOUR = 3600
HOURLY = job(cron="0 * * * *")
LOAD = HOURLY.path


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["memory", "sqlite"])
def state(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[State]:
    made: State = MemoryState("here", clock) if request.param == "memory" else SqliteState(tmp_path, "here", clock)
    Claims(made).begun(NOON - HOUR)
    yield made
    made.close()


LEASES: WeakKeyDictionary[State, Lease] = WeakKeyDictionary()


def lease_of(state: State) -> Lease:
    """The lease of whoever looks at a state in this process, which is made once."""
    if state not in LEASES:
        LEASES[state] = Claims(state).enter("a test")
    return LEASES[state]


def turn(state: State, now: int, *items: Item, applied: int = NOON - HOUR) -> Turn:
    return claim_due(items or [HOURLY], Claims(state), lease_of(state), applied, now, lambda item: ["web01", "web02"])


def ran(turn: Turn) -> list[tuple[str, int]]:
    return [(work.job, work.instant - NOON) for work in turn.work]


def end(state: State, turn: Turn) -> None:
    for work in turn.work:
        assert Claims(state).done(work.slots, work.instant, lease_of(state))


def test_76_the_second_who_looks_finds_nothing(state: State) -> None:
    assert ran(turn(state, NOON + 5)) == [(LOAD, 0)]
    assert ran(turn(state, NOON + 5)) == []


def test_76_of_two_who_read_the_same_one_claims(state: State) -> None:
    claims = Claims(state)
    plan = turn(state, NOON - 1)  # makes the mark
    assert ran(plan) == []
    schedule = read(HOURLY, {})
    assert schedule is not None
    both = [claims.read(f"{LOAD}//", schedule, NOON - HOUR) for _ in range(2)]
    decided = decide(schedule, Policy(), both[0].known, NOON)
    assert [claims.claim(one, schedule, decided, lease_of(state)) for one in both] == [True, False]


def test_76_eight_who_look_at_once_run_each_instant_once(tmp_path: Path) -> None:
    jobs = [job(name, cron="* * * * *", overlap="allow") for name in ("a", "b", "c")]
    states = [SqliteState(tmp_path, "here", HandClock()) for _ in range(8)]
    Claims(states[0]).begun(NOON)

    def look(state: State) -> list[tuple[str, int]]:
        found = []
        for minute in range(1, 21):
            one = turn(state, NOON + 60 * minute, *jobs, applied=NOON)
            end(state, one)
            found += ran(one)
        return found

    with ThreadPoolExecutor(8) as pool:
        found = sorted(one for some in pool.map(look, states) for one in some)
    for state in states:
        state.close()
    assert found == [(one.path, 60 * minute) for one in jobs for minute in range(1, 21)]


def test_what_was_due_before_anybody_looked_is_left_alone(tmp_path: Path) -> None:
    state = MemoryState("here", HandClock())
    assert ran(turn(state, NOON + 5 * HOUR + 60)) == []
    assert ran(turn(state, NOON + 6 * HOUR + 60)) == [(LOAD, 6 * HOUR)]


def test_78_an_edited_schedule_counts_from_when_it_was_applied(state: State) -> None:
    turn(state, NOON - 1)
    edited = job(cron="30 * * * *", **{"catch up": "all"})
    assert ran(turn(state, NOON + HOUR, edited, applied=NOON + 45 * 60)) == []
    assert ran(turn(state, NOON + 90 * 60, edited, applied=NOON + 45 * 60)) == [(LOAD, 90 * 60)]


def test_78_an_apply_that_leaves_the_schedule_alone_loses_nothing(state: State) -> None:
    end(state, turn(state, NOON + 1))
    other = job(cron="0 * * * *", timeout=9.0)
    assert ran(turn(state, NOON + 2 * HOUR, other, applied=NOON + 2 * HOUR - 1)) == [(LOAD, 2 * HOUR)]


def test_78_a_job_with_another_name_goes_on_where_it_says_so(state: State) -> None:
    turn(state, NOON - 1)
    named, new = job("new", cron="0 * * * *", was="load"), job("other", cron="0 * * * *")
    assert ran(turn(state, NOON + 60, named, new, applied=NOON + 30)) == [(named.path, 0)]


def test_79_once_never_runs_again_whatever_is_applied(state: State) -> None:
    once = job(once="2026-06-01T11:30:00", late="ok")
    first = turn(state, NOON, once)
    assert ran(first) == [(LOAD, -HOUR // 2)]
    end(state, first)
    turn(state, NOON + 1, HOURLY, applied=NOON + 1)
    assert ran(turn(state, NOON + 2, once, applied=NOON + 2)) == []


def test_82_a_run_that_goes_on_keeps_the_next_from_beginning(state: State) -> None:
    first = turn(state, NOON)
    second = turn(state, NOON + HOUR)
    assert (ran(second), [str(one.decision.kind) for one in second.told]) == ([], ["skipped"])
    end(state, first)
    assert ran(turn(state, NOON + 2 * HOUR)) == [(LOAD, 2 * HOUR)]


CLAIM = """
import os, sys
from tests.jobs.test_claims import *
state = SqliteState(Path(sys.argv[1]), "here", HandClock())
found = turn(state, NOON)
if sys.argv[2] == "begun":
    Claims(state).begin(found.work[0].slots, NOON, 7, lease_of(state))
print(ran(found), flush=True)
os._exit(9)
"""


def died(folder: Path, how: str) -> SqliteState:
    """The state that somebody leaves behind who claimed what was due at noon and was killed."""
    state = SqliteState(folder, "here", HandClock())
    Claims(state).begun(NOON - HOUR)
    done = subprocess.run([sys.executable, "-c", CLAIM, str(folder), how], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (9, f"[('{LOAD}', 0)]\n"), done.stderr
    return state


def test_83_and_84_whoever_dies_holds_nothing(tmp_path: Path) -> None:
    state = died(tmp_path, "begun")
    later = turn(state, NOON + HOUR)
    assert [(str(one.decision.kind), one.decision.why) for one in later.told] == [
        ("lost", "whoever ran it is gone: how it ended is not known")
    ]
    assert ran(later) == [(LOAD, HOUR)]
    assert turn(state, NOON + HOUR + 1).told == []
    state.close()


def test_83_what_was_claimed_and_not_begun_is_due_as_before(tmp_path: Path) -> None:
    state = died(tmp_path, "claimed")
    assert ran(turn(state, NOON + 5)) == [(LOAD, 0)]
    assert ran(turn(state, NOON + 6)) == []
    state.close()


def test_82_and_84_a_silent_one_is_fenced_off_when_its_lease_is_over(state: State, clock: HandClock) -> None:
    claims, silent = Claims(state), lease_of(state)
    (work,) = turn(state, NOON).work
    clock.sleep(LEASE - 1)
    other = claims.enter("another")
    assert claim_due([HOURLY], claims, other, NOON - HOUR, NOON + 30, lambda item: []).work == []
    clock.sleep(1)
    (taken,) = claim_due([HOURLY], claims, other, NOON - HOUR, NOON + 31, lambda item: []).work
    assert taken == work
    for write in (
        lambda: claims.begin(work.slots, NOON, 7, silent),
        lambda: turn(state, NOON + HOUR),
        silent.renew,
    ):
        with pytest.raises(LockLost):
            write()
    assert not claims.done(work.slots, NOON, silent)
    claims.begin(taken.slots, NOON, 8, other)
    assert [(one.instant, one.run, one.runner) for one in claims.held()] == [(NOON, 8, other.lock)]
    assert claims.done(taken.slots, NOON, other)


def test_a_tenure_is_renewed_in_time_and_says_when_it_is_lost(state: State, clock: HandClock) -> None:
    tenure = Tenure(Claims(state).enter("a test"), LEASE)
    for _ in range(9):
        clock.sleep(LEASE / 3)
        tenure.keep()
        assert (tenure.lost, tenure.lease.left) == (False, LEASE)
    clock.sleep(LEASE)
    assert tenure.lost
    state.bucket(BUCKET).acquire(tenure.lease.lock, LEASE).release()
    tenure.keep()
    assert tenure.lost


def test_87_hosts_of_a_splay_are_claimed_each_at_its_moment(state: State) -> None:
    spread = job(cron="0 * * * *", splay=1800)
    began: dict[tuple[str, ...], int] = {}
    for now in range(NOON, NOON + 1801, 30):
        for work in turn(state, now, spread).work:
            assert work.instant == NOON
            began[work.hosts or ()] = now - NOON
    assert sorted(began) == [("web01",), ("web02",)]
    assert len(set(began.values())) == 2


def test_81_a_run_is_asked_to_end_when_another_takes_its_place(state: State) -> None:
    replacing = job(cron="0 * * * *", overlap="replace")
    (old,) = turn(state, NOON, replacing).work
    (new,) = turn(state, NOON + HOUR, replacing).work
    claims = Claims(state)
    assert (new.replaces, claims.asked_to_stop(old.slots[0], NOON)) == ((NOON,), False)
    claims.ask_to_stop(old.slots[0], new.replaces)
    assert claims.asked_to_stop(old.slots[0], NOON)
    assert claims.running(old.slots[0], new.replaces) == [NOON]
    claims.done(old.slots, NOON, lease_of(state))
    assert claims.running(old.slots[0], new.replaces) == []
    assert not claims.asked_to_stop(new.slots[0], NOON + HOUR)


def test_a_job_whose_hosts_cannot_be_told_keeps_no_other_from_its_turn(state: State) -> None:
    def nobody(item: Item) -> Any:
        raise NoTargetError("no host is 'nowhere'")

    spread = job("spread", cron="0 * * * *", splay=60)
    found = claim_due([spread, HOURLY], Claims(state), lease_of(state), NOON - HOUR, NOON, nobody)
    assert (ran(found), list(found.wrong)) == ([(LOAD, 0)], [spread.path])


def test_what_is_kept_of_a_job_does_not_grow(state: State) -> None:
    often = job(every=60)
    for minute in range(50):
        end(state, turn(state, NOON + 60 * minute, often))
    kept = state.bucket(BUCKET).scan()
    assert sorted(entry.key for entry in kept) == ["begun", f"mark/{LOAD}//"]
    assert json.loads(kept[1].body or b"")["until"] == NOON + 49 * 60
