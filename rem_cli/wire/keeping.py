"""Series held against what packages say of how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from rem_cli.errors import RemError
from rem_cli.series import Rebuilt, Resized, Retention

if TYPE_CHECKING:
    from rem_cli.plan.apply import Applied
    from rem_cli.plan.catalog import Catalog
    from rem_cli.wire import Rem

Kept = Callable[[str], "Retention | None"]  # the name of a series to how it is to be kept; None where nothing says it


class Failed(NamedTuple):
    """A series that could not be changed."""

    series: str
    error: RemError


def kept_in(catalog: Catalog) -> Kept:
    """How a catalog says that series are kept, of jobs and of checks: `job/host/measure`."""
    from rem_cli.collect.checks import read_checks
    from rem_cli.jobs.job import Job
    from rem_cli.jobs.samples import OWN, OWN_KEPT, series_name

    said = catalog.of("builtin series")
    jobs = {item.path: Job.read(item).keeping(said) for item in catalog.of("builtin jobs")}

    measured = {
        f"{check.path}/{check.target.name}": check
        for check in read_checks(catalog, lambda reference: "", lambda path: b"", 0.0).checks
    }

    def kept(name: str) -> Retention | None:
        check = measured.get(name.rpartition("/")[0])
        if check is not None:
            measure = name.rpartition("/")[2].replace("%2F", "/").replace("%252F", "%2F")
            return check.kept.get(measure, check.retention)
        path, _, host = name.rpartition("/")[0].rpartition("/")
        job = jobs.get(path)
        if job is None:
            return None
        if name.rpartition("/")[2].startswith(OWN):
            return job.kept.get(name.rpartition("/")[2], OWN_KEPT)
        for measure in job.graph:
            if series_name(path, host, measure) == name:
                return job.kept.get(measure, job.retention)
        return None

    return kept


def resize(rem: Rem, names: Iterable[str], kept: Kept) -> tuple[list[Resized], list[Failed]]:
    """Keep series as it is said; those that are now kept otherwise, and those that could not be."""
    done, failed = [], []
    for name in names:
        retention = kept(name)
        if retention is None:
            continue
        try:
            resized = rem.series.resize(name, retention, now=rem.clock.now())
        except RemError as error:
            failed.append(Failed(name, error))
            continue
        if resized:
            done.append(resized)
    return done, failed


def fitted(rem: Rem, applied: Applied) -> Applied:
    """Keep series as what was just made active says, where that changed."""
    items = rem.generations.catalog(applied.generation).items
    before = applied.before.items if applied.before else {}
    touched = {*applied.changes.added, *applied.changes.removed, *applied.changes.changed}
    concerned = set()
    for item in (side[path] for path in touched for side in (items, before) if path in side):
        if item.process in ("builtin jobs", "builtin monitors"):
            concerned.add(item.path)
        elif item.process == "builtin series":
            concerned.add(str(item.fields.get("of")))
    names = [name for name in rem.series.names() if _job(name) in concerned] if concerned else []
    if not names:
        return applied
    done, failed = resize(rem, names, kept_in(rem.generations.catalog(applied.generation)))
    return replace(applied, resized=done, unsized=[one.error for one in failed])


def repair(rem: Rem, names: Sequence[str]) -> tuple[list[tuple[str, Rebuilt]], list[Failed]]:
    """Make damaged series anew; what became of those that were damaged, and those that could not be made."""
    done, failed = [], []
    for name in names:
        try:
            rebuilt = rem.intake.repair(name)
        except RemError as error:
            failed.append(Failed(name, error))
            continue
        if rebuilt:
            done.append((name, rebuilt))
    return done, failed


def _job(name: str) -> str:
    return name.rpartition("/")[0].rpartition("/")[0]
