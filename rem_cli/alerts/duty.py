"""Who is paged of a role account, and how: its people in their order, then those of the role accounts after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rem_cli.alerts.escalate import Policy, Way
from rem_cli.alerts.oncall import Duty
from rem_cli.alerts.oncall.stints import on_duty
from rem_cli.jobs.fields import Fields
from rem_cli.language import Item

KINDS = ("email", "webhook", "apprise", "command")


class OnDuty:
    """The people of one role account, asked anew at each instant."""

    def __init__(self, duty: Duty, others: Mapping[str, Duty], contacts: Mapping[str, Item]) -> None:
        self._lines = [duty, *(others[path] for path in duty.then if path in others)]
        self._contacts = contacts

    def people(self, now: float) -> Sequence[str]:
        found = [one for line in self._lines for one in on_duty(line, int(now)).contacts]
        return list(dict.fromkeys(found))

    def ways(self, contact: str) -> Sequence[Way]:
        item = self._contacts.get(contact)
        channels: Any = item.fields.get("channels") if item else None
        return [Way(_kind(one), float(one.get("after") or 0)) for one in channels or ()]


def _kind(channel: Mapping[str, Any]) -> str:
    return next((kind for kind in KINDS if channel.get(kind)), "")


def policy(item: Item) -> Policy:
    """How a role account escalates."""
    fields, usual = Fields(item), Policy()
    return Policy(
        delay=fields.seconds("escalation delay") or usual.delay,
        repeat=fields.count("repeat") or usual.repeat,
        exhausted_every=fields.seconds("exhausted every") or usual.exhausted_every,
        last_resort=tuple(fields.words("last resort")),
        overlap=item.fields.get("overlap") is True,
        page_new=fields.text("on handoff") == "page new",
    )
