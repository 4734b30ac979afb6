"""Whole runs with real programs on this machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.errors import Status
from rem_cli.jobs import Measure, Origin, Run
from rem_cli.jobs.events import Event, HostEnded, HostStarted, Line
from rem_cli.jobs.job import HERE, Job, read_params
from rem_cli.jobs.runner import Engines, run
from rem_cli.language import Value
from rem_cli.reach import Outcome
from rem_cli.reach.local import LocalTransport
from rem_cli.wire.conditions import evaluate
from tests.jobs.bench import NOON, Bench
from tests.jobs.items import job

SCRIPT = b"""#!/bin/sh
echo "{\\"users\\": 3, \\"run\\": $REM_RUN}" > "$REM_RESULT"
echo "$1 on $REM_HOST: $REM_PARAM_WHAT"
"""


def _run(bench: Bench, given: Sequence[str] = (), script: bytes | None = None, /, **fields: Value) -> Run:
    it = Job.read(job(**fields))
    transport = LocalTransport(SystemClock())
    engines = Engines({"local": transport}, bench.records, bench.intake, bench.clock, evaluate, bench.state.queue)
    params = read_params(it, given)
    try:
        return run(
            it, [HERE], engines=engines, stop=bench.stop, listen=lambda event: bench.hear(event), params=params,
            script=script, origin=Origin(label="the work tree"),
        )  # fmt: skip
    finally:
        transport.close()


def test_a_script_gives_its_result_by_the_private_file(bench: Bench) -> None:
    """b3."""
    fields: dict[str, Value] = {"params": {"what": None}, "arguments": ["hello"], "graph": ["users"]}
    made = _run(bench, ["what=$(id)"], SCRIPT, script="packages/shop/load.sh", result="file", **fields)
    assert made.hosts[0].result.measures == {"users": Measure(3.0), "run": Measure(1.0)}
    assert bench.records.gather(made.id)[0].out == b"hello on localhost: $(id)\n"
    newest = bench.store.newest("shop/jobs/web/load/localhost/users")
    assert newest is not None and (newest.at, newest.value) == (int(NOON), 3.0)


@pytest.mark.parametrize("value", ["; id", "$(id)", "`id`", "a\nb", "-rf", "*", "%", "'\"", "{{x}}", "", "x" * 100_000])
def test_a_program_gets_a_parameter_as_it_was_given(bench: Bench, value: str) -> None:
    """Attack 30, through to a real program."""
    program = "import os, sys; print(repr([os.environ['REM_PARAM_WHAT'], sys.stdin.read()]))"
    made = _run(bench, [f"what={value}"], command=["python3", "-c", program], params={"what": None}, stdin="params")
    document = json.dumps({"what": value}, ensure_ascii=False) + "\n"
    assert bench.records.gather(made.id)[0].out.decode() == repr([value, document]) + "\n"


def test_lines_come_while_the_program_runs(bench: Bench) -> None:
    _run(bench, command=["sh", "-c", "echo one; echo two"])
    kinds = [type(event) for event in bench.events]
    assert kinds.index(HostStarted) < kinds.index(Line) < kinds.index(HostEnded)
    assert [event.text for event in bench.events if isinstance(event, Line)] == ["one", "two"]


def test_a_failing_program_fails_the_run(bench: Bench) -> None:
    made = _run(bench, command=["sh", "-c", "exit 3"])
    assert (made.status, made.why) == (Status.ALL_FAILED, "1 failed")
    assert made.hosts[0].end is not None and made.hosts[0].end.exit == 3


def test_a_program_that_takes_too_long_is_ended(bench: Bench) -> None:
    made = _run(bench, command=["sh", "-c", "echo begun; sleep 60"], timeout=0.3, grace=0.3)
    assert made.status is Status.TIMED_OUT
    assert bench.records.gather(made.id)[0].out == b"begun\n"


def test_a_run_can_be_stopped_while_it_runs(bench: Bench) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, Line):
            bench.stop.ask()

    bench.hear = stop  # type: ignore[method-assign]
    made = _run(bench, command=["sh", "-c", "echo begun; sleep 60"], grace=0.3)
    assert made.status is Status.INTERRUPTED
    assert made.hosts[0].end is not None and made.hosts[0].end.outcome is Outcome.CANCELLED


def test_log_output_forges_no_result(bench: Bench) -> None:
    """b3, attack 37."""
    made = _run(
        bench, command=["sh", "-c", "echo '{\"users\": 99}'; echo REM_RESULT; echo exit 0; exit 1"], result="file"
    )
    assert (made.status, made.hosts[0].result.measures) == (Status.ALL_FAILED, {})


def test_an_endless_line_is_cut_and_says_so(bench: Bench, tmp_path: Path) -> None:
    """Attack 35, F 89."""
    made = _run(bench, command=["sh", "-c", "head -c 3000000 /dev/zero"])
    [output] = bench.records.gather(made.id)
    end = output.hosts[0].end
    assert end is not None
    assert len(output.out) + sum(end.dropped.values()) == 3_000_000
    assert len(output.out) == 1 << 20
