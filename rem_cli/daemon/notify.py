"""Telling systemd how a service is: the protocol of sd_notify(3), assignments in a datagram to `$NOTIFY_SOCKET`.

READY=1 once it works, STATUS= one line for `systemctl status`, WATCHDOG=1 at least every `$WATCHDOG_USEC`,
RELOADING=1 with MONOTONIC_USEC= and STOPPING=1. Where nobody started it so, nothing is said.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

PATIENCE = 1.0  # seconds


class Notify:
    """Speaks to the service manager that started this process, if one did."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        micro = environment.get("WATCHDOG_USEC", "")
        mine = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        self.watchdog = int(micro) / 1e6 if micro.isdigit() and mine else None  # seconds; None: nobody watches

    def say(self, **words: str | int) -> None:
        """Send assignments, as in `say(ready=1, status="2 runs")`; a manager that does not listen is no error."""
        if not self._address.startswith(("/", "@")):
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        text = "\n".join(f"{name.upper()}={str(value).replace(chr(10), ' ')}" for name, value in words.items())
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(PATIENCE)  # a manager that is stuck shall not keep us from our work
            channel.sendto(text.encode(), address)
