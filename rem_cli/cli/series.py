"""`rem series`: what is kept, and its numbers for other programs."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import listen, mend, numbers, options, query, sinks
from rem_cli.cli import show as out
from rem_cli.errors import RemError
from rem_cli.series import Summary
from rem_cli.series import export as rows

app = root.group("Numbers over time.")


class Form(StrEnum):
    CSV = "csv"
    JSON = "json"


@app.callback()
def series() -> None:
    """Numbers over time."""


@app.command(name="list")
def list_(
    path: Annotated[str, typer.Argument(metavar="PATH", help="Only what is at or below it.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List every series with its last value."""
    with wire.open() as rem:
        names = numbers.ready(rem)
        names = numbers.meant(names, path) if path else names
        newest = {name: _newest(rem, name) for name in names}
        now = rem.clock.now()
    if format is options.Format.JSON:
        listed = [{"series": n, "value": p and p[1], "at": p and out.instant(p[0])} for n, p in newest.items()]
        out.document("series", {"series": listed})
        return
    if not names:
        out.line("No series yet: run a job; its field 'graph' names results to keep.")
        return
    table = [
        (n, f"{p[1]:g}" if p else "no value", f"{out.age(now - p[0])} ago" if p else "") for n, p in newest.items()
    ]
    out.table(("series", "last", "when"), table)


@app.command()
def show(
    path: numbers.Target,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell how finely and how long a series is kept, and what it holds."""
    with wire.open() as rem:
        names = numbers.meant(rem.series.names(), path)
        told = [rem.series.info(name) for name in names]
    if format is options.Format.JSON:
        out.document("series-info", {"series": [_document(one) for one in told]})
        return
    for one in told:
        out.line((one.name, "bold"))
        out.line(("  file ", "dim"), f"{one.file}, {one.bytes:,} bytes, {one.aggregate}")
        for holding in one.holdings:
            newest = f", last {holding.newest.value:g} at {out.when(holding.newest.at)}" if holding.newest else ""
            kept = f"every {out.age(holding.archive.step)} for {out.age(holding.archive.span)}"
            out.line(("  kept ", "dim"), f"{kept}: {holding.known:,} of {holding.archive.points:,} values{newest}")


@app.command()
def export(
    path: numbers.Target,
    last: numbers.Last = "1h",
    form: Annotated[Form, typer.Option("--format", help="What is printed.")] = Form.CSV,
) -> None:
    """Print the values of series as CSV or JSON; what is not known is empty."""
    with wire.open() as rem:
        names = numbers.meant(numbers.ready(rem), path)
        now = rem.clock.now()
        ranges = [(name, rem.series.fetch(name, now - options.seconds(last, "--last"), now, now=now)) for name in names]
    if form is Form.CSV:
        sys.stdout.write(rows.csv_text(ranges))
    else:
        told = [{"series": name, "step": one.step, "values": rows.json_rows(one)} for name, one in ranges]
        out.document("series-values", {"series": told})


app.command(name="query")(query.query)
app.command(name="check")(mend.check)
app.command(name="repair")(mend.repair)
app.command(name="resize")(mend.resize)
app.command(name="send")(sinks.send)
app.command(name="listen")(listen.listen)


def _newest(rem: wire.Rem, name: str) -> tuple[int, float] | None:
    try:
        point = rem.series.newest(name)
    except RemError as error:
        out.note(("series:", "yellow"), f" {error.message}")
        return None
    return (point.at, point.value) if point else None


def _document(one: Summary) -> dict[str, object]:
    return {
        "series": one.name,
        "file": str(one.file),
        "bytes": one.bytes,
        "aggregate": str(one.aggregate),
        "archives": [{"step": h.archive.step, "span": h.archive.span, "known": h.known} for h in one.holdings],
    }
