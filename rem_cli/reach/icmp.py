"""Echoes of many machines over one socket for each of IPv4 and IPv6. Source: RFC 792, RFC 4443; icmp(7).

Linux lets users whose group is in `net.ipv4.ping_group_range` ask without any right; else it takes CAP_NET_RAW. Times
are those of the kernel, taken when an echo arrives, so that a busy loop is not taken for a slow network.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable
from functools import partial

from rem_cli.clock import Clock
from rem_cli.reach.asks import Done, Echo, Echoes, Failed, Tell
from rem_cli.reach.buffers import widen
from rem_cli.reach.poller import READ, Poller, Timer

_STAMP = 35  # SO_TIMESTAMPNS, which Python does not name
_FILTER = 1  # ICMP_FILTER
_ICMP6_FILTER = 1
_TIME = struct.Struct("qq")
_HEAD = struct.Struct("!BBHHH")
_PAYLOAD = bytes(56)  # what ping(8) sends
_TAKEN = 256  # datagrams in one turn of the loop
RIGHTS = (
    "sysctl -w net.ipv4.ping_group_range='0 2147483647' lets every user ping; "
    "or install fping, which has the right by itself"
)


class _Asked:
    """One question on its way."""

    __slots__ = ("done", "echo", "left", "sent", "tell", "timer", "times")

    def __init__(self, echo: Echo, done: Done, tell: Tell | None) -> None:
        self.echo = echo
        self.done = done
        self.tell = tell
        self.times: list[float | None] = [None] * echo.packets
        self.left = echo.packets  # neither back nor given up
        self.sent: list[int] = []  # sequence numbers
        self.timer: Timer | None = None


class Icmp:
    """Asks for echoes."""

    def __init__(
        self, poller: Poller, clock: Clock, open: Callable[[int], tuple[socket.socket, bool]] | None = None
    ) -> None:
        self._poller = poller
        self._clock = clock
        self._open = open or open_socket
        self._sockets: dict[int, tuple[socket.socket, bool] | Failed] = {}
        self._waiting: dict[tuple[int, int], tuple[_Asked, int, int]] = {}  # by family and sequence number
        self._sequence = 0
        self._ident = os.getpid() & 0xFFFF
        self._base = {kind: _sum(_HEAD.pack(kind, 0, 0, self._ident, 0) + _PAYLOAD) for kind in (8, 128)}

    def ask(self, question: object, done: Done, tell: Tell | None) -> None:
        """Send the first, and each other after its gap."""
        assert isinstance(question, Echo)
        family = socket.AF_INET6 if ":" in question.address else socket.AF_INET
        if family not in self._sockets:
            self._sockets[family] = self._opened(family)
        there = self._sockets[family]
        if isinstance(there, Failed):
            done(there)
            return
        self._send(_Asked(question, done, tell), family, 0)

    def close(self) -> None:
        for one in self._sockets.values():
            if not isinstance(one, Failed):
                self._poller.forget(one[0].fileno())
                one[0].close()
        self._sockets.clear()
        self._waiting.clear()

    def _opened(self, family: int) -> tuple[socket.socket, bool] | Failed:
        try:
            there = self._open(family)
        except OSError as error:
            why = f"this machine may not ping: {(error.strerror or str(error)).lower()}"
            return Failed(why, hint=RIGHTS, here=True)
        self._poller.watch(there[0].fileno(), READ, partial(self._ready, family))
        return there

    def _send(self, asked: _Asked, family: int, number: int) -> None:
        there = self._sockets.get(family)
        if there is None or isinstance(there, Failed):
            return
        echo = asked.echo
        sequence = self._sequence = self._free(family)
        kind = 8 if family == socket.AF_INET else 128
        total = self._base[kind] + sequence
        checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
        packet = _HEAD.pack(kind, 0, checksum, self._ident, sequence) + _PAYLOAD
        self._waiting[family, sequence] = asked, number, time.time_ns()
        asked.sent.append(sequence)
        try:
            there[0].sendto(packet, (echo.address, 0))
        except OSError as error:
            self._end(asked, family, Failed((error.strerror or str(error)).lower()))
            return
        if asked.tell:
            asked.tell(f"echo {number + 1} of {echo.packets} to {echo.address}, {len(packet)} bytes")
        now = self._clock.monotonic()
        if number + 1 < echo.packets:
            asked.timer = self._poller.at(now + echo.gap, partial(self._send, asked, family, number + 1))
        else:
            asked.timer = self._poller.at(now + echo.timeout, partial(self._late, asked, family))

    def _free(self, family: int) -> int:
        """A sequence number that nobody waits for."""
        sequence = self._sequence
        while True:
            sequence = sequence + 1 & 0xFFFF
            if (family, sequence) not in self._waiting:
                return sequence

    def _ready(self, family: int, _: int) -> None:
        there = self._sockets[family]
        assert not isinstance(there, Failed)
        receive, raw = there[0].recvmsg, there[1]
        start = 20 if raw and family == socket.AF_INET else 0  # raw sockets of IPv4 bring the header
        wanted = 0 if family == socket.AF_INET else 129
        for _turn in range(_TAKEN):
            try:
                data, control, _flags, sender = receive(2048, 64)
            except BlockingIOError:
                return
            except OSError:  # of an earlier packet: a router said no; the time limit tells it
                continue
            if len(data) < start + 8 or data[start] != wanted:
                continue
            if raw and data[start + 4] << 8 | data[start + 5] != self._ident:
                continue  # another program's
            found = self._waiting.pop((family, data[start + 6] << 8 | data[start + 7]), None)
            if found is None or found[0].echo.address.partition("%")[0] != sender[0].partition("%")[0]:
                continue
            seconds, nanos = _TIME.unpack(control[0][2][:16]) if control else divmod(time.time_ns(), 10**9)
            self._back(found[0], family, found[1], (seconds * 10**9 + nanos - found[2]) / 1e9)

    def _back(self, asked: _Asked, family: int, number: int, seconds: float) -> None:
        asked.times[number] = max(0.0, seconds)  # below 0 where the clock was set back meanwhile
        asked.left -= 1
        if asked.tell:
            asked.tell(f"echo {number + 1} back from {asked.echo.address} after {max(0.0, seconds) * 1e3:.3f} ms")
        if not asked.left:
            self._end(asked, family, Echoes(asked.times))

    def _late(self, asked: _Asked, family: int) -> None:
        if asked.tell:
            missing = [str(number + 1) for number, value in enumerate(asked.times) if value is None]
            asked.tell(f"echo {', '.join(missing)} not back in {asked.echo.timeout:g} s")
        self._end(asked, family, Echoes(asked.times))

    def _end(self, asked: _Asked, family: int, answer: Echoes | Failed) -> None:
        if asked.timer:
            asked.timer.cancel()
        for sequence in asked.sent:
            self._waiting.pop((family, sequence), None)
        asked.done(answer)


def allowed() -> bool:
    """Whether this user may ping from here."""
    try:
        one, _ = open_socket(socket.AF_INET)
    except OSError:
        return False
    one.close()
    return True


def open_socket(family: int) -> tuple[socket.socket, bool]:
    """A socket for echoes, and whether it is a raw one; PermissionError where neither is allowed."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    try:
        one, raw = socket.socket(family, socket.SOCK_DGRAM, protocol), False
    except PermissionError:
        one, raw = socket.socket(family, socket.SOCK_RAW, protocol), True
    one.setblocking(False)
    one.setsockopt(socket.SOL_SOCKET, _STAMP, 1)
    widen(one)
    if raw and family == socket.AF_INET:
        one.setsockopt(255, _FILTER, struct.pack("I", 0xFFFFFFFF & ~1))  # SOL_RAW: echo replies alone
    elif raw:
        one.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, _only(129))
    return one, raw


def _only(kind: int) -> bytes:
    """A filter of ICMPv6 that lets one kind through."""
    words = [0xFFFFFFFF] * 8
    words[kind >> 5] &= ~(1 << (kind & 31)) & 0xFFFFFFFF
    return struct.pack("8I", *words)


def _sum(data: bytes) -> int:
    """The Internet checksum before it is turned over; RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total
