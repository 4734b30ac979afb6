"""What is drawn, whatever it is drawn with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import NamedTuple

from rem_cli.series import Range


@dataclass(frozen=True, slots=True)
class Line:
    """One series; the name is shown where there are several."""

    name: str
    range: Range


@dataclass(frozen=True, slots=True)
class Limit:
    """A value that is not to be passed, such as `> 500 ms`."""

    value: float
    label: str = ""  # "> 500 ms"; the value alone where empty
    upper: bool = True  # False: it is not to be fallen below


@dataclass(frozen=True, slots=True)
class Mark:
    """An instant to point out: the commit that changed the check."""

    at: float  # seconds since the epoch
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One or several lines over one time. Any text may hold anything; it is made safe where it is drawn."""

    title: str
    lines: Sequence[Line]
    unit: str = ""
    limit: Limit | None = None
    marks: Sequence[Mark] = ()
    zone: tzinfo = UTC  # of the times on the axis
    zero_based: bool = True  # the axis reaches down (or up) to 0

    @property
    def start(self) -> float:
        return min((line.range.start for line in self.lines), default=0)

    @property
    def end(self) -> float:
        """After `start`, also where there is nothing to draw."""
        return max([line.range.end for line in self.lines] + [self.start + 1])


class Segment(NamedTuple):
    """A piece of a row of text in one style.

    Styles: `title` (the subject), `plain`, `dim` (may be skipped), `line` and, of several, `line1` to `line6`,
    `band` (lowest to highest where the mean is not), `over` (past the limit), `limit`, `mark`.
    """

    text: str
    style: str


Row = list[Segment]
LINE_STYLES = 6  # `line1` to `line6`, then again


def line_style(index: int, of: int) -> str:
    return "line" if of == 1 else f"line{index % LINE_STYLES + 1}"


def safe(text: str) -> str:
    """Without anything that a terminal, a file of markup or a reader could take for more than text."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)
