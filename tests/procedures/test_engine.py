"""Runs that are driven, left, taken over and told things; numbers are those of the semantics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rem_cli.errors import HeldError, UsageError
from rem_cli.procedures import OK, ProcedureError, Result, journal, said
from rem_cli.procedures.engine import claim, drive
from rem_cli.procedures.journal import LostRunError, line_key
from rem_cli.procedures.moves import Act, Write
from rem_cli.reach import Stop
from rem_cli.state import Drop, Put, StaleRevision
from tests.procedures.made import Bench, bench, definition, failed

TWO = """
start: drain
states:
  drain: {task: jobs/ops/two, next: restart}
  restart: {task: jobs/ops/three}
"""
SIGNAL = "{start: build, states: {build: {signal: built, timeout: 1h, next: after}, after: {task: jobs/ops/two}}}"


def _unknown(made: Bench) -> int:
    """A run whose first task was begun by an engine that is gone."""
    id = made.start()
    head, *_ = claim(made.journals, id)
    entered = Write("entered", {"step": 1, "branch": "", "state": "drain"}, "")
    head, _ = made.journals.append(head, [entered, Act(1, "do", 1, "drain", {}, "").intent])
    made.journals.release(head)
    return id


def test_a_second_engine_is_told_who_drives_the_run() -> None:
    made = bench(TWO)
    claim(made.journals, made.start())
    with pytest.raises(HeldError, match=r"^run 1 is driven by process \d+ on here$"):
        made.drive()


def test_an_engine_that_lost_its_run_writes_nothing_more() -> None:
    """107: a fencing number stands in every line, and a stale append fails."""
    made = bench(TWO)
    id = made.start()

    def taken_over(act: Act, stop: Stop) -> Result:
        head = made.journals.head(id)
        made.journals.bucket.put(f"run/{id:010d}", replace(head, fence=head.fence + 1).put().body)
        return Result(OK)

    made.answers["drain"] = [taken_over]
    with pytest.raises(LostRunError, match=r"^run 1 was taken over by another process$"):
        made.drive(id)
    assert [(one.kind, one.fence) for one in made.lines()] == [("started", 0), ("entered", 1), ("intent", 1)]


def test_an_append_under_an_old_head_fails() -> None:
    """107."""
    made = bench(TWO)
    head = made.journals.head(made.start())
    made.journals.append(head, [Write("signal", {"name": "x"}, "")])
    with pytest.raises(StaleRevision):
        made.journals.append(head, [Write("cancel", {}, "")])
    assert [one.kind for one in made.lines()] == ["started", "signal"]


def test_a_torn_last_line_is_cut_off_and_said() -> None:
    """108."""
    made = bench(TWO)
    id = made.start()
    made.journals.bucket.put(line_key(id, 1), b'0123456789abcdef {"n":1,"at"')
    run = made.drive(id)
    assert (run.fate, [one.kind for one in made.lines()][:3]) == ("succeeded", ["started", "torn", "entered"])
    assert made.lines()[1].told == {"lines": 1, "because": "the journal's end could not be read and was cut off"}


def test_a_journal_that_lacks_its_last_line_starts() -> None:
    """108."""
    made = bench(TWO, {"drain": [failed()]})
    made.run()
    made.journals.bucket.commit([Drop(line_key(1, len(made.lines()) - 1))])
    assert made.drive().fate == "failed"


def test_a_damaged_line_with_others_behind_it_stops_that_run_alone() -> None:
    """108."""
    made = bench(TWO)
    made.run()
    made.journals.bucket.commit([Put(line_key(1, 1), b"nothing")])
    with pytest.raises(ProcedureError, match=r"^line 1 of run 1 is damaged, and lines follow it$"):
        made.drive(1)
    assert made.drive(made.start()).fate == "succeeded"


def test_what_was_begun_and_is_unknown_is_asked() -> None:
    """94: `ask` is the default."""
    made = bench(TWO)
    run = made.drive(_unknown(made))
    assert (run.fate, made.did) == ("", [])
    assert made.look is not None and made.look.why == "attempt 1 was begun, and nobody knows whether it was done"
    with pytest.raises(UsageError, match=r"^'drain': attempt 1 was begun, and nobody knows whether it was done$"):
        said.redrive(made.journals, 1, "ana", None)


@pytest.mark.parametrize(
    ("answer", "did", "fate"),
    [("done", ["restart"], "succeeded"), ("again", ["drain", "restart"], "succeeded"), ("failed", [], "failed")],
)
def test_a_person_says_what_became_of_it(answer: str, did: list[str], fate: str) -> None:
    """94."""
    made = bench(TWO)
    made.drive(_unknown(made))
    said.redrive(made.journals, 1, "bo", answer)
    assert (made.drive().fate, made.did) == (fate, did)


@pytest.mark.parametrize(("exit", "did", "fate"), [(0, [], "succeeded"), (1, ["drain"], "succeeded"), (2, [], "")])
def test_a_check_says_whether_it_was_done(exit: int, did: list[str], fate: str) -> None:
    """94: exit status 0 is done, 1 not done, and with another one a person is asked."""
    text = "{start: drain, states: {drain: {task: jobs/ops/two, on unknown: check, check: check.sh}}}"
    made = Bench(definition(text, {"packages/shop/check.sh": "exit 0"}))
    made.answers["drain check"] = [Result(OK, "", {"exit": 0}) if exit == 0 else failed(exit=exit)]
    run = made.drive(_unknown(made))
    assert (run.fate, made.did) == (fate, ["drain check", *did])


def test_what_is_done_once_more_keeps_its_key() -> None:
    """95: with `on unknown: retry` the same attempt is made again, under the same key."""
    made = bench(TWO.replace("two,", "two, idempotent: true, on unknown: retry,"))
    made.drive(_unknown(made))
    assert made.acts[0].key(1) == "1/1/drain/do/1"


def test_a_run_goes_on_as_it_began_whatever_packages_say_later() -> None:
    """96: the definition is pinned by its digest."""
    made = bench(SIGNAL)
    id = made.start()
    made.drive(id)
    changed = bench(SIGNAL.replace("jobs/ops/two", "jobs/ops/three"))
    assert changed.definition.digest != made.definition.digest
    said.signal(made.journals, id, "built", "ana")
    made.drive(id)
    later = made.journals.definition(made.journals.head(id).digest)
    assert later.document == made.definition.document
    assert later.states["after"].text("task") == "shop/jobs/ops/two"


def test_a_stored_definition_that_was_changed_is_not_run() -> None:
    """96."""
    made = bench(TWO)
    id = made.start()
    made.journals.bucket.put(f"definition/{made.definition.digest}", b"{}")
    with pytest.raises(ProcedureError, match=r"^the stored definition [0-9a-f]{12}… is missing or damaged$"):
        made.drive(id)


def test_an_engine_that_is_stopped_lets_the_run_go() -> None:
    """94: what it had begun is unknown to whoever goes on."""
    made = bench(TWO)

    def stopped(act: Act, stop: Stop) -> Result:
        made.stop.ask()
        while not stop.wait(0.05):
            pass
        return failed("cancelled", None)

    made.answers["drain"] = [stopped]
    assert made.run().fate == ""
    assert made.journals.head(1).holder is None
    run, look = drive(made.engine, 1, stop=Stop(), listen=lambda line: None, patience=0)
    assert (run.fate, look and look.kind) == ("", "people")


def test_the_oldest_runs_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "KEEP", 2)
    made = bench(TWO)
    waits = made.start()
    for _ in range(4):
        made.run()
    assert [head.id for head in made.journals.heads()] == [5, 4, waits]
    assert made.lines(2) == []


def test_an_engine_elsewhere_is_believed_for_as_long_as_its_lease() -> None:
    """107."""
    made = bench(TWO)
    head = made.journals.claim(made.start())
    assert head.holder is not None
    head = replace(head, holder=replace(head.holder, node="elsewhere"))
    made.journals.bucket.put("run/0000000001", head.put().body)
    with pytest.raises(HeldError, match=r"^run 1 is driven by process \d+ on elsewhere$"):
        made.drive()
    made.clock.at += journal.LEASE
    assert made.drive().fate == "succeeded"
