"""A schedule in the words of a host's own scheduler: the same instants, or a refusal that says what differs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rem_cli.jobs.schedule import crond, timer
from rem_cli.jobs.schedule.decide import Policy
from rem_cli.jobs.schedule.says import CannotSay, Entry
from rem_cli.language.zone import zone
from tests.jobs.schedule.due import instant, items, schedule

RUN = ("/root/.local/share/rem/run", "a b", "100%", "$HOME", "q\"u'o", "back\\slash")
BERLIN = {"time zone": "Europe/Berlin"}
SKIP = {"clock change": {"gap": "skip"}}
NONE = {"catch up": "none"}


def entry(job: Mapping[str, Any], calendars: Mapping[str, Any] | None = None) -> Entry:
    item, _ = items(job, calendars)
    return Entry(item.path, schedule(job, calendars), Policy.read(item), RUN)


def test_a_whole_file_for_cron() -> None:
    assert crond.file(entry({"cron": "30 4 * * mon-fri", **NONE})) == (
        "# shop/jobs/web/load\n"
        "# Written by REM, which writes it again when it was changed.\n"
        "SHELL=/bin/sh\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
        "30 4 * * mon-fri root /root/.local/share/rem/run 'a b' 100\\% '$HOME' "
        "'q\"u'\"'\"'o' 'back\\slash'\n"
    )


def test_a_whole_timer_and_its_service() -> None:
    made = timer.files(entry({"cron": "30 2 1-7 * mon", **BERLIN, **SKIP, "splay": "5m"}))
    head = "# Written by REM, which writes it again when it was changed.\n[Unit]\nDescription=shop/jobs/web/load\n\n"
    assert made == {
        "rem-load-247f6f6391.timer": f"{head}[Timer]\n"
        "OnCalendar=*-*-01,02,03,04,05,06,07 02:30:00 Europe/Berlin\n"
        "OnCalendar=Mon *-*-* 02:30:00 Europe/Berlin\n"
        "Persistent=true\nAccuracySec=1s\nRandomizedDelaySec=300s\nFixedRandomDelay=true\n\n"
        "[Install]\nWantedBy=timers.target\n",
        "rem-load-247f6f6391.service": f"{head[:-1]}StartLimitIntervalSec=0\n\n"
        "[Service]\nType=oneshot\nUser=root\nKillMode=process\n"
        'ExecStart="/root/.local/share/rem/run" "a b" "100%%" "$$HOME" "q\\"u\'o" "back\\\\slash"\n',
    }


@pytest.mark.parametrize(
    ("job", "fields"),
    [
        ({"cron": "*/7 3 * * *"}, "*/7 3 * * *"),
        ({"every": "60s"}, "* * * * *"),
        ({"every": "15m"}, "*/15 * * * *"),
        ({"every": "1h"}, "0 * * * *"),
        ({"every": "6h"}, "0 */6 * * *"),
        ({"every": "1d"}, "0 0 * * *"),
    ],
)
def test_cron_is_due_when_rem_is_and_reads_the_file(job: dict[str, Any], fields: str, tmp_path: Path) -> None:
    made = entry({**job, **NONE})
    text = crond.file(made)
    assert text.splitlines()[-1].startswith(f"{fields} root ")
    begin, end = instant("2026-03-28T00:00Z"), instant("2026-04-02T00:00Z")
    assert [*made.schedule.between(begin, end)] == [*schedule({"cron": fields}).between(begin, end)]
    (tmp_path / "tab").write_text(text.replace(" root /", " /"))  # a user's table has no column for the user
    read = subprocess.run(["crontab", "-n", str(tmp_path / "tab")], capture_output=True, text=True)
    assert (read.returncode, "rror" in read.stderr) == (0, False), read.stderr


def test_cron_of_the_same_zone_keeps_its_clock() -> None:
    assert "30 2 * * * root " in crond.file(entry({"cron": "30 2 * * *", **BERLIN, **NONE}), "Europe/Berlin")


@pytest.mark.parametrize(
    ("job", "zone", "said"),
    [
        ({"every": "7m"}, "UTC", "cron cannot run shop/jobs/web/load every 7m: "),
        ({"every": "30s"}, "UTC", "cron cannot run shop/jobs/web/load every 30s: "),
        ({"every": "6h"}, "Europe/Berlin", "cron cannot run shop/jobs/web/load every 6h: "),
        ({"every": "15m"}, "Asia/Kathmandu", None),
        ({"every": "30m"}, "Asia/Kathmandu", "cron cannot run shop/jobs/web/load every 30m: "),
        ({"once": "2027-01-01 08:00"}, "UTC", "cron knows no year, so it cannot run shop/jobs/web/load once"),
        ({"cron": "30 4 * * *"}, "Europe/Berlin", "cron on this host keeps the clock of Europe/Berlin, and "),
        ({"cron": "30 2 * * *", **BERLIN, **SKIP}, "Europe/Berlin", "cron runs what a change of clocks leaves out, "),
        ({"cron": "30 4 * * *", **BERLIN, **SKIP}, "Europe/Berlin", None),
        ({"cron": "0,30 2 * * *", **BERLIN}, "Europe/Berlin", "2 times of shop/jobs/web/load are missing where "),
        ({"cron": "30 4 * * *", "deadline": "5m"}, "UTC", "cron cannot keep 'deadline: 5m' of shop/jobs/web/load"),
        ({"cron": "30 4 * * *", "catch up": "latest"}, "UTC", "cron cannot keep 'catch up: latest' of "),
        ({"every": "1h", "calendar": "calendars/c"}, "UTC", "cron knows no calendar, and shop/jobs/web/load has one"),
    ],
)
def test_what_cron_cannot_say(job: dict[str, Any], zone: str, said: str | None) -> None:
    made = entry({**NONE, **job}, {"c": {"days": ["mon"]}})
    if said is None:
        assert crond.file(made, zone)
        return
    with pytest.raises(CannotSay) as refused:
        crond.file(made, zone)
    assert refused.value.message.startswith(said)


@pytest.mark.parametrize("word", ["x" * 1000, "two\nlines", "a\\%b"])
def test_a_command_that_no_line_of_cron_can_hold(word: str) -> None:
    made = replace(entry({"every": "1h", **NONE}), command=("/bin/echo", word))
    with pytest.raises(CannotSay):
        crond.file(made)


TIMERS: list[dict[str, Any]] = [
    {"cron": "30 2 * * *", **BERLIN, **SKIP},
    {"cron": "30 4 * * *", **BERLIN},
    {"cron": "0 6 1-7 * mon", **BERLIN},
    {"cron": "0 6 */2 * mon"},
    {"cron": "*/20 4 * 3,10 6-7", **BERLIN},
    {"cron": "45 1 * * *", "time zone": "Australia/Lord_Howe"},
    {"cron": "0 0 29 2 *"},
    {"every": "10s"}, {"every": "1m"}, {"every": "15m"}, {"every": "1h"}, {"every": "8h"}, {"every": "1d"},
    {"once": "2026-10-25 02:30", **BERLIN},
]  # fmt: skip


@pytest.mark.parametrize("job", TIMERS, ids=str)
def test_a_timer_is_due_when_rem_is(job: dict[str, Any]) -> None:
    """At every change of clocks of the year, as systemd itself tells it."""
    made = entry(job)
    (text, _) = timer.files(made).values()
    lines = [line.partition("=")[2] for line in text.splitlines() if line.startswith("OnCalendar=")]
    place = made.schedule.rule.zone
    starts = [
        change - 86_400 for change in zone(place).changes(instant("2026-01-01T00:00Z"), instant("2027-01-01T00:00Z"))
    ]
    for start in starts or [instant("2026-02-27T23:00Z")]:
        ours = [one.at for one, _ in zip(made.schedule.walk(start), range(12), strict=False) if one.runs]
        assert _systemd(lines, start, len(ours) + 1)[: len(ours)] == ours


def _systemd(lines: list[str], start: int, many: int) -> list[int]:
    base = f"{datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M:%S} UTC"
    command = ["systemd-analyze", "calendar", f"--iterations={many}", f"--base-time={base}", *lines]
    env = {"TZ": "UTC", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    told = subprocess.run(command, capture_output=True, text=True, check=True, env=env).stdout
    times = [
        line.partition(": ")[2].strip()
        for line in told.splitlines()
        if line.strip().startswith(("Next elapse:", "Iter", "Iteration"))
    ]
    found = {int(datetime.strptime(time, "%a %Y-%m-%d %H:%M:%S %Z").replace(tzinfo=UTC).timestamp()) for time in times}
    return sorted(one for one in found if one > start)


def test_systemd_finds_nothing_wrong_in_the_units(tmp_path: Path) -> None:
    made = timer.files(Entry("shop/jobs/web/odd %n name", schedule({"every": "1h"}), Policy(), ("/bin/true", *RUN[1:])))
    for name, text in made.items():
        (tmp_path / name).write_text(text)
    names = [str(tmp_path / name) for name in made]
    told = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    assert [line for line in told.stderr.splitlines() if "rem-" in line] == []


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"every": "7m"}, "a systemd timer cannot run shop/jobs/web/load every 7m from one fixed moment on"),
        ({"every": "2d"}, "a systemd timer cannot run shop/jobs/web/load every 2d from one fixed moment on"),
        ({"cron": "30 2 * * *", **BERLIN}, "a systemd timer leaves out a time that does not exist, and "),
        ({"cron": "30 * * * *", **BERLIN}, "a systemd timer takes the first of a time that there is twice, and "),
        (
            {"cron": "30 1 * * *", "time zone": "America/New_York", "clock change": {"overlap": "both"}},
            "a systemd timer ",
        ),
        ({"once": "2026-03-29 02:30", **BERLIN, **SKIP}, "shop/jobs/web/load once 2026-03-29 02:30 never runs: "),
        ({"every": "1h", "catch up": "all"}, "a systemd timer cannot keep 'catch up: all' of shop/jobs/web/load"),
        (
            {"every": "1h", "calendar": "calendars/c"},
            "a systemd timer knows no calendar, and shop/jobs/web/load has one",
        ),
    ],
)
def test_what_a_timer_cannot_say(job: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotSay) as refused:
        timer.files(entry(job, {"c": {"days": ["mon"]}}))
    assert refused.value.message.startswith(said)
