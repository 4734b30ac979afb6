"""Items of alerts as alarms, with what their role accounts say of acknowledgements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from rem_cli.alerts import Alarm
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import calendar
from rem_cli.language import Item


def alarms(items: Iterable[Item]) -> dict[str, Alarm]:
    """Every alert by its path; UsageError for a calendar that cannot be followed."""
    known = list(items)
    calendars = {item.path: item for item in known if item.process == "builtin calendars"}
    roles = {item.path: item for item in known if item.process == "builtin role accounts"}
    return {item.path: _alarm(item, roles, calendars) for item in known if item.process == "builtin alerts"}


def _alarm(item: Item, roles: Mapping[str, Item], calendars: Mapping[str, Item]) -> Alarm:
    fields = Fields(item)
    path = fields.text("role account") or ""
    role = Fields(roles[path]) if path in roles else None
    usual = Alarm(item.path)
    return Alarm(
        path=item.path,
        severity=fields.text("severity") or usual.severity,
        role=path,
        labels={name: text or "" for name, text in fields.table("labels").items()},
        group_by=tuple(fields.words("group by")),
        wait=_seconds(fields, "group wait", usual.wait),
        interval=_seconds(fields, "group interval", usual.interval),
        repeat=_seconds(fields, "repeat", usual.repeat),
        send_resolved=item.fields.get("send resolved") is not False,
        suppress=fields.text("suppress while failing") or "",
        inhibited_by=tuple(fields.words("inhibited by")),
        mutes=tuple(calendar.read(one, calendars) for one in fields.words("mute")),
        reopen=_seconds(role, "reopen within", usual.reopen),
        expires=_seconds(role, "acknowledgement expires", usual.expires),
        need=(role.count("need acknowledgements") if role else None) or usual.need,
    )


def _seconds(fields: Fields | None, name: str, usual: float) -> float:
    value = fields.seconds(name) if fields else None
    return usual if value is None else value


def mark(alarm: str, rule: str, digest: str, series: str) -> str:
    """The fingerprint of what may fire: of the alert, of the rule and what it looks at, and of the series."""
    return sha256(f"{alarm}\n{rule}\n{digest}\n{series}".encode()).hexdigest()[:10]
