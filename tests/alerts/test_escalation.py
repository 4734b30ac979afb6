"""Each file in tests/cases/alerts/escalation/ is a policy, who is on duty from when on, when somebody looks and what
else happens, and the pages that come of it: when, who, by what, loop and step. Its name begins with its number."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.alerts.escalate import (
    Climb,
    Page,
    Policy,
    Way,
    acknowledge,
    advance,
    begin,
    failed,
    freeze,
    jump,
    look_again,
    restart,
    thaw,
)
from rem_cli.language.types import seconds

CASES = sorted((Path(__file__).parents[1] / "cases/alerts/escalation").glob("*.yaml"))
HAPPENS = {
    "ack": lambda climb, now: acknowledge(climb), "restart": restart, "freeze": freeze, "thaw": thaw, "jump": jump,
}  # fmt: skip


class Team:
    """Who is on duty from when on, and how they are reached."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.shifts = [(seconds(at), people) for at, people in case["on duty"]]
        self.own = case.get("ways", {})

    def people(self, now: float) -> Sequence[str]:
        here = [people for at, people in self.shifts if at <= now]
        return list(here[-1])

    def ways(self, contact: str) -> Sequence[Way]:
        if contact == "gone":
            return []
        split = (text.split() for text in self.own.get(contact, ["email 0m"]))
        return [Way(kind, float(seconds(after))) for kind, after in split]


def policy(said: dict[str, Any]) -> Policy:
    times = {word: float(seconds(said[word.replace("_", " ")])) for word in ("delay", "exhausted_every")
             if word.replace("_", " ") in said}  # fmt: skip
    flags = {word: said[word.replace("_", " ")] for word in ("repeat", "overlap", "page_new")
             if word.replace("_", " ") in said}  # fmt: skip
    return Policy(**times, **flags, last_resort=tuple(said["last resort"]))


def shown(at: str, page: Page) -> str:
    return f"{at} {page.contact} {page.kind} {page.loop}.{page.step}"


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_people_are_paged_in_turn(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    team = Team(case)
    climb: Climb | None = None
    told: list[str] = []
    for step in case["looks"]:
        at, what = next(iter(step.items())) if isinstance(step, dict) else (step, "")
        now = float(seconds(at))
        climb = climb or begin("a.1", policy(case["policy"]), now)
        if what:
            climb = HAPPENS[what](climb, now)
            continue
        move = advance(climb, now, team)
        climb = move.climb
        for page in move.pages:
            told.append(shown(at, page))
            if page.kind in case.get("down", []) and page.contact not in case.get("up", {}):
                climb = failed(climb, page, now)

    assert told == case["pages"]


@settings(max_examples=80, deadline=None)
@given(
    waits=st.lists(st.floats(0, 7200), min_size=1, max_size=40),
    delay=st.sampled_from([60.0, 300.0, 900.0]),
    repeat=st.integers(1, 3),
    people=st.lists(st.sampled_from(["ana", "bo", "gone"]), max_size=3),
)
def test_no_page_comes_twice_none_in_a_burst_and_something_is_always_due(
    waits: list[float], delay: float, repeat: int, people: list[str]
) -> None:
    team, now = Team({"on duty": [["0m", people]]}), 0.0
    climb = begin("a.1", Policy(delay, repeat, 3600.0, ("lead",)), now)
    keys: list[str] = []
    steps: list[float] = []
    for wait in waits:
        move = advance(climb, now, team)
        climb = move.climb
        keys += [page.key("a.1") for page in move.pages]
        steps += [now] if move.pages else []
        assert look_again(climb) is not None  # a firing, unacknowledged episode always has a timer
        now += wait

    assert len(keys) == len(set(keys))
    assert all(later - earlier >= 60.0 for earlier, later in pairwise(steps))
