"""A job as a file of /etc/cron.d, for a host that runs it while nobody looks. Debian's cron reads it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from rem_cli.jobs.schedule.cron import Cron
from rem_cli.jobs.schedule.plain import Every
from rem_cli.jobs.schedule.says import CannotSay, Entry, hours_changed, policy_unkept, refuse
from rem_cli.language.clocks import YEARS
from rem_cli.language.zone import zone

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LONGEST = 998  # signs of a command that Debian's cron reads
_KEPT: dict[str, tuple[object, ...]] = {
    "catch up": ("none",), "catch up window": (None,), "deadline": (None,), "splay": (None,)
}  # fmt: skip


def file(entry: Entry, host_zone: str = "UTC") -> str:
    """The whole text of the file; CannotSay. `host_zone` is the zone of the host's clock.

    Overlap is for the program to keep: cron starts it whatever goes on.
    """
    refuse(unkept(entry, host_zone))
    fields = _fields(entry, host_zone)
    # cron ends a command at a line's end and at %, which has no other way to stand in one.
    plain = " ".join(map(shlex.quote, entry.command))
    command = plain.replace("%", "\\%")
    if not command.isprintable() or len(command) > _LONGEST or "\\%" in plain:
        text = f"the command of {entry.job} is longer than a line of cron's, has several, or has a % behind a backslash"
        raise CannotSay(text, hint="put it into a script")
    head = f"# {entry.title}\n# Written by REM, which writes it again when it was changed.\n"
    return f"{head}SHELL=/bin/sh\nPATH={_PATH}\n{fields} {entry.user} {command}\n"


def unkept(entry: Entry, host_zone: str = "UTC") -> Iterator[CannotSay]:
    """What cron on a host cannot keep of a job."""
    yield from policy_unkept(entry, _KEPT, "cron")
    try:
        _fields(entry, host_zone)
    except CannotSay as error:
        yield error


def _fields(entry: Entry, host_zone: str) -> str:
    rule = entry.schedule.rule
    if isinstance(rule, Every):
        return _every(entry, rule.seconds, host_zone)
    if not isinstance(rule, Cron):
        raise CannotSay(f"cron knows no year, so it cannot run {entry.job} once")
    if rule.zone != host_zone:
        text = f"cron on this host keeps the clock of {host_zone}, and {entry.job} means that of {rule.zone}"
        raise CannotSay(text, hint=f"say time zone: {host_zone}", field="time zone", finding="REM1903")
    gap, twice = hours_changed(rule.fields, rule.zone)
    if rule.fields.fixed and ((gap and rule.skip) or (twice and rule.both)):
        text = f"cron runs what a change of clocks leaves out, and runs once what there is twice; {entry.job} says else"
        raise CannotSay(text, hint="leave clock change out", field="clock change", finding="REM1903")
    if rule.fields.fixed and len(gap) > 1:
        text = f"{len(gap)} times of {entry.job} are missing where clocks are put forward, and cron runs it for each"
        raise CannotSay(text, hint="choose times that every day has", finding="REM1903")
    return rule.text


def _every(entry: Entry, every: float, host_zone: str) -> str:
    minutes, hours = int(every // 60), int(every // 3600)
    still = not any(zone(host_zone).changes(*YEARS))
    ahead = zone(host_zone).offset(YEARS[0])
    if every % 60 == 0 and minutes < 60 and 60 % minutes == 0 and (still or minutes <= 30) and _even(host_zone, every):
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    if every % 3600 == 0 and hours <= 24 and 24 % hours == 0 and still and ahead % every == 0:
        return "0 * * * *" if hours == 1 else f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"
    raise CannotSay(
        f"cron cannot run {entry.job} {entry.schedule}: its minutes and hours begin anew, or it keeps another clock",
        hint="a time that divides an hour, or a schedule in cron's own fields",
    )


def _even(place: str, every: float) -> bool:
    """Whether the clock of a zone is ahead of UTC by whole steps, also when it is changed."""
    return all(one.offset % every == 0 for one in zone(place).stretches(*YEARS))
