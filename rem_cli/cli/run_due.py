"""`rem job run-due`: what is due now, for a crontab that asks every minute."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import settings, wire
from rem_cli.cli import collect, live, options, show, work
from rem_cli.errors import Status
from rem_cli.jobs import documents

if TYPE_CHECKING:
    from rem_cli.jobs.due import Told, Turn
    from rem_cli.wire.due import Ended


def run_due(
    print_cron: Annotated[bool, typer.Option("--print-cron", help="Print the line for a crontab instead.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something is wrong.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Run every job of the active generation that is due, each at once with the others, and wait for them.

    Each time of each job is claimed before it runs, so that of two that ask at once one runs it. What was due before
    this was called for the first time is left alone. What hosts did by themselves, and what long jobs have to tell, is
    collected, too. Statuses: 0 all ok or nothing due, 5 some runs failed, 6 all did.
    """
    if print_cron:
        show.line(cron_line("job", "run-due", "--quiet"))
        return Status.DONE
    from rem_cli.wire import due
    from rem_cli.wire.collecting import collect_from
    from rem_cli.wire.long_jobs import fetch_long_jobs

    with wire.open() as rem, live.stopping() as stop:
        turn, ended = due.run_due(rem, stop)
        asked = collect_from(rem, None, stop)
        found = {one.host: [rem.records.show(id) for id in one.runs] for one in asked}
        fetched = fetch_long_jobs(rem, stop)
    more: dict[str, Any] = {"collected": collect.document(asked, found), "long": collect.long_document(fetched)}
    _tell(turn, ended, quiet=quiet, format=format, more=more)
    if format is options.Format.TEXT and asked:
        collect.tell(asked, found, quiet=True, failed_only=quiet)
    if format is options.Format.TEXT:
        collect.tell_long(fetched, quiet=quiet)
    if stop.terminated:
        return Status.TERMINATED
    return Status.INTERRUPTED if stop.asked else _status(ended)


def _tell(turn: Turn, ended: Sequence[Ended], *, quiet: bool, format: options.Format, more: dict[str, Any]) -> None:
    from rem_cli.jobs.due import times
    from rem_cli.jobs.schedule.decide import ALARMING

    for job, wrong in turn.wrong.items():
        show.note((job, "bold"), f" never runs by itself: {wrong.message}")
    if format is options.Format.JSON:
        told_of = {"runs": [_document(one) for one in ended], "decisions": [*map(_decided, turn.told)]}
        show.document("run-due", told_of | more)
        return
    for told in turn.told:
        if not quiet or told.decision.kind in ALARMING:
            show.line((told.job, "bold"), told.said.removeprefix(told.job))
    for one in ended:
        if not one.good or not quiet:
            show.line((one.work.job, "bold"), f" of {times([one.work.instant])}: {one.said}")
            if one.error and one.error.hint:
                show.hint(one.error.hint)


def _document(one: Ended) -> dict[str, Any]:
    why = one.error.message if one.error else None
    head = documents.brief(one.run) if one.run else {"job": one.work.job, "error": why}
    head |= {"handled": work.counts(one.tally)} if one.tally is not None else {}
    return {**head, "due": show.instant(one.work.instant), "replaced": [show.instant(at) for at in one.work.replaces]}


def _decided(told: Told) -> dict[str, Any]:
    decision = told.decision
    return {
        "job": told.job,
        "host": told.host or None,
        "kind": str(decision.kind),
        "due": [show.instant(one) for one in decision.instants],
        "more": decision.more,
        "why": decision.why,
    }


def _status(ended: Sequence[Ended]) -> Status:
    bad = [one for one in ended if not one.good]
    if not bad:
        return Status.DONE
    return Status.ALL_FAILED if len(bad) == len(ended) else Status.SOME_FAILED


def cron_line(*asked: str) -> str:
    """The line for a crontab that asks every minute, with whole paths, since cron knows little of its user's."""
    line = " ".join(map(shlex.quote, [*program(), *asked]))
    return "* * * * * " + line.replace("%", "\\%")


def program() -> list[str]:
    """How REM is started here for this repository and environment, by whoever knows no path and no folder."""
    chosen = settings.current()
    found = shutil.which("rem") or shutil.which(sys.argv[0])
    words = [str(Path(found).absolute())] if found else [sys.executable, "-m", "rem_cli"]
    with wire.open() as rem:
        words += ["-C", str(rem.root.resolve())]
    words += ["--state", str(Path(chosen.state).resolve())] if chosen.state else []
    usual = settings.Settings(chosen.repository).environment
    return [*words, "-E", chosen.environment] if chosen.environment != usual else words
