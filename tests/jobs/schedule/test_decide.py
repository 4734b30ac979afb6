"""What becomes of instants that are due: each rule by its number in the list of what schedulers get wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.cron import Cron
from rem_cli.jobs.schedule.decide import CAP, Decision, Kind, Known, Policy, decide, known_after, offset
from rem_cli.jobs.schedule.frozen import Freeze
from rem_cli.jobs.schedule.plain import Every, Once
from tests.jobs.schedule.due import instant

HOURLY = Schedule(Cron("0 * * * *"))
NOON = instant("2026-06-01T12:00Z")
HOUR = 3600
KNOWN = Known(since=NOON - HOUR, until=NOON - HOUR)
GOES_ON = replace(KNOWN, running=(NOON - HOUR,))


def told(decisions: list[Decision]) -> list[str]:
    """`run 12:00`, by hours and minutes of that day; instants of another day are counted from it."""
    return [f"{one.kind} {' '.join(_time(at) for at in one.instants)}" for one in decisions]


def _time(at: int) -> str:
    day, minute = divmod((at - NOON) // 60 + 720, 1440)
    return f"{minute // 60:02}:{minute % 60:02}" + (f"{day:+}d" if day else "")


def test_76_what_was_decided_is_never_decided_again() -> None:
    first = decide(HOURLY, Policy(), KNOWN, NOON + 5)
    assert told(first) == ["run 12:00"]
    assert decide(HOURLY, Policy(), known_after(KNOWN, first), NOON + 5) == []


def test_75_nothing_is_due_before_its_time() -> None:
    assert decide(HOURLY, Policy(), KNOWN, NOON - 1) == []


@pytest.mark.parametrize(
    ("policy", "hours", "said"),
    [
        (Policy("none"), 3, ["missed 12:00 13:00 14:00", "run 15:00"]),
        (Policy("latest"), 3, ["coalesced 12:00 13:00 14:00", "run 15:00"]),
        (Policy("all"), 3, ["run 12:00", "wait 13:00 14:00 15:00"]),
        (Policy("all", overlap="allow"), 3, ["run 12:00 13:00 14:00 15:00"]),
        (Policy("all", window=2 * HOUR + 600), 3, ["missed 12:00", "run 13:00", "wait 14:00 15:00"]),
        (Policy("latest", window=600), 3, ["missed 12:00 13:00 14:00", "run 15:00"]),
    ],
)
def test_77_what_was_missed(policy: Policy, hours: int, said: list[str]) -> None:
    assert told(decide(HOURLY, policy, KNOWN, NOON + hours * HOUR + 30)) == said


def test_77_a_run_that_was_missed_for_long_is_not_made_good_without_catch_up() -> None:
    assert told(decide(HOURLY, Policy("none"), KNOWN, NOON + 121)) == ["missed 12:00"]


def test_77_missed_runs_are_made_good_one_after_another_the_oldest_first() -> None:
    now, known, ran = NOON + 2 * HOUR + 30, KNOWN, list[str]()
    for _ in range(3):
        said = decide(HOURLY, Policy("all"), known, now)
        ran += [one for one in told(said) if one.startswith("run")]
        known = known_after(known, said)
    assert (ran, decide(HOURLY, Policy("all"), known, now)) == (["run 12:00", "run 13:00", "run 14:00"], [])


def test_77_of_more_than_the_cap_the_newest_run_and_the_rest_is_told_once() -> None:
    often = Schedule(Every(60))
    now = NOON + 10 * 86_400
    missed, run, wait = decide(often, Policy("all"), replace(KNOWN, until=NOON), now)
    assert (missed.kind, len(missed.instants), missed.more) == (Kind.MISSED, 1, True)
    assert (run.instants, wait.instants) == ((now - 99 * 60,), tuple(range(now - 98 * 60, now + 1, 60)))
    assert len(run.instants) + len(wait.instants) == CAP


def test_77_a_year_of_every_second_is_decided_without_counting_it() -> None:
    coalesced, run = decide(Schedule(Every(1)), Policy(), KNOWN, NOON + 365 * 86_400)
    assert (coalesced.more, len(coalesced.instants), run.instants) == (True, CAP, (NOON + 365 * 86_400,))


def test_78_what_the_schedule_would_have_been_due_for_before_it_was_applied_is_nobodys() -> None:
    applied = NOON + 3 * HOUR + 60
    known = Known(since=applied, until=NOON)
    assert decide(HOURLY, Policy("all"), known, applied + 60) == []
    assert told(decide(HOURLY, Policy("all"), known, NOON + 4 * HOUR)) == ["run 16:00"]


def test_79_once_runs_once() -> None:
    once = Schedule(Once(NOON))
    first = decide(once, Policy(), KNOWN, NOON)
    assert told(first) == ["run 12:00"]
    assert decide(once, Policy(), known_after(KNOWN, first), NOON + 10**6) == []


def test_80_later_than_its_deadline_it_is_missed_and_not_failed() -> None:
    (missed,) = decide(HOURLY, Policy(deadline=300), KNOWN, NOON + 301)
    assert (told([missed]), missed.why) == (["missed 12:00"], "it could not start within 5m of its time")
    assert told(decide(HOURLY, Policy(deadline=300), KNOWN, NOON + 300)) == ["run 12:00"]


@pytest.mark.parametrize(
    ("overlap", "said"),
    [
        ("forbid", ["skipped 12:00"]),
        ("queue", ["wait 12:00"]),
        ("replace", ["replace 12:00"]),
        ("allow", ["run 12:00"]),
    ],
)
def test_81_while_the_run_before_goes_on(overlap: str, said: list[str]) -> None:
    assert told(decide(HOURLY, Policy(overlap=overlap), GOES_ON, NOON)) == said


def test_81_one_run_waits_and_stands_for_those_after_it() -> None:
    queue = Policy(overlap="queue")
    known = known_after(GOES_ON, decide(HOURLY, queue, GOES_ON, NOON))
    said = decide(HOURLY, queue, known, NOON + HOUR)
    assert told(said) == ["wait 12:00", "coalesced 13:00"]
    free = replace(known_after(known, said), running=())
    assert told(decide(HOURLY, queue, free, NOON + HOUR + 60)) == ["run 12:00"]


def test_81_a_run_never_takes_its_own_place() -> None:
    running = replace(known_after(KNOWN, decide(HOURLY, Policy(), KNOWN, NOON)), running=(NOON,))
    assert decide(HOURLY, Policy(overlap="replace"), running, NOON + 1) == []


def test_82_after_a_restart_overlap_is_told_by_leases() -> None:
    later = NOON + HOUR
    held = Known(since=NOON - HOUR, until=NOON, running=(NOON,))
    gone = Known(since=NOON - HOUR, until=NOON, lost=(NOON,))
    assert told(decide(HOURLY, Policy(), held, later)) == ["skipped 13:00"]
    assert told(decide(HOURLY, Policy(), gone, later)) == ["lost 12:00", "run 13:00"]


def test_84_what_was_lost_runs_again_only_where_that_does_no_harm() -> None:
    lost = Known(since=NOON - HOUR, until=NOON, lost=(NOON,))
    (again,) = decide(HOURLY, Policy(idempotent=True), lost, NOON + 60)
    (left,) = decide(HOURLY, Policy(), lost, NOON + 60)
    assert (again.kind, again.why) == (Kind.RUN, "its run was lost, and it may run again since it is idempotent")
    assert (left.kind, left.why) == (Kind.LOST, "whoever ran it is gone: how it ended is not known")


def test_86_what_is_due_while_a_lost_run_runs_again_obeys_the_overlap() -> None:
    lost = Known(since=NOON - HOUR, until=NOON, lost=(NOON,))
    said = decide(HOURLY, Policy(idempotent=True), lost, NOON + HOUR)
    assert told(said) == ["run 12:00", "skipped 13:00"]


def test_87_a_splay_is_the_same_for_a_host_and_never_crosses_the_next_instant() -> None:
    policy = Policy(splay=86_400)
    waits = [offset(HOURLY, policy, NOON, f"shop/jobs/web/load web{number:03}") for number in range(500)]
    assert waits == [offset(HOURLY, policy, NOON, f"shop/jobs/web/load web{number:03}") for number in range(500)]
    assert 0 <= min(waits) < 60 and HOUR - 60 < max(waits) < HOUR
    assert len(set(waits)) > 400
    wait = waits[7]
    assert decide(HOURLY, policy, KNOWN, NOON + wait - 1, slot="shop/jobs/web/load web007") == []
    assert told(decide(HOURLY, policy, KNOWN, NOON + wait, slot="shop/jobs/web/load web007")) == ["run 12:00"]


def test_90_a_clock_that_is_set_back_runs_nothing_again() -> None:
    known = known_after(KNOWN, decide(HOURLY, Policy(), KNOWN, NOON))
    for now in (NOON - 5 * HOUR, NOON - 1, NOON, NOON + HOUR - 1):
        assert decide(HOURLY, Policy("all"), known, now) == []
    assert told(decide(HOURLY, Policy("all"), known, NOON + HOUR)) == ["run 13:00"]


def test_every_instant_is_decided_on_once_whatever_happens() -> None:
    """A year in steps of odd lengths, with runs that go on for long, under every policy."""
    for policy in (
        Policy(catch, window, overlap, deadline)
        for catch in ("none", "latest", "all")
        for overlap in ("forbid", "queue", "replace", "allow")
        for window in (None, 3 * HOUR)
        for deadline in (None, 2 * HOUR)
    ):
        known, now, step, ends = KNOWN, NOON, 1, 0
        ended: list[int] = []
        while now < NOON + 40 * 86_400:
            said = decide(HOURLY, policy, known, now)
            ended += [at for one in said if one.kind is not Kind.WAIT for at in one.instants]
            known = known_after(known, said)
            started = any(one.kind in (Kind.RUN, Kind.REPLACE) for one in said)
            ends = now + step % 9 * 1000 if started else ends
            known = replace(known, running=(NOON,) if now < ends else ())
            step = step * 7919 % 20_011
            now += 1 + step
        assert len(ended) == len(set(ended))
        decided = {one.at for one in HOURLY.between(NOON, (known.until or 0) + 1)}
        assert {*ended, *known.waiting} == decided


FREEZE = Freeze("", NOON - 60, NOON + HOUR + 60, "ana", "release")


@pytest.mark.parametrize(
    ("policy", "now", "said"),
    [
        (Policy(), NOON + 5, ["frozen 12:00"]),
        (Policy("all", overlap="allow"), NOON + 2 * HOUR + 5, ["frozen 12:00 13:00", "run 14:00"]),
        (Policy("all", overlap="allow"), NOON + HOUR + 61, ["frozen 12:00 13:00"]),
        (Policy(exempt=True), NOON + 5, ["run 12:00"]),
    ],
)
def test_what_is_due_in_a_freeze_runs_neither_then_nor_after_it(policy: Policy, now: int, said: list[str]) -> None:
    assert told(decide(HOURLY, policy, KNOWN, now, freezes=[FREEZE])) == said


def test_what_waits_or_was_lost_starts_in_no_freeze_either() -> None:
    known = replace(KNOWN, until=NOON - 2 * HOUR, waiting=(NOON - 2 * HOUR,), lost=(NOON - 3 * HOUR,))
    lost, frozen = decide(HOURLY, Policy(idempotent=True), known, NOON - 30, freezes=[FREEZE])
    assert (told([lost]), told([frozen])) == (["lost 09:00"], ["frozen 10:00"])
    assert frozen.why == "by ana: release"
    assert known_after(known, [lost, frozen]).waiting == ()
