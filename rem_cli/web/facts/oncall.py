"""Who is on duty, now and over the next days."""

from __future__ import annotations

from dataclasses import dataclass

from rem_cli import wire
from rem_cli.alerts.oncall import Duty, Stint
from rem_cli.alerts.oncall.stints import stints
from rem_cli.language.zone import DAY
from rem_cli.plan.catalog import Catalog
from rem_cli.web.facts import At
from rem_cli.wire.oncall import OnCall

DAYS = 14


@dataclass(frozen=True)
class Turn:
    begin: At
    end: At
    people: tuple[str, ...]  # in the order in which they are asked; nobody where it is empty
    why: str


@dataclass(frozen=True)
class Role:
    name: str
    path: str
    zone: str
    turns: tuple[Turn, ...]  # the first is now's


@dataclass(frozen=True)
class Calendar:
    days: int
    roles: tuple[Role, ...]


def oncall(rem: wire.Rem, catalog: Catalog, days: int = DAYS) -> Calendar:
    """Every role account of what is active."""
    if not catalog.of("builtin role accounts"):
        return Calendar(days, ())
    now = int(rem.clock.now())
    duties = OnCall(rem).duties()
    return Calendar(
        days, tuple(_role(path, duty, stints(duty, now, now + days * DAY)) for path, duty in duties.items())
    )


def _role(where: str, duty: Duty, found: list[Stint]) -> Role:
    return Role(duty.name, where, duty.zone, tuple(map(_turn, found)))


def _turn(one: Stint) -> Turn:
    names = tuple(contact.rpartition("/")[2] for contact in one.contacts)
    return Turn(At(one.begin), At(one.end), names, one.why)
