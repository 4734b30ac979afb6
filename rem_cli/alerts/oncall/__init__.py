"""Who is on duty when: the values, and what a role account's texts mean at any instant. Time is an argument.

A duty knows no position of its rotations: who is on turn follows from the text and the instant alone, so every machine
says the same, today and about last year. Instants are whole seconds since 1970-01-01T00:00:00Z; walls are counted the
same way, as if the wall stood in UTC (`language.zone`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from rem_cli.jobs.schedule import Within

HORIZON = 400  # days that are proved: a year, both changes of clocks, and what a month's notice adds


class Stint(NamedTuple):
    """From `begin` up to `end`, which does not belong to it, the same people are on duty, in this order, or nobody."""

    begin: int
    end: int
    contacts: tuple[str, ...]  # paths of items
    why: str  # the shift or the override, for people; empty where nobody is on duty


@dataclass(frozen=True)
class Epoch:
    """Who takes turns from a day on. Each turn ends at a handoff, and the next contact's begins."""

    first: int  # the wall at 00:00 of its first day
    contacts: tuple[str, ...]
    every: int  # seconds of the wall; 0 where `months` counts
    months: int
    handoff: int  # seconds of the day


@dataclass(frozen=True)
class Shift:
    """When somebody is on duty, and who that is: always the same people, or one by turns."""

    name: str
    days: frozenset[int]  # of the week on which it begins, Monday is 0; empty: on all
    start: int | None  # seconds of the day
    end: int | None  # not after `start`: on the next day
    calendar: Within | None
    contacts: tuple[str, ...]
    epochs: tuple[Epoch, ...]  # in the order of their first days
    active: bool  # turns count only days on which it begins
    priority: int

    @property
    def always(self) -> bool:
        """Whether it says nothing about when: it fills what other shifts leave."""
        return not self.days and self.start is None and self.end is None and self.calendar is None

    @property
    def rank(self) -> tuple[int, bool]:
        """The least counts first. Two of one rank that cover the same time are a mistake, which `prove` tells."""
        return -self.priority, self.always


@dataclass(frozen=True)
class Override:
    """Somebody else for a while: in the place of some, or of everybody; in one shift, or in all."""

    name: str
    begin: int
    end: int
    contacts: tuple[str, ...]
    instead_of: tuple[str, ...] = ()
    shift: str = ""  # only while this one is on
    made: float = 0.0  # when it was made by command; 0 for one that stands in a package

    @property
    def order(self) -> tuple[float, int, str]:
        """The greatest counts: what was said last."""
        return self.made, self.begin, self.name


@dataclass(frozen=True)
class Duty:
    """One role account."""

    path: str
    zone: str
    shifts: tuple[Shift, ...] = ()  # by rank, then by name
    overrides: tuple[Override, ...] = ()
    cover: Within | None = None  # when somebody must be on duty; None: always
    then: tuple[str, ...] = ()  # role accounts that are told after whoever is on duty
    last_resort: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def with_overrides(self, more: tuple[Override, ...]) -> Duty:
        """The same with overrides that were made by command."""
        return replace(self, overrides=(*self.overrides, *more))
