"""Runs of jobs that the packages no longer have: each goes on to its end, unless somebody has it ended."""

from __future__ import annotations

from collections.abc import Iterable

from rem_cli.jobs import Run, RunState
from rem_cli.jobs.records import Records
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Meaning

MOST = 1 << 20  # runs that are looked through: all


def gone(old: Catalog, new: Catalog) -> set[str]:
    """Paths of jobs that `new` has no more, also under no other name."""
    after = {item.path: item.fields.get("was") for item in new.of("builtin jobs")}
    renamed = {f"{path.rpartition('/')[0]}/{was}" for path, was in after.items() if was is not None}
    return {item.path for item in old.of("builtin jobs")} - after.keys() - renamed


def under_way(jobs: set[str], records: Records) -> list[Run]:
    """The runs of such jobs that have not ended, the oldest first."""
    going = (RunState.RUNNING, RunState.UNKNOWN)
    return [run for run in reversed(records.recent(MOST)) if run.job in jobs and run.state in going] if jobs else []


def meaning(runs: Iterable[Run]) -> list[Meaning]:
    """What becomes of them when nobody says otherwise."""
    numbers: dict[str, list[str]] = {}
    for run in runs:
        numbers.setdefault(run.job, []).append(str(run.id))
    return [
        Meaning(path, "runs", f"run {some[0]} goes on to its end" if len(some) == 1 else _several(some))
        for path, some in numbers.items()
    ]


def _several(numbers: list[str]) -> str:
    return f"runs {', '.join(numbers)} go on to their ends"
