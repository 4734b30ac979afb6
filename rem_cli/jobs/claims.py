"""Which instants of jobs are decided on, and who runs them: insert-once, so that no two schedulers run one twice.

Everything lies in the bucket `schedule`. `mark/<slot>` is what is known of one job, or of one host of a job with a
splay; `claim/<slot>/<instant>` stands as long as a run of that instant goes on; `once/<slot>/<instant>` stays for good.
A mark and the claims that follow from it are one commit, made for the revision of the mark that was read: whoever comes
second is told by StaleRevision that somebody else has decided.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, NamedTuple

from rem_cli.jobs import RunState
from rem_cli.jobs.controller import Controller, fate, this_process
from rem_cli.jobs.schedule import Schedule
from rem_cli.jobs.schedule.decide import Decision, Kind, Known, known_after
from rem_cli.jobs.schedule.plain import Once
from rem_cli.state import Bucket, Change, Drop, Entry, MissingKey, Put, StaleRevision, State

BUCKET = "schedule"
BEGUN = "begun"  # the key that says since when somebody looks after schedules here


class Read(NamedTuple):
    """What is known of a slot."""

    slot: str
    known: Known
    revision: int  # of its mark; 0 where it has none
    marked: bool  # whether the mark says the same of the schedule
    lost: Mapping[int, str]  # the claims whose runner is gone, by instant


class Claims:
    """The claims of one state store."""

    def __init__(self, state: State) -> None:
        self.bucket: Bucket = state.bucket(BUCKET)
        self._node = state.node

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
        running, lost = self._open([slot, *([was] if was else [])])
        known = replace(known, running=tuple(running), lost=tuple(lost))
        return Read(slot, known, entry.revision if entry else 0, same and entry is not None, lost)

    def claim(self, read: Read, schedule: Schedule, decisions: Sequence[Decision]) -> bool:
        """Write down what was decided, and that this process runs what is to run; False when somebody else has."""
        slot = read.slot
        after = known_after(read.known, decisions)
        mark = {
            "schedule": _written(schedule), "since": after.since, "until": after.until, "waiting": list(after.waiting)
        }  # fmt: skip
        changes: list[Change] = [Put(f"mark/{slot}", json.dumps(mark).encode(), read.revision)]
        body = json.dumps(asdict(this_process(self._node))).encode()
        for decision in decisions:
            for instant in decision.instants:
                if instant in read.lost:
                    changes.append(Drop(read.lost[instant]))
                if decision.kind in (Kind.RUN, Kind.REPLACE):
                    changes.append(Put(_claim(slot, instant), body, 0))
                    changes += [Put(_once(slot, instant), b"")] if isinstance(schedule.rule, Once) else []
        try:
            self.bucket.commit(changes)
        except (StaleRevision, MissingKey):
            return False
        return True

    def done(self, slot: str, instant: int) -> None:
        """The run of an instant has ended."""
        with suppress(MissingKey):
            self.bucket.drop(_claim(slot, instant))

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
        return [one for one in self._open([slot])[0] if one in instants]

    def _open(self, slots: Sequence[str]) -> tuple[dict[int, str], dict[int, str]]:
        """The claims of runs that go on, or may go on elsewhere, and of those whose runner is gone; by instant."""
        running: dict[int, str] = {}
        lost: dict[int, str] = {}
        for entry in (entry for slot in slots for entry in self.bucket.scan(f"claim/{slot}/")):
            told = json.loads(entry.body or b"{}")
            told.pop("stop", None)
            gone = fate(Controller(**told), self._node) is RunState.INTERRUPTED
            (lost if gone else running)[int(entry.key.rpartition("/")[2])] = entry.key
        return running, lost

    def _get(self, key: str) -> Entry | None:
        try:
            return self.bucket.get(key)
        except MissingKey:
            return None


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
