"""Runs that are cancelled or fail take back what they changed; numbers are those of the semantics."""

from __future__ import annotations

import pytest

from rem_cli.procedures import OK, RefusedError, Result, said
from rem_cli.procedures.engine import claim
from rem_cli.procedures.moves import Act, Write
from rem_cli.reach import Stop
from tests.procedures.made import bench, failed

TWO = """
start: drain
states:
  drain: {task: jobs/ops/two, next: restart}
  restart: {task: jobs/ops/three}
"""


def test_a_cancel_ends_what_runs_and_the_run() -> None:
    """101."""
    made = bench(TWO)
    id = made.start()

    def cancelled(act: Act, stop: Stop) -> Result:
        said.cancel(made.journals, id, "bo", "wrong version")
        while not stop.wait(0.05):
            pass
        return failed("cancelled", None)

    made.answers["drain"] = [cancelled]
    run = made.drive(id)
    assert (run.fate, run.why, made.did) == ("cancelled", "wrong version", ["drain"])


def test_a_cancel_after_the_end_is_refused() -> None:
    """101: the first that was committed wins."""
    made = bench(TWO)
    made.run()
    with pytest.raises(RefusedError, match=r"^run 1 cannot be cancelled: it has ended, succeeded$"):
        said.cancel(made.journals, 1, "bo", "")


def test_a_cancel_before_the_last_line_wins_over_the_end() -> None:
    """101."""
    made = bench("{start: drain, states: {drain: {task: jobs/ops/two}}}")
    id = made.start()

    def late(act: Act, stop: Stop) -> Result:
        said.cancel(made.journals, id, "bo", "")
        return Result(OK)

    made.answers["drain"] = [late]
    assert made.drive(id).fate == "cancelled"


UNDO = """
start: a
states:
  a: {task: jobs/ops/two, changes: true, compensate: jobs/ops/back, next: b, retry: [{times: 1, interval: 0s}]}
  b: {task: jobs/ops/two, changes: true, compensate: jobs/ops/back, next: c}
  c: {task: jobs/ops/three}
"""


def test_what_was_changed_is_taken_back_the_newest_first() -> None:
    """102."""
    made = bench(UNDO, {"c": [failed()]})
    run = made.run()
    assert (made.did, run.fate) == (["a", "b", "c", "b undo", "a undo"], "failed")
    assert [one.undone for one in run.steps] == [True, True, False]


def test_what_may_have_been_changed_is_taken_back_too() -> None:
    """102: of an unknown state nobody knows whether it changed something."""
    made = bench(UNDO)
    id = made.start()
    head, *_ = claim(made.journals, id)
    entered = Write("entered", {"step": 1, "branch": "", "state": "a"}, "")
    head, _ = made.journals.append(head, [entered, Act(1, "do", 1, "a", {}, "").intent])
    made.journals.release(head)
    made.drive(id)
    said.cancel(made.journals, id, "bo", "")
    assert (made.drive(id).fate, made.did) == ("cancelled", ["a undo"])


def test_taking_back_is_tried_again_and_its_failure_is_never_silent() -> None:
    """102."""
    made = bench(UNDO, {"c": [failed()], "a undo": [failed(), failed()]})
    run = made.run()
    assert made.did == ["a", "b", "c", "b undo", "a undo", "a undo"]
    assert (run.fate, run.why) == ("compensation failed", "'a' could not be taken back: exit 1")


def test_a_cancel_while_it_takes_back_is_refused() -> None:
    """101."""
    made = bench(UNDO, {"c": [failed()]})
    id = made.start()
    heard: list[str] = []

    def back(act: Act, stop: Stop) -> Result:
        try:
            said.cancel(made.journals, id, "bo", "")
        except RefusedError as error:
            heard.append(error.message)
        return Result(OK)

    made.answers["b undo"] = [back]
    made.drive(id)
    assert heard == ["run 1 takes back what it changed, which is not stopped"]


def test_a_redrive_of_a_compensation_that_failed_goes_on_with_it() -> None:
    """102, 105."""
    made = bench(UNDO, {"c": [failed()], "b undo": [failed()]})
    assert made.run().fate == "compensation failed"
    said.redrive(made.journals, 1, "ana", None)
    run = made.drive()
    assert (run.fate, made.did[-2:]) == ("failed", ["b undo", "a undo"])


def test_a_redrive_of_what_was_taken_back_is_refused() -> None:
    """105."""
    made = bench(UNDO, {"c": [failed()]})
    made.run()
    with pytest.raises(RefusedError, match=r"^run 1 has taken back what it changed, so nothing is left to go on from$"):
        said.redrive(made.journals, 1, "ana", None)
