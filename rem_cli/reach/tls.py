"""The certificates that servers show, also those that nobody should trust: an expired one must still say when.

A server is asked twice at most: first as whoever trusts the system's authorities, and where that fails once more
without trust, only to read what it shows.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach.asks import Connect, Connected, Done, Failed, Shake, Shaken, Tell
from rem_cli.reach.poller import READ, WRITE, Poller, Timer
from rem_cli.reach.tcp import Tcp


class Tls:
    """Asks for certificates. `authorities` is a file of those that are trusted; without it, the system's are."""

    def __init__(self, poller: Poller, clock: Clock, authorities: str | None = None) -> None:
        self._poller = poller
        self._clock = clock
        self._tcp = Tcp(poller, clock)
        self._trusting = ssl.create_default_context(cafile=authorities)
        self._blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._blind.check_hostname = False
        self._blind.verify_mode = ssl.CERT_NONE
        self._open: set[_Shaking] = set()

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Shake)
        _Shaking(question, done, tell or (lambda text: None), self).begin()

    def close(self) -> None:
        self._tcp.close()
        for one in list(self._open):
            one.drop()


class _Shaking:
    """One question on its way."""

    def __init__(self, question: Shake, done: Done, tell: Tell, wire: Tls) -> None:
        self._question = question
        self._done = done
        self._tell = tell
        self._wire = wire
        self._trusted = ""
        self._blind = False
        self._began = wire._clock.monotonic()
        self._connected = 0.0
        self._stood = 0.0
        self._socket: ssl.SSLSocket | None = None
        self._timer: Timer | None = None

    def begin(self) -> None:
        question = self._question
        left = self._began + question.timeout - self._wire._clock.monotonic()
        keep = Connect(question.address, question.port, max(0.1, left), keep=True)
        self._wire._tcp.ask(keep, self._connects, self._tell)

    def drop(self) -> None:
        self._wire._open.discard(self)
        if self._timer:
            self._timer.cancel()
        if self._socket:
            self._wire._poller.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _connects(self, answer: object) -> None:
        if not isinstance(answer, Connected) or answer.kept is None:
            self._done(answer)
            return
        wire = self._wire
        now = wire._clock.monotonic()
        self._connected = self._connected or answer.seconds
        self._stood = now
        context = wire._blind if self._blind else wire._trusting
        name = self._question.name or None
        if name is None and not self._blind:
            self._blind = True
            context = wire._blind
        self._socket = context.wrap_socket(answer.kept, server_hostname=name, do_handshake_on_connect=False)
        wire._open.add(self)
        self._timer = wire._poller.at(self._began + self._question.timeout, self._late)
        wire._poller.watch(self._socket.fileno(), WRITE, lambda mask: self._step())

    def _step(self) -> None:
        assert self._socket
        poller, fd = self._wire._poller, self._socket.fileno()
        try:
            self._socket.do_handshake()
        except ssl.SSLWantReadError:
            poller.change(fd, READ)
        except ssl.SSLWantWriteError:
            poller.change(fd, WRITE)
        except ssl.SSLCertVerificationError as error:
            self._trusted = error.verify_message.lower()
            self._tell(f"not to be trusted: {self._trusted}")
            self.drop()
            self._blind = True
            self.begin()
        except OSError as error:
            self._end(Failed(_words(error)))
        else:
            self._shaken()

    def _shaken(self) -> None:
        assert self._socket
        seconds = self._wire._clock.monotonic() - self._stood
        chain = _chain(self._socket)
        version = self._socket.version() or ""
        self._tell(f"{version} after {seconds * 1e3:.3f} ms, {len(chain)} certificates")
        self._end(Shaken(self._connected, seconds, chain, self._trusted, version))

    def _late(self) -> None:
        self._end(Failed(f"no handshake in {self._question.timeout:g} s", silent=True))

    def _end(self, answer: Shaken | Failed) -> None:
        self.drop()
        self._done(answer)


def _chain(one: ssl.SSLSocket) -> list[bytes]:
    """What the server showed; its own certificate alone where this Python cannot tell the rest."""
    shown: Any = getattr(one, "get_unverified_chain", None) or getattr(one._sslobj, "get_unverified_chain", None)  # type: ignore[attr-defined]
    try:
        chain = [part if isinstance(part, bytes) else ssl.PEM_cert_to_DER_cert(part.public_bytes()) for part in shown()]
    except (TypeError, ValueError, OSError):
        chain = []
    own = one.getpeercert(True)
    return chain or ([own] if own else [])


def _words(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {(error.reason or str(error)).replace('_', ' ').lower()}"
    if isinstance(error, ConnectionResetError | BrokenPipeError | socket.timeout) or not error.strerror:
        return "it hung up during the handshake"
    return error.strerror.lower()
