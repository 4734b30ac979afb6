"""Nagios' contacts and contactgroups as people and role accounts; who hears of a check, as service level and alert."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from rem_cli.importers.draft import Draft, Made
from rem_cli.importers.nagios_objects import Object
from rem_cli.language.shown import duration

Credit = Callable[..., None]
MONTH = 30 * 86_400  # seconds; the longest that a service level waits


@dataclass
class People:
    """Contacts and groups by name, and who is a role account already."""

    all: list[Object]
    interval: float  # seconds of one unit of time
    credit: Credit  # (item, object, directives…): these lines are in the item
    lose: Callable[[Object, str, str], None]
    draft: Draft
    contacts: dict[str, Object] = field(default_factory=dict)
    groups: dict[str, Object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.all:
            if one.type in ("contact", "contactgroup"):
                (self.contacts if one.type == "contact" else self.groups).setdefault(one.name, one)

    def make(self) -> None:
        """A contact for everybody who has a mail address, a role account for every group with one of them."""
        for name, one in self.contacts.items():
            self._contact(name, one)
        for name, group in self.groups.items():
            members = self._members(name)
            if any(self._has_mail(member) for member in members):
                made = self._role(name, members, group.text("alias"))
                self.credit(made, group, "contactgroup_name", "alias", "members", "contactgroup_members")
                for member in members:
                    self.credit(made, self.contacts[member], "contactgroups")
            else:
                self.lose(group, "members", "nobody in it has a mail address")

    def _contact(self, name: str, one: Object) -> None:
        if not self._has_mail(name):
            self.lose(one, "contact_name", "no mail address stands here; write a channel that REM has")
            return
        made = self.draft.item("contacts", (name,), *one.definition.spots)
        if one.text("alias"):
            made.set("title", one.text("alias"), *one.spots("alias"))
        made.set("channels", [{"email": one.text("email")}], *one.spots("email"))
        self.credit(made, one, "contact_name", "alias", "email")
        if one.text("pager"):
            self.lose(
                one, "pager", "where a pager's service is found is a secret; write it as a channel apprise: env:NAME"
            )

    def _has_mail(self, name: str) -> bool:
        return name in self.contacts and bool(
            re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,255}", self.contacts[name].text("email"))
        )

    def _members(self, name: str, depth: int = 0) -> list[str]:
        group = self.groups[name]
        found = [member for member in group.list("members") if member in self.contacts]
        found += [contact for contact, one in self.contacts.items() if name in one.list("contactgroups")]
        if depth < 10:
            for inner in group.list("contactgroup_members"):
                found += self._members(inner, depth + 1) if inner in self.groups else []
        return list(dict.fromkeys(found))

    def _role(self, name: str, members: list[str], title: str) -> Made:
        made = self.draft.item("role accounts", (name,))
        if title:
            made.set("title", title)
        people = [self._key("contacts", one) for one in members if self._has_mail(one)]
        made.set("shifts", {"always": {"contacts": people}})
        made.set("last resort", people)  # nobody else is known there, and a page must not end unheard
        return made

    def _key(self, section: str, name: str) -> str:
        return self.draft.item(section, (name,)).keys[-1]

    def told(self, one: Object) -> str | None:
        """The role account that hears of a host or a service; None when nobody does."""
        if one.text("notifications_enabled") == "0":
            return None
        for name in one.list("contact_groups"):
            if name in self.groups and any(self._has_mail(member) for member in self._members(name)):
                return name
        people = [name for name in one.list("contacts") if self._has_mail(name)]
        return " and ".join(people) if people else None

    def promise(self, made: Made, one: Object, role: str) -> None:
        """A service level of a check, and the alert that it fires."""
        if ("role accounts", self._key("role accounts", role)) not in self.draft.items or role not in self.groups:
            self._role(role, [name for name in one.list("contacts") if self._has_mail(name)], "")
        alert = self.draft.item("alerts", (role,))
        alert.fields.setdefault("severity", "page")
        alert.fields.setdefault("role account", self._key("role accounts", role))
        repeat = self._span(one.text("notification_interval"))
        if repeat:
            alert.fields.setdefault("repeat", duration(repeat))
            self.credit(alert, one, "notification_interval")
            if alert.fields["repeat"] != duration(repeat):
                self.lose(one, "notification_interval", f"the alert repeats every {alert.fields['repeat']}")
        sla = self.draft.item("slas", made.keys)
        sla.set("of", "/".join(("monitors", *made.keys)), *made.spots)
        attempts = one.text("max_check_attempts")
        if attempts.isascii() and attempts.isdecimal() and len(attempts) < 5:
            held = (int(attempts) - 1) * (
                self._span(one.text("retry_interval") or one.text("retry_check_interval")) or 60
            )
            if 0 < held <= MONTH:
                sla.set("for", duration(held), *one.spots("max_check_attempts"))
        sla.set("alert", alert.keys[-1], *one.spots("contact_groups"))
        self.credit(
            sla, one, "contact_groups", "contacts", "max_check_attempts", "retry_interval", "retry_check_interval"
        )
        self.credit(alert, one, "contact_groups", "contacts")
        groups = one.list("contact_groups")
        if len(groups) > 1:
            self.lose(one, "contact_groups", f"an alert has one role account; here it is {role}")

    def _span(self, text: str) -> int:
        """A number of Nagios' units as seconds; 0 when there is none."""
        fits = re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text)
        return round(float(text) * self.interval) if fits else 0
