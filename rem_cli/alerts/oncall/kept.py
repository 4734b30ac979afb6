"""Overrides that were made by command: an urgent change does not wait for a review. They lie in the bucket `on call`.

    override/0000000012    who stands in for whom, when, why, and who said so

None is ever taken out: one that is withdrawn, or ends early, keeps its record.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from rem_cli.alerts.oncall import Override
from rem_cli.errors import NoTargetError, RemError
from rem_cli.state import Change, Entry, MissingKey, Put, StaleRevision, State

BUCKET = "on call"
LAST = "last"  # the key of the highest number ever given
TRIES = 1_000


@dataclass(frozen=True)
class Kept:
    """One override that was made by command; `number` is 0 until it is kept."""

    duty: str  # the path of a role account
    begin: int
    end: int
    contacts: tuple[str, ...]
    instead_of: tuple[str, ...]
    why: str
    who: str
    made: float
    shift: str = ""
    withdrawn: float | None = None
    number: int = 0

    @property
    def override(self) -> Override:
        """What it means from now on: withdrawn, it ended then."""
        end = self.end if self.withdrawn is None else max(self.begin, min(self.end, int(self.withdrawn)))
        name = f"{self.number}: {self.why}" if self.why else str(self.number)
        return Override(name, self.begin, end, self.contacts, self.instead_of, self.shift, self.made)


class Overrides:
    """All of one state store."""

    def __init__(self, state: State) -> None:
        self.bucket = state.bucket(BUCKET)

    def all(self) -> list[Kept]:
        return [_read(entry) for entry in self.bucket.scan("override/")]

    def of(self, duty: str) -> tuple[Override, ...]:
        """Those of one role account, as the schedule takes them."""
        return tuple(one.override for one in self.all() if one.duty == duty)

    def add(self, some: Sequence[Kept]) -> list[Kept]:
        """Keep several, all of them or none: a swap is two."""
        for _ in range(TRIES):
            last = self._find(LAST)
            first = int(last.body or b"0") + 1 if last else 1
            made = [replace(one, number=first + place) for place, one in enumerate(some)]
            puts: list[Change] = [Put(_key(one.number), _body(one), 0) for one in made]
            try:
                count = str(made[-1].number).encode()
                self.bucket.commit([Put(LAST, count, last.revision if last else 0), *puts])
            except StaleRevision:
                continue  # another took this number
            return made
        raise RemError(f"no number for an override after {TRIES} tries", hint="run this again")

    def withdraw(self, number: int, now: float) -> Kept:
        """End one now, or before it begins; NoTargetError when there is none, or it has ended."""
        entry = self._find(_key(number))
        if entry is None:
            raise NoTargetError(f"there is no override {number}", hint="rem oncall overrides")
        kept = _read(entry)
        if kept.withdrawn is not None or kept.end <= now:
            raise NoTargetError(f"override {number} has ended already", hint="rem oncall overrides")
        after = replace(kept, withdrawn=now)
        self.bucket.put(_key(number), _body(after), if_revision=entry.revision)
        return after

    def _find(self, key: str) -> Entry | None:
        try:
            return self.bucket.get(key)
        except MissingKey:
            return None


def _key(number: int) -> str:
    return f"override/{number:010d}"


def _body(one: Kept) -> bytes:
    return json.dumps(asdict(one), separators=(",", ":"), allow_nan=False).encode()


def _read(entry: Entry) -> Kept:
    told = json.loads(entry.body or b"{}")
    told["contacts"], told["instead_of"] = tuple(told["contacts"]), tuple(told["instead_of"])
    return Kept(**told)
