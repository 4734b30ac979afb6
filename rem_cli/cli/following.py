"""A run that goes on, shown on a terminal that did not start it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rem_cli.cli import runs, show
from rem_cli.errors import Status
from rem_cli.jobs import Run
from rem_cli.jobs.events import Event, HostEnded, Line, Started
from rem_cli.reach import Outcome, Stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rem_cli.jobs.detached.fetch import Unheard


class Lines:
    """Each line that comes, with its host; who ended how beside them."""

    def __init__(self) -> None:
        self._width = 0

    def hear(self, event: Event) -> None:
        match event:
            case Started(run):
                self._width = min(24, max((len(host.host) for host in run.hosts), default=0))
                show.note(("run ", "bold"), (str(run.id), "bold"), f" of {run.job}")
            case Line(host=host, stream=stream, text=text):
                show.line((show.clean(host).ljust(self._width), "cyan"), " ", (text, "dim" * (stream is Stream.ERR)))
            case HostEnded(host=ended) if ended.end is not None:
                good = ended.end.outcome is Outcome.OK
                why = f": {ended.end.why}" if ended.end.why else ""
                sign = (show.glyph("ok"), "green") if good else (show.glyph("bad"), "red")
                show.note(sign, f" {ended.host} {ended.end.outcome}{why}")


def unheard(one: Unheard) -> None:
    """A host that could not be asked."""
    show.note((one.host, "bold"), f" could not be asked: {one.why}")
    if one.hint:
        show.hint(one.hint)


def cancelled(run: Run, missing: Sequence[Unheard]) -> int:
    """What could not be ended, and the exit status."""
    for one in missing:
        unheard(one)
    if run.ended is not None:
        return Status.DONE
    if missing:
        show.hint(f"once they answer they end it; if they never will: rem job cancel {run.id} --lost")
    left = {one.host for one in missing}
    return Status.ALL_FAILED if all(host.host.partition("#")[0] in left for host in run.hosts) else Status.SOME_FAILED


def summary(run: Run) -> None:
    """The last line: how it ended."""
    show.line("")
    show.line(*runs.summary(run))
