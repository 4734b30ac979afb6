"""Whole runs on hosts of a real sshd."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.errors import Status
from rem_cli.jobs import Measure, Origin, Run
from rem_cli.jobs.events import Event, Line
from rem_cli.jobs.job import HERE, Host, Job, read_params
from rem_cli.jobs.runner import Engines, run
from rem_cli.language import Value
from rem_cli.reach import Outcome, Transport
from rem_cli.reach.local import LocalTransport
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport
from rem_cli.wire.conditions import evaluate
from tests.fakes.fleet import FaultyHosts
from tests.jobs.bench import NOON, Bench
from tests.jobs.items import job

SCRIPT = b"""#!/bin/sh
echo "{\\"users\\": 3}" > "$REM_RESULT"
echo "$REM_PARAM_WHAT"
"""


@pytest.fixture
def transports(fleet: Fleet) -> Iterator[dict[str, Transport]]:
    made: dict[str, Transport] = {
        "ssh": SshTransport(SystemClock(), config=[fleet.ssh_config]),
        "local": LocalTransport(SystemClock()),
    }
    yield made
    for transport in made.values():
        transport.close()


def _hosts(fleet: Fleet, count: int) -> list[Host]:
    return [Host(f"web{n:02d}", "", address) for n, address in enumerate(fleet.hosts[:count])]


def _run(
    bench: Bench, transports: dict[str, Transport], hosts: Sequence[Host], given: Sequence[str] = (), /, **fields: Value
) -> Run:
    it = Job.read(job(**fields))
    engines = Engines(transports, bench.records, bench.intake, bench.clock, evaluate, bench.state.queue)
    params = read_params(it, given)
    return run(
        it, hosts, engines=engines, stop=bench.stop, listen=lambda event: bench.hear(event), params=params,
        script=SCRIPT, origin=Origin(),
    )  # fmt: skip


def test_a_script_runs_on_every_host_and_its_numbers_become_series(
    bench: Bench, fleet: Fleet, transports: dict[str, Transport]
) -> None:
    fields: dict[str, Value] = {"params": {"what": None}, "graph": ["users"], "parallel": 4}
    hosts = [*_hosts(fleet, 12), HERE]
    made = _run(bench, transports, hosts, ["what=$(id) 'x'"], script="load.sh", result="file", **fields)
    assert (made.status, made.why) == (Status.DONE, "13 ok")
    assert {host.result.measures["users"] for host in made.hosts} == {Measure(3.0)}
    [output] = bench.records.gather(made.id)
    assert (len(output.hosts), output.out) == (13, b"$(id) 'x'\n")
    newest = [bench.store.newest(f"shop/jobs/web/load/{host.name}/users") for host in hosts]
    assert {(point.at, point.value) for point in newest if point} == {(int(NOON), 3.0)}


def test_a_dead_host_does_not_hold_the_others(
    bench: Bench, fleet: Fleet, faulty: FaultyHosts, transports: dict[str, Transport]
) -> None:
    dead = faulty.refused()
    made = _run(bench, transports, [*_hosts(fleet, 3), Host("dead", "", dead.address, dead.port)])
    assert (made.status, made.why) == (Status.SOME_FAILED, "3 ok, 1 unreachable")


def test_what_fails_is_tried_again_while_others_go_on(
    bench: Bench, fleet: Fleet, faulty: FaultyHosts, transports: dict[str, Transport], tmp_path: Path
) -> None:
    """The second host fails twice, and a host that nobody answers for is tried as often as is allowed."""
    dead = faulty.refused()
    bench.clock = SystemClock()  # type: ignore[assignment]
    shell = f'[ "$REM_HOST" = web00 ] || {{ echo "$REM_TRY" >>{tmp_path}/tries; echo no; [ "$REM_TRY" = 3 ]; }}'
    retry: dict[str, Value] = {"times": 2, "errors": [], "interval": 0.02, "backoff": 1, "most": 1}
    made = _run(
        bench, transports, [*_hosts(fleet, 2), Host("dead", "", dead.address, dead.port)],
        command=None, shell=shell, retry=retry, idempotent=True,
    )  # fmt: skip
    assert (tmp_path / "tries").read_text() == "1\n2\n3\n"
    assert [(one.host, len(one.attempts), str(one.end and one.end.outcome)) for one in made.hosts] == [
        ("web00", 0, "ok"), ("web01", 2, "ok"), ("dead", 2, "unreachable")
    ]  # fmt: skip
    assert [one.said for one in made.hosts[1].attempts] == ["no", "no"]
    assert bench.records.show(made.id) == made


def test_an_unknown_host_key_is_the_status_of_the_run(bench: Bench, fleet: Fleet, tmp_path: Path) -> None:
    """b1."""
    (tmp_path / "known_hosts").write_text("")
    config = tmp_path / "config"
    config.write_text(fleet.ssh_config.read_text().replace(str(fleet.known_hosts), str(tmp_path / "known_hosts")))
    ssh = SshTransport(SystemClock(), config=[config])
    made = _run(bench, {"ssh": ssh}, _hosts(fleet, 2))
    ssh.close()
    assert made.status is Status.UNTRUSTED


def test_programs_that_take_too_long_are_ended_on_every_host(
    bench: Bench, fleet: Fleet, transports: dict[str, Transport]
) -> None:
    fields: dict[str, Value] = {"timeout": 0.5, "grace": 0.5}
    made = _run(bench, transports, _hosts(fleet, 3), command=["sh", "-c", "echo begun; sleep 60"], **fields)
    assert (made.status, made.why) == (Status.TIMED_OUT, "3 timed out")
    assert bench.records.gather(made.id)[0].out == b"begun\n"
    assert not any(host.end.survivors for host in made.hosts if host.end)


def test_a_stop_ends_what_runs_on_the_hosts(bench: Bench, fleet: Fleet, transports: dict[str, Transport]) -> None:
    """b5, attack 36."""

    def stop(event: Event) -> None:
        if isinstance(event, Line) and not bench.stop.asked:
            bench.stop.ask()

    bench.hear = stop  # type: ignore[method-assign]
    made = _run(
        bench, transports, _hosts(fleet, 4), command=["sh", "-c", "echo begun; sleep 60"], grace=0.5, parallel=2
    )
    assert made.status is Status.INTERRUPTED
    assert {host.end.outcome for host in made.hosts if host.end} == {Outcome.CANCELLED}
    assert not any(host.end.survivors for host in made.hosts if host.end)


def test_a_failing_host_is_told_from_the_others_by_its_output(
    bench: Bench, fleet: Fleet, transports: dict[str, Transport]
) -> None:
    program = f'case "$SSH_CONNECTION" in *"{fleet.hosts[1]} "*) echo no such file >&2; exit 127;; esac; echo fine'
    made = _run(bench, transports, _hosts(fleet, 3), shell=program)
    told = [([host.host for host in one.hosts], one.out, one.err) for one in bench.records.gather(made.id)]
    assert told == [(["web00", "web02"], b"fine\n", b""), (["web01"], b"", b"no such file\n")]
    assert made.status is Status.SOME_FAILED
