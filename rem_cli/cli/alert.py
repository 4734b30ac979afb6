"""`rem alert`: what fires, who has it, and why people were told or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, silences
from rem_cli.cli import show as out
from rem_cli.cli import simulate as simulated
from rem_cli.cli.person import who

if TYPE_CHECKING:
    from rem_cli.alerts import Board, Episode, Line

app = root.group("Alerts and their episodes.")

Id = Annotated[str, typer.Argument(metavar="EPISODE", help="As rem alert list has it; its first letters are enough.")]


@app.callback()
def alert() -> None:
    """Alerts and their episodes."""


@app.command(name="list")
def list_(
    all: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List what fires, the latest first."""
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        board, now = Alerting(rem).board(), rem.clock.now()
    found = [one for one in board.episodes.values() if all or one.closed is None]
    found.sort(key=lambda one: -one.began)
    if format is options.Format.JSON:
        out.document("alerts", {"episodes": [_document(one) for one in found]})
    elif not found:
        out.line("Nothing fires.")
    else:
        rows = [(one.id, _state(one), one.severity, _alert(one), out.age(now - one.began), one.why) for one in found]
        out.table(("episode", "state", "severity", "alert", "since", "why"), rows, ("bold",))


@app.command()
def show(id: Id, format: options.AsFormat = options.Format.TEXT) -> None:
    """Tell of one episode: since when, why, who has it, why nobody is told."""
    from rem_cli.alerts.acks import find
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        one = find(Alerting(rem).board(), id)
        now = rem.clock.now()
    if format is options.Format.JSON:
        out.document("alert", _document(one))
        return
    out.line((one.id, "bold"), f"  {_state(one)}")
    rows = {
        "alert": one.alarm, "severity": one.severity, "since": f"{out.when(one.began)} ({out.age(now - one.began)})",
        "why": one.why, "labels": ", ".join(f"{name}={value}" for name, value in sorted(one.labels.items())),
        "nobody is told": one.held, "over": out.when(one.closed) if one.closed is not None else "",
        "acknowledged": ", ".join(f"by {ack.who} {out.age(now - ack.at)} ago" for ack in one.acks),
    }  # fmt: skip
    for name, value in rows.items():
        if value:
            out.line("  ", (f"{name}: ", "dim"), value)


@app.command()
def why(id: Id, format: options.AsFormat = options.Format.TEXT) -> None:
    """Tell every decision about an episode, with its reason."""
    from rem_cli.alerts.acks import find
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        alerting = Alerting(rem)
        one = find(alerting.board(), id)
        lines = alerting.lines(one)
    if format is options.Format.JSON:
        told = [{"at": out.instant(line.at), "what": line.what, "why": line.why} for line in lines]
        out.document("alert-why", {"episode": one.id, "lines": told})
        return
    out.line((one.id, "bold"), f"  {one.alarm}")
    for line in lines:
        out.line("  ", (out.when(line.at), "dim"), f"  {line.what}: {line.why}")


@app.command()
def ack(
    id: Id,
    through_flap: Annotated[bool, typer.Option("--through-flap", help="Also when it is over and comes soon.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Say that you have it: nobody is told any more until it is over, or your acknowledgement expires."""
    from rem_cli.alerts.acks import acknowledge
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        alerting = Alerting(rem)

        def how(board: Board, now: float) -> tuple[Board, list[Line], tuple[Episode, str]]:
            after, one, lines, said = acknowledge(board, alerting.alarms, id, who(), now, through_flap=through_flap)
            return after, lines, (one, said)

        one, said = alerting.change(how)
    _said(one, said, format)


@app.command()
def unack(id: Id, format: options.AsFormat = options.Format.TEXT) -> None:
    """Say that nobody has it any more."""
    from rem_cli.alerts.acks import withdraw
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:

        def how(board: Board, now: float) -> tuple[Board, list[Line], Episode]:
            after, one, lines = withdraw(board, id, who(), now)
            return after, lines, one

        one = Alerting(rem).change(how)
    _said(one, "nobody has it", format)


@app.command()
def resolve(id: Id, format: options.AsFormat = options.Format.TEXT) -> None:
    """Close an episode by hand; if it fires at the next look it opens again."""
    from rem_cli.alerts import said
    from rem_cli.alerts.acks import find
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        alerting = Alerting(rem)
        name = alerting.change(lambda board, now: said.resolve(board, id, now, who()))
        one = find(alerting.board(), name)
    _said(one, "it opens again if it fires at the next look", format)


app.command(name="simulate")(simulated.simulate)
app.command(name="silence")(silences.silence)
app.command(name="silences")(silences.silences)
app.command(name="unsilence")(silences.unsilence)


def _said(one: Episode, said: str, format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("alert", {**_document(one), "said": said})
    else:
        out.line((one.id, "bold"), f"  {_state(one)}: {said}")


def _alert(one: Episode) -> str:
    host = one.labels.get("host")
    return f"{one.alarm.rpartition('/')[2]}{f' on {host}' if host else ''}"


def _state(one: Episode) -> str:
    if one.closed is not None:
        return one.end
    if one.acks:
        return f"acknowledged by {', '.join(ack.who for ack in one.acks)}"
    return one.held or "fires"


def _document(one: Episode) -> dict[str, Any]:
    return {
        "episode": one.id, "alert": one.alarm, "severity": one.severity, "labels": dict(one.labels), "why": one.why,
        "began": out.instant(one.began), "closed": None if one.closed is None else out.instant(one.closed),
        "end": one.end or None, "held": one.held or None, "opened": one.opened,
        "acknowledged": [{"who": ack.who, "at": out.instant(ack.at)} for ack in one.acks],
    }  # fmt: skip
