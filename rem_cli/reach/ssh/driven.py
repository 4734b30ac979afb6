"""paramiko's Transport without its thread: bytes are fed in, messages come out.

Importing this loads paramiko. It is all that uses private names of paramiko: `protocol.NAMES` lists them, and a version
that lacks one is left to the engine on threads.
"""

from __future__ import annotations

from rem_cli.reach.ssh.library import explain, load
from rem_cli.reach.ssh.packets import PacketError, Packets
from rem_cli.reach.ssh.protocol import (
    BANNER_LINE,
    BANNER_LINES,
    DEBUG,
    DISCONNECT,
    EXT_INFO,
    IGNORE,
    KEX_METHOD,
    KEXINIT,
    NEWKEYS,
    NoSocket,
    NotSshError,
    Peer,
    PeerError,
    order_algorithms,
)

paramiko = load()


class LoopProtocol(paramiko.Transport):  # type: ignore[misc,name-defined]
    """paramiko.Transport that is never started as a thread."""

    _expected_packet: tuple[int, ...]

    def __init__(self, peer: Peer) -> None:
        super().__init__(NoSocket(), packetizer_class=Packets)
        self.active = True
        self.packets: Packets = self.packetizer
        self._peer = peer
        self.said = b""  # the first line that was no introduction
        self._introduced = 0  # lines said before, or -1 when done
        self._trusted_key: bytes | None = None
        self._held: list[bytes] | None = []  # messages that wait for new keys

    def begin(self) -> None:
        self.packets.write_all(f"{self.local_version}\r\n".encode())
        self._send_kex_init()
        self._expect_packet(KEXINIT)

    def send(self, payload: bytes) -> None:
        """Send a message, once no key exchange is going on (RFC 4253 section 7.1)."""
        if self._held is None:
            self.packets.send(payload)
        else:
            self._held.append(payload)

    @property
    def held(self) -> bool:
        """Whether messages wait for new keys."""
        return self._held is not None

    def feed(self, data: bytes) -> None:
        """Bytes from the link. Raises PacketError, NotSshError and what the peer raises."""
        self.packets.feed(data)
        if self._introduced >= 0 and not self._introduction():
            return
        while (message := self.packets.read()) is not None:
            self._dispatch(*message)
            if self.packets.need_rekey() and not self.in_kex:
                self._send_kex_init()

    def _introduction(self) -> bool:
        """RFC 4253 section 4.2: lines of text may come before the one that counts."""
        while (line := self.packets.line(BANNER_LINE)) is not None:
            self._introduced += 1
            if line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
                self.remote_version = line.decode("utf-8", "replace")
                self._introduced = -1
                self._peer.introduced()
                return True
            self.said = self.said or line
            if line.startswith(b"SSH-") or self._introduced >= BANNER_LINES:
                raise NotSshError(line[:80].decode("utf-8", "replace"))
        return False

    def _dispatch(self, payload: bytes, sequence: int) -> None:
        number = payload[0]
        if number in (IGNORE, DEBUG):
            if self.agreed_on_strict_kex and not self.initial_kex_done:
                raise PacketError("a message came where strict key exchange allows none")
            return
        if number == DISCONNECT:
            self._peer.message(number, payload)
            return
        if self._expected_packet:
            if number not in self._expected_packet:
                raise PacketError(f"message {number} came where {self._expected_packet} was expected")
            self._expected_packet = ()
        elif number in KEX_METHOD:
            raise PacketError(f"message {number} of the key exchange came without one")
        if number in KEX_METHOD or number in (KEXINIT, NEWKEYS, EXT_INFO):
            self._exchange(number, payload, sequence)
        else:
            self._peer.message(number, payload)

    def _exchange(self, number: int, payload: bytes, sequence: int) -> None:
        message = paramiko.Message(payload[1:])
        message.seqno = sequence
        try:
            if number in KEX_METHOD:
                self.kex_engine.parse_next(number, message)
            else:
                self._handler_table[number](message)
        except (PeerError, PacketError):
            raise
        except Exception as error:
            # Whatever a host's bytes make of the library's code concerns this host alone.
            raise PacketError(explain(error)) from error

    def _send_kex_init(self) -> None:
        if self._held is None:
            self._held = []
        super()._send_kex_init()

    def _verify_key(self, host_key: bytes, signature: bytes) -> None:
        super()._verify_key(host_key, signature)
        if self._trusted_key is None:
            kind = paramiko.Message(host_key).get_text()
            self._peer.host_key(kind, host_key)
            self._trusted_key = host_key
        elif self._trusted_key != host_key:
            raise PacketError("the host showed another key in the middle of a link")

    def _activate_outbound(self) -> None:
        super()._activate_outbound()
        held, self._held = self._held, None
        if not self.initial_kex_done:
            self._peer.encrypted()
        for payload in held or ():
            self.packets.send(payload)

    def _log(self, level: int, message: object, *arguments: object) -> None:
        """Nothing is logged: what matters is told to the peer."""


def make_protocol(peer: Peer, host_key_kinds: tuple[str, ...] = ()) -> LoopProtocol:
    """A protocol for one link, asking for host keys of the kinds that are known."""
    protocol = LoopProtocol(peer)
    order_algorithms(protocol, host_key_kinds)
    return protocol
