"""Jobs that a host starts by itself, by its cron or systemd: what of them lies there, and what the host has to tell."""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule.says import CannotSay
from rem_cli.language import Item
from rem_cli.language.processes import LOCALLY
from rem_cli.plan.footprint import SCHEDULES
from rem_cli.plan.footprint.scope import scope

ROOT = "/var/lib/rem"
LIMIT = 1 << 20  # bytes of each stream that a host keeps of a run; the same that REM takes over SSH


class CannotRunThere(CannotSay):
    """A host cannot by itself run a job as the job says."""

    code = "cannot-run-there"


class Place(NamedTuple):
    """Where the jobs of one host lie there."""

    root: str  # folder of one repository, environment and host
    scheduler: str  # "cron" or "systemd"
    schedules: str  # folder that its scheduler reads
    zone: str  # of its clock
    user: str  # who logs in, and as whom jobs run

    @classmethod
    def read(cls, host: Item, name: str, repository: str, environment: str) -> Place:
        fields = Fields(host)
        root = (fields.text("rem folder") or ROOT).rstrip("/")
        scheduler = fields.text("scheduler") or "cron"
        schedules = (fields.text("schedule folder") or SCHEDULES[scheduler]).rstrip("/")
        whose = f"{root}/{scope(repository, environment, name)}"
        return cls(whose, scheduler, schedules, fields.text("time zone") or "UTC", fields.text("user") or "root")


def starts_itself(host: Item) -> bool:
    return bool(host.fields.get(LOCALLY))
