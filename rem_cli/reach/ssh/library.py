"""Loads paramiko when an SSH target is first used, and says in our words what its exceptions mean."""

from __future__ import annotations

import importlib
import logging
import sys
from functools import cache
from typing import Any


@cache
def load(*, whole: bool = False) -> Any:
    """The paramiko module.

    It imports `invoke` for nothing but `Match exec`, which costs a third of its import time: unless `whole`, invoke is
    hidden from it meanwhile.
    """
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    if whole or "invoke" in sys.modules:
        return importlib.import_module("paramiko")
    sys.modules["invoke"] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("paramiko")
    finally:
        del sys.modules["invoke"]


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
