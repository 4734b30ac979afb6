"""A job as a systemd timer and its service, for a host that runs it while nobody looks."""

from __future__ import annotations

from collections.abc import Iterator

from rem_cli.jobs.schedule.cron import Cron
from rem_cli.jobs.schedule.plain import Every, Once
from rem_cli.jobs.schedule.says import CannotSay, Entry, hours_changed, policy_unkept, refuse
from rem_cli.language.zone import DAY, shown

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_KEPT: dict[str, tuple[object, ...]] = {
    "catch up": ("none", "latest"), "catch up window": (None,), "deadline": (None,)
}  # fmt: skip


def files(entry: Entry) -> dict[str, str]:
    """The texts of the timer and of its service, by their files' names; CannotSay.

    `Persistent` is `catch up: latest`. Overlap is for the program to keep: it leaves the service, which is over then,
    and goes on by itself. For no second one is started while a service runs; what was due meanwhile is, as it ends.
    """
    refuse(unkept(entry))
    calendar = "".join(f"OnCalendar={line}\n" for line in _calendar(entry))
    persistent = "true" if entry.policy.catch_up == "latest" else "false"
    splay = f"RandomizedDelaySec={entry.policy.splay:g}s\nFixedRandomDelay=true\n" if entry.policy.splay else ""
    unit = f"[Unit]\nDescription={_plain(entry.title)}\n"
    head = f"# Written by REM, which writes it again when it was changed.\n{unit}\n"
    exact = f"Persistent={persistent}\nAccuracySec=1s\n{splay}"
    timer = f"{head}[Timer]\n{calendar}{exact}\n[Install]\nWantedBy=timers.target\n"
    command = " ".join(map(_quoted, entry.command))
    often = head.replace(unit, f"{unit}StartLimitIntervalSec=0\n")  # every second is not too often
    service = f"{often}[Service]\nType=oneshot\nUser={entry.user}\nKillMode=process\nExecStart={command}\n"
    return {f"{entry.name}.timer": timer, f"{entry.name}.service": service}


def unkept(entry: Entry) -> Iterator[CannotSay]:
    """What a timer of systemd cannot keep of a job."""
    yield from policy_unkept(entry, _KEPT, "a systemd timer")
    try:
        list(_calendar(entry))
    except CannotSay as error:
        yield error


def _calendar(entry: Entry) -> Iterator[str]:
    rule = entry.schedule.rule
    if isinstance(rule, Once):
        if not all(one.runs for one in rule.walk(rule.at - 1)):
            raise CannotSay(f"{entry.job} {entry.schedule} never runs: that time does not exist, and is left out")
        yield f"{shown(rule.at):%Y-%m-%d %H:%M:%S} UTC"
    elif isinstance(rule, Every):
        yield _every(entry, rule.seconds)
    else:
        assert isinstance(rule, Cron)
        _same_clocks(entry, rule)
        yield from _lines(rule)


def _every(entry: Entry, every: float) -> str:
    for size, form in ((60, "*-*-* *:*:{}"), (3600, "*-*-* *:{}:00"), (DAY, "*-*-* {}:00:00")):
        step = every / (size // (24 if size == DAY else 60))
        if step == int(step) and step >= 1 and every <= size and size % every == 0:
            return form.format("00" if every == size else f"00/{int(step)}") + " UTC"
    raise CannotSay(
        f"a systemd timer cannot run {entry.job} {entry.schedule} from one fixed moment on",
        hint="a time that divides a minute, an hour or a day",
    )


def _same_clocks(entry: Entry, rule: Cron) -> None:
    gap, twice = hours_changed(rule.fields, rule.zone)
    if rule.fields.fixed and gap and not rule.skip:
        text = f"a systemd timer leaves out a time that does not exist, and {entry.job} runs right after it"
        hint = "say clock change: {gap: skip}, or choose a time that every day has"
        raise CannotSay(text, hint=hint, finding="REM1903")
    if twice and (rule.both or not rule.fields.fixed):
        text = f"a systemd timer takes the first of a time that there is twice, and {entry.job} takes both"
        hint = "leave time zone out: then it is UTC, where no time is there twice"
        raise CannotSay(text, hint=hint, field="time zone", finding="REM1903")


def _lines(rule: Cron) -> Iterator[str]:
    minutes, hours, days, months, weekdays = rule.fields.sets
    week = {day % 7 for day in weekdays}
    month = _numbers(months, 12, 1)
    time = f"{_numbers(hours, 24, 0)}:{_numbers(minutes, 60, 0)}:00 {rule.zone}"
    named = "" if len(week) == 7 else ",".join(_WEEKDAYS[day] for day in sorted(week)) + " "
    if rule.fields.either:
        yield f"*-{month}-{_numbers(days, 31, 1)} {time}"
        yield f"{named}*-{month}-* {time}"
    else:
        yield f"{named}*-{month}-{_numbers(days, 31, 1)} {time}"


def _numbers(some: set[int], many: int, least: int) -> str:
    return "*" if some == {*range(least, least + many)} else ",".join(f"{one:02}" for one in sorted(some))


def _plain(text: str) -> str:
    return text.replace("%", "%%").replace("\\", "\\\\")


def _quoted(word: str) -> str:
    """A word of ExecStart, in which nothing means anything (systemd.service(5), "Command lines")."""
    if not word.isprintable():
        raise CannotSay(f"{word!a} has a sign that no unit can hold")
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'
