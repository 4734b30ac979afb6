"""Connections to many ports at once, each closed as soon as it has answered."""

from __future__ import annotations

import errno
import os
import socket

from rem_cli.clock import Clock
from rem_cli.reach.asks import Connect, Connected, Done, Failed, Tell
from rem_cli.reach.poller import READ, WRITE, Poller, Timer


class Tcp:
    """Asks whether ports answer."""

    def __init__(self, poller: Poller, clock: Clock) -> None:
        self._poller = poller
        self._clock = clock
        self._open: set[_Connection] = set()

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Connect)
        _Connection(question, done, tell, self._poller, self._clock, self._open).begin()

    def close(self) -> None:
        for one in list(self._open):
            one.drop()


class _Connection:
    """One question on its way."""

    def __init__(
        self,
        question: Connect,
        done: Done,
        tell: Tell | None,
        poller: Poller,
        clock: Clock,
        among: set[_Connection],
    ) -> None:
        self._question = question
        self._done = done
        self._tell = tell or (lambda text: None)
        self._poller = poller
        self._clock = clock
        self._among = among
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None
        self._began = clock.monotonic()
        self._stood = 0.0  # seconds
        self._said = b""

    def begin(self) -> None:
        address, port = self._question.address, self._question.port
        self._tell(f"connect to {address} port {port}")
        try:
            one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            one.setblocking(False)
            self._socket = one
            self._among.add(self)
            number = one.connect_ex((address, port))
        except OSError as error:
            self._fail(error.errno or 0)
            return
        if number not in (0, errno.EINPROGRESS):
            self._fail(number)
            return
        limit = self._began + self._question.timeout
        self._timer = self._poller.at(limit, self._late)
        self._poller.watch(one.fileno(), WRITE, self._stands)

    def drop(self) -> None:
        """Close it without an answer."""
        self._among.discard(self)
        if self._timer:
            self._timer.cancel()
        if self._socket:
            self._poller.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _stands(self, _: int) -> None:
        assert self._socket
        number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._fail(number)
            return
        self._stood = self._clock.monotonic() - self._began
        self._tell(f"connected after {self._stood * 1e3:.3f} ms")
        self._poller.forget(self._socket.fileno())
        if self._question.keep:
            kept, self._socket = self._socket, None
            self._end(Connected(self._stood, kept=kept))
            return
        if not self._question.listen:
            self._end(Connected(self._stood))
            return
        if self._question.say:
            self._socket.send(self._question.say)  # a few bytes, which a new connection always takes
        self._poller.watch(self._socket.fileno(), READ, self._hears)

    def _hears(self, _: int) -> None:
        assert self._socket
        try:
            data = self._socket.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error.errno or 0)
            return
        self._said += data
        if not data or self._whole() or len(self._said) >= self._question.limit:
            self._tell(f"it says {self._said[:80]!r}")
            self._end(Connected(self._stood, self._said[: self._question.limit]))

    def _whole(self) -> bool:
        """Whether what was waited for is there."""
        if self._question.framed:
            return len(self._said) >= 2 and len(self._said) >= 2 + (self._said[0] << 8 | self._said[1])
        return b"\n" in self._said

    def _late(self) -> None:
        if self._stood:
            self._tell(f"it says no line in {self._question.timeout:g} s")
            self._end(Connected(self._stood, self._said))
            return
        self._tell(f"no answer in {self._question.timeout:g} s")
        self._end(Failed(f"no answer in {self._question.timeout:g} s", silent=True))

    def _fail(self, number: int) -> None:
        here = number in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL)
        why = os.strerror(number).lower()
        self._tell(why)
        self._end(Failed(why, here=here))

    def _end(self, answer: Connected | Failed) -> None:
        self.drop()
        self._done(answer)
