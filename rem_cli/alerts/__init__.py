"""Alerts and people: who is told of what, when, and when not. Time is an argument.

One life of an alert, from firing to closed, is an episode. What is to be told is decided from the board, which is all
that is remembered, and from what fires now; so the same function runs live, in a simulation and over recorded series.
Instants are seconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from rem_cli.alerts.silence import Silence
from rem_cli.jobs.schedule import Within

SEVERITIES = ("note", "ticket", "page")  # the least first
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Alarm:
    """An alert as packages write it; times are seconds."""

    path: str
    severity: str = "page"
    role: str = ""  # the path of a role account
    labels: Mapping[str, str] = field(default_factory=dict)  # of its own
    group_by: tuple[str, ...] = ()
    wait: float = 30.0
    interval: float = 300.0
    repeat: float = 14_400.0
    send_resolved: bool = True
    suppress: str = ""  # nobody is told while this fails: it is the cause
    inhibited_by: tuple[str, ...] = ()  # paths of alerts
    mutes: tuple[Within, ...] = ()
    reopen: float = 900.0  # what fires again so soon is the same episode
    expires: float = 14_400.0  # of acknowledgements
    need: int = 1  # people who must acknowledge


class Firing(NamedTuple):
    """Something that fires now. `mark` is its fingerprint: of the alert, the rule and the labels."""

    mark: str
    alarm: str
    why: str
    labels: Mapping[str, str] = NOTHING


class Ack(NamedTuple):
    who: str
    at: float
    through_flap: bool = False  # it holds when the alert comes back soon


@dataclass(frozen=True)
class Episode:
    """One life of an alert."""

    mark: str
    number: int
    alarm: str
    severity: str
    labels: Mapping[str, str]
    why: str
    began: float
    waits: float  # since when the group waits for it
    closed: float | None = None
    end: str = ""  # resolved, superseded
    held: str = ""  # why nobody is told: silenced, muted, inhibited, unreachable, in downtime, flapping, settling
    at_once: bool = False  # what held it is over, and it is not to wait again
    acks: tuple[Ack, ...] = ()
    opened: int = 1  # how often

    @property
    def id(self) -> str:
        return f"{self.mark}.{self.number}"


@dataclass(frozen=True)
class Group:
    """Episodes that are told together."""

    told: tuple[str, ...] = ()  # marks of those that people believe to fire
    flapping: tuple[str, ...] = ()  # of those that people know to come and go
    sent: float | None = None


@dataclass(frozen=True)
class Board:
    """All that is remembered: the last episode of each mark, the groups, the silences."""

    episodes: Mapping[str, Episode] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    silences: tuple[Silence, ...] = ()
    settled: float = 0.0  # nobody is told anything before


class Notice(NamedTuple):
    """What is to be sent: the episodes that fire, and those that are over."""

    key: str  # of this message; sending it twice is known by it
    group: str
    role: str
    kind: str  # new, changed, repeat, resolved, flapping
    firing: tuple[str, ...]
    resolved: tuple[str, ...]
    severity: str


class Line(NamedTuple):
    """What happened to an episode, and why: a line of the journal."""

    at: float
    episode: str
    what: str
    why: str


class Decision(NamedTuple):
    board: Board
    notices: tuple[Notice, ...]
    lines: tuple[Line, ...]
    look_again: float | None  # when something may be due though nothing has happened
