"""`rem graph`: series drawn in the terminal, or as a picture."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import live, numbers, options, show
from rem_cli.errors import NoTargetError, RemError, UsageError
from rem_cli.language.names import nearest
from rem_cli.series import Range, chart
from rem_cli.series.export import json_rows

_STYLES = {
    "title": "bold", "plain": "", "dim": "dim", "line": "", "band": "dim", "over": "red", "limit": "red",
    "mark": "cyan",
    "line1": "cyan", "line2": "magenta", "line3": "yellow", "line4": "green", "line5": "blue", "line6": "bold",
}  # fmt: skip
_WIDEST = 160  # columns; a wider graph is no easier to read
ROWS = 10  # of one graph
_EVERY = 5.0  # seconds between two drawings of --watch
_One = Callable[[chart.Chart], bytes | str]
_All = Callable[[Sequence[chart.Chart], str], bytes | str]
_PICTURES: dict[str, tuple[_One, _All]] = {
    ".png": (chart.png, chart.page_png),
    ".svg": (chart.svg, chart.page_svg),
}


def graph(
    path: numbers.Target,
    last: numbers.Last = "1h",
    out: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="Write a picture, FILE.png or FILE.svg.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="PATH is a host: all its graphs, in one picture.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Draw anew every 5 s, until Ctrl-C.")] = False,
    ascii: Annotated[bool, typer.Option("--ascii", help="Plain letters instead of braille dots.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Draw what jobs and checks measured: one graph a measure, one line a host.

    PATH may be a question, as rem series query takes it. Applied commits are marked. With --out a picture is written,
    one file for each measure.
    """
    seconds = options.seconds(last, "--last")
    for file in out or ():
        if file.suffix not in _PICTURES:
            raise UsageError(f"--out: {file} is neither .png nor .svg", hint=f"--out {file.stem or 'graph'}.svg")
    if watch:
        return _watch(path, seconds, all=all, ascii=ascii)
    with wire.open() as rem:
        charts = _charts(rem, path, seconds, all=all)
    wrote = [file for one in out or () for file in _pictures(one, charts, path if all else "")]
    if format is options.Format.JSON:
        show.document("graph", {"graphs": [_document(*one) for one in charts], "wrote": [str(file) for file in wrote]})
    elif not out:
        _draw(charts, ascii=ascii)
    for file in wrote if format is options.Format.TEXT else ():
        show.line("wrote ", (str(file), "bold"))
    return None


def _charts(rem: wire.Rem, path: str, seconds: float, *, all: bool) -> list[tuple[str, chart.Chart]]:
    names = numbers.ready(rem)
    return _asked(rem, path, seconds) if "(" in path else rem_charts(rem, _named(names, path, all=all), seconds)


def _asked(rem: wire.Rem, question: str, seconds: float) -> list[tuple[str, chart.Chart]]:
    """One chart of the answer to a question, as `rem series query` takes it."""
    from rem_cli.cli.query import as_range
    from rem_cli.wire.numbers import ask

    now = rem.clock.now()
    traces = ask(rem, question, now - seconds, now)
    lines = [chart.Line(trace.name, as_range(trace)) for trace in traces]
    title = question if len(lines) != 1 else lines[0].name
    return [("answer", chart.Chart(title, lines, marks=_marks(rem, now - seconds, now), zone=_zone()))] if lines else []


def _named(names: Sequence[str], path: str, *, all: bool) -> Sequence[str]:
    """The series that are drawn; with `all` those of a host, whatever measured them. NoTargetError."""
    if not all:
        return numbers.asked_for(numbers.meant(names, path), path)
    hosts = {name.split("/")[-2] for name in names}
    if path not in hosts:
        near = nearest(path, hosts)
        raise NoTargetError(
            f"there is no series of a host '{path}'", hint=f"did you mean '{near}'?" if near else "rem series list"
        )
    return [name for name in names if name.split("/")[-2] == path]


def _watch(path: str, seconds: float, *, all: bool, ascii: bool) -> None:
    """Draw again and again, the newest in the place of the one before."""
    if not sys.stdout.isatty():
        raise UsageError("--watch draws on a terminal", hint="leave --watch out, or write a picture with --out")
    with wire.open() as rem, live.stopping(" ") as stop:
        while True:
            charts = _charts(rem, path, seconds, all=all)
            show.cleared()
            _draw(charts, ascii=ascii)
            show.line((f"every {_EVERY:g} s; Ctrl-C ends", "dim"))
            sys.stdout.flush()
            if stop.wait(_EVERY):
                return


def _draw(charts: Sequence[tuple[str, chart.Chart]], *, ascii: bool) -> None:
    width = min(_WIDEST, shutil.get_terminal_size((100, 24)).columns)
    draw(charts, width, ascii=ascii or not show.unicode(sys.stdout))


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
    marks, zone = _marks(rem, now - seconds, now), _zone()
    charts = []
    for (job, measure), members in groups.items():
        lines = [chart.Line(name.split("/")[-2], _fetch(rem, name, now - seconds, now)) for name in members]
        said = said_of(rem, job, measure)
        title = f"{said.title or measure}, {lines[0].name if len(lines) == 1 else show.counted(len(lines), 'host')}"
        limit = chart.Limit(said.limit, f"> {said.limit:g} {said.unit}".rstrip()) if said.limit is not None else None
        charts.append((measure, chart.Chart(title, lines, said.unit, limit, marks, zone)))
    return charts


def _marks(rem: wire.Rem, start: float, end: float) -> list[chart.Mark]:
    """What was made active in that time."""
    return [chart.Mark(one.at, one.commit[:7]) for one in rem.generations.history() if start < one.at <= end]


def _zone() -> tzinfo:
    zone = datetime.now().astimezone().tzinfo
    assert zone is not None
    return zone


def _fetch(rem: wire.Rem, name: str, start: float, end: float) -> Range:
    try:
        return rem.series.fetch(name, start, end, now=end)
    except RemError as error:
        if len(rem.series.names()) == 1:
            raise
        show.note(("series:", "yellow"), f" {error.message}")
        return Range(int(start), int(end), max(1, int(end - start)), [None])


def _pictures(file: Path, charts: Sequence[tuple[str, chart.Chart]], host: str) -> Iterator[Path]:
    """Write one picture for each measure, or one of all that a host has."""
    single, page = _PICTURES[file.suffix]
    if host:
        _write(file, page([one for _, one in charts], f"all graphs of {host}"))
        yield file
        return
    for measure, one in charts:
        plain = "".join(letter if letter.isalnum() else "-" for letter in measure)
        named = file.with_stem(f"{file.stem}-{plain}") if len(charts) > 1 else file
        _write(named, single(one))
        yield named


def _write(file: Path, picture: bytes | str) -> None:
    try:
        file.write_bytes(picture.encode() if isinstance(picture, str) else picture)
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        raise UsageError(f"{file} cannot be written: {words}", hint="name a file in a folder that is there") from None
