"""Who somebody is: sessions, the link that `rem serve` prints, users with passwords, and what each may do.

Everything lies in the bucket `web` of REM's own state and nothing in the repository. Of a session and of a token only
the SHA-256 is kept, of a password only what argon2id makes of it.
"""

from __future__ import annotations

import hmac
import json
import re
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import IntEnum
from functools import cache
from hashlib import sha256
from typing import Any

from rem_cli.errors import NoTargetError, UsageError
from rem_cli.state import Bucket, Drop, MissingKey

BUCKET = "web"
IDLE = 12 * 3600.0  # seconds without a request after which a session is over
LONGEST = 7 * 86_400.0
SHORTEST = 8  # characters of a password
TRIES = 5  # passwords a minute, of one name from one address


class Role(IntEnum):
    """What somebody may do; each may what those before it may."""

    VIEWER = 1  # read
    OPERATOR = 2  # acknowledge, silence, run
    EDITOR = 3  # write commits


@dataclass(frozen=True)
class Person:
    name: str
    role: Role
    form: str = ""  # what each form of this session has to send


@dataclass(frozen=True)
class Session:
    name: str
    role: int
    began: float
    seen: float


class People:
    """The users and sessions of one state store."""

    def __init__(self, bucket: Bucket, now: Callable[[], float]) -> None:
        self._bucket = bucket
        self._now = now

    def begin(self, name: str, role: Role) -> str:
        """A new session; its id, which is told once."""
        id, now = secrets.token_urlsafe(32), self._now()
        self._bucket.put(_session(id), json.dumps(asdict(Session(name, role, now, now))).encode())
        return id

    def person(self, id: str) -> Person | None:
        """Whose session that is; None when it is over or never was."""
        body = self._get(_session(id)) if id else None
        if body is None:
            return None
        session, now = Session(**json.loads(body)), self._now()
        if now - session.seen > IDLE or now - session.began > LONGEST:
            self.end(id)
            return None
        if now - session.seen > 60:
            self._bucket.put(_session(id), json.dumps({**asdict(session), "seen": now}).encode())
        role = session.role if session.name == LINK else self._role(session.name)
        return Person(session.name, Role(role), _digest(f"form {id}")) if role else None

    def end(self, id: str) -> None:
        with suppress(MissingKey):
            self._bucket.drop(_session(id))

    def names(self) -> dict[str, Role]:
        """Every user with their role."""
        users = {entry.key.partition("/")[2]: json.loads(entry.body or b"{}") for entry in self._bucket.scan("user/")}
        return {name: Role(user["role"]) for name, user in sorted(users.items())}

    def add(self, name: str, role: Role, password: str) -> None:
        """A new user, or another password and role of one."""
        from argon2 import PasswordHasher

        check_name(name)
        if len(password) < SHORTEST:
            raise UsageError(f"the password has {len(password)} characters", hint=f"{SHORTEST} at least")
        user = {"role": int(role), "password": PasswordHasher().hash(password)}
        self._bucket.put(f"user/{name}", json.dumps(user).encode())

    def remove(self, name: str) -> None:
        """A user and their sessions; NoTargetError."""
        if self._get(f"user/{name}") is None:
            raise NoTargetError(f"there is no user '{name}'", hint="rem user list")
        held = self._bucket.scan("session/")
        sessions = [entry.key for entry in held if json.loads(entry.body or b"{}")["name"] == name]
        self._bucket.commit([Drop(f"user/{name}"), *(Drop(key) for key in sessions)])

    def verified(self, name: str, password: str) -> Role | None:
        """The role of a user who gave their password; takes as long for a name that nobody has."""
        from argon2 import PasswordHasher
        from argon2.exceptions import InvalidHashError, VerificationError

        body = self._get(f"user/{name}") if re.fullmatch(r"[a-z0-9._-]{1,32}", name) else None
        user: dict[str, Any] = json.loads(body) if body else {"role": 0, "password": _nobody()}
        try:
            PasswordHasher().verify(user["password"], password)
        except (VerificationError, InvalidHashError):
            return None
        return Role(user["role"]) if body else None

    def _role(self, name: str) -> int:
        body = self._get(f"user/{name}")
        return int(json.loads(body)["role"]) if body else 0

    def _get(self, key: str) -> bytes | None:
        try:
            return self._bucket.get(key).body
        except MissingKey:
            return None


LINK = "you"  # whoever opened the link that `rem serve` printed


@cache
def _nobody() -> str:
    """Of a password that nobody knows."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(secrets.token_urlsafe(32))


def check_name(name: str) -> None:
    """UsageError when a user cannot be called that."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,31}", name) or name == LINK:
        raise UsageError(f"'{name}' is no name of a user", hint="small letters, digits, '.', '_' and '-'")


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def _session(id: str) -> str:
    return f"session/{_digest(id)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
