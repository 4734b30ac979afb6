"""`rem sla`: service levels, whether they hold, and what objectives come to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import numbers, options, sla_report
from rem_cli.cli import show as out
from rem_cli.errors import Status

if TYPE_CHECKING:
    from rem_cli.wire.levels import Looked

app = root.group("Service levels.")

Level = Annotated[str | None, typer.Argument(metavar="PATH", help="One service level; left out, all of them.")]
Tree = Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Status 3 when one does not hold.")]
_BLIND = ("no data", "unknown", "error")
_COLORS = {"ok": "green", "pending": "yellow", "breached": "red"}


class Form(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"


@app.callback()
def sla() -> None:
    """Service levels."""


@app.command()
def show(
    path: Level = None, tree: Tree = False, exit_code: ExitCode = False, format: options.AsFormat = options.Format.TEXT
) -> int:
    """Look at service levels now, and tell whether they hold; nothing is kept of it."""
    from rem_cli.wire.levels import Levels

    with wire.open() as rem:
        numbers.ready(rem)
        now = rem.clock.now()
        looked = list(Levels(rem, tree=tree).look(now, path))
    _told(looked, now, format, changes=False)
    breached = any(one.verdict.state == "breached" for one in looked)
    return Status.DIFFERENT if exit_code and breached else Status.DONE


@app.command()
def check(format: options.AsFormat = options.Format.TEXT) -> None:
    """Look at every service level, keep where it stands, decide who is to be told; for a crontab and a daemon."""
    from rem_cli.wire.alerting import Alerting
    from rem_cli.wire.levels import Levels

    with wire.open() as rem:
        numbers.ready(rem)
        now, levels = rem.clock.now(), Levels(rem)
        looked = levels.check(now)
        notices = Alerting(rem).turn(levels, looked, now).notices if levels.catalog.of("builtin alerts") else ()
    if format is options.Format.JSON:
        told = [one._asdict() | {"firing": list(one.firing), "resolved": list(one.resolved)} for one in notices]
        out.document("sla-check", {"levels": [_document(one) for one in looked], "notices": told})
        return
    _told(looked, now, format, changes=True)
    for one in notices:
        to = one.role.rpartition("/")[2] or "nobody"
        counts = f"{len(one.firing)} firing, {len(one.resolved)} over"
        out.line((out.glyph("change"), "cyan"), f" {one.kind} notice for {to} in the outbox: {counts}")


@app.command()
def report(
    path: Level = None,
    tree: Tree = False,
    exit_code: ExitCode = False,
    format: Annotated[Form, typer.Option("--format", help="For people, a document, or programs.")] = Form.TEXT,
) -> int:
    """Tell what objectives come to: how much was well, what is left of the error budget, how fast it goes."""
    from rem_cli.wire.levels import Levels

    with wire.open() as rem:
        numbers.ready(rem)
        now = int(rem.clock.now())
        rows = Levels(rem, tree=tree).report(now, path)
    if format is Form.JSON:
        out.document("sla-report", {"at": out.instant(now), "rows": [sla_report.document(one) for one in rows]})
    elif format is Form.TEXT:
        sla_report.text(rows)
    else:
        out.foreign(sla_report.markdown(rows, now) if format is Form.MARKDOWN else sla_report.html(rows, now))
    return Status.DIFFERENT if exit_code and any(one.missed for one in rows) else Status.DONE


def _told(looked: Sequence[Looked], now: float, format: options.Format, *, changes: bool) -> None:
    if format is options.Format.JSON:
        out.document("sla", {"levels": [_document(one) for one in looked]})
        return
    told = [one for one in looked if one.verdict.events] if changes else looked
    for one in told:
        state = str(one.verdict.state)
        since = one.verdict.standing.since
        age = f" for {out.age(now - since)}" if since is not None and now - since >= 1 else ""
        events = f"  {', '.join(event.what for event in one.verdict.events)}:" if changes else ""
        blind = f", {one.seen.sight}" if one.seen.sight in _BLIND else ""
        out.line(
            (f"{state}{age}{blind}", "yellow" if blind else _COLORS[state]),
            f"  {one.level.rule.path}{events}  ",
            (one.seen.why, "dim"),
        )
        out.line("    ", (one.series, "dim"))
    if not looked:
        out.line("No service level has numbers to look at: rem schema show slas")
    elif changes and not told:
        out.line(f"{out.counted(len(looked), 'look')}: nothing changed")


def _document(one: Looked) -> dict[str, Any]:
    standing = one.verdict.standing
    return {
        "service level": one.level.rule.path, "series": one.series, "state": str(standing.state),
        "since": None if standing.since is None else out.instant(standing.since),
        "sight": str(one.seen.sight), "why": one.seen.why, "alert": one.level.alert,
        "events": [{"what": event.what, "why": event.why} for event in one.verdict.events],
    }  # fmt: skip
