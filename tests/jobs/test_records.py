"""What is remembered of runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from rem_cli.errors import NoTargetError
from rem_cli.jobs import Origin, RunState
from rem_cli.jobs.controller import Controller, fate, this_process
from rem_cli.jobs.records import Record, Records
from rem_cli.reach import End, Outcome, Stream
from rem_cli.state.memory import MemoryState
from tests.fakes.transport import Play
from tests.jobs.bench import Bench, HandClock


def _begin(records: Records, job: str = "shop/jobs/web/load") -> Record:
    return records.begin(job, ["web01"], origin=Origin(), params={}, parallel=1)


def test_runs_are_listed_newest_first(bench: Bench) -> None:
    for _ in range(3):
        bench.run({"web01": Play()})
    assert [run.id for run in bench.records.recent(2)] == [3, 2]


def test_runs_of_one_job_are_listed(bench: Bench) -> None:
    for job in ("shop/jobs/a", "shop/jobs/b", "shop/jobs/a"):
        _begin(bench.records, job)
    assert [run.id for run in bench.records.recent(job="shop/jobs/a")] == [3, 1]


def test_a_listed_run_says_how_it_went(bench: Bench) -> None:
    run = bench.run({"web01": Play(), "web02": Play()})
    assert bench.records.recent() == [replace(run, hosts=(), params={})]


def test_an_unknown_run_is_told(bench: Bench) -> None:
    with pytest.raises(NoTargetError, match="there is no run 7"):
        bench.records.show(7)


def test_identical_outputs_are_gathered_with_the_hosts_that_gave_them(bench: Bench) -> None:
    """b4."""
    failed = End(Outcome.FAILED, exit=1)
    plays = {"a": Play(out=b"1"), "b": Play(out=b"2"), "c": Play(out=b"2"), "d": Play(failed, out=b"2", err=b"\xff")}
    run = bench.run(plays)
    told = [([one.host for one in output.hosts], output.out, output.err) for output in bench.records.gather(run.id)]
    assert told == [(["b", "c"], b"2", b""), (["a"], b"1", b""), (["d"], b"2", b"\xff")]


def test_an_output_is_stored_once_however_many_hosts_gave_it(bench: Bench) -> None:
    bench.run({f"web{n}": Play(out=b"the same") for n in range(5)})
    assert [entry.body for entry in bench.records.bucket.scan("body/") if entry.body == b"the same"] == [b"the same"]


def test_an_output_over_a_key_s_bound_is_stored_in_pieces(bench: Bench) -> None:
    big = os.urandom(3 << 20)
    run = bench.run({"web01": Play(out=big, err=b"x")})
    [output] = bench.records.gather(run.id)
    assert (output.out, output.err) == (big, b"x")


def test_an_output_that_was_cut_says_how_much_is_missing(bench: Bench) -> None:
    """F 89."""
    end = End(Outcome.OK, exit=0, dropped={Stream.OUT: 99})
    run = bench.run({"web01": Play(end, out=b"x")})
    assert bench.records.gather(run.id)[0].hosts[0].end == end


def test_five_thousand_hosts_are_remembered(bench: Bench) -> None:
    run = bench.run({f"web{n:04d}": Play(out=b"%d" % (n % 3)) for n in range(5_000)})
    assert len(bench.records.show(run.id).hosts) == 5_000
    assert [len(output.hosts) for output in bench.records.gather(run.id)] == [1667, 1667, 1666]


def test_a_megabyte_of_parameters_is_remembered(bench: Bench) -> None:
    big = "x" * 1_000_000
    run = bench.run({"web01": Play()}, [f"what={big}"], params={"what": None}, stdin="params")
    assert bench.records.show(run.id).params == {"what": big}


def test_only_the_newest_runs_are_kept(bench: Bench) -> None:
    bench.keep = 2
    for _ in range(4):
        bench.run({"web01": Play(out=b"x")})
    assert [run.id for run in bench.records.recent()] == [4, 3]
    assert {entry.key.split("/")[1] for entry in bench.records.bucket.scan("body/")} == {"0000000003", "0000000004"}


def test_a_run_that_still_runs_is_never_pruned(bench: Bench) -> None:
    bench.keep = 1
    _begin(bench.records)
    for _ in range(3):
        bench.run({"web01": Play()})
    assert [run.id for run in bench.records.recent()] == [4, 1]


def test_ids_are_never_given_twice(bench: Bench) -> None:
    taken: list[int] = []
    threads = [Thread(target=lambda: taken.extend(_begin(bench.records).run.id for _ in range(10))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 41))


def test_a_run_of_another_controller_is_not_judged_from_here() -> None:
    state = MemoryState("there", HandClock())
    _begin(Records(state, HandClock()))
    state.node = "here"
    assert Records(state, HandClock()).show(1).state is RunState.UNKNOWN


def test_a_process_is_not_taken_for_another_of_the_same_id() -> None:
    mine = this_process("here")
    assert fate(mine, "here") is RunState.RUNNING
    assert fate(replace(mine, born="earlier"), "here") is RunState.INTERRUPTED


def test_a_dead_process_is_seen_before_anybody_waited_for_it() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stat = Path(f"/proc/{child.pid}/stat")
    born = stat.read_text().rpartition(")")[2].split()[19]
    boot = this_process("here").born.split()[0]
    controller = Controller("here", child.pid, f"{boot} {born}")
    assert fate(controller, "here") is RunState.RUNNING
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert fate(controller, "here") is RunState.INTERRUPTED
    child.communicate()
