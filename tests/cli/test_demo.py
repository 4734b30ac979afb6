"""`rem demo` shows what it promises, with SSH and without, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli import wire
from rem_cli.cli import demo_failures
from rem_cli.clock import SystemClock
from rem_cli.main import main
from rem_cli.reach import ReachError


class Impatient(SystemClock):
    """Waits for nobody; what is drawn is drawn from fewer seconds."""

    def sleep(self, seconds: float) -> None:
        pass


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(wire, "clock", Impatient)
    return folder


def test_it_goes_from_a_package_to_a_graph_to_a_failure_over_ssh(
    capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    status = main(["demo"])

    told = capsys.readouterr().out
    assert status == 0
    assert "OpenSSH answers on 127.1.0.1, 127.1.0.2, 127.1.0.3" in told
    assert "is active: 7 added" in told
    assert "3 ok" in told
    assert "time to disk, 3 hosts, ms" in told
    assert "2 ok, 1 unreachable" in told and "[5]" in told
    assert list(scratch.iterdir()) == []


def test_hosts_are_brought_up_killed_and_repaired_and_every_step_is_checked(
    capsys: pytest.CaptureFixture[str], scratch: Path
) -> None:
    status = main(["demo", "--failures"])

    told = capsys.readouterr().out
    stages = re.findall(r"✓ stages: node1 (\w+), node2 (\w+), node3 (\w+)", told)
    assert stages == [
        ("new", "new", "new"),
        ("configured", "configured", "configured"),
        ("verified", "verified", "verified"),
        ("active", "active", "active"),
        ("active", "down", "active"),
        ("active", "active", "active"),
        ("active", "active", "unreachable"),
        ("active", "active", "down"),
        ("active", "active", "active"),
    ]
    assert re.search(r"^all 18 steps held, ", told, re.MULTILINE)
    assert (status, list(scratch.iterdir())) == (0, [])


def test_a_step_that_does_not_hold_ends_it_with_status_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo_failures, "_kill", lambda pid: None)  # the service lives on

    status = main(["demo", "--failures"])

    last = capsys.readouterr().out.splitlines()[-1]
    assert (status, last.startswith("6 steps held, and then one did not, ")) == (1, True)
    assert last.endswith("stages: node1 active, node2 active, node3 active; they should be active, down, active")


def test_without_ssh_the_hosts_are_processes_and_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_fleet(folder: Path, count: int) -> None:
        raise ReachError("sshd is not installed", hint="apt-get install openssh-server")

    monkeypatch.setattr(wire, "fleet", no_fleet)

    status = main(["demo"])

    told = capsys.readouterr().out
    assert status == 0
    assert "no SSH here: sshd is not installed; the hosts are processes of this machine" in told
    assert "node3: no space left on device" in told and "2 ok, 1 failed" in told


def test_kept_it_says_what_to_type_next_and_that_works(capsys: pytest.CaptureFixture[str], scratch: Path) -> None:
    assert main(["demo", "--keep"]) == 0

    (kept,) = scratch.iterdir()
    told = capsys.readouterr().out
    assert f"cd {kept}/repository" in told
    assert main(["-C", str(kept / "repository"), "job", "run", "demo/jobs/disk/write", "--hosts", "here"]) == 0


def test_hosts_to_practise_on_end_with_the_command() -> None:
    command = [sys.executable, "-m", "rem_cli", "demo", "--hosts-only"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert "127.1.0.1, 127.1.0.2, 127.1.0.3" in process.stdout.readline()
        config = process.stdout.readline().strip().removeprefix("export REM_SSH_CONFIG=")
        assert os.path.exists(config)
        process.send_signal(signal.SIGINT)
    assert process.returncode == 130
    assert not os.path.exists(config)
