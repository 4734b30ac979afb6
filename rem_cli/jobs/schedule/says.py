"""What a host's own scheduler is asked to say, and when it cannot say the same as REM: then it is not asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rem_cli.errors import UsageError
from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.decide import Policy
from rem_cli.language.clocks import YEARS
from rem_cli.language.crontab import Fields
from rem_cli.language.shown import duration
from rem_cli.language.zone import DAY, Stretch, zone


class CannotSay(UsageError):
    """Neither in these words nor in others does the host's scheduler mean what the job says."""

    code = "cannot-say"

    def __init__(self, message: str, *, hint: str | None = None, field: str = "", finding: str = "REM1902") -> None:
        """`field` is that of the job which says it; empty: its schedule. `finding` is what rem validate calls it."""
        super().__init__(message, hint=hint)
        self.field = field
        self.finding = finding


@dataclass(frozen=True)
class Entry:
    """One job for a host that runs it by itself. `command` is the program with its arguments, as the host has it."""

    job: str
    schedule: Schedule
    policy: Policy
    command: Sequence[str]
    user: str = "root"

    @property
    def name(self) -> str:
        """What its files are called: letters, digits and hyphens, for cron reads no other file; one for each job."""
        return entry_name(self.job)

    @property
    def title(self) -> str:
        """The job's path in a comment: one line, whatever its keys are."""
        return "".join(sign if sign.isprintable() else "?" for sign in self.job)


def entry_name(job: str) -> str:
    key = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in job.rpartition("/")[2])
    return f"rem-{key[:40].lower()}-{sha256(job.encode()).hexdigest()[:10]}"


def hours_changed(fields: Fields, place: str) -> tuple[list[int], list[int]]:
    """The times of a day that are missing where clocks are put forward, and those that there are twice; the most."""
    before: Stretch | None = None
    gap: list[int] = []
    twice: list[int] = []
    for stretch in zone(place).stretches(*YEARS):
        if before is not None and stretch.offset != before.offset:
            first, last = sorted((stretch.begin + before.offset, stretch.begin + stretch.offset))
            walls = [wall % DAY for wall in fields.walls(first, last)]
            if stretch.offset < before.offset:
                twice = max(twice, walls, key=len)
            else:
                gap = max(gap, walls, key=len)
        before = stretch
    return gap, twice


def policy_unkept(entry: Entry, allowed: dict[str, tuple[object, ...]], who: str) -> Iterator[CannotSay]:
    """What the job says of late or overlapping runs and its host's scheduler cannot."""
    policy = entry.policy
    given: dict[str, object] = {
        "catch up": policy.catch_up,
        "catch up window": policy.window,
        "deadline": policy.deadline,
        "overlap": policy.overlap,
        "splay": policy.splay or None,
    }
    for name, value in given.items():
        if name in allowed and value not in allowed[name]:
            words = " or ".join(str(one) for one in allowed[name] if one is not None)
            hint = f"say {name}: {words}" if words else f"leave {name} out"
            said = duration(value) if isinstance(value, float) else value
            text = f"{who} cannot keep '{name}: {said}' of {entry.job}"
            yield CannotSay(text, hint=hint, field=name, finding="REM1905")
    if entry.schedule.within is not None:
        yield no_calendar(who, entry.job)


def no_calendar(who: str, job: str) -> CannotSay:
    hint = "let REM run it, or take it out"
    return CannotSay(f"{who} knows no calendar, and {job} has one", hint=hint, field="calendar", finding="REM1904")


def refuse(found: Iterable[CannotSay]) -> None:
    """CannotSay, the first of them."""
    for one in found:
        raise one
