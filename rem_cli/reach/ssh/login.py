"""Logging in with public keys: RFC 4252, with the signature algorithms of RFC 8332 for RSA.

The service request and the first signed request go out right behind the new keys, which saves a round trip. An RSA key
waits for the host to say which algorithms it takes (RFC 8308).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from rem_cli.reach.ssh.agent import AgentError
from rem_cli.reach.ssh.keys import Key
from rem_cli.reach.ssh.protocol import PeerError

SERVICE_REQUEST, SERVICE_ACCEPT = 5, 6
USERAUTH_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS, USERAUTH_BANNER = 50, 51, 52, 53
CERTIFICATE = "-cert-v01@openssh.com"


class LoginRefusedError(PeerError):
    """The host takes none of our keys; the message says why."""


class Login:
    """One login. `take` gets the host's messages; `done` is True once we are in."""

    def __init__(
        self, user: str, keys: Iterator[Key], send: Callable[[bytes], None], algorithms: Callable[[], str]
    ) -> None:
        self.done = False
        self._user = user
        self._keys = keys
        self._send = send
        self._algorithms = algorithms  # what the host's server-sig-algs extension says
        self._session = b""
        self._first: Key | None = None
        self._tried = 0

    def begin(self, session: bytes) -> None:
        """The link is encrypted; `session` is its id. Raises LoginRefusedError when there is no key."""
        self._session = session
        self._first = next(self._keys, None)
        if self._first is None:
            raise LoginRefusedError("there is no key to log in with")
        self._send(bytes([SERVICE_REQUEST]) + _string(b"ssh-userauth"))
        if "rsa" not in self._first.get_name():
            self._offer_first()

    def take(self, number: int, payload: bytes) -> bool:
        """A message from the host. False when it is none of ours. Raises LoginRefusedError."""
        if number == SERVICE_ACCEPT:
            self._offer_first()
        elif number == USERAUTH_SUCCESS:
            self.done = True
        elif number == USERAUTH_FAILURE:
            self._refused(payload)
        else:
            return number == USERAUTH_BANNER
        return True

    def _refused(self, payload: bytes) -> None:
        (length,) = struct.unpack_from(">I", payload, 1)
        methods = payload[5 : 5 + length].decode("ascii", "replace")
        if payload[5 + length]:
            raise LoginRefusedError(f"it accepted our key but wants more ({methods}), which is not supported")
        if "publickey" not in methods.split(","):
            raise LoginRefusedError(f"it takes no public key ({methods or 'nothing'})")
        key = next(self._keys, None)
        if key is None:
            tried = "our key" if self._tried == 1 else f"any of the {self._tried} keys we have"
            raise LoginRefusedError(f"it does not accept {tried}")
        self._offer(key)

    def _offer_first(self) -> None:
        first, self._first = self._first, None
        if first is not None:
            self._offer(first)

    def _offer(self, key: Key) -> None:
        """A signed request (RFC 4252 section 7)."""
        self._tried += 1
        kind, blob = key.get_name(), key.asbytes()
        if key.public_blob is not None:
            kind, blob = key.public_blob.key_type, key.public_blob.key_blob
        algorithm = self._algorithm(kind)
        request = b"".join(
            (
                bytes([USERAUTH_REQUEST]),
                _string(self._user.encode()),
                _string(b"ssh-connection"),
                _string(b"publickey"),
                b"\1",
                _string(algorithm.encode()),
                _string(blob),
            )
        )
        try:
            signature = key.sign_ssh_data(_string(self._session) + request, algorithm)
        except AgentError as error:
            raise LoginRefusedError(f"our key could not sign: {error}") from None
        self._send(request + _string(signature if isinstance(signature, bytes) else signature.asbytes()))

    def _algorithm(self, kind: str) -> str:
        if not kind.startswith("ssh-rsa"):
            return kind
        takes = self._algorithms().split(",")
        plain = "rsa-sha2-256" if "rsa-sha2-256" in takes and "rsa-sha2-512" not in takes else "rsa-sha2-512"
        return plain + (CERTIFICATE if kind.endswith(CERTIFICATE) else "")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data
