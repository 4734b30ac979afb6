"""Episodes open and close with what fires. Fired again soon it is the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rem_cli.alerts import SEVERITIES, Alarm, Episode, Firing, Line


def turned(
    was: Episode | None, alarm: Alarm, firing: Firing | None, now: float, *, superseded: bool = False
) -> tuple[Episode | None, list[Line]]:
    """An episode after it is known whether it fires now."""
    if firing is None:
        return _closed(was, now, superseded) if was is not None and was.closed is None else (was, [])
    if was is None or (was.closed is not None and (was.end == "superseded" or now - was.closed > alarm.reopen)):
        fresh = Episode(
            firing.mark, was.number + 1 if was else 1, alarm.path, alarm.severity, dict(firing.labels), firing.why,
            began=now, waits=now,
        )  # fmt: skip
        return fresh, [Line(now, fresh.id, "opened", firing.why)]
    if was.closed is not None:
        kept = tuple(one for one in was.acks if one.through_flap)
        same = replace(
            was,
            closed=None,
            end="",
            why=firing.why,
            waits=now,
            at_once=False,
            acks=kept,
            opened=was.opened + 1,
            held="",
        )
        return same, [Line(now, was.id, "reopened", firing.why)]
    return _rated(replace(was, why=firing.why), alarm, now)


def _closed(was: Episode, now: float, superseded: bool) -> tuple[Episode, list[Line]]:
    end = "superseded" if superseded else "resolved"
    why = "its rule looks at something else now" if superseded else "it does not fire any more"
    return replace(was, closed=now, end=end), [Line(now, was.id, end, why)]


def _rated(was: Episode, alarm: Alarm, now: float) -> tuple[Episode, list[Line]]:
    """Severity and acknowledgements of an episode that goes on: more severe than acknowledged is not acknowledged."""
    lines: list[Line] = []
    if was.severity != alarm.severity:
        rose = SEVERITIES.index(alarm.severity) > SEVERITIES.index(was.severity)
        lines.append(Line(now, was.id, "severity", f"{was.severity} became {alarm.severity}"))
        if rose and was.acks:
            lines.append(Line(now, was.id, "acknowledgement ended", "it became more severe"))
        was = replace(was, severity=alarm.severity, acks=() if rose else was.acks)
    expired = [one for one in was.acks if now - one.at >= alarm.expires]
    for one in expired:
        lines.append(Line(now, was.id, "acknowledgement ended", f"that of {one.who} expired, and it still fires"))
    return replace(was, acks=tuple(one for one in was.acks if one not in expired)), lines


def acknowledged(episode: Episode, alarm: Alarm) -> bool:
    """Whether enough people, each counted once, have acknowledged it."""
    return len({one.who for one in episode.acks}) >= alarm.need


def labels_of(alarm: Alarm, firing: Firing) -> Mapping[str, str]:
    """What silences match and groups are made by: the labels, with the alert's own."""
    name = alarm.path.rpartition("/")[2]
    return {
        "alert": name,
        "package": alarm.path.partition("/")[0],
        "severity": alarm.severity,
        **alarm.labels,
        **firing.labels,
    }
