"""Who made what active, when and how it ended: JSON lines that only grow, each holding the hash of the one before.

A line that was changed, taken out or moved breaks the chain. Lines cut off at the end leave it whole, which is why each
generation keeps the hash of the line before it (`Generation.anchor`), and why `head` can be noted down elsewhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path

from rem_cli.clock import Clock
from rem_cli.errors import RemError
from rem_cli.state.private import open_private, private_folder

START = "0" * 64  # stands before the first line


class AuditError(RemError):
    """The audit could not be read or written."""

    code = "audit"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that somebody did, or tried to do."""

    action: str  # "apply"; "repair" for a torn line that was cut off
    outcome: str  # "active", "refused: …"
    who: str = ""
    commit: str = ""  # full id
    generation: int | None = None
    environment: str = ""
    why: str = ""
    signer: str = ""  # who signed the commit, where signatures are asked for
    at: float = 0.0  # seconds since the epoch; set when it is written
    hosts: Mapping[str, str] = field(default_factory=dict)  # how it ended on each that has files of REM, by name


class Audit:
    """The audit of one REM folder, `root`/audit.jsonl."""

    def __init__(self, root: Path, clock: Clock) -> None:
        self._path = root / "audit.jsonl"
        self._clock = clock

    def add(self, record: Record) -> str:
        """Write a record, on disk before this returns, and return its line's hash; AuditError."""
        try:
            private_folder(self._path.parent)
            with self._locked(os.O_RDWR | os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX) as number:
                text = self._mended(number)
                return self._append(number, text, record)
        except OSError as error:
            raise self._failed("write", error) from error

    def add_once(self, record: Record) -> None:
        """Write a record unless it says what the last one says: who asks every minute is refused once."""
        last = self.records()[-1:]
        if [replace(one, at=0.0) for one in last] != [record]:
            self.add(record)

    def records(self) -> list[Record]:
        """Everything that was written, oldest first; what is no record is left out here and told by `verify`."""
        return [record for line in self._lines() if (record := _record(line)) is not None]

    def head(self) -> str:
        """The hash of the last line."""
        lines = self._lines()
        return _hash(lines[-1]) if lines else START

    def verify(self, anchors: Iterable[str] = ()) -> list[str]:
        """What is wrong, in words; nothing when the chain is whole and every anchor (a hash) is part of it."""
        problems = []
        known = {START}
        before = START
        for number, line in enumerate(self._lines(), 1):
            if _record(line) is None:
                problems.append(f"line {number} is no record")
            elif json.loads(line).get("previous") != before:
                problems.append(f"line {number} does not follow the line before it: one was changed, moved or removed")
            before = _hash(line)
            known.add(before)
        missing = [anchor for anchor in anchors if anchor and anchor not in known]
        problems += [f"the line {anchor[:12]}… is missing: the audit was cut or written anew" for anchor in missing]
        return problems

    def _lines(self) -> list[bytes]:
        try:
            with self._locked(os.O_RDONLY, fcntl.LOCK_SH) as number:
                return _split(_content(number))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failed("read", error) from error

    @contextmanager
    def _locked(self, flags: int, lock: int) -> Iterator[int]:
        number = open_private(self._path, flags)
        try:
            fcntl.flock(number, lock)  # held for the moment of one line
            yield number
        finally:
            os.close(number)

    def _mended(self, number: int) -> bytes:
        """The lines, after a torn last one was cut off and that was written down."""
        content = _content(number)
        text = _whole(content)
        if text == content:
            return text
        os.ftruncate(number, len(text))
        torn = Record("repair", f"cut off {len(content) - len(text)} bytes of a line that was never finished")
        self._append(number, text, torn)
        return _content(number)

    def _append(self, number: int, text: bytes, record: Record) -> str:
        before = _hash(_split(text)[-1]) if text else START
        told = {"previous": before, **asdict(record), "at": self._clock.now()}
        line = json.dumps(told).encode("ascii")  # escapes every line end and control character
        try:
            written = os.write(number, line + b"\n")
            if written != len(line) + 1:
                raise OSError(28, "no space left on device")
            os.fsync(number)
        except OSError:
            os.ftruncate(number, len(text))
            raise
        return _hash(line)

    def _failed(self, what: str, error: OSError) -> AuditError:
        words = os.strerror(error.errno or 0).lower()
        return AuditError(
            f"could not {what} {self._path}: {words}", hint=f"ls -l {self._path}; df -h {self._path.parent}"
        )


def _content(number: int) -> bytes:
    os.lseek(number, 0, os.SEEK_SET)
    with open(number, "rb", closefd=False) as file:
        return file.read()


def _split(content: bytes) -> list[bytes]:
    """Whole lines without their ends."""
    return content.split(b"\n")[:-1]


def _whole(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _record(line: bytes) -> Record | None:
    try:
        told = json.loads(line)
        return Record(**{field.name: told[field.name] for field in fields(Record) if field.name in told})
    except (ValueError, TypeError):
        return None
