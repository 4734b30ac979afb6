"""Recorded runs held against another definition: the point from which they would have gone another way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rem_cli.language import Value
from rem_cli.procedures import Evaluate, Line
from rem_cli.procedures.definition import RUNS, Definition
from rem_cli.procedures.machine import decide
from rem_cli.procedures.moves import Act, Halt, Look, Move, Write
from rem_cli.procedures.sight import Sight
from rem_cli.procedures.standing import DO, Standing

# What is said or happens; all other lines are decisions.
_EVENTS = {"started", "unknown", "signal", "approved", "declined", "cancel", "answered", "redriven", "torn", "overdue"}
_EVENTS |= {"going"}
_MADE = {"due", "because", "why"}  # of a decision: worked out of the time or said for people


class Parting(NamedTuple):
    line: int
    recorded: str
    now: str


def parting(definition: Definition, lines: Sequence[Line], evaluate: Evaluate) -> Parting | None:
    """Where a recorded run and another definition part; None when that would have led the same way."""
    run = Standing()
    for line in lines:
        if line.kind not in _EVENTS and not _happened(definition, run, line):
            gone = next((one.state for one in run.open if one.state not in definition.states), None)
            if gone is not None:
                return Parting(line.number, _said(run, line.kind, line.told), f"there is no state '{gone}'")
            moves = decide(Sight(definition, run, line.at, evaluate))
            if not any(_same(line, move) for move in moves):
                return Parting(line.number, _said(run, line.kind, line.told), _would(run, moves))
        run.take(line)
    return None


def _happened(definition: Definition, run: Standing, line: Line) -> bool:
    """Whether a result came from outside: that of a program."""
    if line.kind != "result":
        return False
    if line.text("action") != DO:
        return True
    state = definition.states.get(run.step(line.count("step")).state)
    return state is not None and state.kind in RUNS and run.step(line.count("step")).action(DO).open


def _same(line: Line, move: Move) -> bool:
    if isinstance(move, Look | Halt):
        return False
    kind, told = ("intent", move.intent.told) if isinstance(move, Act) else (move.kind, move.told)
    return kind == line.kind and _decision(told) == _decision(line.told)


def _decision(told: object) -> dict[str, Value]:
    assert isinstance(told, dict)
    return {name: value for name, value in told.items() if name not in _MADE}


def _would(run: Standing, moves: Sequence[Move]) -> str:
    for move in moves:
        if isinstance(move, Write):
            return _said(run, move.kind, move.told)
        if isinstance(move, Act):
            return _said(run, "intent", move.intent.told)
    return "it would wait" if moves else "it would have ended"


def _said(run: Standing, kind: str, told: object) -> str:
    assert isinstance(told, dict)
    if kind == "entered":
        return f"'{told['state']}' is entered"
    if kind in ("ended", "capped"):
        return f"it ends: {told.get('fate', 'too many states')}"
    name = run.step(int(told["step"])).state
    if kind == "left":
        onward = f", on to '{told['next']}'" if told.get("next") else ""
        return f"'{name}' is left{onward}"
    if kind == "intent":
        return f"'{name}' begins" if told["action"] == DO else f"{told['action']} of '{name}' begins"
    outcome = {"failed": told.get("error"), "result": told.get("outcome"), "again": "is tried again"}.get(kind, kind)
    chosen = f", on to '{told['next']}'" if told.get("next") else ""
    return f"'{name}' {'is' if kind != 'again' else ''} {outcome}{chosen}".replace("  ", " ")
