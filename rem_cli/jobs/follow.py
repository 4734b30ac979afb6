"""A run as its record grows: what each host printed and how it ended, each said once."""

from __future__ import annotations

from rem_cli.jobs import HostRun, Run, RunState
from rem_cli.jobs.detached import Away
from rem_cli.jobs.detached.kept import STREAMS, Kept
from rem_cli.jobs.events import Finished, HostEnded, HostStarted, Line, Lines, Listen, Started
from rem_cli.reach import Stream

_SAID = dict(zip(STREAMS, (Stream.OUT, Stream.ERR), strict=True))


class Following:
    """One run. Of a long job output is there as it was fetched; of others when a host has ended."""

    def __init__(self, kept: Kept, run: int, listen: Listen) -> None:
        self._kept = kept
        self._run = run
        self._listen = listen
        self._told: dict[tuple[int, str], int] = {}  # bytes
        self._lines: dict[int, Lines] = {}
        self._started: set[int] = set()
        self._over: set[int] = set()

    def look(self) -> tuple[Run, bool]:
        """Say what is new; the run as it stands, and whether anything was."""
        aways = {one.place: one for one in self._kept.going(self._run)}
        run = self._kept.records.show(self._run)
        before = (dict(self._told), set(self._over))
        if not self._lines:
            self._listen(Started(run))
        for place, host in enumerate(run.hosts):
            if place not in self._over:
                self._host(run, place, host, aways.get(place))
        if run.state is RunState.FINISHED:
            self._listen(Finished(run))
        return run, before != (self._told, self._over)

    def _host(self, run: Run, place: int, host: HostRun, away: Away | None) -> None:
        lines = self._lines.setdefault(place, Lines())
        if host.started is not None and place not in self._started:
            self._started.add(place)
            self._listen(HostStarted(run.id, host.host))
        for stream, data in self._new(place, host, away).items():
            self._told[place, stream] = self._told.get((place, stream), 0) + len(data)
            for text in lines.feed(_SAID[stream], data):
                self._listen(Line(run.id, host.host, _SAID[stream], text))
        if host.end is not None:
            for said, text in lines.flush():
                self._listen(Line(run.id, host.host, said, text))
            self._over.add(place)
            self._listen(HostEnded(run.id, host))

    def _new(self, place: int, host: HostRun, away: Away | None) -> dict[str, bytes]:
        """What it printed since the last look."""
        if host.end is not None:
            whole = dict(zip(STREAMS, self._kept.records.printed(self._run, place), strict=True))
            return {stream: data[self._told.get((place, stream), 0) :] for stream, data in whole.items()}
        if away is None or away.over:
            return {}
        return {stream: self._kept.read(away, stream, self._told.get((place, stream), 0)) for stream in STREAMS}
