"""Generations: each with what it changed against the one before, and what that meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli import wire
from rem_cli.errors import NoTargetError
from rem_cli.plan.diff import changes as differing
from rem_cli.plan.difference import Difference
from rem_cli.plan.generations import Generation
from rem_cli.web.desk import Desk
from rem_cli.web.facts.shell import Active, active
from rem_cli.wire import activation

LISTED = 100
MOST = 200  # items of one change


@dataclass(frozen=True)
class Field:
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    how: str  # "added", "removed", "changed", "concerned"
    path: str
    means: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Changes:
    generations: tuple[Active, ...]


@dataclass(frozen=True)
class Change:
    generation: Active
    before: Active | None
    counts: str
    rows: tuple[Changed, ...]
    more: int
    files: tuple[tuple[str, str], ...]  # path, "added", "removed" or "changed"


def changes(rem: wire.Rem) -> Changes:
    return Changes(tuple(active(one) for one in rem.generations.history()[:LISTED]))


def change(desk: Desk, rem: wire.Rem, number: int) -> Change:
    """What a generation changed; NoTargetError."""
    history = rem.generations.history()
    place = next((at for at, one in enumerate(history) if one.number == number), None)
    if place is None:
        raise NoTargetError(f"there is no generation {number}", hint="see /changes; old ones are forgotten")
    before: Generation | None = history[place + 1] if place + 1 < len(history) else None
    old, new = desk.catalog(rem, before), desk.catalog(rem, history[place])
    found = differing(old, new)
    difference = Difference(
        old, new, found, activation.meaning(rem, old, new, found), activation.sections_of(rem, new, found)
    )
    rows = list(difference.rows())
    return Change(
        active(history[place]),
        active(before) if before else None,
        difference.counts(),
        tuple(_changed(difference, *row) for row in rows[:MOST]),
        max(0, len(rows) - MOST),
        tuple(found.scripts.items()),
    )


def _changed(difference: Difference, how: str, path: str, means: Sequence[str]) -> Changed:
    fields = difference.fields(path) if how == "changed" else ()
    return Changed(how, path, tuple(means), tuple(Field(*one) for one in fields))
