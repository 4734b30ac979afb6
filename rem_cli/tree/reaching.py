"""What the operator says of how other people's repositories are reached, and the one ssh that git is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rem_cli.tree.command import program


@dataclass(frozen=True)
class Reaching:
    """What the operator's own configuration says of reaching repositories."""

    ssh_config: Path | None = None  # None: the user's own
    known_hosts: Path | None = None  # REM's own, besides those that ssh_config names
    identities: tuple[Path, ...] = ()
    certificates: Path | None = None  # authorities that https servers are trusted by; None: the system's
    files: bool = False  # file:// addresses
    # Raises for a host for which ssh_config would run a program that the operator does not allow.
    allow: Callable[[str], None] = lambda host: None

    def ssh(self) -> Sequence[str]:
        """OpenSSH with the operator's own configuration, and nothing that a repository could change or answer."""
        known = ["/etc/ssh/ssh_known_hosts", *([str(self.known_hosts)] if self.known_hosts else [])]
        fixed = {
            "BatchMode": "yes",
            "StrictHostKeyChecking": "yes",
            "GlobalKnownHostsFile": " ".join(f'"{path}"' for path in known),
            "ConnectTimeout": "20",
            "ServerAliveInterval": "15",
            "ForwardAgent": "no",
            "ForwardX11": "no",
            "ClearAllForwardings": "yes",
            "PermitLocalCommand": "no",
            "UpdateHostKeys": "no",
        }
        words = [program("ssh"), *(["-F", str(self.ssh_config)] if self.ssh_config else [])]
        words += [word for name, value in fixed.items() for word in ("-o", f"{name}={value}")]
        return words + [word for path in self.identities for word in ("-i", str(path))]


def host_of(url: str) -> str:
    """The host of `ssh://user@host:port/path`, `ssh://[2001:db8::1]/path` or `user@host:path`."""
    rest = url.removeprefix("ssh://").partition("/")[0].rpartition("@")[2]
    inside = re.match(r"\[([^\]]*)\]", rest)
    return inside[1] if inside else rest.partition(":")[0]
