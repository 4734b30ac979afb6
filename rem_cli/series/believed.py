"""Which time is believed when samples go into their series: a clock that leaps ahead is looked at for a while first.

A sample of a wrong, later time takes the slot of an old one, in each archive. The samples are safe in the spool, so
there is time to see whether the clock stays so. The machine's running time tells how long it really was; a machine that
slept looks like a leap, too, and its samples are late by that patience alone.
"""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.clock import Clock
from rem_cli.series.spool import Spool

LEAP = 300.0  # seconds that a clock may gain at once, as one that is set by hand
PATIENCE = 600.0  # seconds that it must have kept to the new time
_AGAIN = 60.0  # seconds after which it is noted anew how clock and running time stand
_NOTE = "clock"


class Believed(NamedTuple):
    now: float
    ahead: float = 0.0  # seconds that the clock says beyond that


class _Noted(NamedTuple):
    wall: float
    running: float
    leapt: float  # the running time when a leap was first seen; 0 without one


def believed(spool: Spool, clock: Clock) -> Believed:
    """The time now; while a leap is young, the time that it would be without it."""
    wall, running = clock.now(), clock.monotonic()
    noted = _read(spool)
    if noted is None or running < noted.running:  # the first time, or the machine was started since
        return _note(spool, _Noted(wall, running, 0.0))
    expected = noted.wall + running - noted.running
    if wall <= expected + LEAP or (noted.leapt and running - noted.leapt >= PATIENCE):
        if noted.leapt or running - noted.running >= _AGAIN or wall < expected - LEAP:
            return _note(spool, _Noted(wall, running, 0.0))
        return Believed(wall)
    if not noted.leapt:
        _note(spool, noted._replace(leapt=running))
    return Believed(expected, wall - expected)


def _note(spool: Spool, noted: _Noted) -> Believed:
    spool.note(_NOTE, " ".join(map(repr, noted)).encode())
    return Believed(noted.wall)


def _read(spool: Spool) -> _Noted | None:
    try:
        wall, running, leapt = map(float, spool.noted(_NOTE).split())
    except ValueError:
        return None
    return _Noted(wall, running, leapt)
