"""Results on their way to the queue that a job names as its output.

A message is committed with the host's end, then put, then taken out of the record. Its id names the run and the host,
so that a kill between any two of these loses nothing and puts nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rem_cli.errors import RemError
from rem_cli.jobs import HostRun, Run, stored
from rem_cli.jobs.job import Job
from rem_cli.reach import Outcome
from rem_cli.state import Bucket, Message, Put, Queue

PREFIX = "message/"  # of the keys of what waits
MOST_BYTES = 900_000  # of one message; a document that makes it longer is left out

Queues = Callable[[str], Queue]  # by path; RemError when no active package declares it


def outgoing(job: Job, run: Run, place: int, host: HostRun, at: float) -> list[Put]:
    """What is to be committed with a host's end; nothing of one that was never begun because the run was stopped."""
    end = host.end
    if job.output is None or end is None or end.outcome is Outcome.CANCELLED:
        return []
    told: dict[str, Any] = {
        "job": run.job, "run": run.id, "host": host.host, "commit": run.origin.commit, "due": run.origin.due, "at": at,
        "outcome": str(end.outcome), "exit": end.exit, "why": end.why, "seconds": round(end.seconds, 3),
        "measures": {name: one.value for name, one in host.result.measures.items()},
        "data": host.result.data, "note": host.result.note,
    }  # fmt: skip
    if len(stored.pack(told)) > MOST_BYTES:
        told |= {"measures": {}, "data": None, "note": f"over {MOST_BYTES} bytes, and left out: rem job show {run.id}"}
    body = stored.pack({"queue": job.output, "id": f"run/{run.id}/{host.host}", "told": told})
    return [Put(f"{PREFIX}{run.id:010d}/{place:06d}", body)]


def deliver(runs: Bucket, queues: Queues, prefix: str = PREFIX) -> list[str]:
    """Put what waits into its queues; a remark for each queue that takes none, whose messages go on waiting."""
    failed: dict[str, str] = {}
    done: list[str] = []
    for entry in runs.scan(prefix):
        waiting = json.loads(entry.body or b"{}")
        path = waiting["queue"]
        if path in failed:
            continue
        try:
            queues(path).put(Message(stored.pack(waiting["told"]), waiting["id"]))
        except RemError as error:
            failed[path] = f"{error.message}; results for it wait" + (f" ({error.hint})" if error.hint else "")
            continue
        done.append(entry.key)
    stored.forget(runs, done)
    return list(failed.values())
