"""Why nobody is told of what fires: a reason, or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from rem_cli.alerts import Alarm, Episode
from rem_cli.alerts.silence import Silence, hiding

# After these all is told at once; after the others it may be over soon, too, so that a group waits once more.
PEOPLE_SAID = ("silenced", "in downtime", "muted", "flapping")


class Around(NamedTuple):
    """What else is so now."""

    firing: Collection[str]  # paths of alerts that fire, held or not
    failing: Collection[str]  # paths of checks, service levels and alerts that fail for certain
    causes: Mapping[str, str]  # what each of these is a consequence of
    silences: Sequence[Silence]
    settled: float
    flapping: Collection[str] = ()  # marks


def held(alarm: Alarm, episode: Episode, around: Around, now: float) -> str:
    """Why nobody is told of an episode; empty when people are."""
    if now < around.settled:
        return "settling: not all rules were looked at since the start"
    cause = _cause(alarm.suppress, around)
    if cause:
        return f"unreachable: {cause} fails"
    by = next((one for one in alarm.inhibited_by if one in around.firing and one != alarm.path), None)
    if by is not None:
        return f"inhibited: {by} fires"
    silence = hiding(around.silences, episode.labels, now)
    if silence is not None:
        return silence.word
    if any(one.has(int(now)) for one in alarm.mutes):
        return "muted at this time"
    return "flapping" if episode.mark in around.flapping else ""


def _cause(path: str, around: Around) -> str:
    """What fails above, and above that; what is unknown is not down."""
    seen: set[str] = set()
    while path and path not in seen:
        if path in around.failing:
            return path
        seen.add(path)
        path = around.causes.get(path, "")
    return ""


def by_people(reason: str) -> bool:
    return reason.startswith(PEOPLE_SAID)
