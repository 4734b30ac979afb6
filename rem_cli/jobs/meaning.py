"""What a change of the packages means for jobs: where they run, what they run, and what becomes of their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rem_cli.errors import RemError
from rem_cli.jobs.job import HERE, Job
from rem_cli.jobs.select import select
from rem_cli.language import Item
from rem_cli.language.shown import archives
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning
from rem_cli.series import Retention

NAMED = 5  # hosts that are named before the rest is counted
_POINT = 12  # bytes of a point in a Whisper file


@dataclass(frozen=True)
class _Side:
    """Jobs and hosts before, or after."""

    catalog: Catalog
    hosts: Sequence[Item]
    series: Sequence[Item]

    @classmethod
    def of(cls, catalog: Catalog) -> _Side:
        return cls(catalog, catalog.of("builtin inventory"), catalog.of("builtin series"))

    def job(self, path: str) -> Job | None:
        item = self.catalog.items.get(path)
        try:
            return Job.read(item).keeping(self.series) if item and item.process == "builtin jobs" else None
        except RemError:  # of an older REM that read it in another way
            return None

    def chosen(self, job: Job | None) -> list[str]:
        """Paths of the hosts that a job runs on, those that its selector names by mistake left out."""
        if job is None:
            return []
        if job.hosts is None:
            return [HERE.path]
        try:
            return [host.path for host in select(job.hosts, self.hosts)]
        except RemError:
            return []


def meaning(old: Catalog, new: Catalog, changes: Changes) -> list[Meaning]:
    """What a change means for jobs and their hosts, in the order of paths."""
    before, after = _Side.of(old), _Side.of(new)
    touched = {*changes.added, *changes.removed, *changes.changed}
    fleet = any(_process(path, old, new) == "builtin inventory" for path in touched)
    kept = any(_process(path, old, new) == "builtin series" for path in touched)
    said: list[Meaning] = []
    for path in sorted(old.items.keys() | new.items.keys()):
        if _process(path, old, new) == "builtin inventory" and path in changes.removed:
            said += _gone(path, before)
        elif _process(path, old, new) != "builtin jobs":
            continue
        elif path in touched or fleet or kept or changes.scripts:
            said += _job(path, before, after, changes)
    return said


def _process(path: str, old: Catalog, new: Catalog) -> str:
    return (new.items.get(path) or old.items[path]).process


def _gone(path: str, before: _Side) -> Iterator[Meaning]:
    """A host that is no longer there."""
    jobs = [item.path for item in before.catalog.of("builtin jobs") if path in before.chosen(before.job(item.path))]
    if jobs:
        yield Meaning(path, "hosts", f"{_counted(jobs, 'job')} no longer {_run(jobs)} there; its series stay")


def _job(path: str, before: _Side, after: _Side, changes: Changes) -> Iterator[Meaning]:
    was, now = before.job(path), after.job(path)
    old, new = before.chosen(was), after.chosen(now)
    if now is None:
        if was is not None:
            yield Meaning(path, "hosts", f"no longer runs on {_hosts(old)}; its series stay")
        return
    if was is None:
        yield Meaning(path, "hosts", f"runs on {_hosts(new)}" if new else f"runs nowhere: no host is '{now.hosts}'")
        return
    more, less = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    if more:
        yield Meaning(path, "hosts", f"runs on {len(more)} more: {_names(more)}")
    if less:
        rest = "" if new else f"; runs nowhere: no host is '{now.hosts}'"
        yield Meaning(path, "hosts", f"no longer runs on {_names(less)}{rest}")
    if now.script and now.script == was.script and changes.scripts.get(now.script) == "changed":
        yield Meaning(path, "script", f"runs the changed {now.script} on {_hosts(new)}")
    yield from _series(path, was, now, max(1, len(new)))


def _series(path: str, was: Job, now: Job, hosts: int) -> Iterator[Meaning]:
    gone = [name for name in was.graph if name not in now.graph]
    if gone:
        yield Meaning(path, "series", f"{', '.join(gone)}: no more numbers; what is kept stays")
    for name in dict.fromkeys(now.graph):
        if name not in was.graph:
            yield Meaning(path, "series", f"{name}: {_counted(hosts, 'series', 'series')} begin")
            continue
        old, new = was.kept.get(name, was.retention), now.kept.get(name, now.retention)
        if old != new:
            yield Meaning(path, "series", f"{name}: {_resized(old, new, hosts)}")


def _resized(old: Retention, new: Retention, count: int) -> str:
    """What another retention does to files that are there."""
    text = f"{_written(old)} → {_written(new)}, {_counted(count, 'series', 'series')}"
    more = (_size(new) - _size(old)) * count
    return f"{text}, {_bytes(abs(more))} {'more' if more > 0 else 'less'}" if more else text


def _written(retention: Retention) -> str:
    return f"{archives([list(one) for one in retention.archives])} ({retention.aggregate})"


def _size(retention: Retention) -> int:
    return sum(one.points for one in retention.archives) * _POINT


def _bytes(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _hosts(paths: Sequence[str]) -> str:
    if paths == [HERE.path]:
        return "this machine"
    return _names(paths) if len(paths) == 1 else f"{_counted(paths, 'host')}: {_names(paths)}"


def _names(paths: Sequence[str]) -> str:
    names = [path.rpartition("/")[2] or "this machine" for path in paths]
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _counted(what: Sequence[object] | int, one: str, many: str = "") -> str:
    number = what if isinstance(what, int) else len(what)
    return f"{number} {one if number == 1 else many or one + 's'}"


def _run(what: Sequence[object]) -> str:
    return "runs" if len(what) == 1 else "run"
