"""A procedure as boxes below each other, in the order in which one reads it, and the ways between them.

Boxes below each other, and not a layered graph: conditions and errors are sentences, which need a line each, and a
terminal has more of these than it has columns. Ways to the next box are straight, all others are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli.language.shown import duration
from rem_cli.procedures.definition import FANS, RUNS, Definition, Kind, State
from rem_cli.procedures.ways import in_order

_ASCII = str.maketrans({"┌": "+", "┐": "+", "└": "+", "┘": "+", "─": "-", "│": "|", "├": "+", "┬": "+", "▼": "v",
                        "▶": ">", "■": "#", "↑": "^"})  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A way out of a state. `to` is empty where its branch, or the run, ends there."""

    label: str
    to: str
    kind: str = "next"  # next, branch (of a choice), begins (a parallel branch), catch


@dataclass(frozen=True)
class Box:
    name: str
    lines: tuple[str, ...]  # what it does
    ways: tuple[Way, ...]


def boxes(definition: Definition) -> list[Box]:
    """All states, in reading order."""
    states = definition.states
    return [Box(name, _lines(states[name]), _ways(states[name])) for name in in_order(states, definition.start)]


def _lines(state: State) -> tuple[str, ...]:
    lines = [_does(state)]
    around = [f"{word} {_short(state.text(word))}" for word in ("enter", "exit") if state.text(word)]
    if around:
        lines.append(", ".join(around))
    limits = [f"at most {duration(limit)}"] if (limit := state.seconds("timeout")) is not None else []
    limits += [f"{one.times} more tries after {' or '.join(one.errors) or 'any error'}" for one in state.retry]
    if limits:
        lines.append(", ".join(limits))
    if state.text("compensate"):
        lines.append(f"taken back by {_short(state.text('compensate'))}")
    return tuple(lines)


def _does(state: State) -> str:
    kind = state.kind
    if kind in RUNS:
        return f"task {_short(state.text('task'))}" if kind is Kind.TASK else f"runs {' '.join(state.words('command'))}"
    if kind is Kind.WAIT:
        return f"waits for {duration(state.seconds('wait') or 0)}"
    if kind is Kind.APPROVE:
        two = ", by another person" if state.approval.two_person else ""
        return f"approval by {state.approval.role_account} within {duration(state.approval.expires)}{two}"
    said = {
        Kind.CHOICE: "choice",
        Kind.UNTIL: f"waits until {state.text('until')}",
        Kind.PARALLEL: f"{len(state.starts)} branches at once",
        Kind.FOR_EACH: f"for each of {state.text('for each')}",
        Kind.SIGNAL: f"waits for the signal {state.text('signal')}",
        Kind.SUCCEED: f"succeeds: {state.text('succeed')}",
        Kind.FAIL: f"fails: {state.text('fail')}",
    }
    return said[kind]


def _short(path: str) -> str:
    """An item by its last two names."""
    return "/".join(path.split("/")[-2:])


def _ways(state: State) -> tuple[Way, ...]:
    ways = [Way(one.when, one.next, "branch") for one in state.branches]
    if state.text("otherwise"):
        ways.append(Way("otherwise", state.text("otherwise"), "branch"))
    if state.kind in FANS:
        label = "begins" if state.kind is Kind.PARALLEL else "each value"
        ways += [Way(label, start, "begins") for start in state.starts]
    ways += [Way(" or ".join(one.errors) or "any error", one.next, "catch") for one in state.catch]
    if state.kind not in (Kind.CHOICE, Kind.SUCCEED, Kind.FAIL):
        ways.append(Way("", state.text("next")))
    return tuple(ways)


def drawing(definition: Definition, *, ascii: bool = False) -> list[str]:
    """The machine in plain box characters, or in ASCII."""
    found = boxes(definition)
    places = {box.name: place for place, box in enumerate(found)}
    rows: list[str] = []
    for place, box in enumerate(found):
        rows += _drawn(place, box, places)
    if rows and not rows[-1]:
        rows.pop()  # nothing stands below the last one
    return [row.translate(_ASCII) for row in rows] if ascii else rows


def _drawn(place: int, box: Box, places: dict[str, int]) -> list[str]:
    width = max(len(box.name), *(len(text) + 2 for text in box.lines))
    rows = [f"┌─{'─' * width}─┐", f"│ {box.name.ljust(width)} │"]
    rows += [f"│   {line.ljust(width - 2)} │" for line in box.lines]
    rows.append(f"└─{'┬' if box.ways else '─'}{'─' * (width - 1)}─┘")
    straight = [way for way in box.ways if way.kind == "next" and places.get(way.to, -1) == place + 1]
    others = [way for way in box.ways if way not in straight]
    for number, way in enumerate(others):
        corner = "├" if straight or number < len(others) - 1 else "└"
        rows.append(f"  {corner}─{_arrow(way, place, places)}")
    return [*rows, *(["  ▼"] if straight else [""])]


def _arrow(way: Way, place: int, places: dict[str, int]) -> str:
    label = f" {way.label} ─" if way.label else ""
    if not way.to:
        return f"{label}■ ends"
    back = " ↑" if places.get(way.to, place) <= place else ""
    return f"{label}▶ {way.to}{back}"


def sentence(definition: Definition, found: Sequence[Box]) -> str:
    """What the drawing shows, for those who do not see it."""
    return f"{definition.path}: {', '.join(box.name for box in found)}"
