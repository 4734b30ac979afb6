"""Numbers and times as people read them, and where on an axis to write them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

_PREFIXES = [(1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M")]
_MINUTE, _HOUR, _DAY = 60, 3600, 86400  # seconds
_STEPS = [1, 2, 5, 10, 15, 30, *(_MINUTE * n for n in (1, 2, 5, 10, 15, 30)), *(_HOUR * n for n in (1, 2, 3, 6, 12))]
_DAYS = [1, 2, 7, 14]
_MONTHS = [1, 3, 6, 12, 24, 60, 120, 600]
_MONTH = 2_629_746  # seconds, of the mean Gregorian month
_QUARTER = 900  # seconds: today's zones lie whole quarters of an hour from UTC


@dataclass(frozen=True, slots=True)
class Scale:
    """A range of values. It also holds where its two ends are further apart than a float can tell."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """How far up a value lies, 0 to 1; what lies outside, also infinitely, is at the edge."""
        return max(0.0, min(1.0, (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)))

    def ticks(self, most: int) -> list[float]:
        """Round values, 1, 2 or 5 times a power of ten apart, at most `most` + 1 of them."""
        least = (self.high / 2 - self.low / 2) / max(most, 1) * 2
        if not math.isfinite(least):
            return [self.low, self.high]
        power = 10.0 ** math.floor(math.log10(least))
        for step in (power * factor for factor in (0.5, 1, 2, 5, 10)):
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last - first <= most:
                break
        return [index * step for index in range(first, last + 1)]


def scale_of(values: Iterable[float], *, zero_based: bool, room: float = 0.02) -> Scale:
    """From the lowest to the highest of the values that are finite, and `room` (a share) beyond them."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if zero_based:
        low, high = min(low, 0.0), max(high, 0.0)
    if high / 2 - low / 2 < max(abs(low), abs(high), 1e-290) * 1e-12:  # all the same
        margin = abs(high) * 0.1 or 1.0
        low, high = (low, high + margin) if zero_based and low == 0 else (low - margin, high + margin)
    more = (high / 2 - low / 2) * 2 * room
    top = high if zero_based and high == 0 else high + more
    bottom = low if zero_based and low == 0 else low - more
    return Scale(bottom if math.isfinite(bottom) else low, top if math.isfinite(top) else high)


def number(value: float) -> str:
    """Three digits that count: `0.327`, `61.3`, `812`, `1,518`, `8.49 M`, `1.00e300`."""
    size = abs(value)
    if not math.isfinite(value):
        return "-inf" if value < 0 else "inf"
    if size == 0:
        return "0"
    if size >= 1e18 or size < 1e-4:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    for least, prefix in _PREFIXES:
        if size >= least * 0.9995:
            return f"{value / least:.3g} {prefix}" if size < least * 999.5 else f"{value / least:,.0f} {prefix}"
    return f"{value:,.0f}" if size >= 999.5 else f"{value:.3g}"


def with_unit(value: float, unit: str) -> str:
    """`812 ms`, `8.49 MB/s`."""
    text = number(value)
    if not unit:
        return text
    return f"{text}{unit}" if text[-1] in "MGTP" else f"{text} {unit}"


def duration(seconds: float) -> str:
    """`25 s`, `10 min`, `1.5 h`, `2 d`; two digits at the most beyond what is whole."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size * 0.9999:
            return f"{round(seconds / size, 1):g} {unit}"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def moment(at: float, zone: tzinfo) -> str:
    """`Thu 6 Mar 2025 02:26`."""
    there = datetime.fromtimestamp(at, zone)
    return f"{there:%a} {there.day} {there:%b %Y %H:%M}"


def time_ticks(start: float, end: float, zone: tzinfo, most: int) -> list[tuple[float, str]]:
    """At most about `most` round local times from `start` to `end`, each with its label.

    Round on the wall clock of the zone, also on the days with 23 and 25 hours: a time that a day does not have is
    left out, one that it has twice stands there twice.
    """
    least = (end - start) / max(most, 1)
    for step in _STEPS:
        if step >= least:
            return [(at, _clock_label(at, step, zone)) for at in _clock_ticks(start, end, step, zone)]
    for days in _DAYS:
        if days * _DAY >= least:
            return [(at, _day_label(day)) for at, day in _day_ticks(start, end, zone) if _counts(day, days)]
    months = next((months for months in _MONTHS if months * _MONTH >= least), _MONTHS[-1])
    return [
        (at, f"{day.year}" if day.month == 1 else f"{day:%b}")
        for at, day in _month_ticks(start, end, zone)
        if (day.year * 12 + day.month - 1) % months == 0
    ]


def _clock_ticks(start: float, end: float, step: int, zone: tzinfo) -> Iterator[float]:
    stride = min(step, _QUARTER)
    for at in range(math.ceil(start / stride) * stride, math.floor(end) + 1, stride):
        there = datetime.fromtimestamp(at, zone)
        if (there.hour * _HOUR + there.minute * _MINUTE + there.second) % step == 0:
            yield at


def _clock_label(at: float, step: int, zone: tzinfo) -> str:
    there = datetime.fromtimestamp(at, zone)
    if step >= _HOUR and there.hour == there.minute == 0:
        return _day_label(there.date())
    return f"{there:%H:%M:%S}" if step < _MINUTE else f"{there:%H:%M}"


def _day_ticks(start: float, end: float, zone: tzinfo) -> Iterator[tuple[float, date]]:
    day = datetime.fromtimestamp(start, zone).date()
    while (at := datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) <= end:
        if at >= start and datetime.fromtimestamp(at, zone).date() == day:  # some zones have skipped a day
            yield at, day
        day += timedelta(days=1)


def _month_ticks(start: float, end: float, zone: tzinfo) -> Iterator[tuple[float, date]]:
    day = datetime.fromtimestamp(start, zone).date().replace(day=1)
    while (at := datetime(day.year, day.month, 1, tzinfo=zone).timestamp()) <= end:
        if at >= start:
            yield at, day
        day = (day + timedelta(days=32)).replace(day=1)


def _counts(day: date, days: int) -> bool:
    """Every day, every second one, every Monday, every second Monday."""
    if days < 7:
        return day.toordinal() % days == 0
    return day.weekday() == 0 and (day.toordinal() - 1) % days == 0


def _day_label(day: date) -> str:
    return f"{day.day} {day:%b}"


def axis_labels(values: list[float]) -> list[str]:
    """Labels for evenly spaced values, all with the same prefix and as many decimals as tell them apart."""
    largest = max(map(abs, values), default=0.0)
    if len(values) < 2 or largest >= 1e18 or largest < 1e-4:
        return [number(value) for value in values]
    size, prefix = next(((least, f" {name}") for least, name in _PREFIXES if largest >= least), (1.0, ""))
    step = (values[1] - values[0]) / size
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{value / size:,.{decimals}f}{prefix}" if value else "0" for value in values]
