"""Questions to series, in the words that Graphite's users know: `sumSeries(perSecond(shop/jobs/load/@web/requests))`.

A question is text (`read`), the answer a list of traces (`evaluate`). What is not known is not a number in the arrays,
and stays unknown through every function, as in Graphite: sums and means are of what is known, none where nothing is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from rem_cli.errors import Place, UsageError

if TYPE_CHECKING:
    from rem_cli.series import Values


class QueryError(UsageError):
    """What was asked makes no sense; `where` is the place in it."""

    code = "query"


class Window(NamedTuple):
    """The times after `start` up to and with `end`, in seconds since the epoch."""

    start: int
    end: int

    def moved(self, seconds: int) -> Window:
        return Window(self.start + seconds, self.end + seconds)

    def longer(self, seconds: int) -> Window:
        """Beginning that much earlier."""
        return Window(self.start - seconds, self.end)


@dataclass(frozen=True, slots=True)
class Trace:
    """Values at `start`, `start + step` …; NaN where there is none."""

    name: str  # as the answer shows it
    path: str  # of the series that it was made of, the first of several
    start: int
    step: int
    values: Values

    @property
    def end(self) -> int:
        return self.start + self.step * len(self.values)


class Source(Protocol):
    """Where series come from."""

    def match(self, pattern: str) -> Sequence[str]:
        """The names that a pattern means, in order. UsageError when it cannot be read."""

    def read(self, name: str, window: Window) -> Trace:
        """One series."""


def place(text: str, start: int, end: int) -> Place:
    """Where in a question something stands; offsets count from 0."""
    line = text.count("\n", 0, start)
    begin = text.rfind("\n", 0, start) + 1
    whole = text[begin:].partition("\n")[0]
    return Place("query", line + 1, start - begin + 1, max(1, end - start), whole)
