"""How a job's work is spread over its hosts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from rem_cli.jobs import Run
from rem_cli.jobs.distribute import slots, spread
from rem_cli.jobs.job import Host, Job
from rem_cli.language import Value
from rem_cli.reach import End, Outcome
from tests.fakes.transport import OK, Play
from tests.jobs.bench import Bench
from tests.jobs.items import host, job

ENDS = {
    "o": OK,
    "f": End(Outcome.FAILED, exit=1),
    "l": End(Outcome.LOST),
    "u": End(Outcome.UNREACHABLE),
    "r": End(Outcome.REFUSED),
    "k": End(Outcome.REFUSED, untrusted=True),
}


class InOrder(Random):
    """No chance at all."""

    def sample(self, population: Sequence[Host], k: int) -> list[Host]:  # type: ignore[override]
        return list(population)[:k]


@pytest.mark.parametrize(
    ("kinds", "asked"),
    [
        ("oo", "0"),
        ("fo", "0"),  # it has begun there: a second time might do it twice
        ("lo", "0"),
        ("uo", "01"),
        ("ruo", "012"),
        ("uuu", "012"),
        ("ko", "0"),  # that may be an attack, and is told
    ],
)
def test_any_one_host_is_the_first_on_which_the_program_begins(bench: Bench, kinds: str, asked: str) -> None:
    hosts = [Host.read(host(f"web{number}")) for number in range(len(kinds))]
    runs: list[str] = []

    def go(some: Sequence[Host]) -> Run:
        runs.append("".join(one.name.removeprefix("web") for one in some))
        return bench.run({one.name: Play(ENDS[kinds[int(one.name[-1])]]) for one in some})

    done = spread(Job.read(job(distribute="any one")), hosts, InOrder(), go)
    assert "".join(runs) == asked
    assert done.hosts[0].host == f"web{asked[-1]}"


def test_each_host_runs_in_one_run(bench: Bench) -> None:
    hosts = [Host.read(host(f"web{number}")) for number in range(3)]
    done = spread(Job.read(job()), hosts, InOrder(), lambda some: bench.run({one.name: Play() for one in some}))
    assert done.why == "3 ok"


@pytest.mark.parametrize(
    ("fields", "workers"),
    [
        ({}, {"web0": "web0", "web1": "web1"}),
        ({"workers": 2}, {"web0#1": "web0", "web0#2": "web0", "web1#1": "web1", "web1#2": "web1"}),
        ({"workers": 2, "distribute": "any one"}, {"worker 1": "web0 web1", "worker 2": "web0 web1"}),
        ({"distribute": "each"}, {"worker 1": "web0 web1"}),
    ],
)
def test_workers_have_hosts_as_the_job_says(fields: dict[str, Value], workers: dict[str, str]) -> None:
    made = Job.read(job(input="shop/queues/orders", **fields))
    hosts = [Host.read(host(f"web{number}")) for number in range(2)]
    assert {name: " ".join(one.name for one in some) for name, some in slots(made, hosts)} == workers
