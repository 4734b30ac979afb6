"""What a change of the packages means for jobs: where they run, what they run, and what becomes of their numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from rem_cli.errors import RemError
from rem_cli.jobs.job import HERE, Job
from rem_cli.jobs.select import Term, Test, parse, select
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
    packages: Collection[str]  # whose jobs are looked at
    found: dict[str, list[str]] = field(default_factory=dict)  # paths of hosts by selector

    @cached_property
    def hosts(self) -> Sequence[Item]:
        return self.catalog.of("builtin inventory")

    @cached_property
    def series(self) -> Mapping[str, Sequence[Item]]:
        """Those of each job, by its path."""
        found: dict[str, list[Item]] = {}
        for item in self.catalog.of("builtin series", self.packages.__contains__):
            found.setdefault(str(item.fields.get("of")), []).append(item)
        return found

    def job(self, path: str) -> Job | None:
        item = self.catalog.items.get(path)
        if item is None or item.process != "builtin jobs":
            return None
        try:
            return Job.read(item).keeping(self.series.get(path, ()))
        except RemError:  # of an older REM that read it in another way
            return None

    def chosen(self, selector: str | None) -> list[str]:
        """Paths of the hosts that are meant, those that a selector names by mistake left out; HERE without one."""
        if selector is None:
            return [HERE.path]
        if selector not in self.found:
            try:
                self.found[selector] = [host.path for host in select(selector, self.hosts)]
            except RemError:
                self.found[selector] = []
        return self.found[selector]


def meaning(old: Catalog, new: Catalog, changes: Changes) -> list[Meaning]:
    """What a change means for jobs and their hosts, in the order of paths."""
    touched = {*changes.added, *changes.removed, *changes.changed}
    hosts = [path for path in changes.removed if old.items[path].process == "builtin inventory"]
    concerned = Concerned.of(old, new, touched, changes)
    paths = sorted({*touched, *concerned.jobs(old), *concerned.jobs(new)})
    packages = {path.partition("/")[0] for path in paths}
    before, after = _Side(old, packages), _Side(new, packages)
    said = [one for path in hosts for one in _gone(path, before)]
    for path in paths:
        item = new.items.get(path) or old.items.get(path)
        if item and item.process == "builtin jobs":
            said += _job(path, before, after, changes, moved=bool(concerned.hosts))
    return sorted(said, key=lambda one: one.path)


@dataclass(frozen=True)
class Concerned:
    """Jobs that a change of something else means anything for: few hosts change, and jobs are many."""

    hosts: Sequence[tuple[Item | None, Item | None]]  # those that come, go or change, as they were and as they will be
    series: Collection[str]  # paths of jobs of which one comes, goes or changes
    scripts: Collection[str]
    selectors: dict[str, bool] = field(default_factory=dict)  # what was found out of each

    @classmethod
    def of(cls, old: Catalog, new: Catalog, touched: Iterable[str], changes: Changes) -> Concerned:
        sides = [(old.items.get(path), new.items.get(path)) for path in touched]
        series = (item for side in sides for item in side if item is not None and item.process == "builtin series")
        return cls(
            [side for side in sides if any(item and item.process == "builtin inventory" for item in side)],
            {str(item.fields.get("of")) for item in series},
            changes.scripts,
        )

    def jobs(self, side: Catalog) -> Iterator[str]:
        """Paths of those that a change of something else means anything for; few packages are looked into."""
        yield from self.series
        for job in side.of("builtin jobs", self.scripts.__contains__, self.differs):
            selector = job.fields.get("hosts")
            if job.fields.get("script") in self.scripts or (isinstance(selector, str) and self.differs(selector)):
                yield job.path

    def differs(self, selector: str) -> bool:
        """Whether a term of a selector says another thing of a host than before; without any it means all."""
        if not self.hosts:
            return False
        if selector not in self.selectors:
            terms = _terms(selector)
            tests = [term.test for term in terms]
            if all(term.without for term in terms):
                tests.append(lambda item: True)
            self.selectors[selector] = any(
                _says(test, old) != _says(test, new) for old, new in self.hosts for test in tests
            )
        return self.selectors[selector]


@lru_cache(4096)
def _terms(selector: str) -> Sequence[Term]:
    try:
        return parse(selector)
    except RemError:  # of an older REM that read it in another way
        return []


def _says(test: Test, host: Item | None) -> bool:
    return host is not None and test(host)


def _gone(path: str, before: _Side) -> Iterator[Meaning]:
    """A host that is no longer there."""
    host = before.catalog.items[path]

    def means(selector: object) -> bool:
        terms = _terms(selector) if isinstance(selector, str) else []
        likely = any(term.test(host) for term in terms if not term.without) or all(term.without for term in terms)
        return likely and bool(terms) and path in before.chosen(str(selector))

    jobs = [item.path for item in before.catalog.of("builtin jobs", choosing=means) if means(item.fields.get("hosts"))]
    if jobs:
        yield Meaning(path, "hosts", f"{_counted(jobs, 'job')} no longer {_run(jobs)} there; its series stay")


def _job(path: str, before: _Side, after: _Side, changes: Changes, *, moved: bool) -> Iterator[Meaning]:
    """`moved`: some host is not as it was."""
    was, now = before.job(path), after.job(path)
    if now is None:
        if was is not None:
            yield Meaning(path, "hosts", f"no longer runs on {_hosts(before.chosen(was.hosts))}; its series stay")
        return
    if was is None:
        new = after.chosen(now.hosts)
        yield Meaning(path, "hosts", f"runs on {_hosts(new)}" if new else f"runs nowhere: no host is '{now.hosts}'")
        return
    if moved or was.hosts != now.hosts:  # else they are the same, and there is no need to know which
        old, new = before.chosen(was.hosts), after.chosen(now.hosts)
        more, less = sorted(set(new) - set(old)), sorted(set(old) - set(new))
        if more:
            yield Meaning(path, "hosts", f"runs on {len(more)} more: {_names(more)}")
        if less:
            rest = "" if new else f"; runs nowhere: no host is '{now.hosts}'"
            yield Meaning(path, "hosts", f"no longer runs on {_names(less)}{rest}")
    if now.script and now.script == was.script and changes.scripts.get(now.script) == "changed":
        yield Meaning(path, "script", f"runs the changed {now.script} on {_hosts(after.chosen(now.hosts))}")
    if (was.graph, was.kept, was.retention) != (now.graph, now.kept, now.retention):
        yield from _series(path, was, now, max(1, len(after.chosen(now.hosts))))


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
