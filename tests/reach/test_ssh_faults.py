"""Hosts that go wrong: each ends in its time, says why, and does not hold the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach import Deadlines, Outcome, Stop, Target, Task
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport
from tests.fakes.fleet import FaultyHosts, trust_another_key
from tests.fakes.listener import Recorder, processes_with, run_all, run_one
from tests.reach.conftest import MakeSsh

QUICK = Deadlines(connect=0.4, banner=0.4, handshake=0.4, login=5.0, channel=5.0)
HELLO = Task(argv=("echo", "hello"), deadlines=QUICK)

Faulty = Callable[[FaultyHosts], Target]

FAULTS: list[tuple[Faulty, str, str]] = [
    (FaultyHosts.refused, "connect", "connection refused"),
    (FaultyHosts.blackhole, "connect", "no answer in 0.4 s"),
    (FaultyHosts.tarpit, "banner", ""),
    (FaultyHosts.banner_staller, "banner", ""),
    (FaultyHosts.garbage, "banner", ""),
    (FaultyHosts.banner_flood, "banner", ""),
    (FaultyHosts.handshake_staller, "handshake", ""),
]


@pytest.mark.parametrize(("make", "phase", "why"), FAULTS)
def test_41_a_host_that_does_not_answer_as_it_should_is_unreachable(
    ssh: SshTransport, faulty: FaultyHosts, make: Faulty, phase: str, why: str
) -> None:
    heard = run_one(ssh, make(faulty), HELLO)
    assert (heard.started, heard.end.outcome, heard.end.phase) == (0, Outcome.UNREACHABLE, phase)
    assert why in heard.end.why


@pytest.mark.parametrize("engine", ["loop"])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (FaultyHosts.tarpit, "it took the connection but did not introduce itself in 0.4 s"),
        (FaultyHosts.garbage, "what answers on port {port} is not SSH: it said 'HTTP/1.1 400 Bad Request'"),
        (FaultyHosts.handshake_staller, "the key exchange did not end in 0.4 s"),
        (FaultyHosts.refused, "127.2.0.1 port {port}: connection refused"),
    ],
)
def test_the_reason_says_what_happened(ssh: SshTransport, faulty: FaultyHosts, make: Faulty, why: str) -> None:
    target = make(faulty)
    assert run_one(ssh, target, HELLO).end.why == why.format(port=target.port)


def test_a_dead_host_does_not_hold_the_others(ssh: SshTransport, faulty: FaultyHosts, targets: list[Target]) -> None:
    dead = [faulty.blackhole("hole"), faulty.tarpit("tar"), faulty.handshake_staller("stall")]
    slow = replace(HELLO, deadlines=replace(QUICK, connect=1.5, banner=1.5, handshake=1.5))
    listen = run_all(ssh, [(target, slow) for target in (*dead, *targets)])
    assert set(listen.order[-3:]) == {"hole", "tar", "stall"}


def test_a_name_that_nobody_knows_is_unreachable(ssh: SshTransport) -> None:
    end = run_one(ssh, Target("nowhere", "no-such-host.invalid"), HELLO).end
    assert (end.outcome, end.phase) == (Outcome.UNREACHABLE, "connect")


@pytest.mark.parametrize("address", ["-oProxyCommand=id", "", "a\nb"])
def test_an_address_that_is_none_is_unreachable(ssh: SshTransport, address: str) -> None:
    end = run_one(ssh, Target("odd", address), HELLO).end
    assert (end.outcome, "is not the address of a host" in end.why) == (Outcome.UNREACHABLE, True)


def test_a_link_that_breaks_in_the_middle_is_lost(
    faulty: FaultyHosts, fleet: Fleet, tmp_path: Path, make_ssh: MakeSsh
) -> None:
    target = faulty.closing_after(6000, fleet, fleet.hosts[0])
    known = tmp_path / "known_hosts"
    key = fleet.known_hosts.read_text().splitlines()[0].split(" ", 1)[1]
    known.write_text(f"[{target.address}]:{target.port} {key}")
    task = Task(shell="while echo line; do sleep 0.005; done", deadlines=QUICK)
    heard = run_one(make_ssh(known_hosts=[known]), target, task)
    assert (heard.started, heard.end.outcome) == (1, Outcome.LOST)
    assert heard.out.startswith(b"line\nline\n")


@pytest.mark.parametrize("heals", [True, False])
def test_36_a_program_whose_link_broke_is_ended_over_another_or_said_to_live(
    tmp_path: Path, engine: str, unique: str, heals: bool
) -> None:
    with Fleet(tmp_path / "fleet", 2) as two:

        def cut(_: Target) -> None:
            two.break_host(two.hosts[0])
            if heals:
                two.heal_host(two.hosts[0])

        transport, listen = SshTransport(SystemClock(), config=[two.ssh_config], engine=engine), Recorder(on_start=cut)
        task = Task(shell=f"sh -c 'sleep 3; :' {unique}", deadlines=QUICK)
        transport.run([(Target("host", two.hosts[0]), task)], listen, parallel=1, stop=Stop())
        transport.close()
        end = listen["host"].end
    assert (end.outcome, end.survivors, bool(processes_with(unique))) == (Outcome.LOST, not heals, not heals)


def test_programs_that_wait_for_their_turn_on_a_link_that_breaks_get_another(tmp_path: Path) -> None:
    with Fleet(tmp_path / "fleet", 2) as two:

        def cut(target: Target) -> None:
            if target.name == "first":
                two.break_host(two.hosts[0])
                two.heal_host(two.hosts[0])

        transport = SshTransport(SystemClock(), config=[two.ssh_config])
        wait = Task(shell="sleep 60", deadlines=QUICK)
        hold = [(Target(name, two.hosts[0]), wait) for name in ("first", *"bcdefgh")]
        rest = [(Target(f"waits{number}", two.hosts[0]), HELLO) for number in range(3)]
        listen, stop = Recorder(on_start=cut), Stop()
        transport.run([*hold, *rest], listen, parallel=20, stop=stop)
        transport.close()
    assert [listen[target.name].out for target, _ in rest] == [b"hello\n"] * 3


def test_38_an_unknown_host_key_stops_the_connection(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    config = _config_with(tmp_path, fleet, known_hosts=tmp_path / "none")
    heard = run_one(make_ssh(config=[config]), targets[0], HELLO)
    end = heard.end
    assert (heard.started, end.outcome, end.untrusted, end.hint) == (0, Outcome.REFUSED, True, "rem host trust host0")
    assert end.why.startswith("host key of host0 is not known (ssh-ed25519 SHA256:")


def test_38_a_changed_host_key_names_both_keys_and_the_line(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    known = _copy_of_known_hosts(tmp_path, fleet)
    trust_another_key(known, fleet.hosts[1], tmp_path)
    end = run_one(make_ssh(config=[_config_with(tmp_path, fleet, known)]), targets[1], HELLO).end
    assert (end.outcome, end.untrusted, end.why.count("SHA256:")) == (Outcome.REFUSED, True, 2)
    assert (f"{known}:2" in end.why, end.hint is not None and f"delete line 2 of {known}" in end.hint) == (True, True)


def test_38_a_host_that_is_known_by_a_key_of_another_type_is_not_trusted(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    known = _copy_of_known_hosts(tmp_path, fleet)
    trust_another_key(known, fleet.hosts[0], tmp_path, kind="ecdsa")
    end = run_one(make_ssh(config=[_config_with(tmp_path, fleet, known)]), targets[0], HELLO).end
    assert (end.outcome, end.untrusted) == (Outcome.REFUSED, True)
    assert "is of another type than the known one" in end.why


def test_38_a_revoked_host_key_is_not_trusted(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    known = _copy_of_known_hosts(tmp_path, fleet)
    key = known.read_text().splitlines()[0].split(" ", 1)[1]
    known.write_text(known.read_text() + f"@revoked * {key}\n")
    end = run_one(make_ssh(config=[_config_with(tmp_path, fleet, known)]), targets[0], HELLO).end
    assert (end.outcome, end.untrusted, f"was revoked in {known}:13" in end.why) == (Outcome.REFUSED, True, True)


def test_a_file_of_our_own_makes_a_host_trusted(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    config = _config_with(tmp_path, fleet, known_hosts=tmp_path / "none")
    ssh = make_ssh(config=[config], known_hosts=[fleet.known_hosts])
    assert run_one(ssh, targets[0], HELLO).end.outcome is Outcome.OK


def test_a_key_that_the_host_does_not_take_is_refused(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet
) -> None:
    trust_another_key(_copy_of_known_hosts(tmp_path, fleet), "-", tmp_path)
    config = _config_with(tmp_path, fleet, key=tmp_path / "other-ed25519")
    end = run_one(make_ssh(config=[config]), targets[0], HELLO).end
    assert (end.outcome, end.phase, end.untrusted) == (Outcome.REFUSED, "login", False)
    assert end.why == "it does not accept our key"


def test_without_any_key_the_reason_names_what_was_tried(
    make_ssh: MakeSsh, targets: list[Target], tmp_path: Path, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "no-agent"))
    locked = tmp_path / "locked"
    locked.write_text("not a key")
    Path(f"{locked}.pub").write_text("ssh-ed25519 AAAA")
    end = run_one(make_ssh(config=[_config_with(tmp_path, fleet, key=locked)]), targets[0], HELLO).end
    assert (end.outcome, end.phase) == (Outcome.REFUSED, "login")
    assert f"{locked} is not a private key that can be used" in end.why


def test_a_stop_while_hosts_are_still_silent_ends_at_once(ssh: SshTransport, faulty: FaultyHosts) -> None:
    stop = Stop()
    listen = Recorder(on_end=lambda _: stop.ask())
    patient = Task(argv=("true",), deadlines=Deadlines(connect=60, banner=60))
    work = [(faulty.tarpit("tar"), patient), (faulty.refused("refused"), HELLO)]
    ssh.run(work, listen, parallel=2, stop=stop)
    assert (listen["tar"].end.outcome, listen["tar"].started) == (Outcome.CANCELLED, 0)


def _copy_of_known_hosts(directory: Path, fleet: Fleet) -> Path:
    copy = directory / "known_hosts"
    shutil.copyfile(fleet.known_hosts, copy)
    return copy


def _config_with(directory: Path, fleet: Fleet, known_hosts: Path | None = None, key: Path | None = None) -> Path:
    """The fleet's ssh_config with another file in the place of one of its own."""
    text = fleet.ssh_config.read_text()
    text = text.replace(f"File {fleet.known_hosts}", f"File {known_hosts or fleet.known_hosts}")
    text = text.replace(f"IdentityFile {fleet.key}", f"IdentityFile {key or fleet.key}")
    path = directory / "ssh_config"
    path.write_text(text)
    return path
