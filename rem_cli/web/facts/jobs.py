"""Jobs with their last and next run, and one run with what its hosts printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rem_cli import wire
from rem_cli.jobs import Output, Run, RunState, documents
from rem_cli.jobs.schedule.coming import coming, schedules
from rem_cli.jobs.status import counted
from rem_cli.plan.catalog import Catalog
from rem_cli.reach import Outcome
from rem_cli.web.facts import At
from rem_cli.web.facts.states import State

LISTED = 200  # runs
SHOWN = 64 << 10  # bytes of one output on a page; the rest is in the JSON


@dataclass(frozen=True)
class Row:
    """A run in a list."""

    run: int
    job: str
    began: At
    seconds: float | None
    state: State
    told: str
    who: str


@dataclass(frozen=True)
class Job:
    path: str
    title: str
    hosts: str
    schedule: str
    next: At | None
    last: Row | None


@dataclass(frozen=True)
class Jobs:
    jobs: tuple[Job, ...]
    runs: tuple[Row, ...]


@dataclass(frozen=True)
class Printed:
    """What several hosts printed, byte for byte the same."""

    hosts: tuple[str, ...]
    outcome: str
    good: bool
    seconds: float
    why: str
    out: str
    err: str
    more: int  # bytes that are not shown


@dataclass(frozen=True)
class One:
    run: Row
    label: str
    status: int | None
    why: str
    hosts: int
    waiting: tuple[str, ...]  # hosts that have not ended
    printed: tuple[Printed, ...]
    notes: tuple[str, ...]
    params: Mapping[str, str]


def jobs(rem: wire.Rem, catalog: Catalog) -> Jobs:
    runs = [row(run) for run in rem.records.recent(LISTED)] if rem.state_folder.is_dir() else []
    last: dict[str, Row] = {}
    for one in runs:
        last.setdefault(one.job, one)
    due, wrong = schedules(catalog.items.values())
    begin = int(rem.clock.now()) + 1
    found = []
    for item in catalog.of("builtin jobs"):
        schedule = due.get(item.path)
        ahead = next(iter(coming({item.path: schedule}, begin, None, 1)), None) if schedule else None
        text = str(schedule) if schedule else wrong[item.path].message if item.path in wrong else ""
        found.append(
            Job(
                item.path,
                str(item.fields.get("title") or item.key),
                str(item.fields.get("hosts") or "this machine"),
                text,
                At(ahead.instant.at) if ahead else None,
                last.get(item.path),
            )
        )
    return Jobs(tuple(found), tuple(runs[:50]))


def run(rem: wire.Rem, id: int) -> tuple[One, dict[str, Any]]:
    """One run, and its document as `rem job show --format json` gives it. NoTargetError."""
    found, outputs = rem.records.show(id), rem.records.gather(id)
    one = One(
        row(found),
        found.origin.label,
        int(found.status) if found.status is not None else None,
        found.why,
        len(found.hosts),
        tuple(host.host for host in found.hosts if host.end is None),
        tuple(map(_printed, outputs)),
        tuple(found.notes),
        found.params,
    )
    return one, documents.whole(found, outputs)


def row(found: Run) -> Row:
    told = counted({Outcome(name): count for name, count in found.counts.items()})
    if found.state is RunState.RUNNING:
        state, told = State.HANDLED, "running"
    elif found.state is not RunState.FINISHED:
        state, told = State.BLIND, told or str(found.state)
    else:
        state = State.OK if found.status == 0 else State.FIRING
    seconds = found.ended - found.began if found.ended is not None else None
    return Row(found.id, found.job, At(found.began), seconds, state, told or found.why, found.origin.who)


def _printed(output: Output) -> Printed:
    end = output.hosts[0].end
    assert end is not None  # only hosts that have ended are gathered
    how = f"signal {end.signal}" if end.signal else f"exit {end.exit}" if end.exit else str(end.outcome)
    return Printed(
        tuple(one.host for one in output.hosts),
        how,
        end.outcome is Outcome.OK,
        max(one.end.seconds for one in output.hosts if one.end),
        end.why,
        output.out[:SHOWN].decode("utf-8", "replace"),
        output.err[:SHOWN].decode("utf-8", "replace"),
        max(0, len(output.out) - SHOWN) + max(0, len(output.err) - SHOWN),
    )
