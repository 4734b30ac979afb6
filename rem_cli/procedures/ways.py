"""The ways through the states of a procedure, as a graph: what can be reached, what can end, what goes round."""

from __future__ import annotations

from collections.abc import Mapping

from rem_cli.procedures.definition import ENDS, FANS, Kind, State


def reached(states: Mapping[str, State], start: str, *, into: bool = True) -> list[str]:
    """States that can be reached from one, itself first; `into`: also through the branches that states begin."""
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        if name in found or name not in states:
            continue
        found[name] = None
        waiting += states[name].onward()
        if into and states[name].kind in FANS:
            waiting += states[name].starts
    return list(found)


def ends(states: Mapping[str, State]) -> set[str]:
    """States from which an end can be reached."""
    found: set[str] = set()
    while True:
        more = {name for name, state in states.items() if name not in found and _ends(state, found)}
        if not more:
            return found
        found |= more


def _ends(state: State, found: set[str]) -> bool:
    if state.kind in ENDS:
        return True
    if state.kind in FANS and not all(start in found for start in state.starts if start):
        return any(catch.next in found for catch in state.catch)  # of an error in its branches, or a timeout
    last = state.kind is not Kind.CHOICE and not state.text("next")
    return last or any(name in found for name in state.onward())


def circle(states: Mapping[str, State], start: str) -> list[str]:
    """States that lead from one to the next and from the last to the first, found from `start`; empty without any."""
    done: set[str] = set()
    way: list[str] = []
    waiting = [[start]]
    while waiting:
        if not waiting[-1]:
            waiting.pop()
            if way:
                done.add(way.pop())
            continue
        name = waiting[-1].pop(0)
        if name in way:
            return way[way.index(name) :]
        if name in states and name not in done:
            way.append(name)
            state = states[name]
            waiting.append([*state.onward(), *(state.starts if state.kind in FANS else ())])
    return []


def in_order(states: Mapping[str, State], start: str) -> list[str]:
    """All states as one reads them: each followed by where it leads, what cannot be reached last."""
    found: dict[str, None] = {}
    waiting = [start, *states]
    while waiting:
        name = waiting.pop(0)
        if name in states and name not in found:
            found[name] = None
            waiting[:0] = [*(states[name].starts if states[name].kind in FANS else ()), *states[name].onward()]
    return list(found)
