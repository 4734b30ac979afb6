"""What statsd clients send, put together for each minute (https://github.com/statsd/statsd/blob/master/docs/metric_types.md).

gorets:1|c|@0.1   a counter, one of ten       → gorets/count, gorets/per second
glork:320|ms      a time, or |h               → glork/count, lowest, mean, highest, p95
gaugor:333|g      a level, or +4 and -10      → gaugor/gauge
uniques:765|s     one of a set                → uniques/unique
"""

from __future__ import annotations

import math
from collections import defaultdict

from rem_cli.series import Retention, Sample
from rem_cli.series.inbound import SUMMED, USUAL, named

EVERY = 60  # seconds


class Statsd:
    """Puts metrics together; a level stays until it changes, all else begins anew with each minute."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._counters: dict[str, float] = defaultdict(float)
        self._times: dict[str, list[tuple[float, float]]] = defaultdict(list)  # a value, and how many it stands for
        self._levels: dict[str, float] = {}
        self._told: set[str] = set()  # levels that were told in this minute
        self._sets: dict[str, set[str]] = defaultdict(set)

    def take(self, line: str) -> bool:
        """One metric; False for what is none."""
        name, colon, rest = line.strip().partition(":")
        value, _, kind = rest.partition("|")
        kind, _, more = kind.partition("|")
        if not colon or not name or named(name, self._prefix) is None:
            return False
        try:
            share = float(more[1:]) if more.startswith("@") else 1.0
            if kind == "s":
                self._sets[name].add(value)
                return bool(value)
            number = float(value)
        except ValueError:
            return False
        if not math.isfinite(number) or not 0 < share <= 1:
            return False
        if kind == "c":
            self._counters[name] += number / share
        elif kind in ("ms", "h"):
            self._times[name].append((number, 1 / share))
        elif kind == "g":
            self._levels[name] = self._levels.get(name, 0.0) + number if value[:1] in "+-" else number
            self._told.add(name)
        else:
            return False
        return True

    def flush(self, at: int) -> list[Sample]:
        """The samples of what came since the last time; the next minute begins."""
        made: list[Sample] = []

        def add(name: str, measure: str, value: float, kept: Retention = USUAL) -> None:
            made.append(Sample(f"{named(name, self._prefix)}/{measure}", at, value, kept))

        for name, count in self._counters.items():
            add(name, "count", count, SUMMED)
            add(name, "per second", count / EVERY)
        for name, some in self._times.items():
            values = sorted(value for value, _ in some)
            add(name, "count", sum(each for _, each in some), SUMMED)
            add(name, "lowest", values[0])
            add(name, "mean", sum(values) / len(values))
            add(name, "highest", values[-1])
            add(name, "p95", values[max(0, math.ceil(len(values) * 0.95) - 1)])
        for name in sorted(self._told):
            add(name, "gauge", self._levels[name])
        for name, members in self._sets.items():
            add(name, "unique", float(len(members)))
        for kept in (self._counters, self._times, self._told, self._sets):
            kept.clear()
        return made
