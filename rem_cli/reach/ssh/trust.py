"""Learning a host's key: fetched without logging in, shown to a person, written down when they say so."""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.reach import Deadlines, End, ReachError, Target
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.known_hosts import Distrust, KnownHosts, file_name, fingerprint
from rem_cli.reach.ssh.setup import Setup

DEFAULT_DEADLINES = Deadlines()


@dataclass(frozen=True, slots=True)
class HostKey:
    """The key that a host showed, and proved to hold."""

    name: str  # what it stands under in known_hosts: "web01", "[192.0.2.1]:2222"
    kind: str  # "ssh-ed25519" …
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -l` prints it: "SHA256:…"."""
        return fingerprint(self.blob)

    @property
    def line(self) -> str:
        """Its known_hosts line, without the end."""
        return f"{self.name} {self.kind} {base64.b64encode(self.blob).decode()}"


class _Catcher(KnownHosts):
    """Trusts nothing and keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__(())
        self.caught: HostKey | None = None

    def distrust(self, name: str, host: str, port: int, kind: str, blob: bytes) -> Distrust | None:
        self.caught = HostKey(file_name(host, port), kind, blob)
        return Distrust("only its key was wanted", "")


@dataclass(frozen=True)
class _Curious(Setup):
    """Asks one target for its key. Hosts on the way to it must be trusted as ever."""

    asked: Target | None = None
    catcher: _Catcher = field(default_factory=_Catcher)

    def trusted(self, settings: HostSettings) -> KnownHosts:
        if self.asked is not None and settings == self.settings(self.asked):
            return self.catcher
        return super().trusted(settings)


def fetch_host_key(
    target: Target,
    clock: Clock,
    *,
    config: Sequence[Path] | None = None,
    known_hosts: Sequence[Path] = (),
    deadlines: Deadlines = DEFAULT_DEADLINES,
) -> HostKey:
    """The key that a host shows now. Exchanges keys and goes no further: nobody logs in.

    Raises ReachError when the host shows none.
    """
    from rem_cli.reach.ssh.links import Links, Waiting

    setup = _Curious(config, tuple(known_hosts), (), asked=target)
    ends: list[End] = []
    links = Links(setup, clock)
    try:
        links.want(target, deadlines, Waiting(lambda _: None, ends.append))
        while not ends:
            links.poller.turn()
    finally:
        links.close()
    if setup.catcher.caught is None:
        raise ReachError(f"{target.name} did not show its host key: {ends[0].why}", hint=ends[0].hint)
    return setup.catcher.caught


def append_host_key(file: Path, key: HostKey) -> bool:
    """Write a key down in a known_hosts file, which is made when missing (mode 0600). False when it stands there.

    Safe against others who append at the same time. Raises ReachError when the file cannot be written.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "r+b") as text:
            fcntl.flock(text, fcntl.LOCK_EX)
            before = text.read()
            if key.line.encode() in before.splitlines():
                return False
            start = b"" if not before or before.endswith(b"\n") else b"\n"
            text.write(start + key.line.encode() + b"\n")
            text.flush()
            os.fsync(text.fileno())
    except OSError as error:
        raise ReachError(f"cannot write the host key to {file}: {error.strerror}") from None
    return True
