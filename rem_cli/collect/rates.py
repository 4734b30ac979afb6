"""From a counter read twice to how much a second; or to no data, and why. Functions of their arguments.

Source: RFC 2578, section 7.1.6 (Counter32 wraps) and 7.1.10 (Counter64 does not in any life); RFC 3418 (sysUpTime).
"""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.collect import Counter

WRAP = 1 << 32
SLACK = 0.02  # share of an interval that two clocks may differ by …
LEAST_SLACK = 5.0  # … and seconds that they always may


class Rate(NamedTuple):
    """How much a second; None where that is not known, and why."""

    value: float | None
    why: str = ""


def rate(before: float | None, now: Counter, seconds: float) -> Rate:
    """The rate of a counter over the seconds between two readings.

    A counter of 64 bits that is lower than before began anew. One of 32 bits has wrapped, if that gives a rate that
    can be believed; where it could have wrapped twice nothing is said.
    """
    if before is None:
        return Rate(None, "its first reading")
    if seconds <= 0:
        return Rate(None, "no time between two readings")
    if now.bits == 32 and now.most and now.most * seconds >= WRAP:
        return Rate(None, "32 bits wrap more than once in so long a time")
    step = now.value - before
    if step < 0:
        if now.bits != 32:
            return Rate(None, "it began anew")
        step += WRAP
        if step > now.most * seconds if now.most else step > WRAP // 2:
            return Rate(None, "it began anew")
    if now.most and step > now.most * seconds:
        return Rate(None, "faster than can be")
    return Rate(step / seconds)


def restarted(before: int, now: int, seconds: float) -> bool:
    """Whether a machine whose uptime (hundredths of a second, modulo 2^32) was read twice started in between."""
    ahead = (now - before - round(seconds * 100)) % WRAP
    return min(ahead, WRAP - ahead) > max(LEAST_SLACK, seconds * SLACK) * 100
