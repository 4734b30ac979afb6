"""Each file in tests/cases/alerts/notices/ is some alerts, what fires when, and what is told. Its name begins with its
number in the semantics.

A step is a time, the marks of what fires then, and the notices that must come of it, each as kind, marks that fire and,
after a dash, marks that are over; or a mapping of what else happens before the next look.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.alerts import Alarm, Board, Decision, Firing, Line, Notice
from rem_cli.alerts.acks import acknowledge, withdraw
from rem_cli.alerts.decide import decide
from rem_cli.alerts.kept import Boards
from rem_cli.alerts.silence import Silence, matcher
from rem_cli.clock import SystemClock
from rem_cli.errors import GuardedError, RemError
from rem_cli.jobs.schedule.calendar import read
from rem_cli.language import Item
from rem_cli.language.types import seconds
from rem_cli.sla.flapping import Flapping
from rem_cli.state import StaleRevision
from rem_cli.state.memory import MemoryState

CASES = sorted((Path(__file__).parents[1] / "cases/alerts/notices").glob("*.yaml"))
TIMES = ("wait", "interval", "repeat", "reopen", "expires")


def alarm(name: str, said: dict[str, Any], mute: dict[str, Any] | None) -> Alarm:
    words = {key.replace(" ", "_"): seconds(value) if key in TIMES else value for key, value in said.items()}
    words |= {word: tuple(words[word]) for word in ("group_by", "inhibited_by") if word in words}
    words["inhibited_by"] = tuple(f"shop/alerts/{one}" for one in words.get("inhibited_by", ()))
    if mute:
        item = Item("mute", "shop", "calendars", "builtin calendars", "mute", {}, mute)
        words["mutes"] = (read("mute", {"mute": item}),)
    return Alarm(f"shop/alerts/{name}", role="shop/role accounts/ops", **words)


def silence(said: dict[str, Any], number: int, begin: float) -> Silence:
    matchers = [matcher(text) for text in said["match"]]
    times = {word: seconds(said[word]) for word in ("linger", "lasts") if word in said}
    flags = {word: said[word] for word in ("cleared", "downtime") if word in said}
    low, high = (begin + seconds(said[word]) for word in ("begin", "end"))
    return Silence(number, tuple(matchers), low, high, "ana", **times, **flags)


class Story:
    """A case on its way."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.begin = datetime.fromisoformat(case["begin"]).timestamp() if "begin" in case else 0.0
        self.alarms = {
            f"shop/alerts/{name}": alarm(name, one, case.get("mute")) for name, one in case["alarms"].items()
        }
        self.board = Board(settled=self.begin + seconds(case.get("settled", "0s")))
        self.now, self.first = self.begin, next(iter(case["alarms"]))
        self.more: dict[str, Any] = {"causes": case.get("causes", {})}
        self.lines: list[Line] = []
        self.boards, self.sent = Boards(MemoryState("vm", SystemClock())), 0

    def look(self, at: str, marks: list[str]) -> list[str]:
        self.now = self.begin + seconds(at)
        of, labels = self.case.get("of", {}), self.case.get("labels", {})
        firing = [Firing(one, f"shop/alerts/{of.get(one, self.first)}", "bad", labels.get(one, {})) for one in marks]
        done = decide(self.board, self.alarms, firing, self.now, **self.more)
        again = decide(done.board, self.alarms, firing, self.now, **self.more)
        assert (again.notices, again.lines) == ((), ())  # of one moment nothing is told twice
        assert done.look_again is None or done.look_again > self.now
        self.board = self.kept(done)
        self.lines += done.lines
        return [told(one) for one in done.notices]

    def kept(self, done: Decision) -> Board:
        """The board as it comes back from the state."""
        before = self.boards.read()
        self.boards.decided(before, done, {})
        after = self.boards.read()
        assert after.board == done.board
        assert len(self.boards.outbox()) == self.sent + len(done.notices)
        self.sent += len(done.notices)
        return after.board

    def happens(self, what: dict[str, Any]) -> Any:
        if "silence" in what:
            more = silence(what["silence"], len(self.board.silences) + 1, self.begin)
            self.board = replace(self.board, silences=(*self.board.silences, more))
        for word in ("failing", "flapping", "superseded"):
            if word in what:
                self.more[word] = what[word]
        for name, said in what.get("alarm", {}).items():
            self.alarms[f"shop/alerts/{name}"] = alarm(name, self.case["alarms"][name] | said, None)
        if "ack" in what:
            return {**what, "said": self.ack(*what["ack"], through_flap=what.get("through flap", False))}
        return {"episodes": self.episodes()} if "episodes" in what else what

    def ack(self, id: str, who: str, *, through_flap: bool) -> str:
        try:
            self.board, _, lines, said = acknowledge(
                self.board, self.alarms, id, who, self.now, through_flap=through_flap
            )
        except RemError as error:
            return error.message
        self.lines += lines
        return said

    def episodes(self) -> list[str]:
        return [
            " by ".join([f"{one.id} {one.end or 'open'}", *(ack.who for ack in one.acks)])
            for one in sorted(self.board.episodes.values(), key=lambda one: one.id)
        ]


def told(one: Notice) -> str:
    over = ["-", *sorted(one.resolved)] if one.resolved else []
    return " ".join([one.kind, *sorted(one.firing), *over])


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_people_are_told(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    story, found = Story(case), []
    for step in case["steps"]:
        found.append([*step[:2], *story.look(*step[:2])] if isinstance(step, list) else story.happens(step))

    assert found == case["steps"]


def test_each_decision_says_why() -> None:
    story = Story({"alarms": {"slow": {"wait": "30s"}}})
    story.happens({"silence": {"match": ["alert=slow"], "begin": "0s", "end": "1m"}})
    for at, marks in (("0s", ["a"]), ("60s", ["a"]), ("2m", [])):
        story.look(at, marks)

    assert [f"{one.at:g} {one.episode} {one.what}: {one.why}" for one in story.lines] == [
        "0 a.1 opened: bad",
        "0 a.1 held: silenced by ana",
        "60 a.1 released: no longer silenced by ana",
        "60 a.1 notice: new, for ops",
        "120 a.1 resolved: it does not fire any more",
    ]


def test_a_silence_without_a_matcher_is_refused() -> None:  # 28
    with pytest.raises(ValueError, match="would hide everything"):
        Silence(1, (), 0.0, 1.0, "ana")


def test_what_was_acknowledged_may_be_given_back() -> None:
    story = Story({"alarms": {"slow": {"wait": "0s", "repeat": "1h"}}})
    story.look("0s", ["a"])
    story.ack("a", "ana", through_flap=False)

    story.board, after, lines = withdraw(story.board, "a", "bo", 60.0)

    assert (after.acks, lines[0].why, story.look("1h", ["a"])) == ((), "withdrawn by bo", ["repeat a"])
    with pytest.raises(GuardedError, match=r"episode a\.1 is not acknowledged"):
        withdraw(story.board, "a", "bo", 60.0)


def test_of_two_that_decide_at_once_one_is_told_to_look_again() -> None:
    story = Story({"alarms": {"slow": {"wait": "0s"}}})
    before = story.boards.read()
    done = decide(before.board, story.alarms, [Firing("a", "shop/alerts/slow", "bad")], 0.0)
    story.boards.decided(before, done, {})

    with pytest.raises(StaleRevision):
        story.boards.decided(before, done, {})
    assert (len(story.boards.outbox()), len(story.boards.journal())) == (1, 2)


def test_what_comes_and_goes_is_remembered_and_what_was_quiet_for_long_is_not() -> None:
    boards = Boards(MemoryState("vm", SystemClock()))
    flaps = Flapping().after(True).after(False)
    done = decide(Board(), {"a": Alarm("a")}, [Firing("a", "a", "bad")], 0.0)

    boards.decided(boards.read(), done, {"a": flaps, "quiet": Flapping(bad=False)})

    assert boards.read().flaps == {"a": flaps}
