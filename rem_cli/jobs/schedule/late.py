"""A job that is to run once, at a time that is over when somebody applies it."""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.errors import GuardedError
from rem_cli.jobs.schedule import Instant
from rem_cli.jobs.schedule.coming import schedules
from rem_cli.jobs.schedule.moved import shown
from rem_cli.jobs.schedule.plain import Once
from rem_cli.language import Item
from rem_cli.plan.catalog import NOTHING, Catalog


def check_not_late(old: Catalog | None, new: Catalog, now: int) -> None:
    """GuardedError when such a job is new, or was to run at another time, and does not say `late: ok`."""
    before, after = (schedules(_once(one or NOTHING))[0] for one in (old, new))
    late = [
        (path, schedule.rule)
        for path, schedule in after.items()
        if isinstance(schedule.rule, Once) and schedule.rule.at <= now
        if before.get(path) != schedule and new.items[path].fields.get("late") != "ok"
    ]
    if late:
        path, rule = late[0]
        when = shown(Instant(rule.at, rule.zone), now)
        more = f", and {len(late) - 1} more are late" if len(late) > 1 else ""
        raise GuardedError(
            f"{path} is to run once, {when}, which is over{more}; nothing was applied",
            hint="give it a later time, or late: ok, which runs it as soon as it is applied",
        )


def _once(catalog: Catalog) -> Iterator[Item]:
    kinds = {"builtin jobs": "once", "builtin calendars": "name"}
    items = (item for process in kinds for item in catalog.of(process))
    return (item for item in items if item.fields.get(kinds[item.process]) is not None)
