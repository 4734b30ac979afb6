"""Through one host to the next: what ProxyJump asks for."""

from __future__ import annotations

import socket

from rem_cli.clock import Clock
from rem_cli.reach import Outcome, Stream
from rem_cli.reach.poller import READ, READY, WRITE, Poller
from rem_cli.reach.ssh.channels import QUEUE_LIMIT, Channel
from rem_cli.reach.ssh.link import Link

PAUSE = 0.01  # seconds until a bastion that takes no more is looked at again


class Bridge:
    """Carries bytes between a channel through a bastion and a socket pair, whose other end is `ours`."""

    def __init__(self, bastion: Link, link: Link, poller: Poller, clock: Clock) -> None:
        self.ours, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)
        self._link = link
        self._poller = poller
        self._clock = clock
        self._unsent = b""  # from the channel
        self._mask = READ
        self._open = True
        self._channel: Channel = bastion.reach(link.settings.host, link.settings.port, self)
        poller.watch(self._theirs.fileno(), self._mask, self._ready)

    def opened(self) -> None:
        """From the channel."""

    def heard(self, stream: Stream, data: bytes) -> None:
        self._unsent += data
        self._write()

    def ended(self, status: int | None, signal: str | None) -> None:
        self._close()

    def failed(self, why: str) -> None:
        self._link.fail(Outcome.UNREACHABLE, f"the jump host does not reach it: {why}")
        self._close()

    def lost(self, why: str) -> None:
        self._close()

    def _ready(self, mask: int) -> None:
        if mask & WRITE:
            self._write()
        if mask & READY and self._open:
            self._read()

    def _read(self) -> None:
        if len(self._channel.waiting) > QUEUE_LIMIT:
            # The bastion takes no more for now: look again in a while instead of at once.
            self._watch(self._mask & ~READ)
            self._poller.at(self._clock.monotonic() + PAUSE, lambda: self._watch(self._mask | READ))
            return
        try:
            data = self._theirs.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._channel.write(data)
        else:
            self._channel.close()
            self._close()

    def _write(self) -> None:
        if not self._open:
            return
        try:
            while self._unsent:
                self._unsent = self._unsent[self._theirs.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:
            self._close()
            return
        self._watch((self._mask & ~WRITE) | (WRITE if self._unsent else 0))

    def _watch(self, mask: int) -> None:
        if self._open and mask != self._mask:
            self._mask = mask
            self._poller.change(self._theirs.fileno(), mask)

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._poller.forget(self._theirs.fileno())
            self._theirs.close()
