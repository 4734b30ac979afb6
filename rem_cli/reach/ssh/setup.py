"""What all links of a transport share: the operator's settings, the trusted host keys and our own keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.reach import Deadlines, ReachError, Target
from rem_cli.reach.ssh.config import HostSettings, SshConfig
from rem_cli.reach.ssh.keys import KeyRing
from rem_cli.reach.ssh.known_hosts import KnownHosts

if TYPE_CHECKING:
    from rem_cli.reach.ssh.link import Link, LinkKeeper


@dataclass(frozen=True)
class Setup:
    """Everything is read when it is first needed, and once."""

    config: Sequence[Path] | None  # ssh_config files; None: the user's and the system's
    known_hosts: Sequence[Path]  # read before those that ssh_config names
    identities: Sequence[Path]  # offered before those that ssh_config names
    allow_proxy_command: bool = False
    allow_match_exec: bool = False

    @cached_property
    def ssh_config(self) -> SshConfig:
        return SshConfig(
            self.config, allow_match_exec=self.allow_match_exec, allow_proxy_command=self.allow_proxy_command
        )

    def check(self) -> None:
        """Read what concerns every host. Raises ReachError."""
        _ = self.ssh_config
        KnownHosts(self.known_hosts)

    @cached_property
    def keys(self) -> KeyRing:
        return KeyRing(self.identities)

    @cached_property
    def _indexes(self) -> dict[tuple[Path, ...], KnownHosts]:
        return {}

    @cached_property
    def _routed(self) -> dict[Target, HostSettings]:
        return {}

    def settings(self, target: Target) -> HostSettings:
        """What holds for a target. Raises ReachError, also when its ProxyJumps lead nowhere."""
        if target not in self._routed:
            settings = self._settings(target)
            self._check_route(settings)
            self._routed[target] = settings
        return self._routed[target]

    def jump(self, settings: HostSettings) -> HostSettings | None:
        """The host that a link with `settings` goes through, if any."""
        if not settings.jumps:
            return None
        jump = self._settings(settings.jumps[-1])
        if len(settings.jumps) > 1:
            jump = replace(jump, jumps=settings.jumps[:-1])
        # A `Host *` block with a ProxyJump is meant for all hosts but the jump host itself.
        return None if (jump.host, jump.port) == (settings.host, settings.port) else jump

    def _settings(self, target: Target) -> HostSettings:
        return self.ssh_config.lookup(target)

    def _check_route(self, settings: HostSettings) -> None:
        passed = {(settings.host, settings.port)}
        hop = self.jump(settings)
        while hop is not None:
            if (hop.host, hop.port) in passed:
                raise ReachError(f"the ProxyJumps of {settings.name} go in a circle", hint=f"ssh -G {settings.name}")
            passed.add((hop.host, hop.port))
            hop = self.jump(hop)

    def trusted(self, settings: HostSettings) -> KnownHosts:
        """The index of host keys that holds for a host."""
        files = (*self.known_hosts, *settings.known_hosts)
        if files not in self._indexes:
            self._indexes[files] = KnownHosts(files)
        return self._indexes[files]

    def link(self, settings: HostSettings, deadlines: Deadlines, keeper: LinkKeeper) -> Link:
        """A link that is not opened yet."""
        from rem_cli.reach.ssh.link import Link

        ring = self.keys
        keys = ring.keys_for(settings)
        return Link(settings, deadlines, keeper, self.trusted(settings), keys, lambda: "; ".join(ring.complaints))
