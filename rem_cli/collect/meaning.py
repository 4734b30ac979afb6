"""What a change of the packages means for checks: which begin, and which end."""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.collect.checks import PROCESS, read_checks
from rem_cli.jobs.meaning import Concerned
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning
from rem_cli.words import counted

NAMED = 5  # targets that are named before the rest is counted


def meaning(old: Catalog, new: Catalog, changes: Changes) -> list[Meaning]:
    """Checks that begin or end, in the order of their monitors."""
    touched = {*changes.added, *changes.removed, *changes.changed}
    concerned = Concerned.of(old, new, touched, changes)
    paths = {
        path for path in touched for side in (old, new) if (item := side.items.get(path)) and item.process == PROCESS
    }
    for side in (old, new) if concerned.hosts else ():
        some = side.of(PROCESS, choosing=concerned.differs)
        paths |= {item.path for item in some if concerned.differs(str(item.fields.get("hosts") or "-"))}
    if not paths:
        return []
    before, after = _targets(old, paths), _targets(new, paths)
    return [Meaning(path, "checks", text) for path in sorted(paths) for text in _told(before[path], after[path])]


def _targets(side: Catalog, paths: set[str]) -> dict[str, list[str]]:
    """What each monitor checks; nothing where it makes no check."""
    found: dict[str, list[str]] = {path: [] for path in paths}
    items = [item for path in sorted(paths) if (item := side.items.get(path)) and item.process == PROCESS]
    for check in read_checks(side, lambda reference: "", lambda path: b"", 0.0, items).checks:
        found[check.path].append(check.target.name)
    return found


def _told(before: list[str], after: list[str]) -> Iterator[str]:
    begin, end = [name for name in after if name not in before], [name for name in before if name not in after]
    if begin:
        yield f"{counted(len(begin), 'check begins', 'checks begin')}: {_names(begin)}"
    if end:
        yield f"{counted(len(end), 'check ends', 'checks end')}: {_names(end)}; what was measured stays"


def _names(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
