"""The loopback fleet is a fleet of real hosts: plain `ssh` works on it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rem_cli.reach import ReachError
from rem_cli.reach.loopback import Fleet


def ssh(fleet: Fleet, host: str, command: str) -> subprocess.CompletedProcess[str]:
    words = ["ssh", "-F", str(fleet.ssh_config), host, command]
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def test_each_host_has_an_address_and_a_home_of_its_own(fleet: Fleet) -> None:
    seen = [ssh(fleet, host, 'echo "$SSH_CONNECTION $HOME"').stdout.split() for host in fleet.hosts[:2]]
    assert [(words[2], words[4]) for words in seen] == [(host, str(fleet.home(host))) for host in fleet.hosts[:2]]


def test_a_fleet_of_more_hosts_than_sshd_can_listen_on_answers_on_all(tmp_path: Path) -> None:
    with Fleet(tmp_path / "fleet", 300) as fleet:
        assert ssh(fleet, fleet.hosts[-1], "echo here").stdout == "here\n"


def test_a_broken_host_refuses_and_loses_its_links_while_the_others_go_on(tmp_path: Path) -> None:
    with Fleet(tmp_path / "fleet", 2) as fleet:
        words = ["ssh", "-F", str(fleet.ssh_config), fleet.hosts[0], "echo up; sleep 3"]
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as link:
            assert link.stdout is not None and link.stdout.readline() == b"up\n"
            fleet.break_host(fleet.hosts[0])
            assert link.wait() == 255
        refused = ssh(fleet, fleet.hosts[0], "true")
        assert "refused" in refused.stderr
        assert ssh(fleet, fleet.hosts[1], "true").returncode == 0


def test_a_healed_host_answers_again(tmp_path: Path) -> None:
    with Fleet(tmp_path / "fleet", 2) as fleet:
        fleet.break_host(fleet.hosts[0])
        fleet.heal_host(fleet.hosts[0])
        assert ssh(fleet, fleet.hosts[0], "echo back").stdout == "back\n"


def test_a_host_of_another_fleet_cannot_be_broken(fleet: Fleet) -> None:
    with pytest.raises(ReachError, match=r"127\.9\.9\.9 is not a host of this fleet"):
        fleet.break_host("127.9.9.9")


def test_without_sshd_the_hint_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(ReachError) as caught:
        Fleet(tmp_path, 1)
    assert (caught.value.message, caught.value.hint) == (
        "sshd is not installed on this machine",
        "apt-get install openssh-server",
    )


def test_the_fleet_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from rem_cli.reach.loopback import Fleet\n"
        "with Fleet(Path(sys.argv[1]), 1) as fleet: print(fleet._process.pid, flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "fleet")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        handle = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        ended = select.select([handle], [], [], 10)[0]
        os.close(handle)
    assert ended == [handle]
