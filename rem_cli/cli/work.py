"""`rem job work`: the messages of a queue, handled by the workers of a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import live, options, show
from rem_cli.errors import Status, UsageError
from rem_cli.jobs.workers import Fate, Handled, Idle

if TYPE_CHECKING:
    from rem_cli.wire.working import Tally

KEPT = 1_000  # messages that the JSON document names
_STYLE = {Fate.DONE: ("ok", "green"), Fate.BACK: ("bad", "yellow"), Fate.LEFT: ("blind", "blue")}


def work(
    path: options.Item,
    once: Annotated[bool, typer.Option("--once", help="End when no message waits.")] = False,
    most: Annotated[int | None, typer.Option("--max", metavar="N", min=1, help="End after so many messages.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing of messages that are done.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Let the workers of a job handle the messages of its input, until they are stopped.

    Each message is with one worker at a time. Ctrl-C lets those in hand come to their end; the second time they are
    ended and given back. Statuses: 0 all done or none, 5 some failed, 6 all failed or no host answers.
    """
    from rem_cli.wire import working

    if format is options.Format.JSON and not once and most is None:
        raise UsageError("one document can only be given of work that ends", hint="--once, or --max N")
    told: list[Handled] = []

    def listen(event: Handled | Idle) -> None:
        if isinstance(event, Handled):
            told.append(event)
            del told[:-KEPT]
        if format is options.Format.TEXT and not (quiet and isinstance(event, Handled) and event.fate is Fate.DONE):
            _tell(event)

    says = "finishing the messages in hand; once more ends them"
    with wire.open() as rem, live.stopping(says, patience=1) as stop:
        tally = working.work(rem, path, stop, listen, once=once, most=most)
    if format is options.Format.JSON:
        show.document("job-work", _document(tally, told))
    elif not quiet or tally.status is not Status.DONE:
        show.line(tally.said)
    if stop.terminated and stop.asked:
        return Status.TERMINATED
    return Status.INTERRUPTED if stop.asked else tally.status


def _tell(event: Handled | Idle) -> None:
    if isinstance(event, Idle):
        show.line("  ", (show.glyph("blind"), "blue"), f" {event.worker}", (f" takes no message: {event.why}", "dim"))
        return
    glyph, color = _STYLE.get(event.fate, ("bad", "red"))
    again = f", delivery {event.delivery}" if event.delivery > 1 else ""
    why = f": {event.why}" if event.why else ""
    run = f", run {event.run.id}" if event.run else ""
    show.line("  ", (show.glyph(glyph), color), f" {event.id}",
              (f" {event.fate}, {event.worker}{run}{again}{why}", "dim"))  # fmt: skip


def counts(tally: Tally) -> dict[str, int]:
    """How many messages came to which end."""
    return {str(fate): tally.fates[fate] for fate in Fate}


def _document(tally: Tally, told: Sequence[Handled]) -> dict[str, Any]:
    return {
        "job": tally.job,
        "counts": counts(tally),
        "idle": tally.idle,
        "messages": [
            {
                "id": one.id, "worker": one.worker, "delivery": one.delivery, "run": one.run.id if one.run else None,
                "fate": str(one.fate), "why": one.why or None,
            }
            for one in told
        ],
    }  # fmt: skip
