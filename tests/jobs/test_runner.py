"""Whole runs: real records and series, hosts by plays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from rem_cli.errors import NoTargetError, Status, UsageError
from rem_cli.jobs import HostRun, Measure, RunState
from rem_cli.jobs.events import Event, Finished, HostEnded, HostStarted, Line, Started
from rem_cli.jobs.job import HERE, Host
from rem_cli.language import Value
from rem_cli.reach import End, Listener, Outcome, ReachError, Stop, Stream, Target, Task
from rem_cli.series import Sample
from rem_cli.state import Bucket, Change, State, StoreDown
from tests.fakes.transport import OK, Play
from tests.jobs.bench import Bench
from tests.jobs.items import host

BAD = Play(End(Outcome.FAILED, exit=1, why="exit 1"))


def _outcomes(hosts: Iterable[HostRun]) -> str:
    return " ".join(f"{one.host}:{one.end.outcome if one.end else '-'}" for one in hosts)


def test_a_run_tells_what_happens_in_order(bench: Bench) -> None:
    run = bench.run({"web01": Play(out=b"6.1\nx", err=b"oops\n")})
    assert bench.events == [
        bench.of(Started)[0],
        HostStarted(1, "web01"),
        Line(1, "web01", Stream.OUT, "6.1"),
        Line(1, "web01", Stream.ERR, "oops"),
        Line(1, "web01", Stream.OUT, "x"),
        HostEnded(1, run.hosts[0]),
        Finished(run),
    ]


def test_the_record_tells_the_same_as_the_run_did(bench: Bench) -> None:
    """b8."""
    run = bench.run({"web01": Play(out=b"1"), "web02": BAD}, ["size=4"], params={"size": None})
    assert bench.records.show(run.id) == run
    assert (run.status, run.why, run.state) == (Status.SOME_FAILED, "1 ok, 1 failed", RunState.FINISHED)


def test_an_end_is_in_the_record_before_anybody_hears_of_it(bench: Bench) -> None:
    seen: list[str] = []

    def look(event: Event) -> None:
        if isinstance(event, HostEnded):
            seen.append(_outcomes(bench.records.show(event.run).hosts))

    bench.hear = look  # type: ignore[method-assign]
    bench.run({"web01": Play()})
    assert seen == ["web01:ok"]


def test_run_ids_rise(bench: Bench) -> None:
    assert [bench.run({"web01": Play()}).id for _ in range(3)] == [1, 2, 3]


def test_programs_hear_the_run_and_the_commit(bench: Bench) -> None:
    bench.run({"web01": Play()})
    env = bench.ssh.tasks["web01"].env
    assert (env["REM_RUN"], env["REM_COMMIT"], env["REM_HOST"]) == ("1", "7be2d10", "web01")


def test_a_run_without_hosts_never_begins(bench: Bench) -> None:
    """F 88."""
    with pytest.raises(NoTargetError):
        bench.run({})
    assert bench.records.recent() == []


def test_a_run_that_cannot_be_made_takes_no_id(bench: Bench) -> None:
    with pytest.raises(UsageError):
        bench.run({"web01": Play()}, params={"a b": "", "a-b": ""})
    assert bench.records.recent() == []


def test_so_many_run_at_once(bench: Bench) -> None:
    bench.run({f"web{n}": Play() for n in range(9)}, parallel=4)
    assert bench.ssh.most == 4


def test_hosts_of_both_kinds_run_in_one_run(bench: Bench) -> None:
    run = bench.run_on([Host.read(host("web01")), HERE])
    assert (bench.ssh.begun, bench.local.begun) == (["web01"], ["localhost"])
    assert _outcomes(run.hosts) == "web01:ok localhost:ok"


def test_a_batch_ends_before_the_next_begins(bench: Bench) -> None:
    run = bench.run({f"web{n}": Play() for n in range(5)}, batch="40%", parallel=5)
    assert bench.ssh.most == 2
    assert run.status is Status.DONE


@pytest.mark.parametrize(
    ("limit", "batch", "plays", "begun"),
    [
        ("0", None, ".x....", "web0 web1"),  # the first failure is the last
        ("1", None, "xx....", "web0 web1"),
        ("1", None, "x.....", "web0 web1 web2 web3 web4 web5"),
        ("50%", None, "xxx...", "web0 web1 web2 web3 web4 web5"),
        ("50%", None, "uuuu..", "web0 web1 web2 web3"),  # unreachable ones count
        ("1", "2", "x.x.x.", "web0 web1 web2 web3 web4 web5"),  # each batch counts for itself
        ("0", "2", "..x...", "web0 web1 web2"),
    ],
)
def test_a_run_goes_on_while_few_enough_fail(
    bench: Bench, limit: str, batch: str | None, plays: str, begun: str
) -> None:
    """a9, b6."""
    kinds = {".": Play(), "x": BAD, "u": Play(End(Outcome.UNREACHABLE, why="no route"))}
    fields: dict[str, Value] = {"max fail": limit, "batch": batch, "parallel": 1}
    run = bench.run({f"web{at}": kinds[kind] for at, kind in enumerate(plays)}, **fields)
    assert bench.ssh.begun == begun.split()
    cancelled = [one for one in run.hosts if one.end and one.end.outcome is Outcome.CANCELLED]
    assert len(cancelled) == len(plays) - len(begun.split())


def test_a_host_that_max_fail_kept_from_running_says_so(bench: Bench) -> None:
    fields: dict[str, Value] = {"max fail": "0", "parallel": 1}
    run = bench.run({"web01": BAD, "web02": Play()}, **fields)
    assert run.hosts[1].end == End(
        Outcome.CANCELLED, why="not started: the first host failed, more than max fail allows"
    )


def test_a_run_that_is_stopped_ends_what_runs_and_starts_no_more(bench: Bench) -> None:
    plays = {"web01": Play(), "web02": Play(during=bench.stop.ask), "web03": Play()}
    run = bench.run(plays, parallel=1)
    assert _outcomes(run.hosts) == "web01:ok web02:cancelled web03:cancelled"
    assert (run.status, run.why) == (Status.INTERRUPTED, "interrupted: 1 ok, 2 cancelled")
    assert bench.ssh.begun == ["web01", "web02"]


def test_a_result_that_cannot_be_read_is_a_failure_that_says_where(bench: Bench) -> None:
    run = bench.run({"web01": Play(out=b'{"a": 1')}, result="json")
    assert run.hosts[0].end is not None
    assert run.hosts[0].end.outcome is Outcome.FAILED
    assert run.hosts[0].end.why == "standard output:1:8: the result is not JSON: expecting ',' delimiter"


def test_a_result_file_makes_measures_and_is_not_kept_twice(bench: Bench) -> None:
    run = bench.run({"web01": Play(End(Outcome.OK, exit=0, result=b'{"users": 3}'))}, result="file")
    assert run.hosts[0].result.measures == {"users": Measure(3.0)}
    assert run.hosts[0].end == End(Outcome.OK, exit=0)


def test_a_failing_plug_in_still_gives_its_measures(bench: Bench) -> None:
    play = Play(End(Outcome.FAILED, exit=1), out=b"WARNING | users=7")
    run = bench.run({"web01": play}, result="nagios")
    assert run.hosts[0].result.measures == {"users": Measure(7.0)}


class Broken:
    """A transport that fails as a whole."""

    def __init__(self, problem: Exception, begins: bool = False) -> None:
        self.problem = problem
        self.begins = begins

    def run(self, work: Iterable[tuple[Target, Task]], listen: Listener, *, parallel: int, stop: Stop) -> None:
        target, _ = next(iter(work))
        if self.begins:
            listen.started(target)
            listen.output(target, Stream.OUT, b"half")
        raise self.problem

    def close(self) -> None:
        """No link is held."""


def test_a_transport_that_cannot_work_leaves_its_hosts_unreachable_and_the_others_alone(bench: Bench) -> None:
    bench.ssh = Broken(ReachError("no key to log in with", hint="ssh-keygen"))  # type: ignore[assignment]
    run = bench.run_on([Host.read(host("web01")), Host.read(host("web02")), HERE])
    assert _outcomes(run.hosts) == "web01:unreachable web02:unreachable localhost:ok"
    assert run.hosts[0].end == End(Outcome.UNREACHABLE, why="no key to log in with", hint="ssh-keygen")


def test_a_bug_of_a_transport_is_raised_after_the_run_is_recorded(bench: Bench) -> None:
    bench.ssh = Broken(ZeroDivisionError(), begins=True)  # type: ignore[assignment]
    with pytest.raises(ZeroDivisionError):
        bench.run_on([Host.read(host("web01")), Host.read(host("web02"))])
    run = bench.records.show(1)
    assert (run.state, _outcomes(run.hosts)) == (RunState.FINISHED, "web01:lost web02:unreachable")
    assert bench.records.gather(1)[0].out == b"half"


def test_a_listener_that_fails_stops_the_run_in_good_order(bench: Bench) -> None:
    def fail(event: Event) -> None:
        if isinstance(event, Line):
            raise BrokenPipeError

    bench.hear = fail  # type: ignore[method-assign]
    with pytest.raises(BrokenPipeError):
        bench.run({f"web{n}": Play(out=b"hello\n") for n in range(4)}, batch="1")
    run = bench.records.show(1)
    assert _outcomes(run.hosts) == "web0:ok web1:cancelled web2:cancelled web3:cancelled"
    assert run.state is RunState.FINISHED


class BuggyIntake:
    def __init__(self, at: str) -> None:
        self._at = at

    def write(self, samples: Sequence[Sample]) -> None:
        if samples and self._at == "write":
            raise ZeroDivisionError

    def drain(self) -> list[str]:
        if self._at == "drain":
            raise ZeroDivisionError
        return []


@pytest.mark.parametrize(("at", "begun"), [("write", ["web0"]), ("drain", ["web0", "web1", "web2"])])
def test_a_bug_of_our_own_ends_the_hosts_and_the_record(bench: Bench, at: str, begun: list[str]) -> None:
    bench.intake = BuggyIntake(at)  # type: ignore[assignment]
    plays = {f"web{n}": Play(out=b'{"users": 3}') for n in range(3)}
    with pytest.raises(ZeroDivisionError):
        bench.run(plays, result="json", graph=["users"], batch="1")
    assert bench.ssh.begun == begun
    assert bool(bench.stop.asked) is (at == "write")
    assert bench.records.show(1).state is RunState.FINISHED


class FillingState:
    """A store whose disk is full after so many commits."""

    def __init__(self, state: State, commits: int) -> None:
        self.node = state.node
        self.left = commits
        self._state = state

    def bucket(self, name: str) -> Bucket:
        return FillingBucket(self, self._state.bucket(name))  # type: ignore[return-value]

    def close(self) -> None:
        self._state.close()


class FillingBucket:
    def __init__(self, state: FillingState, bucket: Bucket) -> None:
        self.state = state
        self.get, self.scan = bucket.get, bucket.scan
        self._bucket = bucket

    def commit(self, changes: list[Change]) -> int:
        if self.state.left == 0:
            raise StoreDown("the disk of state.sqlite is full")
        self.state.left -= 1
        return self._bucket.commit(changes)

    def put(self, key: str, body: bytes) -> int:
        self.state.left = max(self.state.left, 0)
        if self.state.left == 0:
            raise StoreDown("the disk of state.sqlite is full")
        return self._bucket.put(key, body)


def test_a_record_that_cannot_be_written_starts_nothing_more_and_is_said(bench: Bench) -> None:
    """A full disk: what runs is not killed for it."""
    bench.state = FillingState(bench.state, 2)  # the hosts' names, and the claim
    with pytest.raises(StoreDown):
        bench.run({f"web{n}": Play() for n in range(4)}, batch="2")
    finished = bench.of(Finished)[0]
    assert isinstance(finished, Finished)
    assert _outcomes(finished.run.hosts) == "web0:ok web1:ok web2:cancelled web3:cancelled"
    assert finished.run.hosts[2].end is not None
    assert finished.run.hosts[2].end.why == "not started: the disk of state.sqlite is full"


def test_no_effect_without_a_record(bench: Bench) -> None:
    bench.state = FillingState(bench.state, 0)
    with pytest.raises(StoreDown):
        bench.run({"web01": Play()})
    assert bench.ssh.begun == []


def test_every_worker_is_told_apart(bench: Bench) -> None:
    run = bench.run_on([Host.read(host("web01"))], workers=2)
    assert _outcomes(run.hosts) == "web01#1:ok web01#2:ok"
    assert run.counts == {"ok": 2}


def test_the_times_of_a_run_are_the_clocks(bench: Bench) -> None:
    run = bench.run({"web01": Play(OK, during=lambda: bench.clock.sleep(5))})
    assert run.ended == run.began + 5
    assert run.hosts[0].started == run.began
