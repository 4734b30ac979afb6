"""Branches of a run: parallel, and for each; numbers are those of the semantics."""

from __future__ import annotations

import threading

from rem_cli.procedures import OK, Result, said
from rem_cli.procedures.moves import Act
from rem_cli.reach import Stop
from tests.procedures.made import bench, failed, path

FAN = """
start: both
states:
  both: {parallel: [left, right], catch: [{errors: [unreachable], next: tidy}], next: after}
  left: {task: jobs/ops/two, next: left two}
  left two: {task: jobs/ops/two}
  right: {task: jobs/ops/three}
  after: {task: jobs/ops/one, take: {version: "results.both.branches.map(b, b.state).size()"}}
  tidy: {task: jobs/ops/two}
"""


def test_branches_run_at_once_and_results_keep_their_order() -> None:
    """100."""
    both = threading.Barrier(2, timeout=30)

    def together(act: Act, stop: Stop) -> Result:
        both.wait()
        return Result(OK, "", {"data": act.state})

    made = bench(FAN, {"left": [together], "right": [together]})
    run = made.run()
    branches = run.step(1).action("do").result.told["branches"]
    assert isinstance(branches, list)
    assert [one["state"] for one in branches if isinstance(one, dict)] == ["left two", "right"]
    assert (run.fate, made.acts[-1].given) == ("succeeded", {"version": "2"})


def test_a_failed_branch_ends_the_others_and_only_then_is_caught() -> None:
    """100: the first uncaught failure cancels the siblings and waits until they have ended."""
    ended: list[str] = []

    def slow(act: Act, stop: Stop) -> Result:
        while not stop.wait(0.05):
            pass
        ended.append(act.state)
        return failed("cancelled", None)

    def tidy(act: Act, stop: Stop) -> Result:
        ended.append(act.state)
        return Result(OK)

    made = bench(FAN, {"left": [slow], "right": [failed("unreachable")], "tidy": [tidy]})
    run = made.run()
    assert (ended, run.fate) == (["left", "tidy"], "succeeded")
    assert path(run) == ["both: unreachable", "left: cancelled", "right: unreachable", "tidy: left"]


EACH = """
start: all
params: {hosts: "web01, web02,web03"}
states:
  all: {for each: params.hosts, do: restart, at once: 1, next: after}
  restart: {task: jobs/ops/one, take: {version: each}}
  after: {task: jobs/ops/one, take: {version: "results.all.branches.map(b, b.outcome).size()"}}
"""


def test_each_value_goes_through_its_state_as_many_at_once_as_wanted() -> None:
    """100."""
    made = bench(EACH)
    run = made.run()
    assert [act.given["version"] for act in made.acts] == ["web01", "web02", "web03", "3"]
    assert (run.fate, [one.branch for one in run.steps]) == ("succeeded", ["", "1.0", "1.1", "1.2", ""])


def test_nothing_to_go_through_is_fine() -> None:
    assert bench(EACH).run(hosts="").fate == "succeeded"


def test_no_further_value_begins_after_a_failure() -> None:
    """100."""
    made = bench(EACH, {"restart": [Result(OK), failed()]})
    run = made.run()
    assert (made.did, run.why) == (["restart", "restart"], "'all': 'restart': exit 1")


def test_a_redrive_goes_into_the_branches_that_failed() -> None:
    """105."""
    made = bench(EACH, {"restart": [Result(OK), failed()]})
    made.run()
    said.redrive(made.journals, 1, "ana", None)
    assert made.drive().fate == "succeeded"
    assert [act.given["version"] for act in made.acts] == ["web01", "web02", "web02", "web03", "3"]
