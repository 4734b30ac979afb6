"""Runs of jobs that are gone with what was applied, ended or left to their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs import Run
from rem_cli.jobs.gone import gone, under_way
from rem_cli.wire.long_jobs import cancel_run

if TYPE_CHECKING:
    from rem_cli.plan.apply import Applied
    from rem_cli.plan.catalog import Catalog
    from rem_cli.reach import Stop
    from rem_cli.wire import Rem


class Left(NamedTuple):
    """A run of a job that is gone."""

    run: Run  # as it is now
    why: str = ""  # it goes on, although somebody wanted it ended


def running(rem: Rem, old: Catalog, new: Catalog) -> list[Run]:
    """The runs that a change leaves without their jobs."""
    jobs = gone(old, new)
    return under_way(jobs, rem.records) if jobs and rem.state_folder.is_dir() else []


def end(rem: Rem, applied: Applied, who: str, stop: Stop) -> list[Left]:
    """End every run whose job is gone with this apply, one after the other, and wait for that."""
    if applied.before is None or not applied.new:
        return []
    left = []
    for run in running(rem, applied.before, rem.generations.catalog(applied.generation)):
        try:
            now, unheard = cancel_run(rem, run.id, who, stop)
            left.append(Left(now, "; ".join(f"{one.host}: {one.why}" for one in unheard)))
        except RemError as error:
            left.append(Left(run, error.message))
    return left
