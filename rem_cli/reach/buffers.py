"""Room for answers that arrive together: what the kernel keeps by default is 166 of them, and the rest is lost."""

from __future__ import annotations

import contextlib
import socket

_FORCE = 33  # SO_RCVBUFFORCE, which Python does not name; takes CAP_NET_ADMIN
_WISH = 4 << 20  # bytes
_A_DATAGRAM = 1536  # bytes that a small one takes there: what it says, and what the kernel notes of it


def widen(one: socket.socket) -> int:
    """Ask for a large buffer; how many small datagrams the one that was granted keeps."""
    try:
        one.setsockopt(socket.SOL_SOCKET, _FORCE, _WISH)
    except OSError:
        with contextlib.suppress(OSError):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _WISH)
    return one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _A_DATAGRAM
