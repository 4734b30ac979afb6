"""`rem series query`: questions to series in Graphite's words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import numbers, options, show
from rem_cli.errors import UsageError
from rem_cli.series import Range
from rem_cli.series import export as rows

if TYPE_CHECKING:
    from rem_cli.series.query import Trace


class Form(StrEnum):
    TEXT = "text"
    CSV = "csv"
    JSON = "json"


def query(
    question: Annotated[str, typer.Argument(metavar="EXPR", help="Like sumSeries(shop/jobs/web/load/@web/users).")],
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="1h ago, an RFC 3339 time, or seconds.")] = "1h",
    end: Annotated[str, typer.Option("--until", metavar="TIME", help="The same; now.")] = "now",
    form: Annotated[Form, typer.Option("--format", help="What is printed.")] = Form.TEXT,
) -> None:
    """Ask series, with functions as Graphite has them: rates, sums, percentiles, windows, the highest.

    A path may hold * and ?, {one,two}, ** for any number of parts, and a selector of hosts such as @web.
    """
    from rem_cli.wire.numbers import ask

    with wire.open() as rem:
        numbers.ready(rem)
        now = rem.clock.now()
        since, until = instant(start, now, "--from"), instant(end, now, "--until")
        traces = ask(rem, question, since, until)
    ranges = [(trace.name, as_range(trace)) for trace in traces]
    if form is Form.CSV:
        show.foreign(rows.csv_text(ranges))
    elif form is Form.JSON:
        told = [
            {"series": name, "path": trace.path, "step": one.step, "values": rows.json_rows(one)}
            for trace, (name, one) in zip(traces, ranges, strict=True)
        ]
        show.document("series-query", {"from": show.instant(since), "until": show.instant(until), "series": told})
    else:
        _tell(ranges)


def instant(text: str, now: float, option: str) -> int:
    """A time as it is typed, in seconds since the epoch: `now`, `1h` for an hour ago, RFC 3339, or such seconds."""
    word = text.strip()
    if word == "now":
        return int(now)
    if word.isdecimal():
        return int(word)
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        try:
            return int(now - options.seconds(word.removeprefix("-"), option))
        except UsageError:
            raise UsageError(
                f"{option}: '{text}' is no time", hint=f"like {option} 1h, or {option} 2026-03-01T08:00:00Z"
            ) from None
    return int(at.timestamp())


def as_range(trace: Trace) -> Range:
    """A trace as other parts draw and export it: None where there is no value."""
    values = [None if value != value else value for value in trace.values.tolist()]
    return Range(trace.start, trace.end, trace.step, values)


def _tell(ranges: list[tuple[str, Range]]) -> None:
    """One line a series: its last, lowest, mean and highest value, and how many of its values are known."""
    table = []
    for name, one in ranges:
        known = [value for value in one.values if value is not None]
        numbers = [known[-1], min(known), sum(known) / len(known), max(known)] if known else []
        cells = [f"{number:.6g}" for number in numbers] or ["no value", "", "", ""]
        table.append((name, *cells, f"{len(known)} of {len(one.values)}, every {show.age(one.step)}"))
    show.table(("series", "last", "lowest", "mean", "highest", "known"), table)
