"""`rem job next`: when jobs are due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import freezing, options, show
from rem_cli.errors import UsageError

if TYPE_CHECKING:
    from rem_cli.jobs.schedule.coming import Due
    from rem_cli.jobs.schedule.frozen import Freeze
    from rem_cli.wire.source import Source

OF_ONE = 5  # instants of a job that was named
MOST = 1_000  # that are told at once


def next_(
    path: Annotated[str | None, typer.Argument(metavar="PATH", help="This job only; left out, all of them.")] = None,
    between: Annotated[
        tuple[str, str] | None, typer.Option(metavar="FROM UNTIL", help="As in 2026-03-28 2026-03-30T12:00, in UTC.")
    ] = None,
    count: Annotated[int | None, typer.Option(metavar="N", min=1, max=MOST, help="How many of each job.")] = None,
    tree: Annotated[bool, typer.Option("--tree", help="The work tree instead of the active generation.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Show when jobs are due next, on the wall of their time zone and in UTC, and what clock changes do to them."""
    from rem_cli.jobs.schedule.coming import coming, schedules

    with wire.open() as rem:
        source = rem.work_tree_source() if tree else rem.active_source()
        now = int(rem.clock.now())
        freezes = _freezes(rem, source)
    known, wrong = schedules(source.catalog.items.values())
    if path is not None:
        job = source.job(path).path
        if job in wrong:
            raise wrong[job]
        if job not in known:
            raise UsageError(f"{job} has no schedule: it runs when it is told to", hint="give it once, every or cron")
        known = {name: one for name, one in known.items() if name == job}
    begin, end = (_moment(one) for one in between) if between else (now + 1, None)
    if end is not None and end <= begin:
        raise UsageError("--between wants the earlier time first", hint="--between 2026-03-28 2026-03-30")
    each = count or (None if between else OF_ONE if path is not None else 1)
    told = list(islice(coming(known, begin, end, each), MOST + 1))
    if format is options.Format.JSON:
        show.document("job-next", {"next": [_row(due, freezes) for due in told[:MOST]], "more": len(told) > MOST})
    else:
        _text(told, freezes)
    for name, error in wrong.items() if path is None else ():
        show.note((name, "bold"), f" is left out: {error.message}")


def _freezes(rem: wire.Rem, source: Source) -> Callable[[Due], Freeze | None]:
    """The freeze that keeps a job from running at an instant."""
    from rem_cli.jobs.freezes import Freezes
    from rem_cli.jobs.schedule.frozen import at, of_job

    known = Freezes(rem.state).all() if rem.state_folder.is_dir() else []
    exempt = {item.path for item in source.catalog.of("builtin jobs") if item.fields.get("freeze exempt")}
    return lambda due: None if due.job in exempt else at(of_job(known, due.job), due.instant.at)


def _text(told: Sequence[Due], freezes: Callable[[Due], Freeze | None]) -> None:
    if not told:
        show.line("Nothing is due.")
        return
    show.table(("job", "due", "zone", "UTC", ""), [_cells(due, freezes(due)) for due in told[:MOST]], ("bold",))
    if len(told) > MOST:
        show.note(f"and more; these are the first {MOST}")


def _cells(due: Due, freeze: Freeze | None) -> list[str]:
    from rem_cli.jobs.schedule.cron import abbreviated

    local, at = due.instant.local, datetime.fromtimestamp(due.instant.at, UTC)
    zone = due.instant.zone if due.instant.zone != "UTC" else ""
    wall = local.strftime("%a %Y-%m-%d %H:%M:%S" if local.second else "%a %Y-%m-%d %H:%M")
    note = f"does not run: frozen {freeze.said}" if freeze else due.instant.note
    return [due.job, f"{wall} {abbreviated(local)}", zone, f"{at:%Y-%m-%d %H:%M}Z" if zone else "", note]


def _row(due: Due, freezes: Callable[[Due], Freeze | None]) -> dict[str, Any]:
    instant = due.instant
    return {
        "job": due.job,
        "schedule": str(due.schedule),
        "at": show.instant(instant.at),
        "local": instant.local.isoformat(),
        "zone": instant.zone,
        "runs": instant.runs,
        "note": instant.note or None,
        "frozen": freezing.document(freeze) if (freeze := freezes(due)) else None,
    }


def _moment(text: str) -> int:
    """A time as it is typed; UTC unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"'{text}' is not a day, or a day with a time", hint="like 2026-03-28 or 2026-03-28T12:00"
        ) from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
