"""Channels on one link: RFC 4254, as far as running programs and reaching through needs it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

from rem_cli.reach import Stream

GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
OPEN, OPENED, OPEN_FAILED, WINDOW_ADJUST, DATA, EXTENDED_DATA, EOF, CLOSE, REQUEST, FAILURE = (
    *(90, 91, 92, 93, 94, 95, 96, 97, 98),
    100,
)
ADMINISTRATIVELY_PROHIBITED = 1  # RFC 4254 section 5.1
STDERR = 1  # RFC 4254 section 5.2, SSH_EXTENDED_DATA_STDERR
WINDOW = 1 << 22  # bytes that the host may send before it hears from us
PIECE = 1 << 15  # bytes of data a message; what every server takes (RFC 4253 section 6.1)
QUEUE_LIMIT = 1 << 19  # bytes that may wait to be sent on a link before channels hold back their data

U32 = struct.Struct(">I")


class ChannelUser(Protocol):
    """Who a channel belongs to."""

    def opened(self) -> None: ...

    def heard(self, stream: Stream, data: bytes) -> None: ...

    def ended(self, status: int | None, signal: str | None) -> None:
        """The channel is closed in good order."""

    def failed(self, why: str) -> None:
        """The channel was not opened."""

    def lost(self, why: str) -> None:
        """The link is gone."""


class Channel:
    """One channel. `write` queues data, `finish` says that no more comes, `close` lets go of it."""

    def __init__(self, channels: Channels, number: int, request: bytes | None, user: ChannelUser) -> None:
        self.user: ChannelUser | None = user
        self.number = number
        self.remote: int | None = None  # the host's number for it, once open
        self.request = request  # what to ask for as soon as it is open, without its head
        self.waiting = memoryview(b"")  # data to be sent
        self.room = 0  # bytes that the host takes
        self.piece = PIECE
        self.unsaid = WINDOW  # bytes that the host may still send
        self.status: int | None = None
        self.signal: str | None = None
        self.finished = False
        self.eof_sent = False
        self.close_sent = False
        self._channels = channels

    def write(self, data: bytes) -> None:
        self.waiting = memoryview(bytes(self.waiting) + data if self.waiting else data)
        self._channels.pump(self)

    def finish(self) -> None:
        self.finished = True
        self._channels.pump(self)

    def close(self) -> None:
        """The user hears no more."""
        self.user = None
        self._channels.close(self)


class Channels:
    """All channels of one link. `send` takes a message, `may_send` says whether data can go out now."""

    def __init__(self, send: Callable[[bytes], None], may_send: Callable[[], bool]) -> None:
        self._send = send
        self._may_send = may_send
        self._channels: dict[int, Channel] = {}
        self._next = 0
        self.unanswered = 0  # keepalives
        self._messages: dict[int, Callable[[bytes], None]] = {
            GLOBAL_REQUEST: self._global_request,
            REQUEST_SUCCESS: self._answered,
            REQUEST_FAILURE: self._answered,
            OPEN: self._refuse_open,
            OPENED: self._opened,
            OPEN_FAILED: self._open_failed,
            WINDOW_ADJUST: self._adjusted,
            DATA: self._data,
            EXTENDED_DATA: self._extended_data,
            CLOSE: self._closed,
            REQUEST: self._requested,
        }

    def __len__(self) -> int:
        return len(self._channels)

    def run(self, command: str, user: ChannelUser, stdin: bytes = b"", *, finish: bool = True) -> Channel:
        """Open a session and run `command` in it; `stdin` and its end go along."""
        request = _string(b"exec") + b"\0" + _string(command.encode())
        channel = self._open(b"session", b"", request, user)
        channel.waiting, channel.finished = memoryview(stdin), finish
        return channel

    def reach(self, host: str, port: int, user: ChannelUser) -> Channel:
        """Open a connection from the far machine onward (RFC 4254 section 7.2, direct-tcpip)."""
        where = _string(host.encode()) + U32.pack(port) + _string(b"127.0.0.1") + U32.pack(0)
        return self._open(b"direct-tcpip", where, None, user)

    def keepalive(self) -> None:
        """Ask for an answer, whatever it is: `unanswered` counts until one comes."""
        self.unanswered += 1
        self._send(bytes([GLOBAL_REQUEST]) + _string(b"keepalive@openssh.com") + b"\1")

    def message(self, number: int, payload: bytes) -> bool:
        """Take a message. False when it is none of ours. Raises struct.error for one that is cut short."""
        take = self._messages.get(number)
        if take is not None:
            take(payload)
        return take is not None or number in (EOF, 99, FAILURE)

    def pump_all(self) -> None:
        for channel in list(self._channels.values()):
            if channel.waiting or channel.finished:
                self.pump(channel)

    def pump(self, channel: Channel) -> None:
        """Send as much of a channel's data as the host and the link take."""
        if channel.remote is None or channel.close_sent:
            return
        while channel.waiting and channel.room > 0 and self._may_send():
            piece = channel.waiting[: min(channel.room, channel.piece)]
            channel.waiting = channel.waiting[len(piece) :]
            channel.room -= len(piece)
            self._send(b"".join((bytes([DATA]), U32.pack(channel.remote), U32.pack(len(piece)), piece)))
        if channel.finished and not channel.waiting and not channel.eof_sent:
            channel.eof_sent = True
            self._send(bytes([EOF]) + U32.pack(channel.remote))

    def close(self, channel: Channel) -> None:
        channel.waiting = memoryview(b"")
        if channel.remote is not None and not channel.close_sent and channel.number in self._channels:
            channel.close_sent = True
            self._send(bytes([CLOSE]) + U32.pack(channel.remote))

    def lost(self, why: str) -> None:
        channels, self._channels = self._channels, {}
        for channel in channels.values():
            if channel.user is not None:
                channel.user.lost(why)

    def _open(self, kind: bytes, more: bytes, request: bytes | None, user: ChannelUser) -> Channel:
        number = self._next
        self._next += 1
        channel = self._channels[number] = Channel(self, number, request, user)
        head = bytes([OPEN]) + _string(kind) + U32.pack(number) + U32.pack(WINDOW) + U32.pack(PIECE)
        self._send(head + more)
        return channel

    def _of(self, payload: bytes) -> Channel | None:
        return self._channels.get(U32.unpack_from(payload, 1)[0])

    def _opened(self, payload: bytes) -> None:
        channel = self._of(payload)
        if channel is None:
            return
        channel.remote, channel.room, largest = struct.unpack_from(">III", payload, 5)
        channel.piece = min(largest, PIECE)
        if channel.user is None:  # given up meanwhile
            self.close(channel)
            return
        assert channel.remote is not None
        if channel.request is not None:
            self._send(bytes([REQUEST]) + U32.pack(channel.remote) + channel.request)
        channel.user.opened()
        self.pump(channel)

    def _open_failed(self, payload: bytes) -> None:
        channel = self._of(payload)
        if channel is None:
            return
        del self._channels[channel.number]
        reason, length = struct.unpack_from(">II", payload, 5)
        said = payload[13 : 13 + length].decode("utf-8", "replace")
        if channel.user is not None:
            prohibited = "too many sessions, or not allowed" if reason == ADMINISTRATIVELY_PROHIBITED else ""
            channel.user.failed(said or prohibited or f"reason {reason}")

    def _adjusted(self, payload: bytes) -> None:
        channel = self._of(payload)
        if channel is not None:
            channel.room += U32.unpack_from(payload, 5)[0]
            self.pump(channel)

    def _data(self, payload: bytes) -> None:
        self._take(self._of(payload), Stream.OUT, payload, 5)

    def _extended_data(self, payload: bytes) -> None:
        if U32.unpack_from(payload, 5)[0] == STDERR:
            self._take(self._of(payload), Stream.ERR, payload, 9)

    def _take(self, channel: Channel | None, stream: Stream, payload: bytes, at: int) -> None:
        if channel is None or channel.remote is None:
            return
        (length,) = U32.unpack_from(payload, at)
        data = payload[at + 4 : at + 4 + length]
        channel.unsaid -= len(data)
        if channel.unsaid < WINDOW // 2 and not channel.close_sent:
            self._send(bytes([WINDOW_ADJUST]) + U32.pack(channel.remote) + U32.pack(WINDOW - channel.unsaid))
            channel.unsaid = WINDOW
        if channel.user is not None:
            channel.user.heard(stream, data)

    def _requested(self, payload: bytes) -> None:
        channel = self._of(payload)
        if channel is None or channel.remote is None:
            return
        name, at = _read_string(payload, 5)
        if name == b"exit-status":
            (channel.status,) = U32.unpack_from(payload, at + 1)
        elif name == b"exit-signal":
            channel.signal = _read_string(payload, at + 1)[0].decode("ascii", "replace")
        if payload[at]:
            self._send(bytes([FAILURE]) + U32.pack(channel.remote))

    def _closed(self, payload: bytes) -> None:
        channel = self._of(payload)
        if channel is None:
            return
        self.close(channel)
        del self._channels[channel.number]
        if channel.user is not None:
            channel.user.ended(channel.status, channel.signal)

    def _refuse_open(self, payload: bytes) -> None:
        """The host wants to reach us: nothing is forwarded, neither agents nor X11 nor ports."""
        _, at = _read_string(payload, 1)
        number = payload[at : at + 4]
        self._send(bytes([OPEN_FAILED]) + number + U32.pack(ADMINISTRATIVELY_PROHIBITED) + _string(b"") + _string(b""))

    def _global_request(self, payload: bytes) -> None:
        _, at = _read_string(payload, 1)
        if payload[at]:
            self._send(bytes([REQUEST_FAILURE]))

    def _answered(self, _: bytes) -> None:
        self.unanswered = 0


def _string(data: bytes) -> bytes:
    return U32.pack(len(data)) + data


def _read_string(payload: bytes, at: int) -> tuple[bytes, int]:
    (length,) = U32.unpack_from(payload, at)
    return payload[at + 4 : at + 4 + length], at + 4 + length
