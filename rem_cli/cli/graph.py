"""`rem graph`: series drawn in the terminal, or as a picture."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import numbers, options, show
from rem_cli.errors import RemError, UsageError
from rem_cli.series import Range, chart
from rem_cli.series.export import json_rows

_STYLES = {
    "title": "bold", "plain": "", "dim": "dim", "line": "", "band": "dim", "over": "red", "limit": "red",
    "mark": "cyan",
    "line1": "cyan", "line2": "magenta", "line3": "yellow", "line4": "green", "line5": "blue", "line6": "bold",
}  # fmt: skip
_WIDEST = 160  # columns; a wider graph is no easier to read
ROWS = 10  # of one graph


def graph(
    path: numbers.Target,
    last: numbers.Last = "1h",
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a PNG picture.")] = None,
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an SVG picture.")] = None,
    ascii: Annotated[bool, typer.Option("--ascii", help="Plain letters instead of braille dots.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Draw what a job measured: one graph a measure, one line a host.

    Applied commits are marked. With --png or --svg a picture is written, one file for each measure.
    """
    with wire.open() as rem:
        names = numbers.asked_for(numbers.meant(numbers.ready(rem), path), path)
        charts = rem_charts(rem, names, options.seconds(last, "--last"))
    wrote = [*_pictures(png, charts, chart.png), *_pictures(svg, charts, lambda one: chart.svg(one).encode())]
    if format is options.Format.JSON:
        show.document("graph", {"graphs": [_document(*one) for one in charts], "wrote": [str(file) for file in wrote]})
    elif png is None and svg is None:
        width = min(_WIDEST, shutil.get_terminal_size((100, 24)).columns)
        draw(charts, width, ascii=ascii or not show.unicode(sys.stdout))
    for file in wrote if format is options.Format.TEXT else ():
        show.line("wrote ", (str(file), "bold"))


def _document(measure: str, one: chart.Chart) -> dict[str, object]:
    lines = [{"name": line.name, "step": line.range.step, "values": json_rows(line.range)} for line in one.lines]
    limit = one.limit.value if one.limit else None
    return {"title": one.title, "measure": measure, "unit": one.unit, "limit": limit, "lines": lines}


def draw(charts: Sequence[tuple[str, chart.Chart]], width: int, *, ascii: bool) -> None:
    """Graphs in the terminal, an empty line between them."""
    for number, (_, one) in enumerate(charts):
        if number:
            show.line("")
        for row in chart.text(one, width=width, height=ROWS, ascii_only=ascii):
            spans: list[show.Span | str] = [(piece.text, _STYLES.get(piece.style, "")) for piece in row]
            show.line(*spans)


def rem_charts(rem: wire.Rem, names: Sequence[str], seconds: float) -> list[tuple[str, chart.Chart]]:
    """One chart for each measure of these series, with a line for each host."""
    from rem_cli.wire.numbers import said_of

    now = rem.clock.now()
    groups: dict[tuple[str, str], list[str]] = {}
    for name in names:
        parts = name.split("/")
        groups.setdefault(("/".join(parts[:-2]), parts[-1]), []).append(name)
    marks = [chart.Mark(one.at, one.commit[:7]) for one in rem.generations.history() if now - seconds < one.at <= now]
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    charts = []
    for (job, measure), members in groups.items():
        lines = [chart.Line(name.split("/")[-2], _fetch(rem, name, now - seconds, now)) for name in members]
        said = said_of(rem, job, measure)
        title = f"{said.title or measure}, {lines[0].name if len(lines) == 1 else show.counted(len(lines), 'host')}"
        limit = chart.Limit(said.limit, f"> {said.limit:g} {said.unit}".rstrip()) if said.limit is not None else None
        charts.append((measure, chart.Chart(title, lines, said.unit, limit, marks, zone)))
    return charts


def _fetch(rem: wire.Rem, name: str, start: float, end: float) -> Range:
    try:
        return rem.series.fetch(name, start, end, now=end)
    except RemError as error:
        if len(rem.series.names()) == 1:
            raise
        show.note(("series:", "yellow"), f" {error.message}")
        return Range(int(start), int(end), max(1, int(end - start)), [None])


def _pictures(
    file: Path | None, charts: Sequence[tuple[str, chart.Chart]], drawn: Callable[[chart.Chart], bytes]
) -> Iterator[Path]:
    for measure, one in charts if file else ():
        assert file is not None
        plain = "".join(letter if letter.isalnum() else "-" for letter in measure)
        named = file.with_stem(f"{file.stem}-{plain}") if len(charts) > 1 else file
        try:
            named.write_bytes(drawn(one))
        except OSError as error:
            words = (error.strerror or str(error)).lower()
            raise UsageError(
                f"{named} cannot be written: {words}", hint="name a file in a folder that is there"
            ) from None
        yield named
