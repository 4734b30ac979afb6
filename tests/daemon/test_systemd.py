"""What systemd is told, held against the real thing: a socket as it makes one, and its own check of units."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.daemon.notify import Notify
from rem_cli.daemon.unit import quoted, unit
from rem_cli.errors import UsageError


@pytest.mark.parametrize("abstract", [False, True])
def test_words_arrive_as_sd_notify_says(tmp_path: Path, abstract: bool) -> None:
    name = f"\0rem-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        notify = Notify({"NOTIFY_SOCKET": name.replace("\0", "@"), "WATCHDOG_USEC": "60000000"})
        notify.say(ready=1, status="2 runs\nof jobs")
        notify.say(watchdog=1)
        assert [manager.recv(4096) for _ in range(2)] == [b"READY=1\nSTATUS=2 runs of jobs", b"WATCHDOG=1"]
    assert notify.watchdog == 60
    notify.say(stopping=1)  # nobody listens any more, and that is no error


def test_without_a_manager_nothing_is_said_and_nobody_watches() -> None:
    Notify({}).say(ready=1)
    assert Notify({}).watchdog is None
    assert Notify({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": str(os.getpid() + 1)}).watchdog is None


ODD = ["it's", 'say "so"', "back\\slash"]


@pytest.mark.parametrize("folder", ["ops", "a b", "50%", "$HOME", "Müller", *ODD])
def test_systemd_takes_the_unit(tmp_path: Path, folder: str) -> None:
    program = tmp_path / ("ops" if folder in ODD else folder) / "rem"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    file = tmp_path / "rem.service"
    file.write_text(unit([str(program), "-C", f"/srv/{folder}"], 90, user="root"))
    done = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_unit_waits_longer_than_the_drain_and_a_word_stays_one_word() -> None:
    text = unit(["/opt/rem", "-C", "/srv/my ops"], 90, user="")
    assert 'ExecStart=/opt/rem -C "/srv/my ops" daemon --drain 90s\n' in text
    assert "TimeoutStopSec=120\n" in text
    assert "User=" not in text
    for odd in ODD:
        with pytest.raises(UsageError, match="systemd starts no program at"):
            unit([f"/opt/{odd}/rem"], 90, user="")
    with pytest.raises(UsageError, match="control characters"):
        quoted("a\nExecStartPre=/bin/sh")
