"""SSH's binary packets over buffers in memory: bytes in, messages out, never waiting.

RFC 4253 section 6, with AES-GCM as in RFC 5647 and OpenSSH's PROTOCOL file (sections 1.5 and 1.6: encrypt-then-MAC,
aes-gcm@openssh.com). Offers the methods that paramiko's Transport calls on its packetizer, so that paramiko's key
exchange can switch the ciphers.
"""

from __future__ import annotations

import hmac
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

U32 = struct.Struct(">I")
LENGTH_AND_PADDING = struct.Struct(">IB")
PACKET_LIMIT = 1 << 18  # bytes; OpenSSH's PACKET_MAX_SIZE
TAG = 16  # bytes of an AES-GCM tag
SEND_AT_ONCE = 64  # buffers a sendmsg
REKEY_BYTES = 1 << 30  # RFC 4253 section 9: new keys after each gigabyte
SEQUENCE = 0xFFFFFFFF
COUNTER = 0xFFFFFFFFFFFFFFFF
ZEROS = bytes(64)

Buffer = bytes | bytearray | memoryview


class PacketError(Exception):
    """What came in is no packet, or one that somebody changed."""


class Direction:
    """How packets of one direction are protected."""

    def __init__(self) -> None:
        self.engine: Any = None
        self.block = 8
        self.mac_name = ""
        self.mac_key = b""
        self.mac_size = 0
        self.etm = False
        self.aead = False
        self.fixed_iv = b""
        self.counter = 0
        self.sequence = 0
        self.bytes = 0  # since the last change of keys

    def switch(
        self,
        engine: Any,
        block: int,
        mac: Callable[[], Any] | None,
        size: int,
        key: bytes | None,
        etm: bool,
        iv: bytes | None,
    ) -> None:
        self.engine, self.block, self.mac_size, self.etm = engine, block, size, etm
        self.mac_name = mac().name if mac is not None else ""
        self.mac_key = key or b""
        self.aead = iv is not None
        if iv is not None:
            self.fixed_iv, self.counter = iv[:4], int.from_bytes(iv[4:], "big")
        self.bytes = 0

    def next_iv(self) -> bytes:
        iv = self.fixed_iv + self.counter.to_bytes(8, "big")
        self.counter = (self.counter + 1) & COUNTER
        return iv

    def mac(self, data: bytes) -> bytes:
        return hmac.digest(self.mac_key, U32.pack(self.sequence) + data, self.mac_name)[: self.mac_size]


class Packets:
    """Both directions of one link."""

    def __init__(self, _socket: object) -> None:
        self.queued = 0  # bytes that wait to be sent
        self._in = Direction()
        self._out = Direction()
        self._buffer: bytes = b""
        self._at = 0
        self._opened: tuple[int, bytes] | None = None  # length and first block of a packet that is not all here
        self._outgoing: deque[Buffer] = deque()
        self._switched = 0  # 1: outgoing, 2: incoming has its new keys
        self._wants_rekey = False
        self._initial_kex_done = False  # set by paramiko

    def feed(self, data: bytes) -> None:
        """Bytes from the link."""
        self._buffer = self._buffer[self._at :] + data if self._at < len(self._buffer) else data
        self._at = 0

    def line(self, limit: int) -> bytes | None:
        """A line of plain text, without its end; None when there is no whole one. PacketError over `limit` bytes."""
        end = self._buffer.find(b"\n", self._at)
        if end - self._at > limit or (end < 0 and len(self._buffer) - self._at > limit):
            raise PacketError("a line is too long")
        if end < 0:
            return None
        line = self._buffer[self._at : end]
        self._at = end + 1
        return line.removesuffix(b"\r")

    @property
    def unread(self) -> bytes:
        return self._buffer[self._at :]

    def read(self) -> tuple[bytes, int] | None:
        """A message's payload and sequence number; None when the next is not all here."""
        if self._in.aead:
            payload = self._read_gcm()
        elif self._in.etm:
            payload = self._read_etm()
        else:
            payload = self._read_plain_or_mac()
        if payload is None:
            return None
        if not payload:
            raise PacketError("an empty packet came")
        sequence = self._in.sequence
        self._in.sequence = self._counted(sequence)
        self._in.bytes += len(payload)
        self._wants_rekey |= self._in.bytes >= REKEY_BYTES
        return payload, sequence

    def send(self, payload: bytes) -> None:
        """Queue one message."""
        out = self._out
        # The length field is encrypted along with the rest only without GCM and EtM.
        clear = 4 if out.aead or out.etm else 0
        padding = 3 + out.block - (len(payload) + 8 - clear) % out.block
        header = LENGTH_AND_PADDING.pack(len(payload) + padding + 1, padding)
        if out.aead:
            plain = b"".join((header[4:], payload, ZEROS[:padding]))
            packet = header[:4] + out.engine.encrypt(out.next_iv(), plain, header[:4])
        else:
            packet = b"".join((header, payload, ZEROS[:padding]))
            if out.etm:
                packet = packet[:4] + out.engine.update(packet[4:])
                packet += out.mac(packet)
            elif out.engine is not None:
                packet = out.engine.update(packet) + out.mac(packet)
        out.sequence = self._counted(out.sequence)
        out.bytes += len(packet)
        self._wants_rekey |= out.bytes >= REKEY_BYTES
        self.write_all(packet)

    def write_all(self, data: Buffer) -> None:
        """Queue raw bytes."""
        self._outgoing.append(data)
        self.queued += len(data)

    def flush(self, link: socket.socket) -> bool:
        """Send what is queued, as far as the link takes it. True when nothing is left. Raises OSError."""
        while self._outgoing:
            pieces = [self._outgoing[at] for at in range(min(SEND_AT_ONCE, len(self._outgoing)))]
            try:
                sent = link.sendmsg(pieces)
            except BlockingIOError:
                return False
            self.queued -= sent
            while self._outgoing and sent >= len(self._outgoing[0]):
                sent -= len(self._outgoing.popleft())
            if sent:
                self._outgoing[0] = memoryview(self._outgoing[0])[sent:]
        return True

    def _counted(self, sequence: int) -> int:
        following = (sequence + 1) & SEQUENCE
        if following == 0 and not self._initial_kex_done:
            raise PacketError("the sequence numbers of packets ran over during the first key exchange")
        return following

    def _available(self, size: int) -> bytes | None:
        if not 1 <= size <= PACKET_LIMIT:
            raise PacketError("a packet has an impossible length")
        if len(self._buffer) - self._at < size:
            return None
        piece = self._buffer[self._at : self._at + size]
        self._at += size
        return piece

    def _clear_length(self) -> int | None:
        if len(self._buffer) - self._at < 4:
            return None
        (length,) = U32.unpack_from(self._buffer, self._at)
        return int(length)

    def _read_gcm(self) -> bytes | None:
        length = self._clear_length()
        packet = self._available(4 + length + TAG) if length is not None else None
        if packet is None:
            return None
        from cryptography.exceptions import InvalidTag

        try:
            plain: bytes = self._in.engine.decrypt(self._in.next_iv(), packet[4:], packet[:4])
        except InvalidTag:
            raise PacketError("a packet was changed on its way") from None
        return _unpadded(plain)

    def _read_etm(self) -> bytes | None:
        length = self._clear_length()
        packet = self._available(4 + length + self._in.mac_size) if length is not None else None
        if packet is None or length is None:
            return None
        self._verify(packet[: 4 + length], packet[4 + length :])
        return _unpadded(self._in.engine.update(packet[4 : 4 + length]))

    def _read_plain_or_mac(self) -> bytes | None:
        if self._opened is None:
            block = self._available(self._in.block)
            if block is None:
                return None
            if self._in.engine is not None:
                block = self._in.engine.update(block)
            self._opened = (int(U32.unpack_from(block)[0]), block)
        length, block = self._opened
        rest = length + 4 - len(block)
        if rest < 0 or rest % self._in.block:
            raise PacketError("a packet has an impossible length")
        packet = self._available(rest + self._in.mac_size) if rest + self._in.mac_size else b""
        if packet is None:
            return None
        self._opened = None
        body = packet[:rest] if self._in.engine is None else self._in.engine.update(packet[:rest])
        if self._in.mac_size:
            self._verify(block + body, packet[rest:])
        return _unpadded((block + body)[4:])

    def _verify(self, data: bytes, mac: bytes) -> None:
        if not hmac.compare_digest(self._in.mac(data), mac):
            raise PacketError("a packet was changed on its way")

    # What paramiko's Transport calls.

    def set_outbound_cipher(
        self,
        block_engine: Any,
        block_size: int,
        mac_engine: Any,
        mac_size: int,
        mac_key: bytes | None,
        sdctr: bool = False,
        etm: bool = False,
        aead: bool = False,
        iv_out: bytes | None = None,
    ) -> None:
        self._out.switch(block_engine, block_size, mac_engine, mac_size, mac_key, etm, iv_out if aead else None)
        self._switch(1)

    def set_inbound_cipher(
        self,
        block_engine: Any,
        block_size: int,
        mac_engine: Any,
        mac_size: int,
        mac_key: bytes | None,
        etm: bool = False,
        aead: bool = False,
        iv_in: bytes | None = None,
    ) -> None:
        self._in.switch(block_engine, block_size, mac_engine, mac_size, mac_key, etm, iv_in if aead else None)
        self._switch(2)

    def _switch(self, direction: int) -> None:
        self._switched |= direction
        if self._switched == 3:
            self._switched = 0
            self._wants_rekey = False

    def send_message(self, message: Any) -> None:
        self.send(message.asbytes())

    def need_rekey(self) -> bool:
        return self._wants_rekey

    def reset_seqno_in(self) -> None:
        self._in.sequence = 0

    def reset_seqno_out(self) -> None:
        self._out.sequence = 0

    def set_log(self, log: object) -> None:
        """Nothing is logged here."""


def _unpadded(plain: bytes) -> bytes:
    """The payload of a decrypted packet that begins with its padding's length."""
    if not plain or plain[0] >= len(plain):
        raise PacketError("a packet has an impossible padding")
    return plain[1 : len(plain) - plain[0]]
