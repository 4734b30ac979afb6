"""Tasks over SSH. Nothing here loads paramiko before a target is really reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.reach import Listener, Stop, Transport, Work
from rem_cli.reach.ssh.setup import Setup
from rem_cli.reach.ssh.trust import HostKey, append_host_key, fetch_host_key

__all__ = ["HostKey", "SshTransport", "append_host_key", "fetch_host_key"]


class SshTransport:
    """Runs tasks on hosts over SSH; see `Transport`.

    `config`: ssh_config files, None for the user's and the system's. `known_hosts` and `identities` come before those
    that ssh_config names. Host keys that are not known, changed or revoked stop the connection, always. `engine`:
    "loop" polls all links on one thread; "threads" uses a thread a host and public names of paramiko only, and is taken
    by itself when a version of paramiko lacks what the loop needs.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        known_hosts: Sequence[Path] = (),
        config: Sequence[Path] | None = None,
        identities: Sequence[Path] = (),
        allow_proxy_command: bool = False,
        allow_match_exec: bool = False,
        engine: str = "loop",
    ) -> None:
        self._clock = clock
        self._setup = Setup(config, tuple(known_hosts), tuple(identities), allow_proxy_command, allow_match_exec)
        self._engine = engine
        self._opened: Transport | None = None

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        """See `Transport.run`. Raises ReachError when ssh_config or known_hosts cannot be read at all."""
        if self._opened is None:
            self._opened = self._open()
        self._opened.run(work, listen, parallel=parallel, stop=stop)

    def close(self) -> None:
        """Drop all links."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _open(self) -> Transport:
        from rem_cli.reach.ssh.protocol import missing_names

        self._setup.check()
        if self._engine == "loop" and not missing_names():
            from rem_cli.reach.ssh.loop import LoopEngine

            return LoopEngine(self._setup, self._clock)
        from rem_cli.reach.ssh.threads import ThreadsEngine

        return ThreadsEngine(self._setup, self._clock)
