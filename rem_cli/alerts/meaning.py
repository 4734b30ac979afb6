"""What a change of the packages means for alerts that fire now."""

from __future__ import annotations

from collections.abc import Iterable

from rem_cli.alerts import Episode
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes, Meaning
from rem_cli.words import counted


def meaning(old: Catalog, new: Catalog, changes: Changes, episodes: Iterable[Episode]) -> list[Meaning]:
    """Episodes that the next look closes, since what they rest on is gone: their alert, or the rule that fires it."""
    gone: dict[str, list[Episode]] = {}
    touched = [path for path in (*changes.removed, *changes.changed) if path in old.items]
    for one in episodes:
        if one.closed is not None:
            continue
        for path in touched:
            if _lost(path, one, old, new):
                gone.setdefault(path, []).append(one)
                break
    return [Meaning(path, "alerts", _told(some)) for path, some in sorted(gone.items())]


def _lost(path: str, one: Episode, old: Catalog, new: Catalog) -> bool:
    before, after = old.items[path], new.items.get(path)
    if before.process == "builtin alerts":
        return path == one.alarm and after is None
    if before.process != "builtin slas" or before.fields.get("alert") != one.alarm:
        return False
    rule = one.labels.get("package") == before.package and one.labels.get("service level") == before.key
    return rule and (after is None or after.fields.get("alert") != one.alarm)


def _told(some: list[Episode]) -> str:
    ids = ", ".join(one.id for one in some[:3]) + (f" and {len(some) - 3} more" if len(some) > 3 else "")
    return f"{counted(len(some), 'alert that fires is', 'alerts that fire are')} closed: {ids}"
