"""Times in which nothing scheduled starts: for which jobs, from when until when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Freeze(NamedTuple):
    """Jobs that are frozen. What is due meanwhile does not run later either, so that a thaw is no burst."""

    path: str  # a job, or what jobs lie in; empty for all
    since: int  # an instant, which belongs to it
    until: int | None  # an instant, which does not; None while nobody has said
    who: str
    why: str  # may be empty

    def covers(self, job: str) -> bool:
        return self.path in ("", job) or job.startswith(f"{self.path}/")

    def has(self, instant: int) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)

    @property
    def said(self) -> str:
        """Who did it, and why."""
        return f"by {self.who}{': ' if self.why else ''}{self.why}"


def of_job(freezes: Iterable[Freeze], job: str) -> list[Freeze]:
    return [one for one in freezes if one.covers(job)]


def at(freezes: Sequence[Freeze], instant: int) -> Freeze | None:
    """The freeze that an instant falls into, the one that lasts longest where there are several."""
    found = [one for one in freezes if one.has(instant)]
    return max(found, key=lambda one: float("inf") if one.until is None else one.until, default=None)
