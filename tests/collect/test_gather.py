"""The engine, with wires that are played by hand and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from rem_cli.clock import SystemClock
from rem_cli.collect import CollectError, Collector, Conversation, NoAnswer, Reading, Target
from rem_cli.collect.checks import Check
from rem_cli.collect.gather import Engine, Outcome, Start
from rem_cli.reach import Stop
from rem_cli.reach.asks import Done, Failed, Resolve, Resolved, Tell
from rem_cli.reach.poller import Poller


class Say(NamedTuple):
    """A question that is answered with its own word."""

    address: str
    word: str


class Hand(SystemClock):
    """A clock that goes on whenever somebody looks."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def monotonic(self) -> float:
        self.at += 0.001
        return self.at


class Eager(Poller):
    """Never waits."""

    def _wait(self) -> float:
        return 0.0


class Mouth:
    """Answers at once, or never, or with what is left to say."""

    def __init__(self) -> None:
        self.asked: list[Say] = []
        self.silent: set[str] = set()
        self.waiting: list[tuple[Say, Done]] = []
        self.failing: list[Failed] = []

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Say)
        self.asked.append(question)
        if tell:
            tell(f"say {question.word}")
        if question.word in self.silent:
            self.waiting.append((question, done))
        else:
            done(self.failing.pop(0) if self.failing else question.word)

    def close(self) -> None:
        self.waiting.clear()


class Book:
    """Knows one name."""

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Resolve)
        done(Resolved("192.0.2.7") if question.name == "web07" else Failed(f"'{question.name}' has no address"))

    def close(self) -> None:
        """Nothing is kept."""


def talk(target: Target) -> Conversation:
    heard = []
    for word in target.words("say"):
        heard.append((yield Say(target.address, word)))
    return Reading(dict.fromkeys(heard, 1.0))


def patient(target: Target) -> Conversation:
    try:
        yield Say(target.address, "first")
    except NoAnswer as error:
        word = yield Say(target.address, "second")
        return Reading({}, up=False, why=f"{error.failed.why}, then {word}")
    return Reading({})


def broken(target: Target) -> Conversation:
    word = yield Say(target.address, "a")
    return Reading({"a": float(word)})


COLLECTORS: dict[str, Collector] = {"talk": talk, "patient": patient, "broken": broken}


def collector(kind: str) -> Collector:
    if kind not in COLLECTORS:
        raise CollectError(f"no collector makes checks of kind {kind}", hint="rem collector list")
    return COLLECTORS[kind]


class Stage(NamedTuple):
    engine: Engine
    mouth: Mouth
    stop: Stop

    def run(self, *starts: Start, seconds: float = 5.0) -> tuple[list[Outcome], list[Check]]:
        told: list[Outcome] = []
        cut = self.engine.gather(starts, told.append, seconds=seconds, stop=self.stop)
        return told, cut


@pytest.fixture
def stage() -> Iterator[Stage]:
    clock = Hand()
    poller, stop, mouth = Eager(clock), Stop(), Mouth()
    yield Stage(Engine({Say: mouth, Resolve: Book()}, poller, clock, collector, window=2), mouth, stop)
    stop.close()
    poller.close()


def check(*words: str, kind: str = "talk", address: str = "192.0.2.1", name: str = "web01") -> Check:
    return Check("shop/monitors/web/a", kind, Target(name, address, fields={"say": [*words]}))


def test_what_is_asked_is_answered_in_its_order(stage: Stage) -> None:
    told, cut = stage.run(Start(check("a", "b")))
    assert [one.reading for one in told] == [Reading({"a": 1.0, "b": 1.0})]
    assert (told[0].lost, told[0].why, cut) == (0.0, "", [])


def test_a_silence_is_asked_again_and_counted(stage: Stage) -> None:
    stage.mouth.failing = [Failed("no answer in 1 s", silent=True)]
    told, _ = stage.run(Start(check("a"), retries=1))
    assert (told[0].reading, told[0].lost) == (Reading({"a": 1.0}), 50.0)


def test_without_an_answer_a_target_is_down_and_no_number_is_made_up(stage: Stage) -> None:
    stage.mouth.failing = [Failed("no answer in 1 s", silent=True)] * 3
    told, _ = stage.run(Start(check("a"), retries=2))
    assert (told[0].reading, told[0].lost) == (Reading({}, up=False, why="no answer in 1 s"), 100.0)


def test_a_refusal_is_an_answer_and_not_asked_again(stage: Stage) -> None:
    stage.mouth.failing = [Failed("connection refused")]
    told, _ = stage.run(Start(check("a"), retries=2))
    assert (len(stage.mouth.asked), told[0].lost, told[0].why) == (1, 0.0, "connection refused")


def test_what_fails_here_says_nothing_of_the_target(stage: Stage) -> None:
    stage.mouth.failing = [Failed("this machine may not ping", hint="sysctl", here=True)]
    told, _ = stage.run(Start(check("a")))
    assert (told[0].reading, told[0].why, told[0].hint) == (None, "this machine may not ping", "sysctl")


def test_a_collector_may_go_on_after_a_failure(stage: Stage) -> None:
    stage.mouth.failing = [Failed("connection refused")]
    told, _ = stage.run(Start(check(kind="patient")))
    assert told[0].why == "connection refused, then second"


def test_a_kind_that_nobody_makes_is_told_and_the_others_go_on(stage: Stage) -> None:
    told, _ = stage.run(Start(check(kind="telepathy")), Start(check("a")))
    assert [(one.reading is None, one.why) for one in told] == [
        (True, "no collector makes checks of kind telepathy"),
        (False, ""),
    ]


def test_a_collector_that_is_broken_costs_no_other_check(stage: Stage) -> None:
    told, _ = stage.run(Start(check(kind="broken")), Start(check("a")))
    why = """its collector failed: ValueError("could not convert string to float: 'a'")"""
    assert [(one.reading is None, one.why) for one in told] == [(True, why), (False, "")]


def test_a_name_is_looked_up_before_it_is_asked(stage: Stage) -> None:
    told, _ = stage.run(Start(check("a", address="web07")), Start(check("a", address="web08")))
    assert stage.mouth.asked == [Say("192.0.2.7", "a")]
    assert [one.why for one in told] == ["", "'web08' has no address"]


def test_the_dead_do_not_hold_the_window(stage: Stage) -> None:
    """Two that never answer fill the window of two; the third begins when they are no longer young."""
    stage.mouth.silent = {"never"}
    told, cut = stage.run(*[Start(check("never", name=f"dead{n}")) for n in range(2)], Start(check("a")))
    assert [one.check.target.name for one in told] == ["web01"]
    assert sorted(one.target.name for one in cut) == ["dead0", "dead1"]


def test_when_the_time_is_over_the_rest_is_not_known(stage: Stage) -> None:
    stage.mouth.silent = {"never"}
    told, cut = stage.run(Start(check("a")), Start(check("never")), Start(check("b"), after=60.0), seconds=1.0)
    assert [one.reading for one in told] == [Reading({"a": 1.0})]
    assert len(cut) == 2
    stage.mouth.waiting[0][1]("too late")  # nobody hears it
    assert len(told) == 1


def test_a_stop_ends_the_turn(stage: Stage) -> None:
    stage.mouth.silent = {"never"}
    stage.stop.ask()
    told, cut = stage.run(Start(check("never")))
    assert (told, len(cut)) == ([], 1)


def test_who_wants_to_know_hears_every_exchange(stage: Stage) -> None:
    heard: list[str] = []
    stage.run(Start(check("a", "b"), tell=heard.append))
    assert heard == ["say a", "say b"]
