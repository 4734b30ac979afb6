"""How the work of a job is spread over its hosts: on each, on any one, or each message of its queue on one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from random import Random

from rem_cli.jobs import Run
from rem_cli.jobs.job import Host, Job
from rem_cli.jobs.retry import UNBEGUN


class Spread(StrEnum):
    EACH = "each"
    ANY_ONE = "any one"
    SPLIT = "split"


def spread_of(job: Job) -> Spread:
    """What the job says; left out, its hosts share the messages of an input, and else each does the work."""
    if job.distribute is not None:
        return Spread(job.distribute)
    return Spread.SPLIT if job.input is not None else Spread.EACH


def spread(job: Job, hosts: Sequence[Host], chance: Random, go: Callable[[Sequence[Host]], Run]) -> Run:
    """Run a job on all of its hosts, or on any one of them."""
    if spread_of(job) is Spread.ANY_ONE and len(hosts) > 1:
        return _on_any_one(hosts, chance, lambda host: go([host]))
    return go(hosts)


def _on_any_one(hosts: Sequence[Host], chance: Random, go: Callable[[Host], Run]) -> Run:
    """Run on one host after the other, in an order that chance makes, until the program has begun on one.

    Returns the last run: that of the host where it began, or of the last that could not be reached.
    """
    order = chance.sample(hosts, len(hosts))
    for host in order[:-1]:
        done = go(host)
        if any(one.end is None or one.end.untrusted or one.end.outcome not in UNBEGUN for one in done.hosts):
            return done
    return go(order[-1])


def slots(job: Job, hosts: Sequence[Host]) -> list[tuple[str, Sequence[Host]]]:
    """The workers of a job's input: what each is called, and the hosts that it has."""
    numbers = range(1, job.workers + 1)
    if spread_of(job) is not Spread.SPLIT:
        return [(f"worker {number}", hosts) for number in numbers]
    several = job.workers > 1
    return [(f"{host.name}#{number}" if several else host.name, [host]) for host in hosts for number in numbers]
