"""From an outcome to numbers: three that are always there, and those of the reading, counters as rates."""

from __future__ import annotations

from rem_cli.collect.gather import Outcome
from rem_cli.collect.memory import Known
from rem_cli.collect.rates import rate, restarted

UP = "up"
LOST = "lost percent"
POLL = "poll ms"


def measured(outcome: Outcome, before: Known | None) -> dict[str, float]:
    """Measures by name. None at all of a target of which nothing is known."""
    reading = outcome.reading
    if reading is None:
        return {}
    values = {UP: float(reading.up), LOST: outcome.lost, POLL: outcome.seconds * 1000}
    values.update(reading.values)
    if reading.counters and before is not None and before.counters:
        seconds = outcome.at - before.at
        ran_on = before.uptime is None or reading.uptime is None
        if ran_on or not restarted(before.uptime or 0, reading.uptime or 0, seconds):
            for name, counter in reading.counters.items():
                found = rate(before.counters.get(name), counter, seconds).value
                if found is not None:
                    values[name] = found * counter.scale
    return values


def known(outcome: Outcome, before: Known | None, slot: int) -> Known:
    """What the next turn must know of this one."""
    failures = before.failures if before else 0
    reading = outcome.reading
    if reading is None:
        return Known(slot, failures, *(before[2:] if before else ()))
    if not reading.up:
        return Known(slot, failures + 1, *(before[2:] if before else ()))
    counters = {name: one.value for name, one in reading.counters.items()}
    return Known(slot, 0, outcome.at, reading.uptime, counters)
