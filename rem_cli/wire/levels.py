"""Service levels over the series that are there: one look at each, where it stands, what objectives come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rem_cli.errors import NoTargetError, RemError
from rem_cli.series import Aggregate, Archive, Point, Retention
from rem_cli.sla import Seen, Sight, Standing, State, Verdict
from rem_cli.sla.judge import both, by_condition, by_script, by_tolerance, newest
from rem_cli.sla.kept import decode, encode
from rem_cli.sla.machine import look
from rem_cli.sla.read import EVERY, Level, level
from rem_cli.sla.report import Fetch, Row, bad, row, worst_first
from rem_cli.state import Bucket, MissingKey, StaleRevision
from rem_cli.wire import Rem

if TYPE_CHECKING:
    from rem_cli.language import Item, Value
    from rem_cli.plan.catalog import Catalog

BUCKET = "service levels"
LOOKED_BACK = 10  # intervals in which the newest number is looked for
KEPT = Retention(
    (Archive(60, 7 * 86_400), Archive(300, 90 * 86_400), Archive(3600, 5 * 365 * 86_400)), Aggregate.AVERAGE
)


class Looked(NamedTuple):
    """One look at one series of a service level."""

    level: Level
    series: str
    verdict: Verdict
    seen: Seen
    revision: int  # of where it stood before


class Levels:
    """The service levels of the active generation, or of the work tree."""

    def __init__(self, rem: Rem, *, tree: bool = False) -> None:
        self._rem = rem
        self._source = rem.work_tree_source() if tree else rem.active_source()
        self.catalog: Catalog = self._source.catalog
        self.names = rem.series.names()

    def levels(self, path: str | None = None) -> list[tuple[Item, Level]]:
        """All of them, or the one at a path. NoTargetError."""
        items = self.catalog.of("builtin slas")
        if path is not None:
            found = self.catalog.item(path)
            if found not in items:
                raise NoTargetError(f"{found.path} is no service level", hint="rem show slas")
            items = [found]
        return [(item, self._level(item)) for item in items]

    def look(self, now: float, path: str | None = None) -> Iterator[Looked]:
        """One look at each, from where it stands; nothing is kept of it."""
        for _, one in self.levels(path):
            if one.tests:
                for name in self._series(one):
                    try:
                        seen = self._seen(one, name, now)
                    except RemError as error:
                        seen = Seen(Sight.ERROR, error.message)
                    standing, revision = self._standing(one, name)
                    yield Looked(one, name, look(one.rule, standing, seen, now), seen, revision)

    def check(self, now: float) -> list[Looked]:
        """One look at each; where it stands is kept, and whether it is well becomes a series of its own."""
        done: list[Looked] = []
        points: list[tuple[str, float]] = []
        for one in self.look(now):
            try:
                key = _key(one.level, one.series)
                self._bucket.put(key, encode(one.verdict.standing), if_revision=one.revision)
            except StaleRevision:
                continue  # another process looked at the same time; what it says counts
            done.append(one)
            if one.seen.sight in (Sight.WELL, Sight.BETWEEN, Sight.BAD):
                name = f"{one.level.rule.path}/{host_of(one.level, one.series)}/ok"
                points.append((name, float(one.verdict.state is not State.BREACHED)))
        for name, value in points:
            self._rem.series.add(name, [Point(int(now), value)], retention=KEPT, now=now)
        return done

    def report(self, now: int, path: str | None = None) -> list[Row]:
        """Every objective of every series, the worst first."""
        from rem_cli.jobs.schedule import calendar

        calendars = {item.path: item for item in self.catalog.of("builtin calendars")}
        rows: list[Row] = []
        for item, one in self.levels(path):
            hours = item.fields.get("hours")
            if one.objective is not None:
                known = calendar.read(str(hours), calendars) if hours else None
                for name in self._series(one):
                    planned = self._planned(one, name)
                    fetch, judged = self._fetch(name, now), bad(one, _evaluate)
                    rows.append(row(item, one, name, fetch, now, judged, hours=known, planned=planned))
        return worst_first(rows)

    def _planned(self, one: Level, name: str) -> list[tuple[int, int]]:
        """The downtimes that were announced for a series: those whose matchers match what an alert of it would say."""
        if not (self._rem.state_folder / "state.sqlite").is_file():
            return []
        from rem_cli.alerts.kept import Boards

        labels = {"service level": one.rule.path.rpartition("/")[2], "host": host_of(one, name)}
        labels |= {"package": one.rule.path.partition("/")[0], "alert": (one.alert or "").rpartition("/")[2]}
        silences = Boards(self._rem.state).read().board.silences
        return [it.span for it in silences if it.downtime and all(matcher.has(labels) for matcher in it.matchers)]

    def _level(self, item: Item) -> Level:
        about = self.catalog.items.get(str(item.fields.get("of")))
        every = about.fields.get("every") if about else None
        usual = "success" if about and about.process == "builtin jobs" else "up"
        return level(item, float(every) if isinstance(every, int | float) else EVERY, usual)

    def _series(self, one: Level) -> Sequence[str]:
        """The series that it is about: one a host."""
        return [name for name in self.names if name.startswith(f"{one.of}/") and name.rpartition("/")[2] == one.field]

    def _fetch(self, name: str, now: int) -> Fetch:
        return lambda begin, end: self._rem.series.fetch(name, begin, end, now=now)

    def points(self, name: str, now: float, back: float = LOOKED_BACK * EVERY) -> list[Point]:
        """The numbers of a series over the last seconds. RemError."""
        found = self._rem.series.fetch(name, now - back, now, now=now)
        values = ((found.start + place * found.step, value) for place, value in enumerate(found.values))
        return [Point(at, value) for at, value in values if value is not None]

    def _seen(self, one: Level, name: str, now: float) -> Seen:
        points = self.points(name, now, LOOKED_BACK * max(EVERY, one.rule.every))
        if one.out is not None:
            seen = by_tolerance(points, one.out, one.back)
        elif one.condition is not None:
            seen = self._conditioned(one, points)
        else:
            last = newest(points)
            seen = Seen(Sight.BAD, "", last.at) if last else Seen(Sight.NOTHING, "no data")
        return both(seen, lambda: self._tested(one, name, points, seen, now)) if one.script is not None else seen

    def _tested(self, one: Level, name: str, points: Sequence[Point], seen: Seen, now: float) -> Seen:
        """What the test script says of what its numbers call bad, or of any where nothing else is said."""
        from rem_cli.wire.testing import tested, window

        assert one.script is not None
        told = window(one.rule.path, name, points, now, one.rule.every, seen.why)
        return by_script(tested(self._rem, self._source.script(one.script), told), seen.sampled)

    def _conditioned(self, one: Level, points: Sequence[Point]) -> Seen:
        if not points:
            return Seen(Sight.NOTHING, "no data")
        assert one.condition is not None
        data: dict[str, Value] = {"value": points[-1].value, one.field: points[-1].value}
        return by_condition(one.condition, data, _evaluate, points[-1].at)

    @property
    def _bucket(self) -> Bucket:
        return self._rem.state.bucket(BUCKET)

    def _standing(self, one: Level, name: str) -> tuple[Standing, int]:
        if not (self._rem.state_folder / "state.sqlite").is_file():
            return Standing(), 0
        try:
            entry = self._bucket.get(_key(one, name))
        except MissingKey:
            return Standing(), 0
        return decode(entry.body or b"{}"), entry.revision


def host_of(one: Level, series: str) -> str:
    """Which host a series of a service level is of."""
    return series.removeprefix(one.of).strip("/").split("/")[0]


def _key(one: Level, name: str) -> str:
    return f"standing/{one.rule.path}/{name}"


def _evaluate(text: str, data: Mapping[str, Value]) -> Value:
    from rem_cli.language.at import Misfit
    from rem_cli.plugins.conditions import evaluate

    try:
        return evaluate(text, data)
    except Misfit as misfit:
        raise ValueError(misfit.message) from None
