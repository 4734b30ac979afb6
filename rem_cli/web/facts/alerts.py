"""What fires, who has it, and why people were told or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli import wire
from rem_cli.alerts import Board, Episode, Line
from rem_cli.alerts.acks import acknowledge, find, withdraw
from rem_cli.plan.catalog import Catalog
from rem_cli.web.facts import At
from rem_cli.web.facts.states import State
from rem_cli.wire.alerting import Alerting

LISTED = 200


@dataclass(frozen=True)
class Row:
    """One episode."""

    id: str
    title: str
    alert: str
    severity: str
    state: State
    since: At
    closed: At | None
    why: str
    who: tuple[str, ...]  # that have it
    held: str  # why nobody is told
    host: str


@dataclass(frozen=True)
class Alerts:
    open: tuple[Row, ...]
    over: tuple[Row, ...]  # the latest first


@dataclass(frozen=True)
class Told:
    at: At
    what: str
    why: str


@dataclass(frozen=True)
class Alert:
    row: Row
    labels: tuple[tuple[str, str], ...]
    lines: tuple[Told, ...]


def alerts(rem: wire.Rem, catalog: Catalog) -> Alerts:
    found = [_row(one) for one in _episodes(rem, catalog)]
    found.sort(key=lambda one: -one.since)
    over = [one for one in found if one.closed is not None]
    return Alerts(tuple(one for one in found if one.closed is None), tuple(over[:LISTED]))


def alert(rem: wire.Rem, id: str) -> Alert:
    """One episode with every decision about it; NoTargetError."""
    alerting = Alerting(rem)
    one = find(alerting.board(), id)
    lines = tuple(Told(At(line.at), line.what, line.why) for line in alerting.lines(one))
    return Alert(_row(one), tuple(sorted(one.labels.items())), lines)


def take(rem: wire.Rem, id: str, who: str) -> str:
    """Say that somebody has it; what is said to them. NoTargetError, GuardedError."""
    alerting = Alerting(rem)

    def how(board: Board, now: float) -> tuple[Board, Sequence[Line], str]:
        after, _, lines, said = acknowledge(board, alerting.alarms, id, who, now)
        return after, lines, said

    return alerting.change(how)


def leave(rem: wire.Rem, id: str, who: str) -> str:
    """Say that nobody has it any more. NoTargetError, GuardedError."""

    def how(board: Board, now: float) -> tuple[Board, Sequence[Line], str]:
        after, _, lines = withdraw(board, id, who, now)
        return after, lines, "nobody has it"

    return Alerting(rem).change(how)


def _episodes(rem: wire.Rem, catalog: Catalog) -> list[Episode]:
    return list(Alerting(rem).board().episodes.values()) if catalog.of("builtin alerts") else []


def _row(one: Episode) -> Row:
    if one.closed is not None:
        state = State.OK
    elif one.acks:
        state = State.HANDLED
    else:
        state = State.WAITING if one.held or one.severity != "page" else State.FIRING
    return Row(
        one.id, one.alarm.rpartition("/")[2], one.alarm, one.severity, state, At(one.began),
        At(one.closed) if one.closed is not None else None, one.why, tuple(ack.who for ack in one.acks), one.held,
        one.labels.get("host", ""),
    )  # fmt: skip
