"""`rem job collect`: what hosts did by themselves while nobody reached them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import live, options, show
from rem_cli.errors import Status
from rem_cli.jobs import documents

if TYPE_CHECKING:
    from rem_cli.jobs import Run
    from rem_cli.jobs.detached.fetch import Fetched
    from rem_cli.jobs.locally.collect import Asked


def collect(
    hosts: Annotated[str | None, typer.Argument(metavar="HOSTS", help="Only these, as in web*,!web3,@group.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Fetch the runs that hosts with `runs locally` made by themselves, each once; then the hosts forget them.

    Without HOSTS also what long jobs have to tell. rem job run-due does both, too. Statuses: 0 all hosts were asked, 5
    some could not be, 6 none could.
    """
    from rem_cli.wire.collecting import collect_from
    from rem_cli.wire.long_jobs import fetch_long_jobs

    with wire.open() as rem, live.stopping() as stop:
        asked = collect_from(rem, hosts, stop)
        found = {one.host: [rem.records.show(id) for id in one.runs] for one in asked}
        fetched = fetch_long_jobs(rem, stop) if hosts is None else None
    if format is options.Format.JSON:
        show.document("collected", {"hosts": document(asked, found)} | long_document(fetched))
    else:
        if asked or not fetched or not (fetched.ended or fetched.going):
            tell(asked, found)
        tell_long(fetched)
    if stop.asked:
        return Status.INTERRUPTED
    unheard = fetched.unheard if fetched else ()
    if unheard and not any(not one.failed for one in asked):
        return Status.ALL_FAILED if not fetched or not fetched.ended else Status.SOME_FAILED
    return max(status_of(asked), Status.SOME_FAILED if unheard else Status.DONE)


def tell_long(fetched: Fetched | None, *, quiet: bool = False) -> None:
    """What became of long jobs. Quietly: runs that ended badly alone."""
    for run in fetched.ended if fetched else ():
        if not quiet or run.status != Status.DONE:
            show.line((run.job, "bold"), f": run {run.id}, a long job, has ended: {run.why}")
    if fetched and fetched.going and not quiet:
        show.line(f"{show.counted(len(fetched.going), 'long job')} still running: {_numbers(fetched.going)}")
    for one in fetched.unheard if fetched and not quiet else ():
        show.note((one.host, "bold"), f" could not be asked: {one.why}")


def _numbers(runs: Sequence[int]) -> str:
    return f"run {runs[0]}" if len(runs) == 1 else f"runs {', '.join(map(str, runs))}"


def long_document(fetched: Fetched | None) -> dict[str, Any]:
    """The same for programs."""
    if fetched is None:
        return {}
    return {
        "ended": [documents.brief(run) for run in fetched.ended],
        "running": list(fetched.going),
        "unheard": [{"host": one.host, "why": one.why} for one in fetched.unheard],
    }


def tell(
    asked: Sequence[Asked], found: Mapping[str, Sequence[Run]], *, quiet: bool = False, failed_only: bool = False
) -> None:
    """Each run, and who could not be asked. Quietly: runs alone, for hosts like these are away often."""
    if not asked:
        show.line("No host starts jobs by itself; one does with runs locally: true")
    for one in asked:
        for run in found[one.host]:
            if run.status != Status.DONE or not failed_only:
                due = f" of {show.instant(run.origin.due)}" if run.origin.due is not None else ""
                show.line((run.job, "bold"), f"{due} on {one.host}: run {run.id}: {run.why}")
        if one.failed and not quiet:
            show.note((one.host, "bold"), f" could not be asked: {one.failed}")
            if one.hint:
                show.hint(one.hint)
        elif not one.runs and not quiet:
            show.line((one.host, "bold"), " has nothing new")


def status_of(asked: Sequence[Asked]) -> Status:
    bad = [one for one in asked if one.failed]
    if not bad:
        return Status.DONE
    return Status.ALL_FAILED if len(bad) == len(asked) else Status.SOME_FAILED


def document(asked: Sequence[Asked], found: Mapping[str, Sequence[Run]]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"host": one.host, "runs": [documents.brief(run) for run in found[one.host]], "failed": one.failed or None}
        for one in asked
    ]
