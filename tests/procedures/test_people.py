"""What people and other programs say to a run; numbers are those of the semantics."""

from __future__ import annotations

import pytest

from rem_cli.procedures import RefusedError, said
from rem_cli.procedures.standing import replay
from tests.procedures.made import bench, failed, path

TWO = """
start: drain
states:
  drain: {task: jobs/ops/two, next: restart}
  restart: {task: jobs/ops/three}
"""
SIGNAL = "{start: build, states: {build: {signal: built, timeout: 1h, next: after}, after: {task: jobs/ops/two}}}"
APPROVE = """
start: ask
states:
  ask: {approve: {role account: shop on call, expires: 1h}, next: go}
  go: {task: jobs/ops/two}
"""


def test_a_signal_before_its_wait_is_kept() -> None:
    """103."""
    made = bench(SIGNAL)
    id = made.start()
    said.signal(made.journals, id, "built", "ci", data={"version": "1.2"})
    run = made.drive(id)
    assert (run.fate, run.step(1).action("do").result.told["data"]) == ("succeeded", {"version": "1.2"})


def test_a_signal_counts_once_by_its_id() -> None:
    """103."""
    made = bench(
        "{start: a, states: {a: {signal: built, timeout: 1h, next: b}, b: {signal: built, timeout: 1h}}}",
    )
    id = made.start()
    assert said.signal(made.journals, id, "built", "ci", given="build 7")
    assert not said.signal(made.journals, id, "built", "ci", given="build 7")
    assert path(made.drive(id)) == ["a: left", "b: open"]


def test_a_signal_that_nothing_waits_for_is_refused() -> None:
    """103."""
    made = bench(SIGNAL)
    with pytest.raises(RefusedError, match=r"^shop/procedures/ops/release waits for no signal 'bilt'$") as told:
        said.signal(made.journals, made.start(), "bilt", "ci")
    assert told.value.hint == "did you mean 'built'?"


def test_a_signal_that_does_not_come_in_time_is_an_error() -> None:
    """103."""
    made = bench(SIGNAL)
    made.run()
    made.clock.at += 3600
    assert made.drive().why == "'build': no signal 'built' came in time"


def test_another_person_agrees() -> None:
    """104: with `two person` whoever started it cannot agree."""
    made = bench(APPROVE)
    made.run("ana")
    assert made.look is not None and made.look.why == "it waits for approval by shop on call"
    with pytest.raises(RefusedError, match=r"^ana started run 1, and 'ask' needs another person$"):
        said.approve(made.journals, 1, "ana", agree=True)
    said.approve(made.journals, 1, "bo", agree=True)
    run = made.drive()
    assert (run.fate, run.step(1).action("do").result.why) == ("succeeded", "approved by bo")
    assert run.approvals[1].text("digest") == made.definition.digest


def test_whoever_started_it_may_decline() -> None:
    """104."""
    made = bench(APPROVE)
    made.run("ana")
    said.approve(made.journals, 1, "ana", agree=False, why="not today")
    assert made.drive().why == "'ask': declined by ana: not today"


def test_an_approval_expires() -> None:
    """104."""
    made = bench(APPROVE)
    made.run("ana")
    made.clock.at += 3600
    with pytest.raises(RefusedError, match=r"^the approval of 'ask' has expired$"):
        said.approve(made.journals, 1, "bo", agree=True)
    assert made.drive().why == "'ask': nobody agreed in time"


def test_a_redrive_keeps_what_was_finished_and_counts() -> None:
    """105."""
    made = bench(TWO, {"restart": [failed(), failed()]})
    made.run()
    for count in (1, 2):
        said.redrive(made.journals, 1, "ana", None)
        run = made.drive()
        assert run.redriven == count
    assert (run.fate, made.did) == ("succeeded", ["drain", "restart", "restart", "restart"])
    assert [act.attempt for act in made.acts] == [1, 1, 2, 3]
    assert replay(made.lines()) == run


def test_a_redrive_of_what_succeeded_is_refused() -> None:
    """105."""
    made = bench(TWO)
    made.run()
    with pytest.raises(RefusedError, match=r"^run 1 has succeeded; nothing of it failed$"):
        said.redrive(made.journals, 1, "ana", None)
