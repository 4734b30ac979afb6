"""Reaching through: ProxyJump, and ProxyCommand where it is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from rem_cli.reach import Deadlines, Outcome, Target, Task
from rem_cli.reach.loopback import Fleet
from tests.fakes.fleet import FaultyHosts
from tests.fakes.listener import run_all, run_one
from tests.reach.conftest import MakeSsh

WHERE = Task(shell='echo "$SSH_CONNECTION" | cut -d" " -f3; cat', stdin=b"x" * 2_000_000, output_limit=100)


def config(directory: Path, fleet: Fleet, *blocks: str) -> Path:
    path = directory / "ssh_config"
    path.write_text("\n".join([*blocks, fleet.ssh_config.read_text()]))
    return path


def test_a_host_is_reached_through_another(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]
) -> None:
    ssh = make_ssh(config=[config(tmp_path, fleet, f"Host {fleet.hosts[1]}\n ProxyJump {fleet.hosts[0]}")])
    heard = run_one(ssh, targets[1], WHERE)
    assert (heard.out.splitlines()[0].decode(), heard.end.outcome) == (fleet.hosts[1], Outcome.OK)


def test_many_hosts_share_one_bastion(make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]) -> None:
    bastion = f"Host * !{fleet.hosts[0]}\n ProxyJump {fleet.user}@{fleet.hosts[0]}:{fleet.port}"
    listen = run_all(make_ssh(config=[config(tmp_path, fleet, bastion)]), [(target, WHERE) for target in targets])
    assert {heard.end.outcome for heard in listen.heard.values()} == {Outcome.OK}


def test_jumps_follow_each_other(make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]) -> None:
    jumps = f"Host {fleet.hosts[2]}\n ProxyJump {fleet.hosts[0]},{fleet.hosts[1]}"
    assert run_one(make_ssh(config=[config(tmp_path, fleet, jumps)]), targets[2], WHERE).end.outcome is Outcome.OK


def test_jumps_in_a_circle_are_found(make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]) -> None:
    circle = [f"Host {a}\n ProxyJump {b}" for a, b in (fleet.hosts[:2], fleet.hosts[1::-1])]
    end = run_one(make_ssh(config=[config(tmp_path, fleet, *circle)]), targets[0], WHERE).end
    assert (end.outcome, "circle" in end.why) == (Outcome.UNREACHABLE, True)


def test_a_bastion_that_is_dead_is_named(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target], faulty: FaultyHosts
) -> None:
    dead = faulty.refused()
    jump = f"Host {fleet.hosts[1]}\n ProxyJump {dead.address}:{dead.port}"
    end = run_one(make_ssh(config=[config(tmp_path, fleet, jump)]), targets[1], WHERE).end
    assert (end.outcome, "connection refused" in end.why) == (Outcome.UNREACHABLE, True)


def test_a_host_that_the_bastion_does_not_reach_is_unreachable(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, faulty: FaultyHosts
) -> None:
    dead = faulty.refused()
    jump = f"Host {dead.address}\n ProxyJump {fleet.hosts[0]}"
    end = run_one(make_ssh(config=[config(tmp_path, fleet, jump)]), dead, WHERE).end
    assert (end.outcome, "the jump host does not reach it" in end.why) == (Outcome.UNREACHABLE, True)


def test_38_a_bastion_must_be_trusted_too(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]
) -> None:
    known = tmp_path / "known"
    known.write_text(fleet.known_hosts.read_text().split("\n", 1)[1])
    jump = f"Host {fleet.hosts[1]}\n ProxyJump {fleet.hosts[0]}\nHost *\n UserKnownHostsFile {known}"
    end = run_one(make_ssh(config=[config(tmp_path, fleet, jump)]), targets[1], WHERE).end
    assert (end.outcome, end.untrusted) == (Outcome.REFUSED, True)


def test_39_a_proxy_command_does_not_run_unless_allowed(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]
) -> None:
    canary = tmp_path / "canary"
    ssh = make_ssh(config=[config(tmp_path, fleet, f"Host *\n ProxyCommand touch {canary}")])
    end = run_one(ssh, targets[0], WHERE).end
    assert (end.outcome, "ProxyCommand" in end.why, canary.exists()) == (Outcome.UNREACHABLE, True, False)


def test_a_proxy_command_carries_the_link_when_allowed(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]
) -> None:
    command = f"Host *\n ProxyCommand ssh -F {fleet.ssh_config} -W %h:%p {fleet.hosts[3]}"
    ssh = make_ssh(config=[config(tmp_path, fleet, command)], allow_proxy_command=True)
    assert run_one(ssh, targets[0], WHERE).end.outcome is Outcome.OK


def test_a_proxy_command_that_fails_is_unreachable(
    make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]
) -> None:
    ssh = make_ssh(config=[config(tmp_path, fleet, "Host *\n ProxyCommand false")], allow_proxy_command=True)
    task = Task(argv=("true",), deadlines=Deadlines(banner=2))
    assert run_one(ssh, targets[0], task).end.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize("engine", ["loop"])
def test_a_bastion_has_one_link_for_all(make_ssh: MakeSsh, fleet: Fleet, tmp_path: Path, targets: list[Target]) -> None:
    jump = f"Host * !{fleet.hosts[0]}\n ProxyJump {fleet.hosts[0]}"
    ssh = make_ssh(config=[config(tmp_path, fleet, jump)])
    run_all(ssh, [(target, Task(argv=("true",))) for target in targets[1:]])
    links = ssh._opened._links._links  # type: ignore[union-attr]
    assert len(links) == len(targets)
