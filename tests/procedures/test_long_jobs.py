"""A state whose task is a long job: nobody has to stay for it, and whoever drives next takes its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from rem_cli.procedures import OK, Result
from rem_cli.procedures.engine import Engine, claim
from rem_cli.procedures.journal import LostRunError
from rem_cli.procedures.moves import Act
from rem_cli.procedures.said import cancel, going
from rem_cli.reach import Stop
from tests.procedures.made import Bench, definition, path

TEXT = """
start: copy
timeout: 2h
states:
  copy: {task: jobs/ops/one, compensate: jobs/ops/back, exit: jobs/ops/close, next: check}
  check: {task: jobs/ops/two}
params: {version: "1"}
"""


@dataclass
class Away(Bench):
    """Its first state becomes job run 7, which ends as the test says."""

    ended: dict[int, Result] = field(default_factory=dict)
    recalled: list[tuple[int, str]] = field(default_factory=list)

    @property
    def engine(self) -> Engine:
        return replace(
            super().engine, returned=self.ended.get, recall=lambda run, why: self.recalled.append((run, why))
        )


def away(text: str = TEXT) -> Away:
    made = Away(definition(text))

    def leave(act: Act, stop: Stop) -> Result:
        going(made.journals, 1, act, 7)
        return Result("")

    made.answers["copy"] = [leave]
    return made


def test_it_is_left_and_its_end_is_taken_by_whoever_drives_next() -> None:
    bench = away()
    run = bench.run()
    assert (bench.look and (bench.look.kind, bench.look.why), run.fate) == (
        ("away", "it waits for the long job of job run 7"), ""
    )  # fmt: skip
    head = bench.journals.head(1)
    assert (head.away, head.holder, head.look) == ([7], None, run.began + 7200)
    bench.clock.at += 3600
    assert bench.drive().fate == ""
    bench.ended[7] = Result(OK, "", {"run": 7, "numbers": {"rows": 3}})
    assert path(bench.drive()) == ["copy: left", "check: left"]
    assert bench.did == ["copy", "copy exit", "check"]
    assert [line.kind for line in bench.lines() if line.kind in ("intent", "going", "unknown", "result")] == [
        "intent", "going", "result", "intent", "result", "intent", "result"
    ]  # fmt: skip


def test_whoever_was_killed_while_it_ran_leaves_nothing_unknown() -> None:
    bench = away()
    bench.run()
    claim(bench.journals, 1)  # and is gone
    bench.journals.release(bench.journals.head(1))
    bench.ended[7] = Result("failed", "exit status 2")
    run = bench.drive()
    assert (run.fate, bench.did) == ("failed", ["copy", "copy exit"])
    assert not [line for line in bench.lines() if line.kind == "unknown"]


def test_a_cancel_has_it_ended_and_waits_for_that() -> None:
    bench = away()
    bench.run()
    cancel(bench.journals, 1, "bo", "wrong version")
    assert bench.drive().fate == ""
    assert bench.recalled == [(7, "cancelled")]
    bench.ended[7] = Result("cancelled", "cancelled by bo")
    assert bench.drive().fate == "cancelled"
    assert bench.did == ["copy", "copy exit"]


def test_the_time_of_its_state_is_kept() -> None:
    bench = away(TEXT.replace("exit: jobs/ops/close", "timeout: 1h"))
    bench.run()
    bench.clock.at += 3601
    bench.drive()
    assert bench.recalled == [(7, "timed out")]
    bench.ended[7] = Result("cancelled", "cancelled by ana")
    run = bench.drive()
    assert (run.fate, run.why) == ("failed", "'copy': it took longer than 1h")


def test_nothing_is_started_for_a_run_that_another_has_taken_over() -> None:
    bench = away()

    def late(act: Act, stop: Stop) -> Result:
        journals = bench.journals
        head = journals.head(1)
        journals.release(head)
        claim(journals, 1)
        with pytest.raises(LostRunError):
            going(journals, 1, act, 7)
        return Result("not started", "it was taken over")

    bench.answers["copy"] = [late]
    with pytest.raises(LostRunError):
        bench.run()
    assert not [line for line in bench.lines() if line.kind == "going"]
