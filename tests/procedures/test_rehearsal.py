"""Scenarios on made-up time, and recorded runs held against another definition."""

from __future__ import annotations

from typing import Any

import pytest

from rem_cli.procedures import said
from rem_cli.procedures.parting import parting
from rem_cli.procedures.rehearsal import Course, Scenario, rehearse
from rem_cli.procedures.start import params_of
from rem_cli.wire.conditions import evaluate
from tests.procedures.made import bench, definition, failed

RELEASE = """
start: agree
states:
  agree: {approve: {role account: shop on call, expires: 1h}, catch: [{errors: [expired], next: sorry}], next: drain}
  drain:
    task: jobs/ops/two
    changes: true
    compensate: jobs/ops/back
    retry: [{times: 2, interval: 30s}]
    timeout: 10m
    next: built
  built: {signal: built, timeout: 2h, next: pause}
  pause: {wait: 3h, next: restart}
  restart: {task: jobs/ops/three}
  sorry: {fail: nobody agreed}
"""
AGREE = {"after": 60.0, "approve": "bo", "data": {}}
BUILT = {"after": 3600.0, "signal": "built", "data": {"version": "1"}}


def _answer(outcome: str = "ok", takes: float = 1.0) -> dict[str, Any]:
    return {"outcome": outcome, "takes": takes, "data": {}}


def _went(*happens: dict[str, Any], fate: str = "succeeded", path: str = "", **answers: list[dict[str, Any]]) -> Course:
    scenario = Scenario("s", "p", "ana", {}, answers, list(happens), path.split(), fate, [])
    release = definition(RELEASE)
    return rehearse(release, params_of(release, []), scenario, evaluate)


def test_time_is_made_up_and_answers_are_given() -> None:
    course = _went(AGREE, BUILT, path="agree drain built pause restart", drain=[_answer("failed"), _answer()])
    assert (course.wrong, course.fate, course.run.step(2).action("do").attempt) == ([], "succeeded", 2)
    assert course.seconds == 3600 + 3 * 3600 + 1


def test_nobody_agrees() -> None:
    """104: by the end of its time an approval has expired."""
    course = _went(path="agree sorry", fate="failed")
    assert (course.wrong, course.run.why, course.seconds) == ([], "'sorry': nobody agreed", 3600)


def test_whoever_started_it_agrees_in_vain() -> None:
    """104."""
    assert _went({**AGREE, "approve": "ana"}).path == ["agree", "sorry"]


def test_a_program_that_takes_too_long_is_ended() -> None:
    """97."""
    course = _went(AGREE, BUILT, drain=[_answer(takes=3600.0)])
    assert (course.fate, course.run.why, course.seconds) == ("failed", "'drain': it took longer than 10m", 660)


def test_a_cancel_takes_back_what_was_changed() -> None:
    """102."""
    course = _went(AGREE, {"after": 120.0, "cancel": "bo"}, fate="cancelled")
    assert (course.undone, course.path) == (["drain"], ["agree", "drain", "built"])


def test_a_scenario_may_end_where_it_waits() -> None:
    assert _went(AGREE, fate="waits", path="agree drain built").wrong == []


@pytest.mark.parametrize(
    ("path", "fate", "wrong"),
    [
        ("agree sorry", "succeeded", ["it was to end as 'succeeded', and is 'failed': 'sorry': nobody agreed"]),
        ("agree drain", "failed", ["after 'agree' 'drain' was expected, and 'sorry' came"]),
        ("agree", "failed", ["after 'agree' no further state was expected, and 'sorry' came"]),
        ("agree sorry drain", "failed", ["after 'sorry' 'drain' was expected, and nothing came"]),
        ("drain sorry", "failed", ["first 'drain' was expected, and 'agree' came"]),
    ],
)
def test_what_did_not_go_as_expected_is_told(path: str, fate: str, wrong: list[str]) -> None:
    assert _went(path=path, fate=fate).wrong == wrong


TWO = """
start: drain
states:
  drain: {task: jobs/ops/two, next: restart, catch: [{next: sorry}]}
  restart: {task: jobs/ops/three, retry: [{times: 1, interval: 0s}]}
  sorry: {fail: not drained}
"""


def _parts(text: str, **answers: Any) -> str | None:
    made = bench(TWO, answers)
    made.run()
    found = parting(definition(text), made.lines(), evaluate)
    return found and f"{found.line}: {found.recorded}; {found.now}"


def test_a_recorded_run_goes_the_same_way_through_the_same_definition() -> None:
    assert _parts(TWO) is None
    assert _parts(TWO, restart=[failed()]) is None
    assert _parts(TWO, drain=[failed()]) is None


def test_a_change_that_a_run_never_came_to_parts_nothing() -> None:
    assert _parts(TWO.replace("fail: not drained", "succeed: not drained")) is None


@pytest.mark.parametrize(
    ("text", "answers", "told"),
    [
        (
            TWO.replace("next: restart", "next: pause") + "  pause: {wait: 1s, next: restart}\n",
            {},
            "4: 'drain' is left, on to 'restart'; 'drain' is left, on to 'pause'",
        ),
        (
            TWO.replace(", retry: [{times: 1, interval: 0s}]", ""),
            {"restart": [failed()]},
            "8: 'restart' is tried again; 'restart' is failed",
        ),
        (TWO.replace(", catch: [{next: sorry}]", "").replace("  sorry: {fail: not drained}\n", ""),
         {"drain": [failed()]}, "4: 'drain' is left, on to 'sorry'; 'drain' is failed"),
        (TWO.replace("drain", "empty"), {}, "1: 'drain' is entered; 'empty' is entered"),
        (TWO.replace("restart", "reload"), {}, "4: 'drain' is left, on to 'restart'; 'drain' is left, on to 'reload'"),
    ],
)  # fmt: skip
def test_a_recorded_run_parts_where_the_new_definition_leads_elsewhere(
    text: str, answers: dict[str, Any], told: str
) -> None:
    assert _parts(text, **answers) == told


def test_what_people_said_is_taken_as_it_was() -> None:
    made = bench(RELEASE)
    made.run("ana")
    said.approve(made.journals, 1, "bo", agree=True)
    said.signal(made.journals, 1, "built", "ci")
    made.drive()
    assert parting(made.definition, made.lines(), evaluate) is None


@pytest.mark.parametrize("drain", [[], ["failed"], ["timed out", "failed"], ["failed"] * 3])
@pytest.mark.parametrize("restart", [[], ["failed"], ["failed"] * 2])
def test_a_rehearsal_goes_as_the_run_does(drain: list[str], restart: list[str]) -> None:
    """Live is simulation: the same answers lead both the same way."""
    text = TWO.replace("drain: {", "drain: {retry: [{times: 2, interval: 0s}], ")
    made = bench(text, {"drain": [failed(one) for one in drain], "restart": [failed(one) for one in restart]})
    run = made.run()
    answers = {"drain": [_answer(one) for one in drain], "restart": [_answer(one) for one in restart]}
    course = rehearse(made.definition, {}, Scenario("s", "p", "ana", {}, answers, [], [], "", []), evaluate)
    assert ([one.state for one in run.steps], run.fate) == (course.path, course.fate)
    assert [one.action("do").attempt for one in run.steps] == [one.action("do").attempt for one in course.run.steps]
