"""`rem daemon`: all that is to be done again and again, by one process."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import live, options, show
from rem_cli.cli.person import who
from rem_cli.cli.run_due import program
from rem_cli.errors import Status

if TYPE_CHECKING:
    from rem_cli.daemon import Event, Listen

SAYS = "stopping: waits for what runs; once more ends it"


def daemon(
    print_unit: Annotated[bool, typer.Option("--print-unit", help="Print a unit for systemd instead.")] = False,
    drain: Annotated[str, typer.Option(metavar="TIME", help="How long what runs may take to end at a stop.")] = "1m",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say also what went well.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Do all that is due, again and again until it is stopped: jobs, checks, procedures, what hosts did.

    Several may work on one state, also beside a crontab that calls rem job run-due: each time of each job is run by
    one. SIGTERM lets what runs come to its end, a second one ends it; SIGHUP looks at everything at once. Another
    active generation is seen by itself. Statuses: 0 stopped and all had ended, 143 or 130 what ran was ended.
    """
    seconds = options.seconds(drain, "--drain")
    if print_unit:
        from rem_cli.daemon.unit import unit

        text = unit(program(), seconds, user=who() if os.getuid() else "")
        show.document("unit", {"unit": text}) if format is options.Format.JSON else show.foreign(text)
        return Status.DONE
    from rem_cli.daemon.notify import Notify
    from rem_cli.wire.daemon import Daemon

    with wire.open() as rem, live.stopping(SAYS, patience=1) as stop:
        one = Daemon(rem, stop, _listener(verbose, format), Notify(os.environ))
        signal.signal(signal.SIGHUP, lambda number, frame: one.reload())
        before = signal.set_wakeup_fd(one.wake.writer, warn_on_full_buffer=False)
        try:
            whole = one.serve(seconds)
        finally:
            signal.set_wakeup_fd(before)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)
    if whole:
        return Status.DONE
    return Status.TERMINATED if stop.terminated else Status.INTERRUPTED


def _listener(verbose: bool, format: options.Format) -> Listen:
    dated = not os.environ.get("JOURNAL_STREAM")  # the journal has its own

    def hear(event: Event) -> None:
        if format is options.Format.JSON:
            row = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), **event._asdict()}
            show.document("daemon-event", {**row, "told": dict(event.told)}, row=True)
            sys.stdout.flush()
        elif verbose or event.alarming:
            at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ} " if dated else ""
            show.note((at, "dim"), (event.duty, "bold"), f": {event.text}")

    return hear
