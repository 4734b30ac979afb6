"""Which instants of jobs are decided on, and who runs them: insert-once, so that no two schedulers run one twice.

Everything lies in the bucket `schedule`. `mark/<slot>` is what is known of one job, or of one host of a job with a
splay; `claim/<slot>/<instant>` stands as long as a run of that instant goes on; `once/<slot>/<instant>` stays for good.
A mark and the claims that follow from it are one commit, made for the revision of the mark that was read: whoever comes
second is told by StaleRevision that somebody else has decided.

Every process that runs what is due holds a lock of its own here, `runner/<word>`, and its claims name the fence of it.
What it writes, it writes while it holds that lock. A claim whose lock nobody holds is open to others, who first take
the lock themselves: from then on whoever had it is refused, however late it wakes. A claim says before the first
program starts which run it became; one that says none began nothing, and is due as before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import uuid4

from rem_cli.jobs.records import BUCKET as RUNS
from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.decide import Decision, Kind, Known, known_after
from rem_cli.jobs.schedule.plain import Once
from rem_cli.jobs.stored import away_key
from rem_cli.state import (
    Bucket,
    Change,
    Drop,
    Entry,
    Holder,
    Lease,
    LockHeld,
    LockLost,
    MissingKey,
    Put,
    StaleRevision,
    State,
)

BUCKET = "schedule"
DAEMON = "rem daemon"  # why a daemon holds its lock
RUNNER = "runner/"  # before the names of the locks of those that run what is due
LEASE = 60.0  # seconds after which what a silent one had is another's
BEGUN = "begun"  # the key that says since when somebody looks after schedules here


class Read(NamedTuple):
    """What is known of a slot."""

    slot: str
    known: Known
    revision: int  # of its mark; 0 where it has none
    marked: bool  # whether the mark says the same of the schedule
    gone: Mapping[int, str]  # the claims whose runner is gone, by instant


class Held(NamedTuple):
    """A claim that somebody living holds."""

    job: str
    host: str  # empty for the job as a whole
    instant: int
    run: int | None  # None: not begun yet
    runner: str  # the name of its lock


class Claims:
    """The claims of one state store."""

    def __init__(self, state: State) -> None:
        self.bucket: Bucket = state.bucket(BUCKET)
        self._runs = state.bucket(RUNS)
        self.state = state

    def enter(self, why: str) -> Lease:
        """From now on this process may claim, as long as it renews the lease; `why` is what others read of it."""
        return self.bucket.acquire(f"{RUNNER}{uuid4().hex[:8]}", LEASE, why=why)

    def begun(self, now: int) -> int:
        """Since when somebody looks after schedules here: what was due before that, nobody missed."""
        with suppress(StaleRevision):
            self.bucket.put(BEGUN, str(now).encode(), if_revision=0)
        return int(self.bucket.get(BEGUN).body or b"0")

    def read(self, slot: str, schedule: Schedule, applied: int, *, was: str | None = None, late: bool = False) -> Read:
        """What is known of a slot under a schedule that was applied at an instant.

        `was` is the slot that it had before: its history goes on. With `late`, a time that was over when it was applied
        is due all the same.
        """
        entry = self._get(f"mark/{slot}")
        before = entry or (self._get(f"mark/{was}") if was else None)
        mark: dict[str, Any] = json.loads(before.body or b"{}") if before else {}
        same = mark.get("schedule") == _written(schedule)
        if same:
            known = Known(mark["since"], mark["until"], tuple(mark["waiting"]))
        else:
            known = Known(applied)
            rule = schedule.rule
            if late and isinstance(rule, Once) and rule.at <= applied and not self._get(_once(slot, rule.at)):
                known = Known(rule.at - 1)
        slots = [slot, *([was] if was else [])]
        running, gone = self._open([entry for one in slots for entry in self.bucket.scan(f"claim/{one}/")])
        lost = [instant for instant, claim in gone.items() if claim.run is not None]
        idle = [instant for instant in gone if instant not in lost]
        known = replace(
            known, running=tuple(running), lost=tuple(lost), waiting=tuple(sorted({*known.waiting, *idle}))
        )  # fmt: skip
        keys = {instant: claim.key for instant, claim in gone.items()}
        return Read(slot, known, entry.revision if entry else 0, same and entry is not None, keys)

    def claim(self, read: Read, schedule: Schedule, decisions: Sequence[Decision], lease: Lease) -> bool:
        """Write down what was decided, and that this process runs what is to run; False when somebody else has.

        LockLost when the lease is not ours any more.
        """
        slot = read.slot
        after = known_after(read.known, decisions)
        mark = {
            "schedule": _written(schedule), "since": after.since, "until": after.until, "waiting": list(after.waiting)
        }  # fmt: skip
        changes: list[Change] = [Put(f"mark/{slot}", json.dumps(mark).encode(), read.revision)]
        body = json.dumps({"runner": lease.lock, "fence": lease.fence}).encode()
        for decision in decisions:
            for instant in decision.instants:
                if instant in read.gone:
                    changes.append(Drop(read.gone[instant]))
                if decision.kind in (Kind.RUN, Kind.REPLACE):
                    changes.append(Put(_claim(slot, instant), body, 0))
                    changes += [Put(_once(slot, instant), b"")] if isinstance(schedule.rule, Once) else []
        try:
            self.bucket.commit(changes, holding=lease)
        except (StaleRevision, MissingKey):
            return False
        return True

    def begin(self, slots: Sequence[str], instant: int, run: int, lease: Lease, *, detached: bool = False) -> None:
        """Say which run a claim became, before that starts anything; LockLost when the claim is not ours any more.

        A long job's claim stands until its run has ended, whatever becomes of us.
        """
        told = {"run": run, "detached": detached}
        while True:
            entries = [self.bucket.get(_claim(slot, instant)) for slot in slots]
            bodies = [json.dumps({**json.loads(entry.body or b"{}"), **told}).encode() for entry in entries]
            puts = [Put(entry.key, body, entry.revision) for entry, body in zip(entries, bodies, strict=True)]
            with suppress(StaleRevision):  # somebody asked it to stop just now, which stays said
                self.bucket.commit(puts, holding=lease)
                return

    def done(self, slots: Sequence[str], instant: int, lease: Lease) -> bool:
        """The run of an instant has ended; False when the lease was over, and others have decided on it meanwhile."""
        try:
            for slot in slots:
                with suppress(MissingKey):
                    self.bucket.commit([Drop(_claim(slot, instant))], holding=lease)
        except LockLost:
            return False
        return True

    def ask_to_stop(self, slot: str, instants: Sequence[int]) -> None:
        """Let whoever runs these instants end them."""
        for instant in instants:
            entry = self._get(_claim(slot, instant))
            if entry is not None and entry.body:
                body = json.dumps({**json.loads(entry.body), "stop": True}).encode()
                with suppress(StaleRevision):  # it has just ended
                    self.bucket.put(entry.key, body, if_revision=entry.revision)

    def asked_to_stop(self, slot: str, instant: int) -> bool:
        entry = self._get(_claim(slot, instant))
        return entry is not None and bool(json.loads(entry.body or b"{}").get("stop"))

    def running(self, slot: str, instants: Sequence[int]) -> list[int]:
        """Which of these instants still run."""
        return [one for one in self._open(self.bucket.scan(f"claim/{slot}/"))[0] if one in instants]

    def runners(self) -> list[Holder]:
        """The locks of all that claim here, such as daemons."""
        return [one for one in self.state.locks() if one.bucket == BUCKET and one.lock.startswith(RUNNER)]

    def held(self) -> list[Held]:
        """What is claimed by somebody who lives, by job and instant."""
        found = []
        for entry in self.bucket.scan("claim/"):
            claim = _Claim.read(entry)
            if self._lives(claim):
                job, _, host = entry.key.removeprefix("claim/").rpartition("/")[0].partition("//")
                found.append(Held(job, host, claim.instant, claim.run, claim.runner))
        return found

    def detached(self, slot: str, instants: Sequence[int]) -> list[int]:
        """The runs of long jobs that these instants became."""
        claims = map(_Claim.read, self.bucket.scan(f"claim/{slot}/"))
        return [one.run for one in claims if one.detached and one.run is not None and one.instant in instants]

    def left(self) -> set[str]:
        """Jobs of which somebody had claimed a run who is gone, and long ones of which a run has ended."""
        claims = map(_Claim.read, self.bucket.scan("claim/"))
        over = [one for one in claims if not (self._goes_on(one) if one.detached else self._lives(one))]
        return {one.key.removeprefix("claim/").partition("//")[0] for one in over}

    def _open(self, entries: Sequence[Entry]) -> tuple[list[int], dict[int, _Claim]]:
        """The instants that somebody runs, and the claims of those who are gone, who can write nothing from now on."""
        running: list[int] = []
        gone: dict[int, _Claim] = {}
        for claim in map(_Claim.read, entries):
            if claim.detached:
                if self._goes_on(claim):
                    running.append(claim.instant)
            elif self._lives(claim) or not self._fence_off(claim):
                running.append(claim.instant)
            else:
                gone[claim.instant] = claim
        return running, gone

    def _goes_on(self, claim: _Claim) -> bool:
        """Whether the run of a long job has not ended; the claim of one that has is no more."""
        try:
            self._runs.get(away_key(claim.run or 0))
        except MissingKey:
            with suppress(MissingKey):
                self.bucket.drop(claim.key)
            return False
        return True

    def _lives(self, claim: _Claim) -> bool:
        holder = self.bucket.holder(claim.runner)
        return holder is not None and holder.fence == claim.fence

    def _fence_off(self, claim: _Claim) -> bool:
        """Take the lock of one who is silent, so that what it still writes is refused; False when it is there again."""
        try:
            self.bucket.acquire(claim.runner, LEASE, why="taking over").release()
        except LockHeld as held:
            return held.holder.fence != claim.fence
        return True

    def _get(self, key: str) -> Entry | None:
        try:
            return self.bucket.get(key)
        except MissingKey:
            return None


class _Claim(NamedTuple):
    """A claim as it lies in the store."""

    key: str
    instant: int
    runner: str
    fence: int
    run: int | None
    detached: bool

    @classmethod
    def read(cls, entry: Entry) -> _Claim:
        told = json.loads(entry.body or b"{}")
        instant = int(entry.key.rpartition("/")[2])
        of = told.get("runner", RUNNER), told.get("fence", 0), told.get("run"), told.get("detached", False)
        return cls(entry.key, instant, *of)


def slot_of(job: str, host: str = "") -> str:
    """What a job is called here, or one host of it. No part of a path is empty, so no two are called the same."""
    return f"{job}//{host}"


def _claim(slot: str, instant: int) -> str:
    return f"claim/{slot}/{instant:012d}"


def _once(slot: str, instant: int) -> str:
    return f"once/{slot}/{instant:012d}"


def _written(schedule: Schedule) -> str:
    """A schedule as one text: what is equal is the same schedule."""
    return f"{schedule.rule!r} {schedule.within!r}"
