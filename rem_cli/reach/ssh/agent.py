"""An SSH agent, asked with bounded waits.

The protocol is draft-miller-ssh-agent: SSH_AGENTC_REQUEST_IDENTITIES (section 4.4) and SSH_AGENTC_SIGN_REQUEST
(section 4.6). Nothing is ever forwarded to a host.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

REQUEST_IDENTITIES, IDENTITIES_ANSWER = 11, 12
SIGN_REQUEST, SIGN_RESPONSE = 13, 14
SIGN_FLAGS = {"rsa-sha2-256": 2, "rsa-sha2-512": 4}
LIST_SECONDS = 3.0  # an agent that does not answer in this time is taken for dead
SIGN_SECONDS = 15.0  # a person may have to touch or confirm
ANSWER_LIMIT = 1 << 20  # bytes


class AgentError(Exception):
    """The agent did not do what was asked; the message says why."""


@dataclass(frozen=True, slots=True)
class AgentKey:
    """A key that an agent holds. Quacks like a paramiko.PKey as far as logging in needs one."""

    agent: Agent
    blob: bytes
    public_blob: None = None  # a certificate is the key itself here

    def get_name(self) -> str:
        (length,) = struct.unpack_from(">I", self.blob)
        return self.blob[4 : 4 + length].decode("ascii", "replace")

    def asbytes(self) -> bytes:
        return self.blob

    def __bytes__(self) -> bytes:
        return self.blob

    def sign_ssh_data(self, data: bytes, algorithm: str | None = None) -> bytes:
        """The signature in SSH's own format. Raises AgentError."""
        flags = SIGN_FLAGS.get((algorithm or "").removesuffix("-cert-v01@openssh.com"), 0)
        return self.agent.sign(self.blob, data, flags)


class Agent:
    """The agent behind a Unix socket. Every question is asked on a connection of its own."""

    def __init__(self, path: str) -> None:
        self._path = path

    def identities(self) -> tuple[AgentKey, ...]:
        """What it holds. Raises AgentError."""
        answer = self._ask(bytes([REQUEST_IDENTITIES]), IDENTITIES_ANSWER, LIST_SECONDS)
        try:
            (count,) = struct.unpack_from(">I", answer)
            keys, at = [], 4
            for _ in range(count):
                blob, at = _string(answer, at)
                _comment, at = _string(answer, at)
                keys.append(AgentKey(self, blob))
        except struct.error:
            raise AgentError("the SSH agent's answer makes no sense") from None
        return tuple(keys)

    def sign(self, blob: bytes, data: bytes, flags: int) -> bytes:
        """A signature by the key `blob`. Raises AgentError."""
        question = bytes([SIGN_REQUEST]) + _packed(blob) + _packed(data) + struct.pack(">I", flags)
        answer = self._ask(question, SIGN_RESPONSE, SIGN_SECONDS)
        return _string(answer, 0)[0]

    def _ask(self, question: bytes, expected: int, seconds: float) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(seconds)
                link.connect(self._path)
                link.sendall(_packed(question))
                (length,) = struct.unpack(">I", _exactly(link, 4))
                if not 0 < length <= ANSWER_LIMIT:
                    raise AgentError("the SSH agent's answer makes no sense")
                answer = _exactly(link, length)
        except TimeoutError:
            raise AgentError(f"the SSH agent did not answer in {seconds:g} s") from None
        except OSError as error:
            raise AgentError(f"the SSH agent cannot be asked: {error.strerror}") from None
        if answer[0] != expected:
            raise AgentError("the SSH agent refused")
        return answer[1:]


def _exactly(link: socket.socket, length: int) -> bytes:
    got = b""
    while len(got) < length:
        piece = link.recv(length - len(got))
        if not piece:
            raise AgentError("the SSH agent hung up")
        got += piece
    return got


def _packed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _string(data: bytes, at: int) -> tuple[bytes, int]:
    (length,) = struct.unpack_from(">I", data, at)
    return data[at + 4 : at + 4 + length], at + 4 + length
