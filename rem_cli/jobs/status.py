"""What the ends of all hosts mean together: one exit status, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from rem_cli.errors import Status
from rem_cli.jobs import Run
from rem_cli.jobs.success import Success
from rem_cli.reach import End, Outcome

NAMED = 3  # hosts that a sentence names before it counts the others


class Verdict(NamedTuple):
    status: Status
    why: str


def decide(ends: Mapping[str, End], *, interrupted: bool, success: Success = Success()) -> Verdict:  # noqa: B008
    """The run's status from the end of every host, and of how many success is needed. The first that holds counts:

    - 130: somebody stopped it, and something was cancelled or lost by that
    - 10: a host's key was not trusted; that may be an attack, and outranks what others did
    - 0: as many hosts are ok as are needed
    - 5: some hosts are ok
    - 124: none is, and every one that ran timed out
    - 6: none is
    """
    outcomes = Counter(end.outcome for end in ends.values())
    told = counted(outcomes)
    if interrupted and (outcomes[Outcome.CANCELLED] or outcomes[Outcome.LOST]):
        return Verdict(Status.INTERRUPTED, f"interrupted: {told}")
    untrusted = [host for host, end in ends.items() if end.untrusted]
    if untrusted:
        return Verdict(Status.UNTRUSTED, f"the host key is not trusted of {_named(untrusted)}: {told}")
    good, needed = outcomes[Outcome.OK], success.needed(len(ends))
    if good >= needed:
        return Verdict(Status.DONE, told if good == len(ends) else f"{told}; {needed} ok are enough")
    if needed != len(ends):
        told += f"; {needed} ok are needed"
    if good:
        return Verdict(Status.SOME_FAILED, told)
    ran = outcomes[Outcome.FAILED] + outcomes[Outcome.TIMED_OUT] + outcomes[Outcome.LOST]
    if ran and ran == outcomes[Outcome.TIMED_OUT]:
        return Verdict(Status.TIMED_OUT, told)
    return Verdict(Status.ALL_FAILED, told)


def so_far(run: Run) -> Status:
    """The exit status of whoever began a run: that of its end, or for a long job how far it was started."""
    if run.status is not None:
        return run.status
    begun = [host for host in run.hosts if host.started is not None and host.end is None]
    if not run.detached or not begun:
        return Status.FAILED
    return Status.DONE if len(begun) == len(run.hosts) else Status.SOME_FAILED


def counted(outcomes: Mapping[Outcome, int]) -> str:
    """`8 ok, 1 failed, 2 timed out`."""
    return ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in Outcome if outcomes.get(outcome))


def _named(hosts: list[str]) -> str:
    rest = len(hosts) - NAMED
    return ", ".join(hosts[:NAMED]) + (f" and {rest} more" if rest > 0 else "")
