"""Jobs with schedules as a package says them, and what is due as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rem_cli.jobs.schedule import Instant, Schedule
from rem_cli.jobs.schedule.cron import abbreviated
from rem_cli.jobs.schedule.read import read
from rem_cli.language import Item
from tests.language.tree import resolve


def items(job: Mapping[str, Any], calendars: Mapping[str, Any] | None = None) -> tuple[Item, dict[str, Item]]:
    """A job and calendars, read as `rem validate` reads them."""
    package = {
        "package": "shop",
        "jobs": {"web": {"load": {"command": ["true"], **job}}},
        "calendars": {name: dict(one) for name, one in (calendars or {}).items()},
    }
    found = resolve({"packages/shop.yaml": json.dumps(package)})
    assert [one.message for one in found.findings if one.severity == "error"] == []
    kept = {path: item for path, item in found.items.items() if item.process == "builtin calendars"}
    return found.items["shop/jobs/web/load"], kept


def schedule(job: Mapping[str, Any], calendars: Mapping[str, Any] | None = None) -> Schedule:
    made = read(*items(job, calendars))
    assert made is not None
    return made


def instant(text: str) -> int:
    """`2026-03-28T12:00Z`"""
    return int(datetime.fromisoformat(text).timestamp())


def told(instants: Iterable[Instant]) -> list[str]:
    """`2026-03-29 03:00 CEST 02:30 does not exist that day: runs at 03:00`"""
    return [f"{one.local:%Y-%m-%d %H:%M} {abbreviated(one.local)} {one.note}".rstrip() for one in instants]
