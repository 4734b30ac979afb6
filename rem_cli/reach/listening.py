"""Lines that others send, over TCP and UDP, taken without waiting for any of them."""

from __future__ import annotations

import socket
from contextlib import suppress

from rem_cli.errors import RemError

_LINKS = 500  # at once; another one waits in the kernel until one ends
_LONGEST = 8192  # bytes of a line; a longer one is none
_NO_LINE = b"- - - - "  # whatever its end will be
_AT_ONCE = 1 << 20  # bytes that one look takes from one socket


class ListenError(RemError):
    """Nobody can be heard there."""

    code = "listen"


class Lines:
    """A TCP server of lines. Links that have ended are closed by `part` alone, by which the other side knows more."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = _bound(address, socket.SOCK_STREAM)
        self._socket.listen(128)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]
        self._links: dict[socket.socket, bytes] = {}  # and what came after its last line
        self._ended: list[socket.socket] = []

    def take(self) -> list[bytes]:
        """The lines that came since the last look, without their ends."""
        while len(self._links) < _LINKS:
            try:
                link, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError):
                break
            link.setblocking(False)
            self._links[link] = b""
        return [line for link in list(self._links) for line in self._from(link)]

    def _from(self, link: socket.socket) -> list[bytes]:
        data, taken = self._links[link], 0
        ended = False
        with suppress(BlockingIOError):
            while taken < _AT_ONCE and not ended:
                try:
                    part = link.recv(1 << 16)
                except ConnectionError:
                    part = b""
                ended = not part
                data += part
                taken += len(part)
        *lines, rest = data.split(b"\n")
        if ended:
            del self._links[link]
            self._ended.append(link)
            lines += [rest] if rest else []
        else:
            self._links[link] = rest if len(rest) <= _LONGEST else _NO_LINE
        return lines

    def part(self) -> None:
        """Close the links that have ended: all that they sent is kept."""
        for link in self._ended:
            link.close()
        self._ended.clear()

    def close(self) -> None:
        for link in (*self._links, *self._ended, self._socket):
            link.close()


class Datagrams:
    """A UDP server of lines."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._socket = _bound(address, socket.SOCK_DGRAM)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def take(self) -> list[bytes]:
        """The lines that came since the last look."""
        lines: list[bytes] = []
        taken = 0
        while taken < _AT_ONCE:
            try:
                data = self._socket.recv(1 << 16)
            except (BlockingIOError, ConnectionError):
                break
            lines += data.split(b"\n")
            taken += len(data)
        return [line for line in lines if line]

    def close(self) -> None:
        self._socket.close()


def _bound(address: tuple[str, int], kind: socket.SocketKind) -> socket.socket:
    host, port = address
    made: socket.socket | None = None
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=kind, flags=socket.AI_PASSIVE)[0]
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind is socket.SOCK_STREAM)
        if kind is socket.SOCK_DGRAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)  # what comes between two looks
        made.bind(where)
        made.setblocking(False)
    except OSError as error:
        if made:
            made.close()
        why = (error.strerror or str(error)).lower()
        raise ListenError(
            f"cannot listen at {host}:{port}: {why}", hint=f"who is there: ss -lntup 'sport = {port}'"
        ) from error
    return made
