"""SSH's key exchange by paramiko's own code, but without its thread: what it is given and what it tells.

`driven` is that code; it uses private names of paramiko, all of them in NAMES. `missing_names` says which a version
lacks, and then the engine on threads, which uses public names only, takes over.
"""

from __future__ import annotations

from typing import Any, Protocol

from rem_cli.reach.ssh.library import load
from rem_cli.reach.ssh.packets import Packets

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
    transport = load().Transport(NoSocket(), packetizer_class=Packets)
    return [name for name in NAMES if not hasattr(transport, name)]


class NoSocket:
    """Paramiko sets a timeout on its socket and remembers it; ours is elsewhere."""

    def settimeout(self, _: float) -> None: ...
    def close(self) -> None: ...


def _first(wanted: Any, offered: Any, *, only: bool = False) -> tuple[str, ...]:
    known = [name for name in wanted if name in offered]
    return tuple(known if only else dict.fromkeys([*known, *offered]))


def _algorithms(kind: str) -> tuple[str, ...]:
    """The signature algorithms for a kind of host key: an RSA key is used with SHA-2 only (RFC 8332)."""
    return ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
