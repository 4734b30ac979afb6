"""`rem alert simulate`: whom an alert would page, when and how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import duties, moments, options
from rem_cli.cli import show as out

if TYPE_CHECKING:
    from rem_cli.alerts.simulate import Told

_COLORS = {"page": "bold", "failed": "red", "last resort": "red", "exhausted": "yellow", "acknowledged": "green"}


def simulate(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role account, or the path of an alert.")],
    at: Annotated[str, typer.Option(metavar="TIME", help="When it fires: now, 03:10 or '2026-12-24 03:10'.")] = "now",
    ack_after: Annotated[str | None, typer.Option(metavar="TIME", help="Somebody acknowledges so long after.")] = None,
    down: Annotated[list[str] | None, typer.Option(metavar="KIND", help="A way that fails: email, webhook …")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Go through an escalation on made-up time: who is paged, when and how, by the functions that page people."""
    from rem_cli.alerts.duty import OnDuty, policy
    from rem_cli.alerts.read import alarms
    from rem_cli.alerts.simulate import simulate as through
    from rem_cli.wire.oncall import OnCall

    seconds = options.seconds(ack_after, "--ack-after") if ack_after is not None else None
    with wire.open() as rem:
        oncall, present = OnCall(rem, tree=tree), int(rem.clock.now())
        items = oncall.catalog.items
        alarm = alarms(items.values()).get(items[role].path) if role in items else None
        duty = oncall.duty(alarm.role if alarm and alarm.role else role)
        known = oncall.duties()
    start = moments.moment(at, duty.zone, present, "--at") + (alarm.wait if alarm else 0.0)
    contacts = {item.path: item for item in items.values() if item.process == "builtin contacts"}
    world = OnDuty(duty, known, contacts)
    told = through(policy(items[duty.path]), world, start, ack_after=seconds, down=down or ())
    if format is options.Format.JSON:
        rows = [_document(one) for one in told]
        out.document("alert-simulated", {"role account": duty.path, "zone": duty.zone, "timeline": rows})
    else:
        _text(told, duty.zone, present)


def _text(told: Sequence[Told], place: str, present: int) -> None:
    for one in told:
        if one.what == "step":  # its page follows, and says so
            continue
        when, page = moments.told(int(one.at), place, present), one.page
        step = f"  step {page.step} of loop {page.loop}" if page and page.step and one.what == "page" else ""
        text = f"{duties.name(page.contact)} by {one.text}" if page and one.what == "page" else one.text
        out.line((when, "dim"), "  ", (one.what, _COLORS.get(one.what, "")), f"  {text}", (step, "dim"))
    pages = out.counted(sum(one.what == "page" for one in told), "page")
    people = out.counted(len({one.page.contact for one in told if one.page}), "person", "people")
    out.line("")
    out.line((f"{pages} to {people}", "bold"), "; nothing was sent")


def _document(one: Told) -> dict[str, Any]:
    page = one.page
    shown = page and {"contact": page.contact, "way": page.kind, "step": page.step, "loop": page.loop}
    return {"at": out.instant(one.at), "what": one.what, "text": one.text, "page": shown}
