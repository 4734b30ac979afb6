"""`rem oncall`: who is on duty, and who stands in for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import duties, moments, options, standing_in
from rem_cli.cli import show as out
from rem_cli.errors import Status
from rem_cli.language.zone import DAY

if TYPE_CHECKING:
    from rem_cli.alerts.oncall import Duty, Stint

app = root.group("Who is on duty.")

Role = Annotated[str | None, typer.Argument(metavar="ROLE", help="A role account; left out, all of them.")]
Tree = Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")]
_MOST = 400  # days that are shown


@app.callback()
def oncall() -> None:
    """Who is on duty."""


@app.command()
def now(
    role: Role = None,
    at: Annotated[str, typer.Option(metavar="TIME", help="Another time: 2026-12-24, '2026-12-24 03:10', 8h.")] = "now",
    tree: Tree = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell who is on duty, and until when."""
    from rem_cli.alerts.oncall.stints import on_duty

    with wire.open() as rem:
        present = int(rem.clock.now())
        found = []
        for duty in _chosen(rem, role, tree):
            instant = moments.moment(at, duty.zone, present, "--at")
            found.append((duty, instant, on_duty(duty, instant)))
    if format is options.Format.JSON:
        told = [{"at": out.instant(instant), **_document(duty, one)} for duty, instant, one in found]
        out.document("oncall-now", {"now": told})
        return
    if not found:
        out.line("No package has a role account: rem schema show role-accounts")
        return
    rows = [
        (duty.path, duties.names(one.contacts), f"until {moments.told(one.end, duty.zone, present)}", one.why)
        for duty, _, one in found
    ]
    out.table(("role account", "on duty", "", ""), rows, ("bold",))


@app.command()
def schedule(
    role: Role = None,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=_MOST, help="For so many days.")] = 14,
    begin: Annotated[str, typer.Option("--from", metavar="TIME", help="From then on; left out, from now.")] = "now",
    of: Annotated[str | None, typer.Option("--of", metavar="PERSON", help="Only the duty of this contact.")] = None,
    tree: Tree = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell who is on duty over the next days, on the wall of the role account's time zone."""
    from rem_cli.alerts.oncall.stints import stints

    with wire.open() as rem:
        present = int(rem.clock.now())
        found = []
        for duty in _chosen(rem, role, tree):
            low = moments.moment(begin, duty.zone, present, "--from")
            whole = stints(duty, low, low + days * DAY)
            found.append((duty, [one for one in whole if of is None or of in map(duties.name, one.contacts)]))
    if format is options.Format.JSON:
        out.document("oncall-schedule", {"schedule": [_document(duty, one) for duty, some in found for one in some]})
        return
    for number, (duty, some) in enumerate(found):
        if number:
            out.line("")
        out.line((duty.path, "bold"), f", {duty.zone}")
        rows = [_row(duty, one, present) for one in some]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for one, (start, end, long) in zip(some, rows, strict=True):
            times = f"  {start:<{widths[0]}} – {end:<{widths[1]}}  {long:>{widths[2]}}  "
            why = (f"  {one.why}" if one.why else "", "dim")
            out.line(times, (duties.names(one.contacts), "" if one.contacts else "red"), why)
        if not some:
            out.line(f"  {of} is not on duty in these {days} days")


def _row(duty: Duty, one: Stint, present: int) -> tuple[str, str, str]:
    begin, end = (moments.told(at, duty.zone, present) for at in (one.begin, one.end))
    return begin, end, moments.long(one.end - one.begin)


@app.command()
def ical(
    role: Role = None,
    of: Annotated[str | None, typer.Option("--of", metavar="PERSON", help="Only the duty of this contact.")] = None,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=_MOST, help="For so many days.")] = 90,
    tree: Tree = False,
) -> None:
    """Print who is on duty as a calendar that other programs read (iCalendar)."""
    from rem_cli.alerts.oncall.ical import calendar
    from rem_cli.alerts.oncall.stints import stints

    with wire.open() as rem:
        present = int(rem.clock.now())
        chosen = _chosen(rem, role, tree)
    found = {}
    for duty in chosen:
        whole = stints(duty, present, present + days * DAY)
        found[duty.path] = [
            one for one in whole if one.contacts and (of is None or of in map(duties.name, one.contacts))
        ]
    title = of or (chosen[0].name if role is not None else "on call")
    out.foreign(calendar(title, found, present))


@app.command()
def prove(
    role: Role = None,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=_MOST, help="For so many days.")] = _MOST,
    tree: Tree = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Prove that somebody is always on duty, and tell how the hours are shared; status 4 where there is a gap."""
    from rem_cli.alerts.oncall.shares import proof

    with wire.open() as rem:
        present = int(rem.clock.now())
        proofs = [proof(duty, present, present + days * DAY) for duty in _chosen(rem, role, tree)]
    if format is options.Format.JSON:
        out.document("oncall-proof", {"days": days, "proofs": [duties.proof(one) for one in proofs]})
    else:
        duties.proved(proofs, days, present)
    return Status.FINDINGS if any(one.gaps for one in proofs) else Status.DONE


app.command(name="override")(standing_in.override)
app.command(name="swap")(standing_in.swap)
app.command(name="overrides")(standing_in.overrides)
app.command(name="withdraw")(standing_in.withdraw)


def _chosen(rem: wire.Rem, role: str | None, tree: bool) -> list[Duty]:
    from rem_cli.wire.oncall import OnCall

    oncall = OnCall(rem, tree=tree)
    return [oncall.duty(role)] if role is not None else list(oncall.duties().values())


def _document(duty: Duty, one: Stint) -> dict[str, Any]:
    return {
        "role account": duty.path,
        "zone": duty.zone,
        "from": out.instant(one.begin),
        "until": out.instant(one.end),
        "contacts": list(one.contacts),
        "why": one.why or None,
    }
