"""Host names to addresses, without holding up the loop."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from rem_cli.reach.poller import READ, Poller

Address = tuple[socket.AddressFamily, Any]  # family, and what connect() takes
Answer = list[Address] | OSError


class Resolver:
    """Looks names up, each in a thread of its own: the system's resolver can only be waited for.

    Nobody joins the threads: one that the system keeps waiting must not hold up the end of the program.
    """

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._answers: deque[tuple[Callable[[Answer], None], Answer]] = deque()
        self._bell: int | None = None

    def resolve(self, host: str, port: int, answer: Callable[[Answer], None]) -> None:
        """Call `answer` with the addresses, or with why there are none; at once when `host` is an address."""
        try:
            found = _look_up(host, port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            self._resolve_later(host, port, answer)
        else:
            answer(found)

    def _resolve_later(self, host: str, port: int, answer: Callable[[Answer], None]) -> None:
        if self._bell is None:
            self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            self._poller.watch(self._bell, READ, lambda _: self._deliver())
        threading.Thread(target=self._ask, args=(host, port, answer, self._bell), daemon=True).start()

    def _ask(self, host: str, port: int, answer: Callable[[Answer], None], bell: int) -> None:
        try:
            found: Answer = _look_up(host, port, 0)
        except (OSError, UnicodeError) as error:
            found = error if isinstance(error, OSError) else OSError(f"{host!r} is not a host name")
        self._answers.append((answer, found))
        os.eventfd_write(bell, 1)

    def _deliver(self) -> None:
        assert self._bell is not None
        os.eventfd_read(self._bell)
        while self._answers:
            answer, found = self._answers.popleft()
            answer(found)


def _look_up(host: str, port: int, flags: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]
