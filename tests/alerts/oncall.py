"""Role accounts as packages write them, read as duties, and who is on duty as the cases write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from rem_cli.alerts.oncall import Duty, Stint
from rem_cli.alerts.oncall.read import duties
from rem_cli.jobs.schedule.calendar import moment
from rem_cli.language import Resolution
from tests.language.tree import resolve

OPS = "shop/role accounts/ops"
PEOPLE = {name: {"channels": [{"email": f"{name}@shop.example"}]} for name in ("ana", "bo", "cy", "di")}


def package(case: Mapping[str, Any]) -> Resolution:
    """One role account with what the case says of it, resolved; AssertionError where there is anything wrong in it."""
    words = ("shifts", "overrides", "cover", "then")
    ops = {"time zone": case["zone"], "last resort": ["di"], **{word: case[word] for word in words if word in case}}
    text = {"calendars": case.get("calendars", {}), "contacts": PEOPLE, "role accounts": {"ops": ops}}
    found = resolve({"packages/shop.yaml": yaml.safe_dump(text, sort_keys=False)})
    assert [finding.message for finding in found.findings] == []
    return found


def duty(case: Mapping[str, Any]) -> Duty:
    return duties(package(case).items.values())[OPS]


def span(case: Mapping[str, Any]) -> tuple[int, int]:
    """The time that a case is about: times on the wall of its zone."""
    begin, end = (moment(text, case["zone"]) for text in case["between"])
    return begin, end


def told(found: Iterable[Stint]) -> list[str]:
    """`2026-03-02T02:30Z 12h ana`, one a stint."""
    return [_told(one) for one in found]


def _told(one: Stint) -> str:
    names = ", ".join(path.rpartition("/")[2] for path in one.contacts) or "nobody"
    by = f" by {one.why}" if one.why.startswith("override") else ""
    return f"{datetime.fromtimestamp(one.begin, UTC):%Y-%m-%dT%H:%MZ} {_long(one.end - one.begin)} {names}{by}"


def _long(seconds: int) -> str:
    days, hours = seconds / 86_400, seconds / 3600
    if days >= 2 and days == int(days) and seconds != 48 * 3600:
        return f"{days:g}d"
    return f"{hours:g}h" if hours * 2 == int(hours * 2) else f"{_hours(seconds)}{seconds % 3600 // 60}m"


def _hours(seconds: int) -> str:
    return f"{seconds // 3600}h" if seconds >= 3600 else ""
