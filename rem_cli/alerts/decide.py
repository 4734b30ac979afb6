"""What is to be told now: a function of the board, of what fires, and of the time.

Episodes open and close, then each is held or not, then every group says whether it has something to tell. Nothing here
looks anywhere else, so live, in a simulation and over recorded series the same comes of the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rem_cli.alerts import NOTHING, Alarm, Board, Decision, Episode, Firing, Line, Notice
from rem_cli.alerts.episode import labels_of, turned
from rem_cli.alerts.group import group_of, telling
from rem_cli.alerts.hold import Around, by_people, held


def decide(
    board: Board,
    alarms: Mapping[str, Alarm],
    firing: Sequence[Firing],
    now: float,
    *,
    failing: Collection[str] = (),
    causes: Mapping[str, str] = NOTHING,
    flapping: Collection[str] = (),
    superseded: Collection[str] = (),
) -> Decision:
    """The board after a look, the notices that are due, and what happened.

    `firing` is all that fires now. `failing` are paths of checks and service levels that fail for certain, `causes`
    what each is a consequence of. `flapping` and `superseded` are marks: of what comes and goes, and of old rules.
    """
    here = {one.mark: one._replace(labels=labels_of(alarms[one.alarm], one)) for one in firing if one.alarm in alarms}
    silences = tuple(one.after({mark: one.labels for mark, one in here.items()}, now) for one in board.silences)
    lines: list[Line] = []
    episodes: dict[str, Episode] = {}
    for mark in (*board.episodes, *(mark for mark in here if mark not in board.episodes)):
        was, fires = board.episodes.get(mark), here.get(mark)
        path = fires.alarm if fires else was.alarm if was else ""
        alarm = alarms.get(path, Alarm(path))
        gone = mark in superseded or path not in alarms
        episode, said = turned(was, alarm, fires, now, superseded=gone)
        lines += said
        if episode is not None:
            episodes[mark] = episode
    open_ = {mark: one for mark, one in episodes.items() if one.closed is None}
    alert_paths = {one.alarm for one in open_.values()}
    around = Around(alert_paths, {*failing, *alert_paths}, causes, silences, board.settled, flapping)
    for mark, one in open_.items():
        episodes[mark], said = _held(one, alarms[one.alarm], around, now)
        lines += said
    return _tell(replace(board, episodes=episodes, silences=silences), alarms, flapping, lines, now)


def _held(one: Episode, alarm: Alarm, around: Around, now: float) -> tuple[Episode, list[Line]]:
    reason = held(alarm, one, around, now)
    if reason == one.held:
        return one, []
    if reason:
        return replace(one, held=reason, at_once=False), [Line(now, one.id, "held", reason)]
    said = by_people(one.held)
    settled = one.held.startswith("settling")
    waits = one.waits if said or settled else now  # what inhibited it is over: this may be over soon, too
    return replace(one, held="", at_once=said, waits=waits), [Line(now, one.id, "released", f"no longer {one.held}")]


def _tell(
    board: Board, alarms: Mapping[str, Alarm], flapping: Collection[str], lines: list[Line], now: float
) -> Decision:
    members: dict[str, list[Episode]] = {key: [] for key in board.groups}
    for one in board.episodes.values():
        alarm = alarms.get(one.alarm)
        if alarm is not None:
            members.setdefault(group_of(alarm, one), []).append(one)
    episodes, groups, notices = dict(board.episodes), {}, []
    again: list[float] = [board.settled] if now < board.settled else []
    for key, some in members.items():
        alarm = alarms.get(some[0].alarm) if some else None
        if alarm is None:
            continue  # its alert is gone
        told = telling(key, board.groups.get(key), alarm, some, flapping, now)
        if told.group is not None:
            groups[key] = told.group
        if told.due is not None:
            again.append(told.due)
        notices += told.notices
        for notice in told.notices:
            for mark in notice.firing:
                episodes[mark] = replace(episodes[mark], at_once=False)
            lines += _lines(notice, episodes, now)
    board = replace(board, episodes=episodes, groups=groups)
    return Decision(board, tuple(notices), tuple(lines), min((at for at in again if at > now), default=None))


def _lines(notice: Notice, episodes: Mapping[str, Episode], now: float) -> list[Line]:
    why = f"{notice.kind}, for {notice.role.rpartition('/')[2] or 'nobody'}"
    return [Line(now, episodes[mark].id, "notice", why) for mark in (*notice.firing, *notice.resolved)]
