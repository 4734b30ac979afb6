"""What is kept here of long jobs that go on, in the bucket of the runs.

    away/<run>                        the job's item as it was, the folders' mark, and the hosts
    far/<run>/<place>                 one host: what of it is kept here, and whether its folder may go
    part/<run>/<place>/out/<number>   a piece of what it printed, which the host's own row takes over at its end

Each change of a host is one commit under the revision of its `far` that was read, with what it is about. So of two that
fetch the same bytes one writes them, and the other looks again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rem_cli.jobs import HostRun, stored
from rem_cli.jobs.detached import Away
from rem_cli.jobs.job import Host, Job
from rem_cli.jobs.judged import judged
from rem_cli.jobs.outbox import outgoing
from rem_cli.jobs.records import Records
from rem_cli.jobs.tested import Evaluate
from rem_cli.language import Item
from rem_cli.reach import End
from rem_cli.state import Change, Drop, Entry, MissingKey, Put, StaleRevision

PIECE = 1 << 16  # bytes of a part; the last one is written again as it grows

STREAMS = ("out", "err")


class Kept:
    """The long jobs of one state store."""

    def __init__(self, records: Records, evaluate: Evaluate) -> None:
        self.records = records
        self._evaluate = evaluate
        self._bucket = records.bucket

    def open(self, aways: Sequence[Away]) -> list[Away]:
        """Write down that hosts are about to be asked to start, before any of them is."""
        for _ in self.records.write([[_put(one, 0)] for one in aways]):
            pass
        return self.going(aways[0].run)

    def going(self, run: int | None = None) -> list[Away]:
        """The hosts of a run, or of all runs, that have a folder of theirs, or may have one."""
        return [_read(entry) for entry in self._bucket.scan(f"far/{run:010d}/" if run is not None else "far/")]

    def about(self, run: int) -> tuple[Job, list[Host]] | None:
        """The job of a run that goes on, as it was when the run began, and its hosts; None when it has ended."""
        try:
            told: Any = json.loads(self._bucket.get(stored.away_key(run)).body or b"{}")
        except MissingKey:
            return None
        return Job.read(Item(**told["item"])), [Host(*one) for one in told["hosts"]]

    def began(self, one: Away, at: float) -> Away | None:
        """The host has started the program."""
        one = one._replace(began=at)
        row = stored.host_document(HostRun(one.name, None, at), "", "", "")
        return self._commit(one, [Put(stored.host_key(one.run, one.place), row)])

    def add(self, one: Away, out: bytes, err: bytes) -> Away | None:
        """More of what it printed. None when somebody else has changed what is known of it."""
        grown = one._replace(out=one.out + len(out), err=one.err + len(err))
        return self._commit(grown, [*self._parts(one, "out", one.out, out), *self._parts(one, "err", one.err, err)])

    def doubt(self, one: Away) -> None:
        """Whoever asked the host to start got no answer."""
        self._commit(one._replace(unsure=True), [])

    def mark(self, one: Away, who: str) -> Away | None:
        """Somebody wants it to end."""
        return self._commit(one._replace(cancelled=who), [])

    def end(self, one: Away, job: Job, end: End, now: float) -> Away | None:
        """Its end, with all that it printed and its numbers: from here on it is like any host of any run.

        One that has no folder is forgotten at once, else its folder may go.
        """
        out, err = self.printed(one)
        at = min(now, one.began + end.seconds) if one.began is not None else now
        done = judged(job, one.name, end, out, err, began=one.began, at=at, evaluate=self._evaluate)
        puts: dict[str, Put] = {}
        digests = []
        for body in (done.out, done.err, stored.result_document(done.host.result)):
            digest, some = stored.pieces(one.run, body)
            digests.append(digest)
            puts |= {put.key: put for put in some}
        changes: list[Change] = [*puts.values()]
        changes.append(Put(stored.host_key(one.run, one.place), stored.host_document(done.host, *digests)))
        if done.samples is not None:
            changes.append(replace(done.samples, key=stored.sample_key(one.run, one.place)).put())
        changes += outgoing(job, self.records.head(one.run), one.place, done.host, at)
        changes += [Drop(entry.key) for stream in STREAMS for entry in self._bucket.scan(_parts_of(one, stream))]
        return self._commit(one._replace(over=True), changes)

    def abandon(self, run: int) -> None:
        """Nothing of a run was started, and its record has an end."""
        self.forget(self.going(run))
        stored.forget(self._bucket, [stored.away_key(run)])

    def forget(self, some: Iterable[Away]) -> None:
        """Their folders are gone."""
        stored.forget(self._bucket, [stored.far_key(one.run, one.place) for one in some])

    def printed(self, one: Away) -> tuple[bytes, bytes]:
        """What is kept of its output while it goes on."""
        out, err = (
            b"".join(entry.body or b"" for entry in self._bucket.scan(_parts_of(one, stream))) for stream in STREAMS
        )
        return out, err

    def read(self, one: Away, stream: str, at: int) -> bytes:
        """What is kept of a stream from an offset on, while it goes on."""
        until = one.out if stream == "out" else one.err
        pieces = []
        for number in range(at // PIECE, -(-until // PIECE)):
            try:
                pieces.append(self._bucket.get(f"{_parts_of(one, stream)}{number:05d}").body or b"")
            except MissingKey:  # its host has ended meanwhile
                return b""
        return b"".join(pieces)[at % PIECE :]

    def _parts(self, one: Away, stream: str, at: int, data: bytes) -> list[Change]:
        """What is to be written so that the stream goes on at `at`."""
        if not data:
            return []
        number, over = divmod(at, PIECE)
        before = self._bucket.get(f"{_parts_of(one, stream)}{number:05d}").body or b"" if over else b""
        whole = before[:over] + data
        return [
            Put(f"{_parts_of(one, stream)}{number + start // PIECE:05d}", whole[start : start + PIECE])
            for start in range(0, len(whole), PIECE)
        ]

    def _commit(self, one: Away, changes: Sequence[Change]) -> Away | None:
        try:
            revision = self._bucket.commit([*changes, _put(one, one.revision)])
        except (StaleRevision, MissingKey):
            return None
        return one._replace(revision=revision)


def described(job: Job, hosts: Sequence[Host]) -> bytes:
    """What a run of a long job is fetched by."""
    item = job.item
    told = {
        "path": item.path, "package": item.package, "section": item.section, "process": item.process,
        "key": item.key, "layers": dict(item.layers), "fields": dict(item.fields),
    }  # fmt: skip
    return stored.pack({"item": told, "hosts": [list(host) for host in hosts]})


def _parts_of(one: Away, stream: str) -> str:
    return f"part/{one.run:010d}/{one.place:06d}/{stream}/"


def _put(one: Away, revision: int) -> Put:
    told = {**one._asdict(), "host": list(one.host)}
    for name in ("run", "place", "revision"):
        del told[name]
    return Put(stored.far_key(one.run, one.place), stored.pack(told), revision)


def _read(entry: Entry) -> Away:
    _, run, place = entry.key.split("/")
    told: Any = json.loads(entry.body or b"{}")
    return Away(**{**told, "host": Host(*told["host"])}, run=int(run), place=int(place), revision=entry.revision)
