"""Questions to servers of the domain name system, over one socket. Sources: RFC 1035, RFC 3596 (AAAA), RFC 2782 (SRV).

An answer counts when it comes from where the question went, with its id and its question. One that was cut is asked
again over TCP.
"""

from __future__ import annotations

import ipaddress
import random
import socket
import struct
from functools import partial
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach.asks import Connect, Done, Failed, Query, Records, Tell
from rem_cli.reach.buffers import widen
from rem_cli.reach.poller import READ, Poller, Timer

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "CAA": 257}
CODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_HEAD = struct.Struct("!6H")
_RECORD = struct.Struct("!HHIH")
_LONGEST = 255  # bytes of a name
_TAKEN = 256


class Dns:
    """Asks name servers."""

    def __init__(self, poller: Poller, clock: Clock) -> None:
        self._poller = poller
        self._clock = clock
        self._sockets: dict[int, socket.socket] = {}
        self._sent: dict[tuple[str, int, int], _Asked] = {}
        self._random = random.SystemRandom()

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        assert isinstance(question, Query)
        try:
            asked = _Asked(question, done, tell, self._clock.monotonic())
        except ValueError as error:
            done(Failed(str(error)))
            return
        where = question.address, question.port
        id = self._random.randrange(1 << 16)
        while (*where, id) in self._sent:
            id = self._random.randrange(1 << 16)
        asked.key = (*where, id)
        message = _HEAD.pack(id, 0x0100, 1, 0, 0, 0) + asked.asks
        try:
            self._socket(question.address).sendto(message, where)
        except OSError as error:
            done(Failed((error.strerror or str(error)).lower()))
            return
        self._sent[asked.key] = asked
        if tell:
            tell(f"ask {question.address} port {question.port} for {question.type} of {question.name}")
        asked.timer = self._poller.at(asked.began + question.timeout, partial(self._late, asked))

    def close(self) -> None:
        for one in self._sockets.values():
            self._poller.forget(one.fileno())
            one.close()
        self._sockets.clear()
        self._sent.clear()

    def _socket(self, address: str) -> socket.socket:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        one = self._sockets.get(family)
        if one is None:
            one = self._sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            one.setblocking(False)
            widen(one)
            self._poller.watch(one.fileno(), READ, partial(self._ready, one))
        return one

    def _ready(self, one: socket.socket, _: int) -> None:
        for _turn in range(_TAKEN):
            try:
                data, sender = one.recvfrom(65535)
            except BlockingIOError:
                return
            except OSError:
                continue
            asked = self._sent.get((sender[0], sender[1], data[0] << 8 | data[1])) if len(data) >= 12 else None
            if asked is not None and data[2] & 0x80 and data[12:].startswith(asked.asks):
                self._heard(asked, data)

    def _heard(self, asked: _Asked, data: bytes) -> None:
        if data[2] & 0x02 and not asked.cut:
            asked.cut = True
            self._over_tcp(asked)
            return
        seconds = self._clock.monotonic() - asked.began
        try:
            answer: Records | Failed = read(data, len(asked.asks), asked.question.type, seconds)
        except (ValueError, IndexError, struct.error):
            answer = Failed("its answer cannot be read")
        self._end(asked, answer)

    def _over_tcp(self, asked: _Asked) -> None:
        """The answer did not fit into a datagram."""
        from rem_cli.reach.tcp import Tcp

        query = asked.question
        left = max(0.1, asked.began + query.timeout - self._clock.monotonic())
        id = asked.key[2]
        message = _HEAD.pack(id, 0x0100, 1, 0, 0, 0) + asked.asks

        def heard(answer: object) -> None:
            said = getattr(answer, "said", b"")
            if len(said) > 14 and len(said) >= 2 + (said[0] << 8 | said[1]):
                self._heard(asked, said[2:])
            else:
                why = answer.why if isinstance(answer, Failed) else "its answer over TCP is cut"
                self._end(asked, Failed(why))

        framed = len(message).to_bytes(2, "big") + message
        whole = Connect(query.address, query.port, left, listen=True, limit=1 << 16, say=framed, framed=True)
        Tcp(self._poller, self._clock).ask(whole, heard, asked.tell)

    def _late(self, asked: _Asked) -> None:
        self._end(asked, Failed(f"no answer in {asked.question.timeout:g} s", silent=True))

    def _end(self, asked: _Asked, answer: Records | Failed) -> None:
        if self._sent.pop(asked.key, None) is None:
            return
        if asked.timer:
            asked.timer.cancel()
        if asked.tell:
            said = (
                answer.why if isinstance(answer, Failed) else f"{answer.code}, {' '.join(answer.records) or 'nothing'}"
            )
            asked.tell(f"{asked.question.address} says: {said}")
        asked.done(answer)


class _Asked:
    """One question on its way; ValueError when it cannot be one."""

    __slots__ = ("asks", "began", "cut", "done", "key", "question", "tell", "timer")

    def __init__(self, question: Query, done: Done, tell: Tell | None, began: float) -> None:
        if question.type not in TYPES:
            raise ValueError(f"{question.type} is no type of record that is known here: {', '.join(TYPES)}")
        self.question = question
        self.done = done
        self.tell = tell
        self.began = began
        self.cut = False
        self.key: tuple[str, int, int] = ("", 0, 0)
        self.timer: Timer | None = None
        self.asks = encoded(question.name) + struct.pack("!HH", TYPES[question.type], 1)


def encoded(name: str) -> bytes:
    """A name as a message holds it; ValueError."""
    try:
        labels = [label.encode("idna" if not label.isascii() else "ascii") for label in name.rstrip(".").split(".")]
    except UnicodeError:
        labels = [b""]
    out = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    if not all(0 < len(label) < 64 for label in labels) or len(out) > _LONGEST:
        raise ValueError(f"'{name}' is no name of the domain name system")
    return out


def read(data: bytes, asks: int, type: str, seconds: float) -> Records:
    """An answer; ValueError, IndexError or struct.error for what is none."""
    _, flags, _, answers, _, _ = _HEAD.unpack_from(data)
    code = flags & 15
    at = 12 + asks
    records, least = [], None
    for _ in range(answers):
        _, at = named(data, at)
        kind, _, kept, size = _RECORD.unpack_from(data, at)
        at += 10
        if kind == TYPES[type]:
            records.append(_shown(data, at, size, type))
            least = kept if least is None else min(least, kept)
        at += size
    return Records(CODES[code] if code < len(CODES) else f"RCODE{code}", sorted(records), least, seconds)


def named(data: bytes, at: int) -> tuple[str, int]:
    """The name at a place, and what is after it; names may point back, but only back."""
    labels: list[str] = []
    after, edge = -1, at
    while True:
        size = data[at]
        if size >= 0xC0:
            to = (size & 0x3F) << 8 | data[at + 1]
            after = at + 2 if after < 0 else after
            if to >= edge:
                raise ValueError("a name points forward")
            at = edge = to
        elif size == 0:
            return ".".join(labels) or ".", after if after >= 0 else at + 1
        elif size < 64:
            labels.append(data[at + 1 : at + 1 + size].decode("ascii", "replace"))
            at += 1 + size
            if len(labels) > 128:
                raise ValueError("a name has too many parts")
        else:
            raise ValueError("a label of an unknown kind")


def _shown(data: bytes, at: int, size: int, type: str) -> str:
    body = data[at : at + size]
    if len(body) != size:
        raise ValueError("a record is cut")
    if type in ("A", "AAAA"):
        return str(ipaddress.ip_address(body))
    if type in ("NS", "CNAME", "PTR"):
        return named(data, at)[0]
    if type == "MX":
        return f"{body[0] << 8 | body[1]} {named(data, at + 2)[0]}"
    if type == "SRV":
        return f"{' '.join(map(str, struct.unpack_from('!3H', body)))} {named(data, at + 6)[0]}"
    if type == "SOA":
        server, after = named(data, at)
        person, after = named(data, after)
        return f"{server} {person} {' '.join(map(str, struct.unpack_from('!5I', data, after)))}"
    parts: list[Any] = []
    while body and type == "TXT":
        parts.append(body[1 : 1 + body[0]].decode("utf-8", "replace"))
        body = body[1 + body[0] :]
    return "".join(parts) if type == "TXT" else body.hex()
