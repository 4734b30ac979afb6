"""`rem oncall override`, `swap`, `overrides`, `withdraw`: who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import duties, moments, options
from rem_cli.cli import show as out
from rem_cli.errors import UsageError

if TYPE_CHECKING:
    from rem_cli.alerts.oncall import Duty
    from rem_cli.alerts.oncall.kept import Kept

RoleAccount = Annotated[str, typer.Argument(metavar="ROLE", help="A role account.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for whoever asks.")]


def override(
    role: RoleAccount,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The contact who is on duty instead.")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From then on; left out, now.")] = "now",
    until: Annotated[str, typer.Option(metavar="TIME", help="Until then: '2026-12-24 08:00', 08:00, or 8h long.")] = "",
    instead_of: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Whom they stand in for; left out, everybody.")
    ] = None,
    why: Why = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Put somebody on duty for a while, at once and without a commit."""
    from rem_cli.alerts.oncall.kept import Kept
    from rem_cli.cli.person import who
    from rem_cli.wire.oncall import OnCall

    if not until:
        raise UsageError("--until is missing: an override has an end", hint=f"--until 8h, or a time {moments.LIKE}")
    with wire.open() as rem:
        oncall = OnCall(rem)
        duty, now = oncall.duty(role), rem.clock.now()
        package = duty.path.partition("/")[0]
        contact = oncall.contact(person, package)
        others = (oncall.contact(instead_of, package),) if instead_of is not None else ()
        low = moments.moment(begin, duty.zone, int(now), "--from")
        high = moments.moment(until, duty.zone, low, "--until")
        if high <= max(low, now):
            raise UsageError("--until is not after --from, or has passed", hint="--until 8h is 8 hours after --from")
        made = oncall.overrides.add([Kept(duty.path, low, high, (contact,), others, why, who(), now)])
    _made(made, {duty.path: duty}, int(now), format)


def swap(
    role: RoleAccount,
    first: Annotated[str, typer.Argument(metavar="PERSON", help="Whose next duty is given away.")],
    second: Annotated[str, typer.Argument(metavar="PERSON", help="Who takes it, and gives their own next duty.")],
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="Their next after then; left out, now.")] = "now",
    why: Why = "",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Swap the next duty of two people, both or neither."""
    from rem_cli.alerts.oncall.kept import Kept
    from rem_cli.alerts.oncall.swap import swapped
    from rem_cli.cli.person import who
    from rem_cli.wire.oncall import OnCall

    with wire.open() as rem:
        oncall = OnCall(rem)
        duty, now = oncall.duty(role), rem.clock.now()
        people = [oncall.contact(one, duty.path.partition("/")[0]) for one in (first, second)]
        pairs = swapped(duty, people[0], people[1], moments.moment(begin, duty.zone, int(now), "--from"))
        kept = [
            Kept(duty.path, one.begin, one.end, one.contacts, one.instead_of, why or one.name, who(), now, one.shift)
            for one in pairs
        ]
        made = oncall.overrides.add(kept)
    _made(made, {duty.path: duty}, int(now), format)


def overrides(
    all: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """List the overrides that were made by command."""
    from rem_cli.wire.oncall import OnCall

    with wire.open() as rem:
        oncall, now = OnCall(rem), int(rem.clock.now())
        known = oncall.duties()
        there = (rem.state_folder / "state.sqlite").is_file()
        kept = [one for one in (oncall.overrides.all() if there else []) if all or one.override.end > now]
    if format is options.Format.JSON:
        out.document("oncall-overrides", {"overrides": [_document(one) for one in kept]})
    elif not kept:
        out.line("No override by command: rem oncall override ROLE PERSON --until 8h")
    else:
        for one in kept:
            _line(one, known.get(one.duty), now)


def withdraw(
    number: Annotated[int, typer.Argument(metavar="N", help="An override's number.")],
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """End an override now, or before it begins; its record stays."""
    from rem_cli.wire.oncall import OnCall

    with wire.open() as rem:
        oncall, now = OnCall(rem), rem.clock.now()
        kept = oncall.overrides.withdraw(number, now)
        known = oncall.duties()
    _made([kept], known, int(now), format)


def _made(made: Sequence[Kept], known: Any, now: int, format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("oncall-overrides", {"overrides": [_document(one) for one in made]})
        return
    for one in made:
        _line(one, known.get(one.duty), now)


def _line(one: Kept, duty: Duty | None, now: int) -> None:
    place = duty.zone if duty else "UTC"
    span = " – ".join(moments.told(at, place, now) for at in (one.begin, one.end))
    instead = f" instead of {duties.names(one.instead_of)}" if one.instead_of else ""
    instead += f" in shift {one.shift}" if one.shift else ""
    gone = f", withdrawn {moments.told(int(one.withdrawn), place, now)}" if one.withdrawn is not None else ""
    said = f"  by {one.who}{gone}{f': {one.why}' if one.why else ''}"
    out.line(
        (f"{one.number}", "bold"),
        f"  {duties.name(one.duty)}  {span}  {duties.names(one.contacts)}{instead}",
        (said, "dim"),
    )


def _document(one: Kept) -> dict[str, Any]:
    return {
        "number": one.number, "role account": one.duty, "from": out.instant(one.begin), "until": out.instant(one.end),
        "contacts": list(one.contacts), "instead of": list(one.instead_of), "shift": one.shift or None,
        "why": one.why or None, "who": one.who,
        "made": out.instant(one.made), "withdrawn": None if one.withdrawn is None else out.instant(one.withdrawn),
    }  # fmt: skip
