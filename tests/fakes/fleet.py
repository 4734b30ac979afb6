"""Hosts that go wrong, on loopback: the ways in which a machine that should speak SSH does not."""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rem_cli.reach import Target
from rem_cli.reach.loopback import Fleet

ADDRESS = "127.2.0.1"  # not an address of any fleet

Serve = Callable[[socket.socket], None]


class FaultyHosts:
    """Makes them, each on a port of its own, and takes them down at the end of the `with` block."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        for link in self._sockets:
            link.close()

    def refused(self, name: str = "refused") -> Target:
        """Nothing listens."""
        with socket.socket() as probe:
            probe.bind((ADDRESS, 0))
            return Target(name, ADDRESS, probe.getsockname()[1])

    def tarpit(self, name: str = "tarpit") -> Target:
        """Takes the connection and never says a word."""
        return self._target(name, self._listen(128))

    def blackhole(self, name: str = "blackhole") -> Target:
        """Answers no connection: its queue is full, so that the kernel drops what comes."""
        listener = self._listen(0)
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
            self._sockets.append(filler)
            select.select([], [filler], [], 0.2)
        return self._target(name, listener)

    def garbage(self, name: str = "garbage", said: bytes = b"HTTP/1.1 400 Bad Request\r\n\r\n") -> Target:
        """Speaks something else and closes."""
        return self._serving(name, lambda link: link.sendall(said))

    def banner_staller(self, name: str = "staller") -> Target:
        """Begins the line that every SSH server begins with, and stops in the middle of it."""
        return self._serving(name, lambda link: self._say_and_stay(link, b"SSH-2.0-Slow"))

    def handshake_staller(self, name: str = "handshake") -> Target:
        """Introduces itself and then says nothing."""
        return self._serving(name, lambda link: self._say_and_stay(link, b"SSH-2.0-Slow\r\n"))

    def banner_flood(self, name: str = "flood") -> Target:
        """Talks for ever before it introduces itself."""
        return self._serving(name, self._flood)

    def closing_after(self, count: int, fleet: Fleet, host: str, name: str = "closing") -> Target:
        """A real host whose link breaks after it has sent `count` bytes."""
        return self._serving(name, lambda link: self._relay(link, (host, fleet.port), count))

    def _listen(self, backlog: int) -> socket.socket:
        listener = socket.socket()
        listener.bind((ADDRESS, 0))
        listener.listen(backlog)
        self._sockets.append(listener)
        return listener

    def _target(self, name: str, listener: socket.socket) -> Target:
        return Target(name, ADDRESS, listener.getsockname()[1])

    def _serving(self, name: str, serve: Serve) -> Target:
        listener = self._listen(16)
        thread = threading.Thread(target=self._accept, args=(listener, serve))
        thread.start()
        self._threads.append(thread)
        return self._target(name, listener)

    def _accept(self, listener: socket.socket, serve: Serve) -> None:
        while not self._over.is_set():
            if select.select([listener], [], [], 0.05)[0]:
                link, _ = listener.accept()
                with link, contextlib.suppress(OSError):
                    link.settimeout(0.05)
                    serve(link)

    def _say_and_stay(self, link: socket.socket, said: bytes) -> None:
        link.sendall(said)
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                if not link.recv(4096):
                    return

    def _flood(self, link: socket.socket) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                link.sendall(b"welcome\r\n" * 1000)

    def _relay(self, link: socket.socket, onward: tuple[str, int], count: int) -> None:
        with socket.create_connection(onward) as far:
            while count > 0 and not self._over.is_set():
                ready = select.select([link, far], [], [], 0.05)[0]
                if link in ready:
                    said = link.recv(65536)
                    if not said:
                        return
                    far.sendall(said)
                if far in ready:
                    said = far.recv(min(count, 65536))
                    if not said:
                        return
                    link.sendall(said)
                    count -= len(said)


def trust_another_key(known_hosts: Path, host: str, directory: Path, kind: str = "ed25519") -> None:
    """Make `known_hosts` hold a key for `host` that is not the one it shows."""
    other = make_key(directory / f"other-{kind}", kind)
    key = " ".join(Path(f"{other}.pub").read_text().split()[:2])
    lines = known_hosts.read_text().splitlines()
    swapped = [f"{line.split()[0]} {key}" if line.startswith(f"[{host}]:") else line for line in lines]
    known_hosts.write_text("\n".join(swapped) + "\n")


class OddFleet(Fleet):
    """A fleet with other sshd settings (`lines` win over the usual ones) or another kind of host key."""

    def __init__(self, directory: Path, count: int, *, lines: Sequence[str] = (), host_key: str = "ed25519") -> None:
        super().__init__(directory, count)
        self._lines = list(lines)
        self._host_key = host_key

    def _make_keys(self) -> None:
        super()._make_keys()
        make_key(self.directory / "host_key", self._host_key)

    def _sshd_config(self) -> list[str]:
        return [*self._lines, *super()._sshd_config()]

    def let_in(self, key: Path) -> None:
        """Accept another key."""
        with (self.directory / "authorized_keys").open("a") as keys:
            keys.write(Path(f"{key}.pub").read_text())


def make_key(path: Path, kind: str, passphrase: str = "") -> Path:
    """A private key, and its public half beside it."""
    path.unlink(missing_ok=True)
    words = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", kind, "-f", str(path)]
    subprocess.run([*words, *(["-b", "2048"] if kind == "rsa" else [])], check=True, stdin=subprocess.DEVNULL)
    return path
