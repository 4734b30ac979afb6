"""Which host keys are trusted: an index over known_hosts files.

The format is that of sshd(8), section SSH_KNOWN_HOSTS FILE FORMAT: plain, hashed, wildcard and negated names,
`[host]:port`, `@revoked`, and `@cert-authority`, which is told apart but not supported. The files are split into
fields once and nothing is decoded before it is asked for: ten thousand lines take some 30 ms.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rem_cli.reach import ReachError

SSH_PORT = 22
REVOKED, AUTHORITY = b"@revoked", b"@cert-authority"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line's key."""

    file: Path
    line: int  # from 1
    kind: str  # "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa" …
    text: bytes  # the key in base64

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Distrust:
    """Why a host's key is not accepted, and what to do about it."""

    why: str
    hint: str


class KnownHosts:
    """The keys in `files`; those that do not exist are empty. Raises ReachError for one that cannot be read."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._plain: dict[bytes, list[Entry]] = {}
        self._hashed: list[tuple[bytes, bytes, Entry]] = []  # salt, HMAC-SHA1 of the name
        self._patterns: list[tuple[bytes, Entry]] = []
        self._revoked: list[tuple[bytes, Entry]] = []
        self._authorities: list[tuple[bytes, Entry]] = []
        self._found: dict[str, tuple[Entry, ...]] = {}
        for file in files:
            self._read(file)

    def kinds(self, host: str, port: int) -> tuple[str, ...]:
        """The types of the keys that are known for a host, so that it is asked for one of these first."""
        return tuple(dict.fromkeys(entry.kind for entry in self._known(host, port)))

    def distrust(self, name: str, host: str, port: int, kind: str, blob: bytes) -> Distrust | None:
        """None when `blob`, the key of type `kind` that a host showed, is trusted; else why it is not.

        `name` is what the person calls the host; `host` and `port` are what its key stands under in the files.
        """
        shown = base64.b64encode(blob)
        for entry in self._matching(self._revoked, host, port):
            if entry.text == shown:
                why = f"host key of {name} was revoked in {entry.place} ({fingerprint(blob)})"
                return Distrust(why, "find out why it was revoked; the host needs a new key")
        known = self._known(host, port)
        if any(entry.text == shown for entry in known):
            return None
        changed = next((entry for entry in known if entry.kind == kind), None) or next(iter(known), None)
        if changed is not None:
            return _changed(name, changed, kind, blob)
        authority = next(self._matching(self._authorities, host, port), None)
        if authority is not None:
            why = f"host key of {name} is vouched for by a certificate ({authority.place}), which is not supported"
            return Distrust(why, f"rem host trust {name}")
        return Distrust(f"host key of {name} is not known ({kind} {fingerprint(blob)})", f"rem host trust {name}")

    def _known(self, host: str, port: int) -> tuple[Entry, ...]:
        name = file_name(host, port)
        if name not in self._found:
            self._found[name] = self._find(name)
        if not self._found[name] and port != SSH_PORT:
            # As ssh(1) does: a key that is known without a port holds for every port.
            return self._known(host, SSH_PORT)
        return self._found[name]

    def _find(self, name: str) -> tuple[Entry, ...]:
        asked = name.encode()
        found = list(self._plain.get(asked, ()))
        found += [entry for salt, digest, entry in self._hashed if hmac.digest(salt, asked, "sha1") == digest]
        found += [entry for patterns, entry in self._patterns if _applies(patterns, name)]
        return tuple(found)

    def _matching(self, entries: list[tuple[bytes, Entry]], host: str, port: int) -> Iterator[Entry]:
        names = {file_name(host, port), file_name(host, SSH_PORT)}
        return (entry for patterns, entry in entries if any(_applies(patterns, name) for name in names))

    def _read(self, file: Path) -> None:
        try:
            text = file.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise ReachError(f"cannot read the known hosts in {file}: {error.strerror}") from None
        for number, line in enumerate(text.split(b"\n"), 1):
            fields = line.split(None, 4)
            if fields and not fields[0].startswith(b"#"):
                self._add(file, number, fields)

    def _add(self, file: Path, number: int, fields: list[bytes]) -> None:
        marker = fields.pop(0) if fields[0].startswith(b"@") else b""
        if len(fields) < 3:
            return
        names = fields[0]
        entry = Entry(file, number, fields[1].decode("ascii", "replace"), fields[2])
        if marker == REVOKED:
            self._revoked.append((names, entry))
        elif marker == AUTHORITY:
            self._authorities.append((names, entry))
        elif marker:
            return
        elif names.startswith(b"|1|"):
            salt, _, digest = names[3:].partition(b"|")
            try:
                self._hashed.append((base64.b64decode(salt), base64.b64decode(digest), entry))
            except binascii.Error:
                return
        elif any(sign in names for sign in b"*?!"):
            self._patterns.append((names, entry))
        else:
            for name in names.lower().split(b","):
                self._plain.setdefault(name, []).append(entry)


def file_name(host: str, port: int) -> str:
    """What a host's key stands under in a known_hosts file."""
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"


def fingerprint(blob: bytes) -> str:
    """The fingerprint of a public key as OpenSSH prints it: "SHA256:" and base64 without padding."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _changed(name: str, known: Entry, kind: str, blob: bytes) -> Distrust:
    try:
        expected = fingerprint(base64.b64decode(known.text, validate=True))
    except binascii.Error:
        expected = "unreadable"
    how = "has changed" if known.kind == kind else "is of another type than the known one"
    why = (
        f"host key of {name} {how}: it shows {kind} {fingerprint(blob)}, but {known.place} has {known.kind} {expected}"
    )
    hint = f"if the host was reinstalled, delete line {known.line} of {known.file}, then: rem host trust {name}"
    return Distrust(why, hint)


def _applies(patterns: bytes, name: str) -> bool:
    """Whether a line's comma-separated patterns hold for a name; one negated match and they do not."""
    applies = False
    for pattern in patterns.decode("utf-8", "replace").split(","):
        if pattern.startswith("|1|"):
            salt, _, digest = pattern[3:].partition("|")
            applies |= _same_hash(salt, digest, name)
        elif pattern.startswith("!"):
            if _fits(pattern[1:].lower(), name):
                return False
        else:
            applies |= _fits(pattern.lower(), name)
    return applies


def _same_hash(salt: str, digest: str, name: str) -> bool:
    try:
        return hmac.digest(base64.b64decode(salt), name.encode(), "sha1") == base64.b64decode(digest)
    except binascii.Error:
        return False


def _fits(pattern: str, name: str) -> bool:
    """Only `*` and `?` are special, unlike in shell patterns: a name may hold brackets."""
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(parts), name) is not None
