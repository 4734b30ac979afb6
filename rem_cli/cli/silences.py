"""`rem alert silence`, `silences`, `unsilence`: alerts that nobody is told of for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import moments, options
from rem_cli.cli import show as out
from rem_cli.cli.person import who
from rem_cli.errors import UsageError

if TYPE_CHECKING:
    from rem_cli.alerts import Board, Line
    from rem_cli.alerts.silence import Matcher, Silence


def silence(
    matchers: Annotated[list[str], typer.Argument(metavar="MATCHER...", help="LABEL=VALUE, !=, =~ or !~; all count.")],
    time: Annotated[str | None, typer.Option("--for", metavar="TIME", help="So long, like 2h.")] = None,
    until_cleared: Annotated[bool, typer.Option("--until-cleared", help="Until all that it matched is clear.")] = False,
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From then on, in UTC; left out, now.")] = "now",
    downtime: Annotated[bool, typer.Option("--downtime", help="It was planned.")] = False,
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for whoever asks.")] = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell nobody of some alerts for a while: of those all of whose matchers match. They still fire and are listed."""
    from rem_cli.alerts import said
    from rem_cli.wire.alerting import Alerting

    if (time is None) == (not until_cleared):
        hint = "rem alert silence host=web01 --for 2h"
        raise UsageError("a silence has one end: --for TIME, or --until-cleared", hint=hint)
    seconds = options.seconds(time, "--for") if time is not None else None
    read = [_matcher(text) for text in matchers]
    with wire.open() as rem:

        def how(board: Board, now: float) -> tuple[Board, list[Line], Silence]:
            start = moments.moment(begin, "UTC", int(now), "--from") if begin != "now" else now
            return said.silence(board, read, now, seconds, who(), why, downtime=downtime, begin=start)

        made = Alerting(rem).change(how)
        now = rem.clock.now()
    _told([made], format, now)


def silences(
    all: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List silences and downtimes."""
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        board, now = Alerting(rem).board(), rem.clock.now()
    _told([one for one in board.silences if all or one.end > now], format, now)


def unsilence(
    number: Annotated[int, typer.Argument(metavar="N", help="A silence's number.")],
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """End a silence now; its record stays."""
    from rem_cli.alerts import said
    from rem_cli.wire.alerting import Alerting

    with wire.open() as rem:
        ended = Alerting(rem).change(lambda board, now: said.end_silence(board, number, now, who()))
        now = rem.clock.now()
    _told([ended], format, now)


def _matcher(text: str) -> Matcher:
    from rem_cli.alerts.silence import matcher
    from rem_cli.language.at import Misfit

    try:
        return matcher(text)
    except Misfit as misfit:
        raise UsageError(misfit.message, hint=misfit.hint) from None


def _told(some: list[Silence], format: options.Format, now: float) -> None:
    if format is options.Format.JSON:
        out.document("silences", {"silences": [_document(one) for one in some]})
    elif not some:
        out.line("No silence: rem alert silence host=web01 --for 2h")
    else:
        for one in some:
            kind = "downtime" if one.downtime else "silence"
            later = f"from {out.when(one.begin)} " if one.begin > now else ""
            end = f"{later}until {'cleared, at most ' if one.cleared else ''}{out.when(one.end)}"
            said = f"  by {one.who}{f': {one.why}' if one.why else ''}"
            out.line((f"{one.number}", "bold"), f"  {kind} {', '.join(map(str, one.matchers))}  {end}", (said, "dim"))


def _document(one: Silence) -> dict[str, Any]:
    return {
        "number": one.number, "matchers": [str(matcher) for matcher in one.matchers], "from": out.instant(one.begin),
        "until": out.instant(one.end), "until cleared": one.cleared, "downtime": one.downtime, "who": one.who,
        "why": one.why or None,
    }  # fmt: skip
