"""What our loop takes from paramiko's insides works: real key exchanges with a real sshd, for each algorithm."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko import auth_strategy

from rem_cli.clock import SystemClock
from rem_cli.reach import Outcome, Stream, Target, Task
from rem_cli.reach.loopback import Fleet
from rem_cli.reach.ssh import SshTransport, driven, library, packets, protocol
from tests.fakes.fleet import OddFleet, make_key
from tests.fakes.listener import Heard, run_all, run_one

HELLO = Task(argv=("echo", "hello"))
SIZE = 6_000_000  # bytes; several times over the RekeyLimit of the tests


class Deaf:
    """A peer that wants nothing."""

    def introduced(self) -> None: ...
    def host_key(self, kind: str, blob: bytes) -> None: ...
    def encrypted(self) -> None: ...
    def message(self, number: int, payload: bytes) -> None: ...


def known_to_openssh(what: str, ours: tuple[str, ...]) -> list[str]:
    """Those of our algorithms that this machine's OpenSSH knows too."""
    theirs = subprocess.run(["ssh", "-Q", what], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in ours if name in theirs]


OUR_KEX = driven.make_protocol(Deaf()).get_security_options().kex
KEX = known_to_openssh("kex", OUR_KEX)
CIPHERS = known_to_openssh("cipher", protocol.FIRST_CIPHERS)
MACS = known_to_openssh("mac", (*protocol.FIRST_MACS, *protocol.LAST_MACS))


def only(monkeypatch: pytest.MonkeyPatch, **algorithms: str) -> None:
    """Offer nothing else, so that a link proves that it works with these."""

    def order(transport: Any, _: tuple[str, ...]) -> None:
        for kind, name in algorithms.items():
            setattr(transport.get_security_options(), kind, (name,))

    monkeypatch.setattr(protocol, "order_algorithms", order)


def say_hello(fleet: Fleet, task: Task = HELLO, **settings: Any) -> Heard:
    transport = SshTransport(SystemClock(), config=[fleet.ssh_config], **settings)
    try:
        return run_one(transport, Target("host", fleet.hosts[0]), task)
    finally:
        transport.close()


@pytest.mark.parametrize("name", KEX)
def test_every_key_exchange_works(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path) -> None:
    only(monkeypatch, kex=name)
    with OddFleet(tmp_path / "fleet", 1, lines=[f"KexAlgorithms {name}"]) as one:
        assert say_hello(one).out == b"hello\n"


@pytest.mark.parametrize("name", CIPHERS)
def test_every_cipher_works_both_ways(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    only(monkeypatch, ciphers=name)
    everything = bytes(range(256)) * 1000
    assert say_hello(fleet, Task(argv=("cat",), stdin=everything)).out == everything


@pytest.mark.parametrize("name", MACS)
def test_every_mac_works_both_ways(monkeypatch: pytest.MonkeyPatch, name: str, tmp_path: Path) -> None:
    only(monkeypatch, ciphers="aes128-ctr", digests=name)
    everything = bytes(range(256)) * 1000
    with OddFleet(tmp_path / "fleet", 1, lines=[f"MACs {name}"]) as one:
        assert say_hello(one, Task(argv=("cat",), stdin=everything)).out == everything


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_host_key_works(kind: str, tmp_path: Path) -> None:
    with OddFleet(tmp_path / "fleet", 1, host_key=kind) as one:
        assert say_hello(one).out == b"hello\n"


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_user_key_works(kind: str, tmp_path: Path) -> None:
    key = make_key(tmp_path / "key", kind)
    with OddFleet(tmp_path / "fleet", 1) as one:
        one.let_in(key)
        one.key.unlink()
        assert say_hello(one, identities=[key]).out == b"hello\n"


def test_a_host_that_has_several_keys_is_asked_for_the_one_that_is_known(tmp_path: Path) -> None:
    other = make_key(tmp_path / "ecdsa", "ecdsa")
    with OddFleet(tmp_path / "fleet", 1, lines=[f"HostKey {other}"]) as one:
        kind, key = Path(f"{other}.pub").read_text().split()[:2]
        one.known_hosts.write_text(f"[{one.hosts[0]}]:{one.port} {kind} {key}\n")
        assert say_hello(one).out == b"hello\n"


def test_a_host_that_asks_for_new_keys_in_the_middle_gets_them(tmp_path: Path) -> None:
    task = Task(argv=("cat",), stdin=b"x" * SIZE, output_limit=SIZE)
    with OddFleet(tmp_path / "fleet", 1, lines=["RekeyLimit 1M"]) as one:
        heard = say_hello(one, task)
        assert (len(heard.out), heard.end.outcome) == (SIZE, Outcome.OK)


def test_we_ask_for_new_keys_when_many_bytes_have_passed(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "REKEY_BYTES", 1 << 20)
    heard = say_hello(fleet, Task(argv=("cat",), stdin=b"x" * SIZE, output_limit=SIZE))
    assert (len(heard.out), heard.end.outcome) == (SIZE, Outcome.OK)


def test_a_key_that_is_refused_is_followed_by_the_next(tmp_path: Path, fleet: Fleet) -> None:
    wrong = make_key(tmp_path / "wrong", "ecdsa")
    assert say_hello(fleet, identities=[wrong]).out == b"hello\n"


def test_more_programs_than_a_host_has_sessions_wait_their_turn(tmp_path: Path) -> None:
    with OddFleet(tmp_path / "fleet", 1, lines=["MaxSessions 2"]) as one:
        transport = SshTransport(SystemClock(), config=[one.ssh_config])
        work = [(Target(f"p{number}", one.hosts[0]), HELLO) for number in range(8)]
        listen = run_all(transport, work)
        transport.close()
        assert [heard.out for heard in listen.heard.values()] == [b"hello\n"] * 8


def test_error_output_is_not_mixed_up(fleet: Fleet) -> None:
    heard = say_hello(fleet, Task(shell="head -c 300000 /dev/zero >&2", output_limit=1000))
    assert (heard.out, len(heard.err), heard.end.dropped) == (b"", 1000, {Stream.ERR: 299_000})


def test_no_name_is_missing_in_this_version_of_paramiko() -> None:
    assert protocol.missing_names() == []


def test_when_a_name_is_missing_the_threads_take_over(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "NAMES", ("no_such_name",))
    transport = SshTransport(SystemClock(), config=[fleet.ssh_config])
    heard = run_one(transport, Target("host", fleet.hosts[0]), HELLO)
    opened = type(transport._opened).__name__
    transport.close()
    assert (heard.out, opened) == (b"hello\n", "ThreadsEngine")


def exceptions_of_paramiko() -> list[type[BaseException]]:
    kinds: list[type[BaseException]] = [paramiko.SSHException]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return [*kinds, paramiko.ssh_exception.NoValidConnectionsError, EOFError]


def example(kind: type[BaseException]) -> BaseException:
    """An exception of this kind, made as paramiko makes it."""
    key = paramiko.ECDSAKey.generate()
    arguments: dict[str, tuple[Any, ...]] = {
        "BadHostKeyException": ("host", key, key),
        "ProxyCommandFailure": ("command", "error"),
        "AuthFailure": (auth_strategy.AuthResult(None),),  # type: ignore[arg-type]
        "BadAuthenticationType": ("explanation", ["password"]),
        "PartialAuthentication": (["password"],),
        "ChannelException": (1, "text"),
        "NoValidConnectionsError": ({("127.0.0.1", 22): OSError("refused")},),
    }
    return kind(*arguments.get(kind.__name__, ("details",)))


@pytest.mark.parametrize("kind", exceptions_of_paramiko(), ids=lambda kind: kind.__name__)
def test_every_exception_of_paramiko_has_words_of_ours(kind: type[BaseException]) -> None:
    said = library.explain(example(kind))
    assert said and said == said.strip() and said[0].islower()


@pytest.mark.parametrize("kind", exceptions_of_paramiko(), ids=lambda kind: kind.__name__)
def test_no_exception_of_paramiko_leaves_the_protocol(kind: type[BaseException]) -> None:
    talk = driven.make_protocol(Deaf())
    talk.begin()

    def fail(_: object) -> None:
        raise example(kind)

    talk._handler_table[protocol.KEXINIT] = fail
    server = packets.Packets(None)
    server.write_all(b"SSH-2.0-Odd\r\n")
    server.send(bytes([protocol.KEXINIT]) + bytes(40))
    with pytest.raises(packets.PacketError):
        talk.feed(b"".join(bytes(piece) for piece in server._outgoing))
