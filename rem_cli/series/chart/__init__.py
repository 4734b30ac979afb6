"""Points to drawings: pure functions of values, no clock, no terminal, no file."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.series.chart.drawing import draw
from rem_cli.series.chart.model import Chart, Limit, Line, Mark, Row, Segment
from rem_cli.series.chart.page import stacked
from rem_cli.series.chart.plot import text
from rem_cli.series.chart.png import to_png
from rem_cli.series.chart.svg import to_svg

__all__ = ["Chart", "Limit", "Line", "Mark", "Row", "Segment", "page_png", "page_svg", "png", "svg", "text"]


def svg(chart: Chart, *, width: float = 800, height: float = 210, heading: bool = True, styled: bool = True) -> str:
    """One self-contained SVG file, light or dark with its reader; sizes in pixels.

    Without `heading` only the plot; without `styled` the colours come from a page's own style sheet.
    """
    return to_svg(draw(chart, width=width, height=height, heading=heading), styled=styled)


def png(chart: Chart, *, width: float = 800, height: float = 210, heading: bool = True, scale: float = 2.0) -> bytes:
    """One PNG picture of `width` times `scale` by `height` times `scale` dots."""
    return to_png(draw(chart, width=width, height=height, heading=heading), scale=scale)


def page_svg(charts: Sequence[Chart], label: str) -> str:
    """All charts below each other in one SVG file."""
    return to_svg(stacked([draw(chart, width=800, height=210, heading=True) for chart in charts], label))


def page_png(charts: Sequence[Chart], label: str) -> bytes:
    """All charts below each other in one PNG picture."""
    return to_png(stacked([draw(chart, width=800, height=210, heading=True) for chart in charts], label))
