"""Runs of procedures in the state store: a head, which everybody who writes must have seen, and lines below it.

    run/0000000012        what the run is, who drives it, how many lines there are
    line/0000000012/000003   one line of its journal
    definition/<sha256>   what a run is pinned to

A line is written in one commit with the head, under the head's revision: of two that write at once one is told to look
again, and nothing that was decided on an older journal gets in. `fence` rises with every engine that takes a run over
and stands in each line; an engine whose fence is no longer the head's has lost the run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from rem_cli.clock import Clock
from rem_cli.errors import HeldError, NoTargetError
from rem_cli.jobs import RunState
from rem_cli.jobs.controller import Controller, fate, this_process
from rem_cli.jobs.stored import forget
from rem_cli.procedures import Line, ProcedureError
from rem_cli.procedures.definition import Definition, Document, pack, read
from rem_cli.procedures.moves import Write
from rem_cli.state import Change, Drop, Entry, MissingKey, Put, StaleRevision, State

BUCKET = "procedures"
LAST = "last"  # the key of the highest number ever given
LEASE = 30.0  # seconds that an engine on another machine is believed to be alive
TRIES = 1_000
KEEP = 1_000  # ended runs


@dataclass(frozen=True)
class Head:
    """What is known of a run without its lines. `told` is said in `rem procedure list`; the truth is in the lines."""

    id: int
    procedure: str
    digest: str
    began: float
    fence: int = 0
    lines: int = 0
    holder: Controller | None = None
    until: float = 0.0
    look: float | None = None  # when it is to be looked at again
    fate: str = ""
    state: str = ""  # where it is
    waits: str = ""  # what for
    away: Sequence[int] = ()  # the runs of long jobs that it waits for
    ended: float | None = None
    revision: int = 0

    def put(self) -> Put:
        told = asdict(self)
        del told["revision"], told["id"]
        return Put(head_key(self.id), pack(told), self.revision)


class LostRunError(HeldError):
    """Another engine has taken the run over."""

    code = "lost-run"


def head_key(id: int) -> str:
    return f"run/{id:010d}"


def line_key(id: int, number: int) -> str:
    return f"line/{id:010d}/{number:06d}"


class Journals:
    """All runs of one state store."""

    def __init__(self, state: State, clock: Clock) -> None:
        self.bucket = state.bucket(BUCKET)
        self.clock = clock
        self.node = state.node

    def begin(self, definition: Definition, params: dict[str, str], who: str, origin: Document) -> Head:
        """A new run: its number, its pinned definition and its first line, in one commit."""
        self._pin(definition)
        for _ in range(TRIES):
            last = self._find(LAST)
            id = int(last.body or b"0") + 1 if last else 1
            now = self.clock.now()
            head = Head(id, definition.path, definition.digest, now, lines=1, state=definition.start)
            told = {"procedure": definition.path, "digest": definition.digest, "who": who, "params": params, **origin}
            line = Line(0, now, 0, "started", told)
            try:
                self.bucket.commit(
                    [
                        Put(LAST, str(id).encode(), last.revision if last else 0),
                        replace(head, revision=0).put(),
                        Put(line_key(id, 0), encode(line), 0),
                    ]
                )
            except StaleRevision:
                continue  # another run took this number
            return self.head(id)
        raise ProcedureError(f"no number for a run of {definition.path} after {TRIES} tries")

    def head(self, id: int) -> Head:
        """NoTargetError."""
        entry = self._find(head_key(id))
        if entry is None:
            raise NoTargetError(f"there is no run {id} of a procedure", hint="rem procedure list")
        return _head(entry)

    def heads(self) -> list[Head]:
        """All runs, the newest first."""
        return [_head(entry) for entry in reversed(self.bucket.scan("run/"))]

    def definition(self, digest: str) -> Definition:
        """What runs are pinned to; ProcedureError when it is not what was stored."""
        entry = self._find(f"definition/{digest}")
        body = entry.body if entry else None
        if body is None or sha256(body).hexdigest() != digest:
            raise ProcedureError(f"the stored definition {digest[:12]}… is missing or damaged")
        return read(json.loads(body))

    def lines(self, id: int) -> tuple[list[Line], int]:
        """A run's whole lines, and how many at the end cannot be read; ProcedureError when one in between cannot."""
        read = [decode(entry.body or b"") for entry in self.bucket.scan(f"line/{id:010d}/")]
        whole = next((place for place, line in enumerate(read) if line is None), len(read))
        if any(line is not None for line in read[whole:]):
            hint = "the run cannot go on; look at what it did, and start it anew"
            raise ProcedureError(f"line {whole} of run {id} is damaged, and lines follow it", hint=hint)
        return [line for line in read[:whole] if line is not None], len(read) - whole

    def append(self, head: Head, writes: Sequence[Write], *, fence: int | None = None) -> tuple[Head, list[Line]]:
        """Write lines under a head that was read; the new head. StaleRevision when others have written since."""
        now = self.clock.now()
        mark = head.fence if fence is None else fence
        lines = [
            Line(head.lines + place, now, mark, write.kind, {**write.told, "because": write.why})
            for place, write in enumerate(writes)
        ]
        after = replace(head, lines=head.lines + len(lines))
        puts = [Put(line_key(head.id, line.number), encode(line)) for line in lines]
        return replace(after, revision=self._commit(after, puts)), lines

    def driven(self, head: Head) -> bool:
        """Whether somebody drives a run: a process of this machine that lives, or one elsewhere within its lease."""
        if head.holder is None:
            return False
        seen = fate(head.holder, self.node)
        return seen is RunState.RUNNING or (seen is RunState.UNKNOWN and head.until > self.clock.now())

    def prune(self) -> int:
        """Forget the oldest ended runs beyond KEEP; how many."""
        old = [head for head in self.heads() if head.fate][KEEP:]
        for head in old:
            forget(self.bucket, [entry.key for entry in self.bucket.scan(f"line/{head.id:010d}/")])
            forget(self.bucket, [head_key(head.id)])  # last, so that a cut leaves it to be pruned again
        return len(old)

    def claim(self, id: int) -> Head:
        """Drive a run from now on, in this process; HeldError while another one does."""
        head = self.head(id)
        now = self.clock.now()
        if head.holder is not None and self.driven(head):
            where = f"process {head.holder.pid} on {head.holder.node}"
            raise HeldError(f"run {id} is driven by {where}", hint=f"rem procedure show {id}")
        taken = replace(head, fence=head.fence + 1, holder=this_process(self.node), until=now + LEASE)
        try:
            return replace(taken, revision=self._commit(taken, []))
        except StaleRevision:
            raise HeldError(f"run {id} was taken by another process just now") from None

    def renew(self, head: Head) -> Head:
        """Still here; StaleRevision when others have written since."""
        after = replace(head, until=self.clock.now() + LEASE)
        return replace(after, revision=self._commit(after, []))

    def release(self, head: Head) -> Head:
        """Nobody drives it any more; StaleRevision when others have written since."""
        after = replace(head, holder=None, until=0.0)
        locks = [entry for entry in self.bucket.scan("lock/") if int(entry.body or b"0") == head.id]
        return self.commit(after, [Drop(entry.key) for entry in locks if head.fate])

    def commit(self, head: Head, changes: Sequence[Change]) -> Head:
        """Write a head that was read, with what belongs to it; StaleRevision when others have written since."""
        return replace(head, revision=self._commit(head, changes))

    def cut(self, head: Head, whole: int, torn: int) -> Head:
        """Take torn lines off the end."""
        after = replace(head, lines=whole)
        drops = [Drop(line_key(head.id, whole + place)) for place in range(torn)]
        return replace(after, revision=self._commit(after, drops))

    def _commit(self, head: Head, puts: Sequence[Change]) -> int:
        """The head's revision once it is written; the head comes last, so that the commit's revision is its own."""
        return self.bucket.commit([*puts, head.put()])

    def _pin(self, definition: Definition) -> None:
        key = f"definition/{definition.digest}"
        if self._find(key) is None:
            self.bucket.put(key, pack(definition.document))

    def _find(self, key: str) -> Entry | None:
        try:
            return self.bucket.get(key)
        except MissingKey:
            return None


def encode(line: Line) -> bytes:
    """A line as it lies in the store: its digest's beginning, then the text, so that half a line is seen to be one."""
    body = pack({"n": line.number, "at": line.at, "fence": line.fence, "kind": line.kind, "told": line.told})
    return sha256(body).hexdigest()[:16].encode() + b" " + body


def decode(body: bytes) -> Line | None:
    """A line; None when it is not whole."""
    mark, _, text = body.partition(b" ")
    if sha256(text).hexdigest()[:16].encode() != mark:
        return None
    told = json.loads(text)
    return Line(told["n"], told["at"], told["fence"], told["kind"], told["told"])


def _head(entry: Entry) -> Head:
    told = json.loads(entry.body or b"{}")
    holder = told.pop("holder")
    id = int(entry.key.partition("/")[2])
    return Head(id=id, holder=Controller(**holder) if holder else None, revision=entry.revision, **told)
