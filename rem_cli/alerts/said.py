"""What people say of alerts beside acknowledging them: silences, and that something is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rem_cli.alerts import Board, Line
from rem_cli.alerts.acks import find
from rem_cli.alerts.silence import LONGEST, Matcher, Silence
from rem_cli.errors import GuardedError, NoTargetError, UsageError


def silence(
    board: Board,
    matchers: Sequence[Matcher],
    now: float,
    seconds: float | None,
    who: str,
    why: str,
    *,
    downtime: bool,
    begin: float | None = None,
) -> tuple[Board, list[Line], Silence]:
    """Tell nobody for so many seconds, from now or from `begin` on; without them until all that it ever matched is
    clear. UsageError."""
    if not matchers:
        raise UsageError("a silence without a matcher would hide everything", hint="like host=web01 or severity=note")
    if seconds is not None and seconds > LONGEST:
        raise UsageError("a silence is no longer than 30d", hint="what is never to be told is no alert: take it out")
    number = max((one.number for one in board.silences), default=0) + 1
    start = now if begin is None else begin
    end = start + (LONGEST if seconds is None else seconds)
    if end <= now:
        raise UsageError("a silence that is over hides nothing", hint="--from TIME --for TIME that reach beyond now")
    made = Silence(number, tuple(matchers), start, end, who, why, cleared=seconds is None, downtime=downtime)
    line = _line(now, made, f"by {who}{f': {why}' if why else ''}")
    return replace(board, silences=(*board.silences, made)), [line], made


def end_silence(board: Board, number: int, now: float, who: str) -> tuple[Board, list[Line], Silence]:
    """End one now; its record stays. NoTargetError."""
    one = next((one for one in board.silences if one.number == number), None)
    if one is None or one.end <= now:
        said = f"there is no silence {number}" if one is None else f"silence {number} is over already"
        raise NoTargetError(said, hint="rem alert silences")
    ended = replace(one, end=max(one.begin, now), lasts=None)
    rest = tuple(ended if other is one else other for other in board.silences)
    return replace(board, silences=rest), [_line(now, ended, f"ended by {who}")], ended


def resolve(board: Board, id: str, now: float, who: str) -> tuple[Board, list[Line], str]:
    """Close an episode by hand; if it fires at the next look it opens again. GuardedError for one that is over."""
    one = find(board, id)
    if one.closed is not None:
        raise GuardedError(f"episode {one.id} is over already ({one.end})", hint="rem alert list")
    closed = replace(one, closed=now, end="resolved")
    line = Line(now, one.id, "resolved", f"by {who}, by hand")
    return replace(board, episodes={**board.episodes, one.mark: closed}), [line], one.id


def _line(now: float, one: Silence, why: str) -> Line:
    return Line(now, f"silence {one.number}", "silence", f"{', '.join(map(str, one.matchers))} {why}")
