"""Keys from files and from a real agent: the right ones, in order, and no wait without end."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach import Outcome, Target, Task
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport, agent
from rem_cli.reach.ssh.agent import Agent, AgentError
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.keys import KeyRing
from tests.fakes.fleet import OddFleet, make_key
from tests.fakes.listener import run_one


@pytest.fixture
def agent_path(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "agent")
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as running:
        assert running.stdout is not None
        running.stdout.readline()  # it listens once it has said where
        yield path
        running.terminate()


def add(agent_path: str, key: Path) -> None:
    env = {**os.environ, "SSH_AUTH_SOCK": agent_path}
    subprocess.run(["ssh-add", "-q", str(key)], env=env, check=True, capture_output=True)


def settings(*identities: Path, only: bool = False) -> HostSettings:
    return HostSettings("web01", "web01", 22, "ana", "web01", identities=identities, identities_only=only)


def kinds(ring: KeyRing, host: HostSettings) -> list[str]:
    return [key.get_name() for key in ring.keys_for(host)]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def test_our_own_identities_come_before_configured_ones(tmp_path: Path) -> None:
    ours, theirs = make_key(tmp_path / "a", "ecdsa"), make_key(tmp_path / "b", "ed25519")
    assert kinds(KeyRing([ours], ""), settings(theirs)) == ["ecdsa-sha2-nistp256", "ssh-ed25519"]


def test_without_configuration_the_usual_files_are_tried(home: Path) -> None:
    (home / ".ssh").mkdir()
    make_key(home / ".ssh/id_ecdsa", "ecdsa")
    make_key(home / ".ssh/id_ed25519", "ed25519")
    assert kinds(KeyRing((), ""), settings()) == ["ssh-ed25519", "ecdsa-sha2-nistp256"]


def test_an_agent_is_not_emptied_over_a_host_that_has_an_identity(tmp_path: Path, agent_path: str) -> None:
    for number in range(3):
        add(agent_path, make_key(tmp_path / f"other{number}", "ed25519"))
    own = make_key(tmp_path / "own", "ecdsa")
    assert kinds(KeyRing((), agent_path), settings(own)) == ["ecdsa-sha2-nistp256"]


def test_an_agent_without_any_configuration_offers_five_keys_at_most(tmp_path: Path, agent_path: str) -> None:
    for number in range(7):
        add(agent_path, make_key(tmp_path / f"other{number}", "ed25519"))
    assert len(kinds(KeyRing((), agent_path), settings())) == 5


def test_identities_only_leaves_the_agent_out(tmp_path: Path, agent_path: str) -> None:
    add(agent_path, make_key(tmp_path / "other", "ed25519"))
    assert kinds(KeyRing((), agent_path), settings(only=True)) == []


def test_an_encrypted_key_is_taken_from_the_agent(tmp_path: Path, agent_path: str) -> None:
    key = make_key(tmp_path / "key", "ed25519")
    add(agent_path, key)
    words = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", str(key)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, capture_output=True)
    ring = KeyRing((), agent_path)
    assert (kinds(ring, settings(key)), list(ring.complaints)) == (["ssh-ed25519"], [])


def test_an_encrypted_key_without_an_agent_says_what_to_do(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", "ed25519", passphrase="secret")
    ring = KeyRing((), "")
    assert (kinds(ring, settings(key)), list(ring.complaints)) == (
        [],
        [f"{key} is encrypted and no agent holds it (ssh-add {key})"],
    )


def test_a_key_file_is_loaded_once(tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", "ed25519")
    ring = KeyRing((), "")
    first = list(ring.keys_for(settings(key)))
    key.unlink()
    assert list(ring.keys_for(settings(key))) == first


def test_a_missing_file_is_passed_over(tmp_path: Path) -> None:
    ring = KeyRing((), "")
    assert (kinds(ring, settings(tmp_path / "none")), ring.complaints) == ([], {})


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("engine", ["loop", "threads"])
def test_a_key_in_the_agent_opens_a_host(
    tmp_path: Path, agent_path: str, kind: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", agent_path)
    key = make_key(tmp_path / "key", kind)
    add(agent_path, key)
    key.unlink()  # its public half stays and names it
    with OddFleet(tmp_path / "fleet", 1) as one:
        one.let_in(key)
        one.key.unlink()
        transport = SshTransport(SystemClock(), config=[one.ssh_config], identities=[key], engine=engine)
        heard = run_one(transport, Target("host", one.hosts[0]), Task(argv=("echo", "in")))
        transport.close()
    assert heard.out == b"in\n"


def test_40_an_agent_that_is_gone_is_passed_over(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    transport = SshTransport(SystemClock(), config=[fleet.ssh_config])
    heard = run_one(transport, Target("host", fleet.hosts[0]), Task(argv=("echo", "in")))
    transport.close()
    assert heard.end.outcome is Outcome.OK


def test_40_an_agent_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "LIST_SECONDS", 0.2)
    path = str(tmp_path / "silent")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(path)
        silent.listen()
        with pytest.raises(AgentError, match=r"did not answer in 0\.2 s"):
            Agent(path).identities()


@pytest.mark.parametrize("answer", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\0\0\0\5\x0c\0\0\0\2", b"\0\0\0\1\5", b"\0\0"])
def test_an_agent_that_talks_nonsense_is_given_up(tmp_path: Path, answer: bytes) -> None:
    path = str(tmp_path / "odd")
    with socket.socket(socket.AF_UNIX) as odd:
        odd.bind(path)
        odd.listen()
        asked = threading.Thread(target=answer_once, args=(odd, answer))
        asked.start()
        with pytest.raises(AgentError):
            Agent(path).identities()
        asked.join()


def answer_once(listener: socket.socket, answer: bytes) -> None:
    link, _ = listener.accept()
    with link:
        link.recv(100)
        link.sendall(answer)
