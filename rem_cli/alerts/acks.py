"""Acknowledgements: somebody has it. By whichever way it is said, it comes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rem_cli.alerts import Ack, Alarm, Board, Episode, Line
from rem_cli.alerts.episode import acknowledged
from rem_cli.errors import GuardedError, NoTargetError


def find(board: Board, id: str) -> Episode:
    """The episode of an id, or of the beginning of one; NoTargetError, and GuardedError for one that is over."""
    mark, _, number = id.partition(".")
    found = [
        one for one in board.episodes.values() if one.mark == mark or (len(mark) > 3 and one.mark.startswith(mark))
    ]
    if not found:
        raise NoTargetError(f"there is no episode '{id}'", hint="rem alert list")
    if len(found) > 1:
        raise NoTargetError(f"several episodes begin with '{id}'", hint=", ".join(one.id for one in found[:5]))
    if number and number != str(found[0].number):
        raise GuardedError(f"episode {id} is over; {found[0].id} is the one now", hint=f"rem alert show {found[0].id}")
    return found[0]


def acknowledge(
    board: Board, alarms: Mapping[str, Alarm], id: str, who: str, now: float, *, through_flap: bool = False
) -> tuple[Board, Episode, list[Line], str]:
    """Somebody has it; the episode, and what is said to them. GuardedError for one that is over, with no effect."""
    one = find(board, id)
    if one.closed is not None:
        raise GuardedError(
            f"episode {one.id} is over ({one.end}): there is nothing to acknowledge", hint="rem alert list"
        )
    alarm = alarms.get(one.alarm, Alarm(one.alarm))
    mine = next((ack for ack in one.acks if ack.who == who), None)
    if mine is not None:
        return board, one, [], "you have acknowledged it already"
    others = [ack.who for ack in one.acks]
    if acknowledged(one, alarm):
        return board, one, [], f"{', '.join(others)} had it already"
    after = replace(one, acks=(*one.acks, Ack(who, now, through_flap)))
    left = alarm.need - len(after.acks)
    said = f"{left} more must acknowledge" if left > 0 else "nobody is told any more"
    line = Line(now, one.id, "acknowledged", f"by {who}")
    return replace(board, episodes={**board.episodes, one.mark: after}), after, [line], said


def withdraw(board: Board, id: str, who: str, now: float) -> tuple[Board, Episode, list[Line]]:
    """Nobody has it any more; GuardedError where nobody had."""
    one = find(board, id)
    if one.closed is not None or not one.acks:
        raise GuardedError(f"episode {one.id} is not acknowledged", hint=f"rem alert show {one.id}")
    after = replace(one, acks=())
    line = Line(now, one.id, "acknowledgement ended", f"withdrawn by {who}")
    return replace(board, episodes={**board.episodes, one.mark: after}), after, [line]
