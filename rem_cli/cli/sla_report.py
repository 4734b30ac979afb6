"""The report of service levels: for a terminal, as a document, for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from rem_cli.cli import show as out

if TYPE_CHECKING:
    from rem_cli.sla.report import Row

_HEAD = ("service level", "objective", "window", "available", "budget left", "burn", "")
_STYLE = (
    "body{font:15px/1.5 sans-serif;margin:2em}table{border-collapse:collapse}td,th{padding:.3em .8em;text-align:left}"
)
_STYLE += "tr{border-bottom:1px solid #ccc}.missed{color:#b00020;font-weight:bold}"


def text(rows: Sequence[Row]) -> None:
    """For people."""
    if not rows:
        out.line("No service level has an objective and numbers: rem schema show slas")
        return
    out.table(_HEAD, [_cells(one) for one in rows], ("bold",))


def markdown(rows: Sequence[Row], now: int) -> str:
    """For a page or a pull request."""
    lines = [f"# Service levels, {_day(now)}", "", f"| {' | '.join(_HEAD)} |", f"|{' --- |' * len(_HEAD)}"]
    lines += [f"| {' | '.join(_plain(cell) for cell in _cells(one))} |" for one in rows]
    return "".join(f"{line}\n" for line in lines)


def html(rows: Sequence[Row], now: int) -> str:
    """A whole page, with nothing in it that is fetched."""
    title = f"Service levels, {_day(now)}"
    head = "".join(f"<th>{cell}</th>" for cell in _HEAD)
    body = "".join(_line(one) for one in rows)
    return (
        f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>\n'
        f"<h1>{title}</h1>\n<table><tr>{head}</tr>\n{body}</table></html>\n"
    )


def _line(one: Row) -> str:
    cells = "".join(f"<td>{escape(out.clean(cell))}</td>" for cell in _cells(one))
    return f"<tr{' class=missed' if one.missed else ''}>{cells}</tr>\n"


def _cells(one: Row) -> list[str]:
    available = "no data" if one.available is None else f"{one.available:.4g}%"
    part = f" ({100 * one.left / one.allowed:.0f}%)" if one.allowed else ""
    burn = "" if one.burn is None else f"{one.burn:.1f}×"
    return [
        f"{one.path} {_host(one)}".rstrip(), f"{one.terms.objective:g}%", _span(one),
        available, f"{_time(one.left)}{part}", burn, ", ".join(_remarks(one)),
    ]  # fmt: skip


def _remarks(one: Row) -> Iterator[str]:
    if one.missed:
        yield "missed"
    if one.burning:
        yield f"burns too fast: {', '.join(rate.severity for rate in one.burning)}"
    if one.account.planned:
        counts = {"exclude": "left out", "count": "counted", "split": f"{_time(one.account.planned_bad)} of it down"}
        yield f"planned downtime {_time(one.account.planned)} {counts[one.terms.downtime]}"
    if one.account.missing:
        counts = {"keep": "left out", "alert": "bad", "ok": "good"}
        yield f"no data {_time(one.account.missing)} {counts[one.terms.no_data]}"


def _host(one: Row) -> str:
    return f"on {one.series.split('/')[-2]}"


def _span(one: Row) -> str:
    days = (one.window.whole - one.window.begin) / 86_400
    return f"{days:g} d" if days >= 1 else f"{days * 24:g} h"


def _time(seconds: float) -> str:
    sign = "-" if seconds < 0 else ""
    return f"{sign}{out.age(abs(seconds))}"


def _day(now: int) -> str:
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d %H:%M} UTC"


def _plain(cell: str) -> str:
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+!|~<>&" else c for c in out.clean(cell))


def document(one: Row) -> dict[str, Any]:
    """A row for programs; times in seconds, shares in percent."""
    return {
        "service level": one.path, "title": one.title, "series": one.series, "objective": one.terms.objective,
        "from": out.instant(one.window.begin), "until": out.instant(one.window.whole), "available": one.available,
        "allowed": one.allowed, "left": one.left, "burn": one.burn, "missed": one.missed,
        "burning": [rate._asdict() for rate in one.burning], "seconds": one.account._asdict(),
    }  # fmt: skip
