"""Series as drawings: one small graph of each on a host's page, a large one on its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from math import isfinite

from rem_cli import wire
from rem_cli.errors import NoTargetError, RemError
from rem_cli.language.names import nearest
from rem_cli.plan.catalog import Catalog
from rem_cli.series import Range, chart
from rem_cli.web.facts import At
from rem_cli.wire.numbers import Said, said_by, settle

SPANS = {"1h": 3_600, "6h": 21_600, "24h": 86_400, "7d": 604_800, "30d": 2_592_000, "1y": 31_536_000}


@dataclass(frozen=True)
class Graph:
    name: str
    title: str
    link: str
    unit: str
    newest: float | None
    highest: float | None
    limit: str
    over: bool
    svg: str  # trusted: made here, every text of packages in it escaped


@dataclass(frozen=True)
class Points:
    """One series over a time."""

    name: str
    span: str
    start: At
    step: int
    values: tuple[float | None, ...]
    graph: Graph


class Drawing:
    """Draws series for one page; each drawing has identifiers of its own."""

    def __init__(self, rem: wire.Rem, catalog: Catalog, span: str) -> None:
        self._rem = rem
        self._said = said_by(catalog)
        settle(rem)
        self.span = span if span in SPANS else "24h"
        self._end = rem.clock.now()
        self._start = self._end - SPANS[self.span]
        history = rem.generations.history()
        self._marks = [chart.Mark(one.at, one.commit[:7]) for one in history if self._start < one.at <= self._end]
        self._number = count(1)

    def fetch(self, name: str) -> Range:
        """SeriesError."""
        return self._rem.series.fetch(name, self._start, self._end, now=self._end)

    def graph(self, name: str, *, large: bool = False) -> Graph:
        """One series; one that cannot be read is an empty graph that says why."""
        of, host, measure = _parts(name)
        said = self._said.get((of, measure), Said())
        try:
            found = self.fetch(name)
        except RemError as error:
            return Graph(name, f"{measure}: {error.message}", link(name), "", None, None, "", False, "")
        known = [value for value in found.values if value is not None and isfinite(value)]
        label = f"> {said.limit:g} {said.unit}".rstrip() if said.limit is not None else ""
        limit = chart.Limit(said.limit, label) if said.limit is not None else None
        title = said.title or measure
        one = chart.Chart(f"{title} of {host}", [chart.Line(host, found)], said.unit, limit, self._marks)
        width, height = (800.0, 210.0) if large else (312.0, 104.0)
        number = next(self._number)
        drawn = chart.svg(one, width=width, height=height, heading=False, styled=False)
        drawn = drawn.replace("rem-nothing", f"rem-nothing-{number}")
        newest = known[-1] if known else None
        over = said.limit is not None and newest is not None and newest > said.limit
        return Graph(name, title, link(name), said.unit, newest, max(known, default=None), label, over, drawn)

    def points(self, name: str) -> Points:
        """One series with its values; NoTargetError with the nearest."""
        names = self._rem.series.names()
        if name not in names:
            near = nearest(name, names)
            raise NoTargetError(f"there is no series '{name}'", hint=f"did you mean {near}?" if near else "see /graphs")
        found = self.fetch(name)
        return Points(name, self.span, At(found.start), found.step, tuple(found.values), self.graph(name, large=True))


def below(names: Sequence[str], asked: str, most: int = 60) -> tuple[list[str], int]:
    """The series whose name holds what was asked for, and how many more there are."""
    found = [name for name in names if asked.lower() in name.lower()]
    return found[:most], max(0, len(found) - most)


def link(name: str) -> str:
    from urllib.parse import quote

    return f"/graphs/{quote(name)}"


def _parts(name: str) -> tuple[str, str, str]:
    parts = name.split("/")
    return "/".join(parts[:-2]), parts[-2] if len(parts) > 1 else "", parts[-1]
