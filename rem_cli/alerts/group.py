"""Groups: what is alike is told together, first after a wait, then no sooner than an interval, then again and again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import NamedTuple

from rem_cli.alerts import Alarm, Episode, Group, Notice
from rem_cli.alerts.episode import acknowledged


class Telling(NamedTuple):
    """A group after it was asked whether it has something to tell."""

    group: Group | None  # None: nothing of it is left
    notices: list[Notice]
    due: float | None  # when it may have


def group_of(alarm: Alarm, episode: Episode) -> str:
    """The key of an episode's group."""
    by = ",".join(f"{label}={episode.labels.get(label, '')}" for label in sorted(alarm.group_by))
    return f"{alarm.path}|{by}"


def telling(
    key: str, was: Group | None, alarm: Alarm, members: Sequence[Episode], flapping: Collection[str], now: float
) -> Telling:
    """What a group has to tell, of its episodes that are open and of those that people believe to be."""
    group = was or Group()
    known = {one.mark: one for one in members}
    open_ = [one for one in members if one.closed is None]
    loud = [one for one in open_ if not one.held]
    over = [mark for mark in group.told if mark not in {one.mark for one in open_} and mark not in flapping]
    resolved = [mark for mark in over if alarm.send_resolved and known[mark].end == "resolved"]
    group = Group(
        tuple(mark for mark in group.told if mark not in over or mark in resolved), group.flapping, group.sent
    )
    notices, group = _flapping(key, group, alarm, open_, flapping, now)
    new = [one for one in loud if one.mark not in group.told]
    due = _due(group, alarm, loud, new, resolved)
    if due is None:
        return Telling(group if group.told or open_ else None, notices, None)
    if now < due:
        return Telling(group, notices, due)
    told = [one.mark for one in loud]
    kind = "repeat" if not new and not resolved else "new" if not group.told else "changed" if told else "resolved"
    still = [mark for mark in group.told if mark not in resolved]
    after = Group(tuple(dict.fromkeys((*still, *told))), group.flapping, now)
    notices.append(_notice(key, alarm, kind, told, resolved, known, now))
    again = now + alarm.repeat if told else None
    return Telling(after if after.told or open_ else None, notices, again)


def _due(
    group: Group, alarm: Alarm, loud: Sequence[Episode], new: Sequence[Episode], resolved: Sequence[str]
) -> float | None:
    """When the group is to tell something; None when there is nothing."""
    if any(one.at_once and not acknowledged(one, alarm) for one in loud):
        return 0.0
    waited = min((one.waits for one in new), default=0.0) + (alarm.wait if new else 0.0)
    if not group.told or group.sent is None:
        return waited if new else None
    if new or resolved:
        return max(waited, group.sent + alarm.interval)
    unheard = [one for one in loud if not acknowledged(one, alarm)]
    return group.sent + alarm.repeat if unheard else None


def _flapping(
    key: str, group: Group, alarm: Alarm, open_: Sequence[Episode], flapping: Collection[str], now: float
) -> tuple[list[Notice], Group]:
    """One notice when something begins to come and go; then neither that it fires nor that it is over."""
    known = tuple(mark for mark in group.flapping if mark in flapping)
    fresh = [one for one in open_ if one.held == "flapping" and one.mark not in known]
    if not fresh:
        return [], Group(group.told, known, group.sent)
    marks = [one.mark for one in fresh]
    told = tuple(dict.fromkeys((*group.told, *marks)))
    notice = _notice(key, alarm, "flapping", marks, [], {one.mark: one for one in fresh}, now)
    return [notice], Group(told, (*known, *marks), group.sent if group.sent is not None else now)


def _notice(
    key: str,
    alarm: Alarm,
    kind: str,
    firing: Sequence[str],
    resolved: Sequence[str],
    known: dict[str, Episode],
    now: float,
) -> Notice:
    ids = [known[mark].id for mark in (*firing, *resolved) if mark in known]
    digest = sha256(f"{key} {kind} {' '.join(ids)} {now}".encode()).hexdigest()[:24]
    return Notice(digest, key, alarm.role, kind, tuple(firing), tuple(resolved), alarm.severity)
