"""The loop of duties, on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rem_cli.daemon import Event
from rem_cli.daemon.loop import LONGEST_PAUSE, Loop
from rem_cli.errors import RemError
from tests.jobs.bench import HandClock


@dataclass
class Errand:
    """A duty that comes again every so many seconds, and fails when it is told to."""

    name: str
    clock: HandClock
    every: float = 10.0
    failing: Exception | None = None
    asked: list[float] = field(default_factory=list)

    def turn(self) -> float:
        self.asked.append(self.clock.at)
        if self.failing is not None:
            raise self.failing
        return self.every


def at_once(what: str, work: Callable[[], None]) -> None:
    work()


def through(loop: Loop, clock: HandClock, seconds: float) -> None:
    end = clock.at + seconds
    while clock.at < end:
        clock.sleep(min(max(loop.step(), 0.001), end - clock.at))


def test_each_duty_is_asked_in_its_own_time() -> None:
    clock = HandClock(0.0)
    quick, slow = Errand("quick", clock, 10), Errand("slow", clock, 25)
    through(Loop([quick, slow], clock, at_once, lambda event: None), clock, 60)
    assert (quick.asked, slow.asked) == ([0, 10, 20, 30, 40, 50], [0, 25, 50])


def test_one_that_fails_is_told_and_asked_later_and_later_and_keeps_no_other() -> None:
    clock, told = HandClock(0.0), list[Event]()
    bad, good = Errand("bad", clock, failing=RemError("the disk is full")), Errand("good", clock)
    loop = Loop([bad, good], clock, at_once, told.append)
    through(loop, clock, 30)
    assert bad.asked == [0, 1, 3, 7, 15]
    assert len(good.asked) == 3
    assert [one.text for one in told[:2]] == ["the disk is full; again in 1s", "the disk is full; again in 2s"]
    through(loop, clock, 2000)
    assert bad.asked[-1] - bad.asked[-2] == LONGEST_PAUSE
    bad.failing = None
    through(loop, clock, LONGEST_PAUSE)
    assert (told[-1].kind, told[-1].alarming) == ("recovered", True)


def test_a_bug_in_one_is_told_by_its_name_and_keeps_no_other() -> None:
    clock, told = HandClock(0.0), list[Event]()
    good = Errand("good", clock)
    through(Loop([Errand("bad", clock, failing=ValueError("x")), good], clock, at_once, told.append), clock, 5)
    assert [(one.duty, one.text) for one in told][:1] == [("bad", "rem failed: ValueError: x; again in 1s")]
    assert good.asked == [0]


def test_a_turn_that_goes_on_is_not_begun_again_and_is_asked_anew_after_its_end() -> None:
    clock, under_way = HandClock(0.0), list[Callable[[], None]]()
    one = Errand("one", clock)
    loop = Loop([one], clock, lambda what, work: under_way.append(work), lambda event: None)
    for _ in range(3):
        loop.step()
        loop.hurry()
        clock.sleep(20)
    assert len(under_way) == 1
    under_way.pop()()
    assert (loop.step(), under_way) == (10, [])
    clock.sleep(10)
    loop.step()
    assert len(under_way) == 1


def test_somebody_may_hurry_one_duty_or_all() -> None:
    clock = HandClock(0.0)
    one, two = Errand("one", clock), Errand("two", clock)
    loop = Loop([one, two], clock, at_once, lambda event: None)
    loop.step()
    loop.hurry("two")
    loop.step()
    assert (len(one.asked), len(two.asked)) == (1, 2)
    loop.hurry()
    loop.step()
    assert (len(one.asked), len(two.asked)) == (2, 3)
