"""What is due next, of several jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice, takewhile
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs.schedule import Instant, Schedule
from rem_cli.jobs.schedule.read import read
from rem_cli.language import Item


class Due(NamedTuple):
    """One instant of one job; those that a change of clocks leaves out are told too."""

    job: str
    schedule: Schedule
    instant: Instant


def schedules(items: Iterable[Item]) -> tuple[dict[str, Schedule], dict[str, RemError]]:
    """The schedules of jobs by path, and why some jobs have none that can be followed."""
    kept = list(items)
    calendars = {item.path: item for item in kept if item.process == "builtin calendars"}
    made: dict[str, Schedule] = {}
    wrong: dict[str, RemError] = {}
    for item in kept:
        try:
            if item.process == "builtin jobs" and (schedule := read(item, calendars)):
                made[item.path] = schedule
        except RemError as error:
            wrong[item.path] = error
    return made, wrong


def coming(schedules: Mapping[str, Schedule], begin: int, end: int | None, each: int | None) -> Iterator[Due]:
    """What is due from `begin` up to `end`, in the order of time; at most so many of each job."""
    return merge(*(_of(job, one, begin, end, each) for job, one in schedules.items()), key=lambda due: due.instant.at)


def _of(job: str, schedule: Schedule, begin: int, end: int | None, each: int | None) -> Iterator[Due]:
    walked = (one for one in schedule.walk(begin - 1))
    within = takewhile(lambda one: end is None or one.at < end, walked)
    return (Due(job, schedule, one) for one in islice(within, each))
