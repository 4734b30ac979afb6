"""SSH's key exchange by paramiko's own code, but without its thread: bytes are fed in, messages come out.

This is the only file that uses private names of paramiko. `missing_names` says which of them a version lacks, and
then the engine on threads, which uses public names only, takes over.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Protocol

from rem_cli.reach.ssh.library import explain, load
from rem_cli.reach.ssh.packets import PacketError, Packets

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG, EXT_INFO, KEXINIT, NEWKEYS = 1, 2, 3, 4, 7, 20, 21  # RFC 4253 section 12
KEX_METHOD = range(30, 50)  # messages whose meaning depends on the method of key exchange
BANNER_LINE = 8192  # bytes; RFC 4253 section 4.2 allows 255, others allow more
BANNER_LINES = 100  # lines a server may say before it introduces itself
FIRST_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
FIRST_MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512")
LAST_MACS = ("hmac-sha1",)  # for hosts that know nothing younger
FIRST_KEX = ("curve25519-sha256@libssh.org", "mlkem768x25519-sha256", "ecdh-sha2-nistp256")
NAMES = (
    "_activate_outbound",
    "_expect_packet",
    "_handler_table",
    "_expected_packet",
    "_send_kex_init",
    "_send_message",
    "_verify_key",
    "agreed_on_strict_kex",
    "in_kex",
    "initial_kex_done",
    "kex_engine",
    "local_version",
    "packetizer",
    "session_id",
)


class Peer(Protocol):
    """Who listens to the protocol."""

    def introduced(self) -> None:
        """The host said that it speaks SSH 2."""

    def host_key(self, kind: str, blob: bytes) -> None:
        """The host proved to hold this key. A PeerError ends it here: nothing was sent that matters yet."""

    def encrypted(self) -> None:
        """From here on what is sent is protected."""

    def message(self, number: int, payload: bytes) -> None:
        """A message above the transport's own."""


class PeerError(Exception):
    """For a peer to raise when it wants to go no further."""


class NotSshError(Exception):
    """What answers does not speak SSH 2; the message quotes it."""


def order_algorithms(transport: Any, host_key_kinds: tuple[str, ...]) -> None:
    """Put the cheap and safe algorithms first, and host keys of the kinds that are known."""
    options = transport.get_security_options()
    options.ciphers = _first(FIRST_CIPHERS, options.ciphers, only=True)
    options.digests = _first((*FIRST_MACS, *LAST_MACS), options.digests, only=True)
    options.kex = _first(FIRST_KEX, options.kex)
    wanted = [name for kind in host_key_kinds for name in _algorithms(kind)]
    options.key_types = _first(wanted, options.key_types)


def missing_names() -> list[str]:
    """Which names of NAMES this version of paramiko lacks."""
    transport = load().Transport(_NoSocket(), packetizer_class=Packets)
    return [name for name in NAMES if not hasattr(transport, name)]


def make_protocol(peer: Peer, host_key_kinds: tuple[str, ...] = ()) -> Any:
    """A protocol for one link. Types are paramiko's, which are made when it is first loaded."""
    protocol = _protocol_class()(peer)
    order_algorithms(protocol, host_key_kinds)
    return protocol


class _NoSocket:
    """Paramiko sets a timeout on its socket and remembers it; ours is elsewhere."""

    def settimeout(self, _: float) -> None: ...
    def close(self) -> None: ...


@cache
def _protocol_class() -> type[Any]:
    paramiko = load()

    class LoopProtocol(paramiko.Transport):  # type: ignore[misc,name-defined]
        """paramiko.Transport that is never started as a thread."""

        _expected_packet: tuple[int, ...]

        def __init__(self, peer: Peer) -> None:
            super().__init__(_NoSocket(), packetizer_class=Packets)
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

    return LoopProtocol


def _first(wanted: Any, offered: Any, *, only: bool = False) -> tuple[str, ...]:
    known = [name for name in wanted if name in offered]
    return tuple(known if only else dict.fromkeys([*known, *offered]))


def _algorithms(kind: str) -> tuple[str, ...]:
    """The signature algorithms for a kind of host key: an RSA key is used with SHA-2 only (RFC 8332)."""
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
