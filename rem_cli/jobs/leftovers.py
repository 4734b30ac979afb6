"""What a message's earlier programs left running when whoever had it was killed: found by their environment, and ended.

Programs outlive a link that nobody closes. So before a message is handled again, its earlier runs that have no end are
looked for in the record, and on their hosts whatever still carries the message's mark is ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from rem_cli.jobs import HostRun
from rem_cli.jobs.ask import ask
from rem_cli.jobs.job import Assignment, Host, Job
from rem_cli.jobs.records import Records
from rem_cli.reach import Stop, Target, Task, Transport

# TERM to the group of each program that is marked, up to $2 tenths of a second, KILL, the same again. Each group hears
# it once: a second TERM would end what the first one made a program do. Its own environment has no mark, and of zombies
# none can be read.
_END = """
m=$1; n=$2
marked() { grep -ls "REM_HANDLES=$m" /proc/[0-9]*/environ 2>/dev/null; }
signal() {
    told=" "
    for f in $(marked); do
        { read -r l <"${f%environ}stat"; } 2>/dev/null || continue
        set -- "$1" ${l##*) }
        case $told in *" $4 "*) continue ;; esac
        told="$told$4 "
        kill -"$1" "-$4" 2>/dev/null
    done
}
gone() {
    i=0
    while [ -n "$(marked)" ]; do
        [ $i -lt "$n" ] || return 1
        i=$((i + 1))
        sleep 0.1 2>/dev/null || { sleep 1; i=$((i + 9)); }
    done
}
[ -z "$(marked)" ] || { signal TERM; gone; } || { signal KILL; gone; }
"""


def mark_of(queue: str, id: str) -> str:
    """What programs that handle a message carry as REM_HANDLES."""
    return sha256(f"{queue}\0{id}".encode()).hexdigest()[:32]


def unended(records: Records, job: Job, message: str) -> list[HostRun]:
    """The hosts of runs that handled a message and of which nobody knows how they ended."""
    runs = [run for run in records.recent(1_000, job=job.path) if run.origin.message == message and run.ended is None]
    return [host for run in runs for host in records.show(run.id).hosts if host.end is None]


def end_leftovers(
    records: Records, job: Job, message: str, hosts: Sequence[Host], transports: Mapping[str, Transport], stop: Stop
) -> str:
    """End what earlier runs of a message left on these hosts; why that is not certain, or nothing.

    A host that is no longer the job's cannot be asked, and is said.
    """
    names = {one.host.partition("#")[0] for one in unended(records, job, message)}
    if not names:
        return ""
    gone = names - {host.name for host in hosts}
    if gone:
        return f"an earlier run on {min(gone)} may still handle it, and that is no host of the job any more"
    there = [host for host in hosts if host.name in names]
    grace = job.deadlines.grace
    tenths = str(max(1, round(grace * 10)))
    argv = ("sh", "-c", _END, "rem", mark_of(job.input or "", message), tenths)
    task = Task(argv=argv, deadlines=replace(job.deadlines, run=2 * grace + 30, idle=None))
    asked = [Assignment(one, Target(one.name, one.address, one.port, one.user), task) for one in there]
    for host, reply in zip(there, ask(asked, transports, stop), strict=True):
        if reply.end.exit is None:
            return f"an earlier run on {host.name} may still handle it: {reply.end.why or reply.end.outcome}"
        if reply.end.exit != 0:
            return f"an earlier run on {host.name} handles it still, and could not be ended"
    return ""
