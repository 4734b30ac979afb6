"""Runs as they are remembered: what was asked, what each host did, and what it printed.

Everything lies in the bucket `runs`. A host's end, what it printed and its samples are one commit, made as it ends, so
a kill of the controller loses only what had not ended; such a run shows as interrupted and never as running.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType

from rem_cli.clock import Clock
from rem_cli.errors import NoTargetError, Status
from rem_cli.jobs import Attempt, HostRun, Origin, Output, Run, RunState, Used, stored
from rem_cli.jobs.controller import Controller, fate, this_process
from rem_cli.jobs.samples import Pending
from rem_cli.reach import End
from rem_cli.state import Bucket, Entry, MissingKey, Put, StaleRevision, State

BUCKET = "runs"
LAST = "last"  # the key of the highest id ever given
STOP = "stop/"  # before the runs that somebody wants to end
TAKEN = "taken/"  # before the claims of runs that hosts made by themselves; each holds the run's id
MOST_CHANGES = 500  # of one commit
MOST_BYTES = 4 << 20  # of one commit
TRIES = 1_000  # for an id, each lost to another run that began


class Records:
    """The runs of one state store. `keep` is how many finished ones are remembered."""

    def __init__(self, state: State, clock: Clock, *, keep: int = 1_000) -> None:
        self.bucket: Bucket = state.bucket(BUCKET)
        self.clock = clock
        self._node = state.node
        self._keep = keep

    def begin(
        self,
        job: str,
        hosts: Sequence[str],
        *,
        origin: Origin,
        params: Mapping[str, str],
        parallel: int,
        secrets: Mapping[str, Used] = MappingProxyType({}),
        away: bytes = b"",
    ) -> Record:
        """Claim the next id and write down what is about to be done; `away` is what a long job is fetched by."""
        controller = this_process(self._node)
        for _ in range(TRIES):
            last = self._get(LAST)
            id = int(last.body or b"0") + 1 if last else 1
            run = Run(
                id,
                job,
                origin,
                params,
                parallel,
                self.clock.now(),
                RunState.RUNNING,
                hosts=[*map(HostRun, hosts)],
                secrets=secrets,
                detached=bool(away),
            )
            digest, bodies = stored.pieces(id, stored.hosts_document(hosts, params, secrets))
            head = [Put(stored.run_key(id), stored.run_document(run, controller, digest), if_revision=0)]
            head += [Put(stored.away_key(id), away)] if away else []
            try:
                for _, changes in stored.commits([[put] for put in bodies], changes=MOST_CHANGES, size=MOST_BYTES):
                    self.bucket.commit(changes)
                self.bucket.commit([Put(LAST, str(id).encode(), last.revision if last else 0), *head])
            except StaleRevision:
                continue  # another run took this id
            return Record(self, run, controller, digest)
        raise StaleRevision(f"no id for a run of {job} after {TRIES} tries", present=self._get(LAST))

    def take(
        self,
        claim: str,
        run: Run,
        host: HostRun,
        out: bytes,
        err: bytes,
        samples: Pending | None,
        more: Callable[[Run], Sequence[Put]] = lambda run: (),
    ) -> int | None:
        """Remember a run that a host made by itself: all of it in one commit, with a claim that nobody else has.

        Returns its id, which `run` does not have yet; None when what the claim names is remembered already. The samples
        lie in the record until they are settled; `more` gives what else is written, of the run with its id.
        """
        key = f"{TAKEN}{claim}"
        for _ in range(TRIES):
            if self._get(key) is not None:
                return None
            last = self._get(LAST)
            id = int(last.body or b"0") + 1 if last else 1
            named, puts = stored.pieces(id, stored.hosts_document([host.host], run.params, {}))
            digests = []
            for body in (out, err, stored.result_document(host.result)):
                digest, some = stored.pieces(id, body)
                digests.append(digest)
                puts += some
            puts.append(Put(stored.host_key(id, 0), stored.host_document(host, *digests)))
            puts.append(Put(stored.run_key(id), stored.run_document(run, this_process(self._node), named), 0))
            puts.append(Put(LAST, str(id).encode(), last.revision if last else 0))
            puts += [Put(key, str(id).encode(), 0), *more(replace(run, id=id))]
            if samples is not None:
                puts.append(replace(samples, key=stored.sample_key(id, 0)).put())
            with suppress(StaleRevision):  # somebody else took the id, or the claim
                self.bucket.commit(list({put.key: put for put in puts}.values()))
                return id
        raise StaleRevision(f"no id for a run of {run.job} after {TRIES} tries", present=self._get(LAST))

    def recent(self, limit: int = 20, *, job: str | None = None) -> list[Run]:
        """The newest runs first, of one job or of all, without hosts and parameters."""
        runs: list[Run] = []
        for entry in reversed(self.bucket.scan("run/")):
            run = self._run(entry)
            if job is None or run.job == job:
                runs.append(run)
            if len(runs) >= limit:
                break
        return runs

    def left_running(self) -> list[int]:
        """Runs of long jobs that have not ended, the oldest first."""
        return [int(entry.key.partition("/")[2]) for entry in self.bucket.scan("away/")]

    def show(self, id: int) -> Run:
        """A run with every host it meant, in their order; NoTargetError."""
        try:
            entry = self.bucket.get(stored.run_key(id))
        except MissingKey:
            raise NoTargetError(f"there is no run {id}", hint="rem job list; old runs are forgotten") from None
        run = self._run(entry)
        meant = json.loads(self._body(id, stored.read_run(id, entry.body or b"")[2]))
        known = {place: host for place, host, _ in self._hosts(id, results=True)}
        hosts = [known.get(place, HostRun(name)) for place, name in enumerate(meant["hosts"])]
        return replace(run, params=meant["params"], hosts=hosts, secrets=stored.read_secrets(meant))

    def controlled(self, id: int) -> bool:
        """Whether whoever began a run may still be at it."""
        controller = stored.read_run(id, self.bucket.get(stored.run_key(id)).body or b"{}")[1]
        return fate(controller, self._node) is not RunState.INTERRUPTED

    def head(self, id: int) -> Run:
        """A run without its hosts and parameters; MissingKey."""
        return self._run(self.bucket.get(stored.run_key(id)))

    def gather(self, id: int) -> list[Output]:
        """What the hosts that have ended printed, identical outputs once; the one of most hosts first."""
        groups: dict[object, tuple[list[HostRun], str, str]] = {}
        for _, host, document in self._hosts(id, results=False):
            if host.end is not None:
                end = host.end
                tries = tuple((one.end.outcome, one.end.why, one.said) for one in host.attempts)
                same = (end.outcome, end.exit, end.signal, end.why, document["out"], document["err"], tries)
                groups.setdefault(same, ([], document["out"], document["err"]))[0].append(host)
        ordered = sorted(groups.values(), key=lambda group: -len(group[0]))
        return [Output(hosts, self._body(id, out), self._body(id, err)) for hosts, out, err in ordered]

    def printed(self, id: int, place: int) -> tuple[bytes, bytes]:
        """What one host of a run printed that has ended."""
        document = stored.read_host(self.bucket.get(stored.host_key(id, place)).body or b"{}")[1]
        return self._body(id, document["out"]), self._body(id, document["err"])

    def ask_to_stop(self, id: int, who: str) -> None:
        """Have whoever is at a run end it."""
        self.bucket.put(f"{STOP}{id:010d}", who.encode())

    def asked_to_stop(self, id: int) -> str:
        """Who wants a run to end; empty when nobody does."""
        entry = self._get(f"{STOP}{id:010d}")
        return (entry.body or b"").decode() if entry else ""

    def prune(self) -> int:
        """Forget the oldest finished runs beyond `keep`; returns how many."""
        old = [entry for entry in self.bucket.scan("run/") if self._run(entry).state is not RunState.RUNNING]
        old = old[: max(0, len(old) - self._keep)]
        gone: set[str] = set()
        for entry in old:
            id = entry.key.partition("/")[2]
            keys = [one.key for kind in ("host", "body") for one in self.bucket.scan(f"{kind}/{id}/")]
            keys += [one.key for one in self.bucket.scan(f"{STOP}{id}")]
            stored.forget(self.bucket, keys)
            gone.add(id)
            stored.forget(self.bucket, [entry.key])  # last, so that a cut leaves it to be pruned again
        if gone:
            claims = [one.key for one in self.bucket.scan(TAKEN) if f"{int(one.body or b'0'):010d}" in gone]
            stored.forget(self.bucket, claims)
        return len(old)

    def write(self, units: Sequence[Sequence[Put]]) -> Iterator[int]:
        """Write units of changes, each whole; yields after every commit how many units it held."""
        for count, changes in stored.commits(units, changes=MOST_CHANGES, size=MOST_BYTES):
            self.bucket.commit(changes)
            yield count

    def _get(self, key: str) -> Entry | None:
        try:
            return self.bucket.get(key)
        except MissingKey:
            return None

    def _run(self, entry: Entry) -> Run:
        run, controller, _ = stored.read_run(int(entry.key.partition("/")[2]), entry.body or b"{}")
        if run.ended is not None or run.detached:
            return run
        return replace(run, state=fate(controller, self._node))

    def _hosts(self, id: int, *, results: bool) -> list[tuple[int, HostRun, stored.Document]]:
        hosts = []
        for entry in self.bucket.scan(f"host/{id:010d}/"):
            host, document = stored.read_host(entry.body or b"{}")
            if results:
                host = replace(host, result=stored.read_result(self._body(id, document["result"])))
            hosts.append((int(entry.key.rpartition("/")[2]), host, document))
        return hosts

    def _body(self, id: int, digest: str) -> bytes:
        entries = self.bucket.scan(stored.body_prefix(id, digest)) if digest else []
        return b"".join(entry.body or b"" for entry in entries)


class Record:
    """A run that is being written down. What is added waits for `commit`."""

    def __init__(self, records: Records, run: Run, controller: Controller, hosts: str) -> None:
        self.run = run
        self._records = records
        self._controller = controller
        self._hosts = hosts  # digest of the body that names them
        self._places = {host.host: place for place, host in enumerate(run.hosts)}
        self._known = list(run.hosts)
        self.begun: set[str] = set()  # hosts
        self._written: set[str] = set()  # digests
        self._waiting: list[tuple[list[Put], Pending | None]] = []

    def started(self, host: str, at: float) -> None:
        self.begun.add(host)
        place = self._places[host]
        self._known[place] = replace(self._known[place], started=at)
        row = stored.host_document(self._known[place], "", "", "")
        self._waiting.append(([Put(stored.host_key(self.run.id, place), row)], None))

    def tried(self, host: str, end: End, at: float, said: str) -> Attempt:
        """A try of a host that was not its last, when it ended, and the last line that it printed."""
        self.begun.discard(host)
        place = self._places[host]
        known = self._known[place]
        attempt = Attempt(end, known.started, at, said)
        self._known[place] = replace(known, started=None, attempts=(*known.attempts, attempt))
        row = stored.host_document(self._known[place], "", "", "")
        self._waiting.append(([Put(stored.host_key(self.run.id, place), row)], None))
        return attempt

    def no_more_tries(self, host: str) -> None:
        """The last try was the last one, although another was to follow."""
        place = self._places[host]
        *before, last = self._known[place].attempts
        self._known[place] = replace(self._known[place], started=last.started, attempts=tuple(before))

    def place(self, host: str) -> int:
        """Which of the run's hosts it is, from 0."""
        return self._places[host]

    def ended(
        self, host: HostRun, out: bytes, err: bytes, samples: Pending | None, more: Sequence[Put] = ()
    ) -> HostRun:
        """A host's end, and what else is to be written with it; returns the end as it is kept."""
        place = self._places[host.host]
        known = self._known[place]
        kept = replace(host, started=known.started, attempts=known.attempts)
        self._known[place] = kept
        unit: list[Put] = list(more)
        digests = []
        for body in (out, err, stored.result_document(host.result)):
            digest, puts = stored.pieces(self.run.id, body)
            digests.append(digest)
            if digest not in self._written:
                self._written.add(digest)
                unit += puts
        unit.append(Put(stored.host_key(self.run.id, place), stored.host_document(kept, *digests)))
        if samples is not None:
            samples = replace(samples, key=stored.sample_key(self.run.id, place))
            unit.append(samples.put())
        self._waiting.append((unit, samples))
        return kept

    def commit(self) -> list[Pending]:
        """Write what waits; returns the samples that lie in the record now. StateError leaves the rest waiting."""
        settled: list[Pending] = []
        for count in self._records.write([unit for unit, _ in self._waiting]):
            settled += [samples for _, samples in self._waiting[:count] if samples is not None]
            del self._waiting[:count]
        return settled

    def finish(self, status: Status, why: str, notes: Sequence[str], samples: Pending | None = None) -> list[Pending]:
        """Make `run` the run as it ended, write that, and forget runs that are too old; StateError.

        Returns the samples that lie in the record now.
        """
        counts = Counter(str(host.end.outcome) for host in self._known if host.end is not None)
        self.run = replace(
            self.run, state=RunState.FINISHED, ended=self._records.clock.now(), status=status, why=why,
            counts=dict(counts), notes=list(notes), hosts=list(self._known),
        )  # fmt: skip
        document = stored.run_document(self.run, self._controller, self._hosts)
        kept = [replace(samples, key=stored.sample_key(self.run.id, len(self._places)))] if samples else []
        self._records.bucket.commit([Put(stored.run_key(self.run.id), document), *(one.put() for one in kept)])
        self._records.prune()
        return kept
