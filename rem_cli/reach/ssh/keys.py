"""Which keys to log in with: configured ones first, each loaded once, and never all that an agent holds.

A server counts every key it is offered as a failed try and hangs up after a few (MaxAuthTries, 6), so at most five are
offered, and where keys are configured only these.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from rem_cli.reach.ssh.agent import Agent, AgentError, AgentKey
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.library import load

DEFAULT_IDENTITIES = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
OFFERED = 5


class Key(Protocol):
    """What logging in needs of a key: part of paramiko.PKey."""

    @property
    def public_blob(self) -> Any:
        """A certificate's parts, where the key has one."""

    def get_name(self) -> str: ...
    def asbytes(self) -> bytes: ...
    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> Any: ...


class KeyRing:
    """Keys from files and from the agent. `complaints` says why keys could not be used, for messages."""

    def __init__(self, identities: Sequence[Path] = (), agent_path: str | None = None) -> None:
        self._identities = tuple(path.expanduser() for path in identities)
        self._agent_path = os.environ.get("SSH_AUTH_SOCK") if agent_path is None else agent_path
        self._agent_keys: dict[bytes, AgentKey] | None = None
        self._files: dict[Path, Key | None] = {}
        self.complaints: dict[str, None] = {}  # in order, each once

    def keys_for(self, settings: HostSettings) -> Iterator[Key]:
        """Keys to offer a host, in order. Each is loaded only when its turn has come."""
        configured = (*self._identities, *settings.identities)
        paths = configured or tuple(Path(path).expanduser() for path in DEFAULT_IDENTITIES)
        offered: set[bytes] = set()
        for key in self._candidates(paths, only_configured=bool(configured) or settings.identities_only):
            if key is not None and key.asbytes() not in offered:
                offered.add(key.asbytes())
                yield key
            if len(offered) == OFFERED:
                return

    def _candidates(self, paths: Sequence[Path], *, only_configured: bool) -> Iterator[Key | None]:
        yield from (self._key(path) for path in paths)
        if not only_configured:
            yield from self._held_by_agent().values()

    def _key(self, path: Path) -> Key | None:
        if path not in self._files:
            self._files[path] = self._twin(path) or self._from_file(path)
        return self._files[path]

    def _twin(self, path: Path) -> AgentKey | None:
        """The agent's copy of the key in a file, told by the public half beside it."""
        try:
            blob = base64.b64decode(Path(f"{path}.pub").read_text().split()[1])
        except (OSError, IndexError, binascii.Error, UnicodeDecodeError):
            return None
        return self._held_by_agent().get(blob)

    def _from_file(self, path: Path) -> Key | None:
        paramiko = load()
        if not path.exists():
            return None
        try:
            key: Key = paramiko.PKey.from_path(path)
        except OSError as error:
            self._complain(f"{path} cannot be read ({error.strerror})")
        except (TypeError, paramiko.PasswordRequiredException):
            self._complain(f"{path} is encrypted and no agent holds it (ssh-add {path})")
        except (paramiko.SSHException, paramiko.pkey.UnknownKeyType, ValueError):
            self._complain(f"{path} is not a private key that can be used")
        else:
            return key
        return None

    def _held_by_agent(self) -> dict[bytes, AgentKey]:
        if self._agent_keys is None:
            self._agent_keys = {}
            if self._agent_path:
                try:
                    self._agent_keys = {key.blob: key for key in Agent(self._agent_path).identities()}
                except AgentError as error:
                    self._complain(str(error))
        return self._agent_keys

    def _complain(self, what: str) -> None:
        self.complaints[what] = None
