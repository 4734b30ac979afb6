"""What a run does next, case by case; numbers are those of the semantics."""

from __future__ import annotations

import pytest

from rem_cli.procedures import OK, Result
from rem_cli.procedures.machine import step
from rem_cli.procedures.moves import Act, Look, Write
from rem_cli.procedures.standing import Standing, replay
from rem_cli.wire.conditions import evaluate
from tests.jobs.bench import NOON
from tests.procedures.made import bench, definition, failed, line, path

TWO = """
start: drain
states:
  drain: {task: jobs/ops/two, next: restart}
  restart: {task: jobs/ops/three}
"""


def test_a_procedure_goes_from_state_to_state_and_ends_well() -> None:
    made = bench(TWO)
    run = made.run()
    assert (path(run), made.did) == (["drain: left", "restart: left"], ["drain", "restart"])
    assert (run.fate, run.why) == ("succeeded", "")


def test_the_moves_that_follow_from_a_journal() -> None:
    """93: nothing is done whose intent is not written first."""
    two = definition(TWO)
    journal = [line(0, "started", procedure=two.path, digest=two.digest, who="ana", params={})]
    assert step(two, journal, NOON, evaluate) == [
        Write("entered", {"step": 1, "branch": "", "state": "drain"}, "it starts there")
    ]
    journal.append(line(1, "entered", step=1, branch="", state="drain"))
    act, look = step(two, journal, NOON, evaluate)
    assert act == Act(1, "do", 1, "drain", {}, "'drain' begins")
    assert look == Look(NOON + 86400, "then the procedure has taken too long", "deadline")
    assert isinstance(act, Act)
    assert act.intent == Write("intent", {"step": 1, "action": "do", "attempt": 1}, "'drain' begins")
    journal.append(line(2, "intent", step=1, action="do", attempt=1))
    assert step(two, journal, NOON, evaluate) == [look]


def test_a_key_is_the_same_for_the_same_attempt() -> None:
    """95."""
    made = bench(
        TWO.replace("drain: {", "drain: {retry: [{times: 2, interval: 0s}], "), {"drain": [failed(), failed()]}
    )
    made.run()
    assert [act.key(1) for act in made.acts] == [
        "1/1/drain/do/1", "1/1/drain/do/2", "1/1/drain/do/3", "1/2/restart/do/1",
    ]  # fmt: skip


def test_the_first_retry_that_fits_counts_then_the_first_catch() -> None:
    """97: each retry counts for itself."""
    made = bench(
        """
        start: drain
        states:
          drain:
            task: jobs/ops/two
            retry:
              - {times: 1, errors: [timed out], interval: 0s}
              - {times: 2, interval: 0s}
            catch:
              - {errors: [unreachable], next: restart}
              - {next: tidy}
          restart: {task: jobs/ops/three}
          tidy: {task: jobs/ops/three}
        """,
        {"drain": [failed("timed out"), failed(), failed(), failed("timed out")]},
    )
    run = made.run()
    assert made.did == ["drain", "drain", "drain", "drain", "tidy"]
    assert (path(run), run.fate) == (["drain: timed out", "tidy: left"], "succeeded")


def test_a_wait_between_tries_grows_and_is_kept() -> None:
    """86: the wait before another try is a stored instant."""
    made = bench(
        TWO.replace("drain: {", "drain: {retry: [{times: 3, interval: 10s, most: 25s}], "), {"drain": [failed()] * 3}
    )
    made.run()
    waits = []
    while made.look is not None and made.look.at is not None:
        waits.append(made.look.at - made.clock.now())
        made.clock.at = made.look.at
        made.drive()
    assert waits == [10, 20, 25]
    assert made.standing().fate == "succeeded"


def test_a_state_that_takes_too_long_is_ended_and_can_be_caught() -> None:
    """97: a timeout is a class of errors."""
    made = bench(
        """
        start: drain
        states:
          drain: {task: jobs/ops/two, timeout: 5s, catch: [{errors: [timed out], next: tidy}]}
          tidy: {task: jobs/ops/three}
        """
    )

    def slow(act: Act, stop: object) -> Result:
        made.clock.at += 5
        assert made.stop.wait(0) is False
        halted = stop
        while not halted.asked:  # type: ignore[attr-defined]
            halted.wait(0.05)  # type: ignore[attr-defined]
        return failed("cancelled", None)

    made.answers["drain"] = [slow]
    run = made.run()
    assert (path(run), run.fate) == (["drain: timed out", "tidy: left"], "succeeded")


def test_a_run_that_takes_too_long_is_caught_by_no_state() -> None:
    """97."""
    made = bench(
        """
        start: pause
        timeout: 1h
        states:
          pause: {wait: 40m, catch: [{next: tidy}], next: again}
          again: {wait: 40m, catch: [{next: tidy}], next: tidy}
          tidy: {task: jobs/ops/three}
        """
    )
    made.run()
    made.clock.at += 2400
    made.drive()
    made.clock.at += 1200
    run = made.drive()
    assert (path(run), made.did) == (["pause: left", "again: procedure timed out"], [])
    assert (run.fate, run.why) == ("timed out", "the procedure takes longer than 1h")


CHOICE = """
start: size
params: {hosts: "2"}
states:
  size: {choice: [{when: "int(params.hosts) > 3", next: many}, {when: "int(params.hosts) == 3", next: few}]%s}
  many: {succeed: many}
  few: {succeed: few}
"""


@pytest.mark.parametrize(
    ("hosts", "end"),
    [("4", ("succeeded", "many")), ("3", ("succeeded", "few")), ("2", ("succeeded", "few"))],
)
def test_a_choice_takes_the_first_that_is_true(hosts: str, end: tuple[str, str]) -> None:
    run = bench(CHOICE % ", otherwise: few").run(hosts=hosts)
    assert (run.fate, run.why) == end


def test_a_choice_that_cannot_tell_is_an_error_of_its_own() -> None:
    run = bench(CHOICE % ", otherwise: few, catch: [{errors: [cannot tell], next: many}]").run(hosts="four")
    assert path(run) == ["size: cannot tell", "many: left"]


def test_a_wait_until_a_time_that_has_passed_goes_on_at_once() -> None:
    """99."""
    run = bench("{start: dawn, states: {dawn: {until: 2020-01-01T00:00:00Z}}}").run()
    assert run.fate == "succeeded"


def test_time_away_counts_as_waited() -> None:
    """99: a wait is a stored instant, and downtime counts."""
    made = bench("{start: pause, states: {pause: {wait: 10m}}}")
    made.run()
    assert made.look is not None and made.look.at == NOON + 600
    made.clock.at += 599
    assert made.drive().fate == ""
    made.clock.at += 5000
    assert made.drive().fate == "succeeded"


def test_loops_end_at_their_cap() -> None:
    """106."""
    made = bench(
        "{start: a, most steps: 5, states: {a: {task: jobs/ops/two, next: b, catch: [{next: c}]},"
        " b: {task: jobs/ops/three, next: a}, c: {succeed: caught}}}"
    )
    run = made.run()
    assert (len(run.steps), run.fate, run.why) == (5, "failed", "more than 5 states ('most steps')")


def test_a_result_that_is_too_large_says_so_and_the_journal_stays_readable() -> None:
    """106."""
    made = bench(TWO, {"drain": [Result(OK, "", {"data": "x" * 70_000})]})
    run = made.run()
    assert (run.fate, run.why) == ("failed", "'drain': its result has 70,011 bytes, more than 65,536")
    assert replay(made.lines()) == run
    assert [one.kind for one in made.lines()] == ["started", "entered", "intent", "result", "failed", "ended"]


def test_what_is_held_in_memory_is_what_the_journal_comes_to() -> None:
    made = bench(TWO, {"restart": [failed()]})
    run = made.run()
    assert isinstance(run, Standing)
    assert replay(made.lines()) == run


def test_a_task_is_given_what_the_run_knows() -> None:
    made = bench(
        """
        start: probe
        params: {version: null}
        states:
          probe: {task: jobs/ops/two, next: release}
          release:
            task: jobs/ops/one
            with: {place: blue}
            take: {version: params.version, free: results.probe.data.free}
        """,
        {"probe": [Result(OK, "", {"data": {"free": 3}})]},
    )
    made.run(version="1.2")
    assert made.acts[1].given == {"place": "blue", "version": "1.2", "free": "3"}


def test_what_cannot_be_worked_out_is_an_error_of_the_state() -> None:
    made = bench("{start: a, states: {a: {task: jobs/ops/one, take: {version: results.a.data}}}}")
    run = made.run()
    assert (run.why, made.did) == ("'a': in 'results.a.data' there is no 'a'", [])


def test_enter_and_exit_stand_around_a_state_whatever_becomes_of_it() -> None:
    made = bench(
        "{start: a, states: {a: {task: jobs/ops/two, enter: jobs/ops/open, exit: jobs/ops/close}}}", {"a": [failed()]}
    )
    run = made.run()
    assert (made.did, run.fate) == (["a enter", "a", "a exit"], "failed")


def test_an_exit_that_fails_fails_the_state() -> None:
    made = bench(
        "{start: a, states: {a: {task: jobs/ops/two, exit: jobs/ops/close}}}", {"a exit": [failed("unreachable")]}
    )
    assert made.run().why == "'a': exit: exit 1"


def test_a_state_whose_enter_fails_is_left_by_its_exit_all_the_same() -> None:
    made = bench(
        "{start: a, states: {a: {task: jobs/ops/two, enter: jobs/ops/open, exit: jobs/ops/close}}}",
        {"a enter": [failed()]},
    )
    made.run()
    assert made.did == ["a enter", "a exit"]
