"""The end of a whole run, once all of its hosts have ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from rem_cli.jobs import Run, RunState, stored
from rem_cli.jobs.detached.kept import Kept
from rem_cli.jobs.samples import of_run
from rem_cli.jobs.status import decide
from rem_cli.reach import End, Outcome
from rem_cli.state import Drop, MissingKey, Put, StaleRevision

_NEVER = End(Outcome.CANCELLED, why="not started: whoever began the run was gone before its turn")


def finish(kept: Kept, run: int) -> Run | None:
    """The run as it ended, recorded; None while it goes on, or when it has ended before."""
    records = kept.records
    about = kept.about(run)
    if about is None:
        return None
    _bury(kept, run)
    shown = records.show(run)
    ends = {host.host: host.end for host in shown.hosts if host.end is not None}
    if len(ends) < len(shown.hosts):
        return None
    who = next((end.why for end in ends.values() if end.outcome is Outcome.CANCELLED and end.phase), "")
    job, _ = about
    verdict = decide(ends, interrupted=bool(who), success=job.success)
    why = verdict.why.replace("interrupted", who, 1) if who else verdict.why
    ended = replace(
        shown, state=RunState.FINISHED, ended=records.clock.now(), status=verdict.status, why=why,
        counts=dict(Counter(str(end.outcome) for end in ends.values())),
    )  # fmt: skip
    try:
        entry = records.bucket.get(stored.run_key(run))
        _, controller, hosts = stored.read_run(run, entry.body or b"{}")
        document = stored.run_document(ended, controller, hosts)
        assert ended.ended is not None
        samples = of_run(job, verdict.status, ended.ended - shown.began, ended.ended)
        samples = replace(samples, key=stored.sample_key(run, len(shown.hosts)))
        records.bucket.commit([Put(entry.key, document, entry.revision), Drop(stored.away_key(run)), samples.put()])
    except (StaleRevision, MissingKey):
        return None  # somebody else has just done it
    records.prune()
    return ended


def _bury(kept: Kept, run: int) -> None:
    """End what was never asked for, when whoever began the run is gone."""
    records = kept.records
    if records.controlled(run):
        return
    asked = {one.place for one in kept.going(run)}
    for place, host in enumerate(records.show(run).hosts):
        if host.end is None and place not in asked:
            row = stored.host_document(replace(host, end=_NEVER), "", "", "")
            records.bucket.put(stored.host_key(run, place), row)
