"""Measures that become series, whatever happens on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.errors import Status
from rem_cli.jobs import RunState
from rem_cli.jobs.samples import RUN, flush_pending, series_name
from rem_cli.language import Value
from rem_cli.reach import End, Outcome
from rem_cli.series import Aggregate, Archive, Point, Retention
from rem_cli.series.naming import file_of
from tests.fakes.transport import OK, Play
from tests.jobs.bench import NOON, Bench, bench_in

USERS = "shop/jobs/web/load/web01/users"


def _waiting(bench: Bench) -> int:
    asked_for = [one for one in bench.intake.waiting() if f"/{RUN}/" not in one.series]
    return len(bench.records.bucket.scan("sample/")) + len(asked_for)


def _asked_for(bench: Bench) -> list[str]:
    """Series beside those of every job."""
    return [name for name in bench.store.names() if f"/{RUN}/" not in name]


def test_a_measure_that_is_graphed_becomes_a_series(bench: Bench) -> None:
    bench.run({"web01": Play(out=b'{"users": 3, "load": 1}')}, result="json", graph=["users"])
    assert _asked_for(bench) == [USERS]
    assert bench.store.newest(USERS) == Point(int(NOON), 3.0)
    assert _waiting(bench) == 0


def test_a_series_is_kept_as_its_job_says(bench: Bench) -> None:
    kept: list[Value] = [[60, 3600], [300, 86400]]
    play = {"web01": Play(out=b'{"users": 3}')}
    bench.run(play, result="json", graph=["users"], retention=kept, aggregate="max")
    assert bench.store.retention(USERS) == Retention((Archive(60, 3600), Archive(300, 86400)), Aggregate.MAX)


def test_no_data_is_no_point(bench: Bench) -> None:
    """A 9."""
    bench.run({"web01": Play(out=b'{"users": NaN}')}, result="json", graph=["users"])
    assert _asked_for(bench) == []


def test_a_measure_that_is_missing_is_remarked_and_no_failure(bench: Bench) -> None:
    run = bench.run({"web01": Play(out=b'{"load": 3}')}, result="json", graph=["users", "load"])
    assert run.status is Status.DONE
    assert run.hosts[0].result.note == "no measure is called users"


@pytest.mark.parametrize(
    ("measure", "name"), [("users", "a/b/users"), ("/", "a/b/%2F"), ("intr/s", "a/b/intr%2Fs"), ("%2F", "a/b/%252F")]
)
def test_a_measure_is_one_part_of_its_series_name(measure: str, name: str) -> None:
    """Attack 20: what else a file name cannot hold is for the store to write in another way."""
    assert series_name("a", "b", measure) == name
    assert file_of(name).count("/") == 2


@pytest.mark.parametrize(("kinds", "outcome"), [("..", 1.0), (".x", 0.0)])
def test_how_long_a_run_took_and_how_it_ended_are_kept_of_every_job(bench: Bench, kinds: str, outcome: float) -> None:
    def takes_a_while() -> None:
        bench.clock.at += 1.5

    bad = End(Outcome.FAILED, exit=1)
    bench.run({f"web{at}": Play(bad if kind == "x" else OK, during=takes_a_while) for at, kind in enumerate(kinds)})
    bench.intake.drain()
    own = {name: bench.store.newest(f"shop/jobs/web/load/run/rem.job.{name}") for name in ("duration", "outcome")}
    assert own == {"duration": Point(int(NOON), 3.0), "outcome": Point(int(NOON), outcome)}
    assert _waiting(bench) == 0


def test_a_run_that_was_stopped_tells_neither(bench: Bench) -> None:
    bench.run({"web01": Play(during=bench.stop.ask)})
    assert bench.store.names() == []


def _damage(bench: Bench, tmp_path: Path) -> Path:
    file = tmp_path / "series" / file_of(USERS)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"not a series")
    return file


def test_a_damaged_series_is_told_and_fails_no_job(bench: Bench, tmp_path: Path) -> None:
    _damage(bench, tmp_path)
    run = bench.run({"web01": Play(out=b'{"users": 3}')}, result="json", graph=["users"])
    assert run.status is Status.DONE
    assert len(run.notes) == 1
    assert USERS in run.notes[0]
    assert bench.records.show(run.id).notes == run.notes


def test_samples_of_a_damaged_series_wait_until_it_is_mended(bench: Bench, tmp_path: Path) -> None:
    file = _damage(bench, tmp_path)
    play = {"web01": Play(out=b'{"users": 3, "load": 1}')}
    bench.run(play, result="json", graph=["users", "load"])
    assert (_waiting(bench), _asked_for(bench)) == (1, [USERS.replace("users", "load"), USERS])
    file.unlink()
    assert flush_pending(bench.records.bucket, bench.intake) == []
    assert (_waiting(bench), bench.store.newest(USERS)) == (0, Point(int(NOON), 3.0))


def test_the_next_run_writes_what_waits(bench: Bench, tmp_path: Path) -> None:
    file = _damage(bench, tmp_path)
    bench.run({"web01": Play(out=b'{"users": 3}')}, result="json", graph=["users"])
    file.unlink()
    bench.run({"web02": Play()})
    assert bench.store.newest(USERS) == Point(int(NOON), 3.0)


def test_a_sample_ahead_of_the_clock_waits_for_it(bench: Bench, tmp_path: Path) -> None:
    """The clock was set back after a run."""
    file = _damage(bench, tmp_path)
    bench.run({"web01": Play(out=b'{"users": 3}')}, result="json", graph=["users"])
    file.unlink()
    bench.clock.at = NOON - 3600
    assert flush_pending(bench.records.bucket, bench.intake) == []
    assert (_waiting(bench), bench.store.names()) == (1, [])


def _killed_at(point: str, folder: Path) -> Bench:
    child = subprocess.run([sys.executable, "-m", "tests.jobs.killed", str(folder), point], check=False, timeout=60)
    assert child.returncode == -signal.SIGKILL
    return bench_in(folder)


def test_a_killed_run_is_interrupted_and_knows_what_had_ended(tmp_path: Path) -> None:
    """Cut while web02 runs, after web01 had ended."""
    bench = _killed_at("while web02 runs", tmp_path)
    run = bench.records.show(1)
    bench.close()
    assert run.state is RunState.INTERRUPTED
    ended = [(one.host, one.end is not None) for one in run.hosts]
    assert ended == [("web01", True), ("web02", False), ("web03", False)]


@pytest.mark.parametrize("point", ["before the spool is written", "before the samples leave the record"])
def test_a_kill_loses_no_sample(point: str, tmp_path: Path) -> None:
    """Cut after the commit of a host's end, before and after the spool is written."""
    bench = _killed_at(point, tmp_path)
    assert _waiting(bench) == (1 if point == "before the spool is written" else 2)  # in the record, and in the spool
    assert flush_pending(bench.records.bucket, bench.intake) == []
    assert (_waiting(bench), bench.store.newest(USERS)) == (0, Point(int(NOON), 3.0))
    bench.close()


def test_the_run_after_a_killed_one_is_the_next(tmp_path: Path) -> None:
    bench = _killed_at("while web02 runs", tmp_path)
    assert bench.run({"web01": Play()}).id == 2
    bench.close()
