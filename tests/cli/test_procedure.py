"""`rem procedure` as people type it: runs over kills and changed packages; numbers are those of the semantics."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Repository
from tests.cli.terminal import Terminal

PACKAGE = """\
jobs:
  ops:
    hello: {script: hello.sh}
    slow: {shell: 'echo $$ >"$HOME/began"; exec sleep 60', grace: 1s}
    bad: {command: ["false"]}
procedures:
  ops:
    wait:
      start: built
      states:
        built: {signal: built, timeout: 1h, next: hello}
        hello: {task: jobs/ops/hello}
    careful:
      when changed: refuse
      start: built
      states:
        built: {signal: built, timeout: 1h}
    slow:
      start: slow
      states:
        slow: {task: jobs/ops/slow}
    again:
      start: slow
      states:
        slow: {task: jobs/ops/slow, timeout: 1s, idempotent: true, on unknown: retry, catch: [{next: late}]}
        late: {succeed: it was too slow}
    ask:
      start: agree
      states:
        agree: {approve: {role account: ops, two person: false}, next: hello}
        hello: {task: jobs/ops/hello}
role accounts:
  ops: {time zone: UTC, shifts: {always: {contacts: [ana]}}, last resort: [ana]}
contacts:
  ana: {channels: [{email: ana@shop.example}]}
"""
GO = "go/procedures/ops"


@pytest.fixture
def going(empty: Repository) -> Repository:
    files: dict[str, str | bytes] = {
        "packages/go/package.yaml": PACKAGE,
        "packages/go/hello.sh": "#!/bin/sh\necho hello\n",
    }
    return empty.applied(files)


def _began(home: Path) -> int:
    """The process of the slow job, once it runs."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if (home / "began").exists() and (text := (home / "began").read_text()).endswith("\n"):
            return int(text)
        time.sleep(0.02)
    pytest.fail("it did not begin")


def test_a_killed_run_is_asked_about_and_goes_on(going: Repository) -> None:
    """94: kill -9 of the real program, between an intent and its result."""
    program = going.started("procedure", "start", f"{GO}/slow")
    job = _began(Path(os.environ["HOME"]))
    program.kill()
    program.communicate()
    os.kill(job, signal.SIGKILL)
    told = going.rem("procedure", "follow", "1")
    assert told.status == 0
    assert "waits: attempt 1 was begun, and nobody knows whether it was done" in told.out
    assert told.err == "hint: look whether it was done, then: rem procedure redrive 1 --take-as done|again|failed\n"
    told = going.rem("procedure", "redrive", "1", "--take-as", "done")
    assert (told.status, "slow  somebody said that it was done" in told.out) == (0, True)


def test_a_run_that_is_due_goes_on_by_itself(going: Repository) -> None:
    """94, 97: cron goes on with what a kill cut off."""
    program = going.started("procedure", "start", f"{GO}/again")
    job = _began(Path(os.environ["HOME"]))
    program.kill()
    program.communicate()
    os.kill(job, signal.SIGKILL)
    told = going.rem("procedure", "follow")
    assert (told.status, "succeeded: it was too slow" in told.out) == (0, True)
    assert going.rem("procedure", "follow").out == "No run is due.\n"


def test_ctrl_c_lets_a_run_go(going: Repository) -> None:
    program = going.started("procedure", "start", f"{GO}/slow")
    _began(Path(os.environ["HOME"]))
    program.send_signal(signal.SIGINT)
    out, _ = program.communicate(timeout=30)
    assert (program.returncode, "let go" in out) == (130, True)
    assert going.rem("procedure", "list", "--format", "json").document["runs"][0]["driven"] is None


def test_a_script_that_was_removed_runs_all_the_same(going: Repository) -> None:
    """96: a run goes on with what it began with, down to the bytes of its scripts."""
    going.rem("procedure", "start", f"{GO}/wait")
    going.write({"packages/go/hello.sh": "#!/bin/sh\necho other\n"})
    going.applied({"packages/go/package.yaml": PACKAGE.replace("script: hello.sh", 'command: ["false"]')})
    assert going.rem("procedure", "signal", "1", "built").status == 0
    assert going.rem("job", "show", "1", "--format", "json").document["hosts"][0]["stdout"] == "hello\n"


def test_a_difference_names_the_runs_that_go_on_as_they_began(going: Repository) -> None:
    """96."""
    for _ in range(2):
        going.rem("procedure", "start", f"{GO}/wait")
    changed = PACKAGE.replace("built: {signal: built, timeout: 1h, next", "built: {signal: built, timeout: 2h, next")
    going.write({"packages/go/package.yaml": changed})
    meaning = going.rem("diff", "--format", "json").document["meaning"]
    assert meaning == [{"path": f"{GO}/wait", "kind": "runs", "text": "runs 1, 2 go on as begun"}]


def test_a_procedure_that_is_not_to_be_changed_while_it_runs_is_not(going: Repository) -> None:
    """96: `when changed: refuse`."""
    going.rem("procedure", "start", f"{GO}/careful")
    going.commit(
        {"packages/go/package.yaml": PACKAGE.replace("built: {signal: built, timeout: 1h}", "built: {wait: 1h}")}
    )
    told = going.rem("apply")
    assert (told.status, told.err) == (
        11,
        f"rem: {GO}/careful is not to be changed while it runs ('when changed: refuse'), and run 1 goes on\n"
        "hint: let it end, or: rem procedure cancel 1\n",
    )
    assert going.rem("procedure", "cancel", "1").status == 0
    assert going.rem("apply").status == 0


def test_an_approval_shows_what_would_run_before_it_asks(going: Repository) -> None:
    """104."""
    going.rem("procedure", "start", f"{GO}/ask")
    told = going.rem("procedure", "approve", "1")
    assert told.status == 2
    assert "  hello  packages/go/hello.sh (" in told.err
    assert told.err.endswith(
        "no run of it has succeeded before\nrem: nobody was asked\nhint: rem procedure approve 1 --yes, or --decline\n"
    )
    assert going.rem("procedure", "approve", "1", "--yes").status == 0


def test_a_terminal_is_asked(going: Repository) -> None:
    """104."""
    going.rem("procedure", "start", f"{GO}/ask")
    terminal = Terminal(going.root, "procedure", "approve", "1")
    terminal.hear("Shall it go on? [y/N]")
    terminal.type("n\n")
    assert terminal.end() == 1
    assert going.rem("procedure", "show", "1", "--format", "json").document["fate"] is None


def test_a_picture_that_cannot_be_written_says_so(going: Repository) -> None:
    told = going.rem("procedure", "show", f"{GO}/ask", "--svg", "/dev/null/x.svg")
    assert (told.status, told.err.splitlines()[0]) == (2, "rem: /dev/null/x.svg cannot be written: not a directory")
