"""What a change of the packages means for runs of procedures that go on: each keeps what it began with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rem_cli.errors import GuardedError
from rem_cli.language import Item
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Meaning
from rem_cli.procedures.definition import Definition, document_of, read


class Running(NamedTuple):
    """A run that has not ended."""

    id: int
    procedure: str
    digest: str


def definition_of(catalog: Catalog, item: Item) -> Definition:
    """What a run of a procedure is pinned to that begins with this catalog."""
    states = [one for one in catalog.of("builtin states") if one.path.startswith(f"{item.path}/")]
    scripts = {path: script.sha256 for path, script in catalog.scripts.items()}
    return read(document_of(item, states, catalog.items, scripts))


def meaning(old: Catalog, new: Catalog, running: Sequence[Running]) -> list[Meaning]:
    """The runs that a change leaves behind with what they began with, by procedure."""
    said = []
    for path, runs, there in _left(old, new, running):
        numbers = ", ".join(str(one.id) for one in runs)
        goes = f"run {numbers} goes" if len(runs) == 1 else f"runs {numbers} go"
        text = f"{goes} on as begun" if there else f"{goes} on to the end without it"
        said.append(Meaning(path, "runs", text))
    return said


def check_not_running(old: Catalog, new: Catalog, running: Sequence[Running]) -> None:
    """GuardedError where what is active says that it is not changed while it runs."""
    for path, runs, _ in _left(old, new, running):
        if path in old.items and old.items[path].fields.get("when changed") == "refuse":
            text = f"{path} is not to be changed while it runs ('when changed: refuse'), and run {runs[0].id} goes on"
            raise GuardedError(text, hint=f"let it end, or: rem procedure cancel {runs[0].id}")


def _left(old: Catalog, new: Catalog, running: Sequence[Running]) -> Iterator[tuple[str, Sequence[Running], bool]]:
    """Procedures that this change makes different, with the runs that began with another text than the new one."""
    for path in sorted({one.procedure for one in running}):
        before, after = _digest(old, path), _digest(new, path)
        runs = [one for one in running if one.procedure == path and one.digest != after]
        if before != after and runs:
            yield path, sorted(runs), after is not None


def _digest(catalog: Catalog, path: str) -> str | None:
    item = catalog.items.get(path)
    if item is None or item.process != "builtin procedures":
        return None
    try:
        return definition_of(catalog, item).digest
    except (KeyError, TypeError, AssertionError):  # of an older REM that wrote it in another way
        return ""
