"""Tasks over SSH. Nothing here loads paramiko before a target is really reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.clock import Clock
from rem_cli.reach import Listener, Stop, Target, Task
from rem_cli.reach.ssh.setup import Setup
from rem_cli.reach.ssh.trust import HostKey, append_host_key, fetch_host_key

if TYPE_CHECKING:
    from rem_cli.reach.ssh.links import Links

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
        self._links: Links | None = None

    def run(self, work: Iterable[tuple[Target, Task]], listen: Listener, *, parallel: int, stop: Stop) -> None:
        """See `Transport.run`. Raises ReachError when ssh_config or known_hosts cannot be read at all."""
        from rem_cli.reach.ssh.links import Links
        from rem_cli.reach.ssh.loop import LoopFanOut

        if self._links is None:
            self._setup.check()
            self._links = Links(self._setup, self._clock)
        run = LoopFanOut(work, listen, parallel=parallel, stop=stop, clock=self._clock, poller=self._links.poller)
        run.over_links(self._links)

    def close(self) -> None:
        """Drop all links."""
        if self._links is not None:
            self._links.close()
            self._links = None
