"""Version 3 with its user-based security. Sources: RFC 3412, RFC 3414, RFC 3826 (AES), RFC 7860 (SHA-2).

A password becomes a key by hashing a megabyte of it: once for a user, not once for an agent.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from rem_cli.reach.asks import User
from rem_cli.reach.snmp.ber import INTEGER, SEQUENCE, STRING, field, header, integer, number, pdu_rest

SIZES = {"md5": 12, "sha1": 12, "sha224": 16, "sha256": 24, "sha384": 32, "sha512": 48}  # bytes of a digest that go out
MODEL = b"\2\1\3"
LARGEST = b"\2\3\0\xff\xe3"  # bytes of a message that we take
AUTHENTICATED, ENCRYPTED, REPORTABLE = 1, 2, 4
# The counters that a report holds, below snmpUsmStats (1.3.6.1.6.3.15.1.1).
STATS = bytes.fromhex("2b060106030f0101")
LEVEL, WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, DIGEST, DECRYPTION = range(1, 7)


@dataclass
class Engine:
    """What must be known of an agent before it can be asked."""

    id: bytes
    boots: int
    time: int  # seconds since it started, at `at`
    at: float  # of our own monotonic clock

    def now(self, monotonic: float) -> int:
        return max(0, self.time + int(monotonic - self.at))


class Keys(NamedTuple):
    """A user's keys for one agent."""

    digest: bytes
    cipher: bytes


class Header(NamedTuple):
    """What stands in a message before what is asked or said."""

    id: int
    flags: int
    engine: bytes
    boots: int
    time: int
    digest: tuple[int, int]  # where its bytes begin and end
    salt: bytes
    data: int  # where the rest begins


@lru_cache(maxsize=256)
def master(password: bytes, digest: str) -> bytes:
    """A user's key; RFC 3414, section 2.6."""
    size = 1 << 20
    return hashlib.new(digest, (password * (size // len(password) + 1))[:size]).digest()


@lru_cache(maxsize=8192)
def keys(user: User, engine: bytes) -> Keys:
    """A user's keys for the engine of an agent."""
    if not user.digest:
        return Keys(b"", b"")

    def local(password: bytes) -> bytes:
        key = master(password, user.digest)
        return hashlib.new(user.digest, key + engine + key).digest()

    return Keys(local(user.password), local(user.secret)[:16] if user.secret else b"")


def discovery(id: int) -> bytes:
    """The question by which an agent tells its engine."""
    asked = field(0xA0, integer(id) + b"\2\1\0\2\1\0\x30\0")
    scoped = field(SEQUENCE, b"\4\0\4\0" + asked)
    security = field(STRING, field(SEQUENCE, b"\4\0\2\1\0\2\1\0\4\0\4\0\4\0"))
    flags = bytes((REPORTABLE,))
    return field(SEQUENCE, b"\2\1\3" + _global(id, flags) + security + scoped)


def sealed(
    user: User, engine: Engine, id: int, tag: int, oids: tuple[bytes, ...], a: int, b: int, monotonic: float
) -> bytes:
    """A question of a user."""
    own = keys(user, engine.id)
    time = engine.now(monotonic)
    asked = field(tag, field(INTEGER, id.to_bytes(4, "big")) + pdu_rest(oids, a, b))
    data = field(SEQUENCE, field(STRING, engine.id) + b"\4\0" + asked)
    flags, salt = REPORTABLE, b""
    if own.cipher:
        salt = os.urandom(8)
        data = field(STRING, crypted(own.cipher, engine.boots, time, salt, data, encrypt=True))
        flags |= ENCRYPTED
    size = SIZES[user.digest] if user.digest else 0
    flags |= AUTHENTICATED if size else 0
    last = field(STRING, salt)
    parts = field(STRING, engine.id) + integer(engine.boots) + integer(time) + field(STRING, user.name)
    security = field(STRING, field(SEQUENCE, parts + field(STRING, bytes(size)) + last))
    message = field(SEQUENCE, b"\2\1\3" + _global(id, bytes((flags,))) + security + data)
    if size:
        end = len(message) - len(data) - len(last)
        digest = hmac.digest(own.digest, message, user.digest)[:size]
        message = message[: end - size] + digest + message[end:]
    return message


def _global(id: int, flags: bytes) -> bytes:
    return field(SEQUENCE, field(INTEGER, id.to_bytes(4, "big")) + LARGEST + field(STRING, flags) + MODEL)


def parsed(data: bytes) -> Header:
    """What stands in front; ValueError or IndexError for what is no message of version 3."""
    start, end = header(data, 0)
    if data[0] != SEQUENCE or end != len(data) or data[start : start + 3] != b"\2\1\3":
        raise ValueError("no message of version 3")
    inner, after = header(data, start + 3)
    id, at = number(data, inner)
    _, at = number(data, at)
    flags = data[header(data, at)[0]]
    inner, rest = header(data, after)
    at, _ = header(data, inner)
    first, at = header(data, at)
    engine = data[first:at]
    boots, at = number(data, at)
    time, at = number(data, at)
    _, at = header(data, at)  # the user
    first, after_digest = header(data, at)
    salt, last = header(data, after_digest)
    if last > len(data):
        raise ValueError("a message is cut")
    return Header(id, flags, engine, boots, time, (first, after_digest), data[salt:last], rest)


def genuine(data: bytes, head: Header, user: User, engine: bytes) -> bool:
    """Whether a message was made with the user's password."""
    start, end = head.digest
    size = SIZES.get(user.digest, 0)
    if not size or end - start != size or not head.flags & AUTHENTICATED:
        return False
    blank = data[:start] + bytes(size) + data[end:]
    return hmac.compare_digest(
        hmac.digest(keys(user, engine).digest, blank, user.digest)[:size], bytes(data[start:end])
    )


def scoped(data: bytes, head: Header, user: User, engine: bytes) -> tuple[bytes, int]:
    """What is said, in the clear, and where its PDU begins."""
    at = head.data
    if head.flags & ENCRYPTED:
        start, end = header(data, at)
        cipher = keys(user, engine).cipher
        if not cipher or len(head.salt) != 8:
            raise ValueError("encrypted, and not for us")
        data = crypted(cipher, head.boots, head.time, head.salt, data[start:end], encrypt=False)
        at = 0
    at, _ = header(data, at)
    at = header(data, at)[1]  # the engine of the context
    return data, header(data, at)[1]  # and its name


def crypted(key: bytes, boots: int, time: int, salt: bytes, data: bytes, *, encrypt: bool) -> bytes:
    """AES-128 in CFB mode; RFC 3826, section 3.1."""
    cipher, mode = _cipher()
    vector = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
    one = cipher.Cipher(cipher.algorithms.AES(key), mode(vector))
    turned: bytes = (one.encryptor() if encrypt else one.decryptor()).update(data)
    return turned


@lru_cache(maxsize=1)
def _cipher():  # type: ignore[no-untyped-def]
    from cryptography.hazmat.primitives import ciphers

    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return ciphers, CFB
