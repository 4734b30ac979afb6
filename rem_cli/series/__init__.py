"""Numbers over time: the contract, and the words for how long they are kept.

A series is named by its path, parts joined by `/`: `shop/jobs/web/load/web01/users`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rem_cli.errors import RemError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class SeriesError(RemError):
    """A series could not be read or written."""

    code = "series"


class NoSeries(SeriesError):
    """There is no series of that name."""

    code = "no-series"


class DamagedSeries(SeriesError):
    """A file is not a whole Whisper file. Its message says what is wrong with it, its hint what to do."""

    code = "damaged-series"


class Aggregate(StrEnum):
    """How many fine values become one coarse value; the words of the Whisper format."""

    AVERAGE = "average"
    SUM = "sum"
    LAST = "last"
    MAX = "max"
    MIN = "min"


class Archive(NamedTuple):
    """One resolution: a value every `step` seconds, for `span` seconds. `span` is a multiple of `step`."""

    step: int
    span: int

    @property
    def points(self) -> int:
        return self.span // self.step


class Retention(NamedTuple):
    """How long a series is kept and how finely; finest archive first, each step a multiple of the one before."""

    archives: tuple[Archive, ...]
    aggregate: Aggregate = Aggregate.AVERAGE


class Point(NamedTuple):
    at: int  # seconds since the epoch
    value: float


class Sample(NamedTuple):
    """A number of a series, and how that is kept should it be the first."""

    series: str
    at: int  # seconds since the epoch
    value: float
    retention: Retention


class Batch(NamedTuple):
    """Points of one series, each a time and a value."""

    series: str
    points: Sequence[tuple[int, float]]
    retention: Retention


class Range(NamedTuple):
    """Values at `start`, `start + step` … below `end`; None where there is none."""

    start: int
    end: int
    step: int
    values: Sequence[float | None]


class Holding(NamedTuple):
    """What one archive of a series holds."""

    archive: Archive
    known: int  # values
    oldest: Point | None
    newest: Point | None


class Summary(NamedTuple):
    """What there is to say of one series."""

    name: str
    file: Path
    bytes: int  # on disk, from its first day on
    aggregate: Aggregate
    enough: float  # which part of the fine values must be known to make a coarse one; 0 for a file REM made
    holdings: tuple[Holding, ...]  # finest archive first


class Rebuilt(NamedTuple):
    """What became of a damaged file."""

    aside: Path  # where it is now
    saved: int  # values that were whole in it
    spooled: int  # samples that the spool still had


class Resized(NamedTuple):
    """What became of a series that is kept in another way."""

    series: str
    old: Retention
    new: Retention
    aside: Path | None  # the old file, where it holds what the new one cannot


class Store(Protocol):
    """Keeps series."""

    def names(self) -> list[str]:
        """Every series, sorted."""

    def add(self, name: str, points: Sequence[Point], *, retention: Retention, now: float) -> int:
        """Write points, making the series if there is none; returns how many were taken.

        A point older than the retention or more than a minute ahead of `now` is not taken. When it returns, the
        points survive a kill of this process. After a cut, or any error, writing the same points again makes the
        series whole.

        Raises:
            DamagedSeries: `rebuild` makes the file anew; then the same call goes on.
            HeldError: another process kept the series locked for longer than the store waits.
        """

    def add_all(self, batches: Sequence[Batch], *, now: float) -> list[tuple[Batch, RemError]]:
        """`add` for many series, onto the disk together; returns the batches that failed, each with why.

        Points older than the finest archive become one value of the coarser one, made of all in the batch.

        Raises:
            SeriesError: whether anything reached the disk is not known.
        """

    def fetch(self, name: str, start: float, end: float, *, now: float) -> Range:
        """The values after `start` up to and with `end`, from the finest archive that reaches back to `start`."""

    def columns(self, name: str, start: float, end: float, *, now: float) -> tuple[int, int, Values]:
        """The same as (start, step, array); not a number where there is no value."""

    def retention(self, name: str) -> Retention:
        """What the file itself says."""

    def newest(self, name: str) -> Point | None:
        """The last value written, None when empty."""

    def info(self, name: str) -> Summary:
        """Everything the file says of itself."""

    def check(self, name: str) -> list[str]:
        """What is wrong with its file, a phrase each that completes "the file …"; empty for a whole one."""

    def rebuild(self, name: str, samples: Sequence[Sample], *, now: float) -> Rebuilt | None:
        """Make a damaged file anew from what is whole in it and from samples; None if it is whole.

        The damaged file is set aside, never deleted. Where nothing says how the series is to be kept, the next sample
        begins it.
        """

    def resize(self, name: str, retention: Retention, *, now: float) -> Resized | None:
        """Keep a series in another way, with its history; None if it is kept so already.

        Where the new way has no place for some of the history, the old file stays beside the new one.
        """
