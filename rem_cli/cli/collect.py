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
    from rem_cli.jobs.locally.collect import Asked


def collect(
    hosts: Annotated[str | None, typer.Argument(metavar="HOSTS", help="Only these, as in web*,!web3,@group.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Fetch the runs that hosts with `runs locally` made by themselves, each once; then the hosts forget them.

    rem job run-due does it, too. Statuses: 0 all hosts were asked, 5 some could not be, 6 none could.
    """
    from rem_cli.wire.collecting import collect_from

    with wire.open() as rem, live.stopping() as stop:
        asked = collect_from(rem, hosts, stop)
        found = {one.host: [rem.records.show(id) for id in one.runs] for one in asked}
    if format is options.Format.JSON:
        show.document("collected", {"hosts": document(asked, found)})
    else:
        tell(asked, found)
    return Status.INTERRUPTED if stop.asked else status_of(asked)


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
