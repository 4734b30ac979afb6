"""Loads paramiko when an SSH target is first used, and says in our words what its exceptions mean."""

from __future__ import annotations

import importlib
import logging
import subprocess
import sys
from functools import cache
from types import SimpleNamespace
from typing import Any


@cache
def load() -> Any:
    """The paramiko module.

    It imports `invoke` for nothing but `Match exec`, which costs a third of its import time: invoke is hidden from it
    meanwhile, and `load_match_exec` stands in.
    """
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    if "invoke" in sys.modules:
        return importlib.import_module("paramiko")
    sys.modules["invoke"] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("paramiko")
    finally:
        del sys.modules["invoke"]


def load_match_exec() -> None:
    """Let paramiko's ssh_config parser run the programs of `Match exec`, as ssh(1) does: by a shell, without input."""
    load().config.invoke = _Shell


class _Shell:
    """The part of `invoke` that paramiko uses. Invoke itself would read our standard input."""

    @staticmethod
    def run(command: str, **_: object) -> SimpleNamespace:
        null = subprocess.DEVNULL
        status = subprocess.run(["sh", "-c", command], stdin=null, stdout=null, check=False).returncode
        return SimpleNamespace(ok=status == 0)


def explain(error: BaseException) -> str:
    """What one of paramiko's exceptions means, for a person."""
    import paramiko

    reasons: tuple[tuple[type[BaseException], str], ...] = (
        (paramiko.PasswordRequiredException, "the private key is encrypted"),
        (paramiko.BadAuthenticationType, "the host takes no public keys"),
        (paramiko.BadHostKeyException, "the host's key is not the one that was expected"),
        (paramiko.AuthenticationException, "the host did not accept our key"),
        (paramiko.ChannelException, "the host opened no channel"),
        (paramiko.ssh_exception.IncompatiblePeer, "the host shares no algorithm with us"),
        (paramiko.ssh_exception.MessageOrderError, "the host broke the order of the key exchange"),
        (paramiko.ssh_exception.ProxyCommandFailure, "the proxy command failed"),
        (paramiko.ssh_exception.CouldNotCanonicalize, "the host's name could not be made canonical"),
        (paramiko.ssh_exception.NoValidConnectionsError, "no address of the host answered"),
        (paramiko.ssh_exception.ConfigParseError, "ssh_config could not be read"),
        (EOFError, "the host closed the connection"),
    )
    for kind, reason in reasons:
        if isinstance(error, kind):
            said = str(error).strip()
            return f"{reason}: {said}" if said else reason
    said = str(error).strip() or type(error).__name__
    return said[0].lower() + said[1:]
