"""Checks of the active generation, with everything that they need made when it is first needed."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rem_cli import shipped
from rem_cli.clock import Clock
from rem_cli.collect.checks import Found, read_checks
from rem_cli.collect.gather import Engine, Outcome, Start
from rem_cli.collect.keep import keep
from rem_cli.collect.load import Collectors
from rem_cli.collect.memory import Memory
from rem_cli.collect.turn import Turn, take
from rem_cli.reach.asks import Connect, Echo, Fetch, ForeignGet, Get, Query, Resolve, Run, Shake, Tell, Wire
from rem_cli.reach.poller import Poller
from rem_cli.reach.threads import Bell, Names, Programs
from rem_cli.state.private import open_private, private_folder

if TYPE_CHECKING:
    from rem_cli.collect.checks import Check
    from rem_cli.reach import Stop
    from rem_cli.series import Sample
    from rem_cli.wire import Rem

FEW = 2000  # samples that are put into their series at once: it takes a tenth of a second
DRAIN = 290.0  # seconds between two times that more are
LONGEST = 54.0  # seconds of a turn: nine tenths of what lies between two of cron's


def collect(rem: Rem, stop: Stop, *, spread: float = 0.0, seconds: float = LONGEST) -> Turn | None:
    """Make the checks that are due now; None when another turn is still going on, which is then counted.

    For a crontab and for a daemon alike.
    """
    folder = rem.state_folder / "collect"
    private_folder(rem.state_folder)
    private_folder(folder)
    began = rem.clock.monotonic()
    with _alone(folder) as alone:
        if not alone:
            return None
        found = checks(rem)
        memory = Memory(folder / "memory.json")
        memory.read()
        with engine(rem, memory.notes) as ready:
            turn = take(
                found, memory, ready, lambda samples: _kept(rem, memory, samples), rem.clock.now(),
                spread=spread, seconds=seconds, stop=stop,
            )  # fmt: skip
        turn.wrong = found.wrong
        turn.skipped = _skipped(folder)
        if turn.outcomes:
            memory.write({check.name for check in found.checks})
        turn.seconds = rem.clock.monotonic() - began
        return turn


def _kept(rem: Rem, memory: Memory, samples: Sequence[Sample]) -> Sequence[str]:
    """Many samples go into their series every few minutes, several of a series at once; whoever reads does not wait."""
    now = rem.clock.now()
    drain = len(samples) < FEW or abs(now - memory.notes.get("drained", 0.0)) >= DRAIN
    if drain:
        memory.notes["drained"] = now
    return keep(rem.intake, samples, drain=drain)


def checks(rem: Rem) -> Found:
    """Every check of the active generation."""
    source = rem.active_source()
    found = read_checks(source.catalog, lambda reference: lent(rem, reference), source.script, rem.clock.now())
    if any(check.kind in ("script", "local") for check in found.checks):  # programs are begun, which inherit variables
        from rem_cli.wire.secrets import keep_back

        keep_back(source.catalog)
    return found


def explain(rem: Rem, chosen: list[Check], tell: Tell, stop: Stop) -> list[Outcome]:
    """Make some checks now and tell every exchange; nothing is kept of it."""
    outcomes: list[Outcome] = []
    for check in chosen:
        with engine(rem, {}) as ready:
            began = rem.clock.monotonic()

            def timed(text: str, began: float = began) -> None:
                tell(f"  {(rem.clock.monotonic() - began) * 1e3:.3f} ms  {text}")

            tell(f"{check.path} ({check.kind}) on {check.target.name}")
            ready.gather([Start(check, 0.0, check.retries, timed)], outcomes.append, seconds=LONGEST, stop=stop)
    return outcomes


@contextmanager
def engine(rem: Rem, notes: dict[str, Any]) -> Iterator[Engine]:
    """What makes checks. `notes` is what wires know from the turn before, and leave for the next."""
    poller = Poller(rem.clock)
    wires = _Wires(rem, poller, notes)
    try:
        yield Engine(wires, poller, rem.clock, Collectors(shipped.folder("collectors")).of)
    finally:
        for wire in wires.made.values():
            wire.close()
        wires.bell.close()
        poller.close()


class _Wires(Mapping[type, Wire]):
    """Each made when its first question is asked."""

    def __init__(self, rem: Rem, poller: Poller, notes: dict[str, Any]) -> None:
        self._rem = rem
        self._notes = notes
        self._poller = poller
        self.bell = Bell(poller)
        self.made: dict[type, Wire] = {}

    def __getitem__(self, question: type) -> Wire:
        wire = self.made.get(question)
        if wire is None:
            wire = self.made[question] = self._make(question, self._poller, self._rem.clock)
        return wire

    def __iter__(self) -> Iterator[type]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def _make(self, question: type, poller: Poller, clock: Clock) -> Wire:
        if question is Echo:
            return _echoes(poller, clock, self.bell)
        if question is Connect:
            from rem_cli.reach.tcp import Tcp

            return Tcp(poller, clock)
        if question is Fetch:
            from rem_cli.reach.http import Http

            authorities = self._rem.settings.certificates
            return Http(poller, clock, str(authorities) if authorities else None)
        if question is Query:
            from rem_cli.reach.dns import Dns

            return Dns(poller, clock)
        if question is Shake:
            from rem_cli.reach.tls import Tls

            authorities = self._rem.settings.certificates
            return Tls(poller, clock, str(authorities) if authorities else None)
        if question is Get:
            from rem_cli.reach.snmp.wire import Snmp

            return Snmp(poller, clock, self._notes.setdefault("snmp", {}))
        if question is ForeignGet:
            from rem_cli.reach.snmp.foreign import Foreign

            return Foreign(self.bell)
        if question is Resolve:
            return Names(self.bell)
        if question is Run:
            return Programs(self.bell, lambda: self._rem.transports)
        raise KeyError(question)


def may_ping() -> str:
    """How this machine's user may ping; empty where that is not possible."""
    from shutil import which

    from rem_cli.reach.icmp import allowed

    return "sockets of its own" if allowed() else "fping" if which("fping") else ""


def _echoes(poller: Poller, clock: Clock, bell: Bell) -> Wire:
    """Our own sockets where they are allowed, else fping, which has the right; else words of help."""
    from rem_cli.reach.icmp import Icmp, allowed

    if not allowed():
        from shutil import which

        program = which("fping")
        if program:
            from rem_cli.reach.fping import Fping

            return Fping(bell, program)
    return Icmp(poller, clock)


def lent(rem: Rem, reference: str) -> str:
    """The secret of a reference, in one line; SecretError."""
    from rem_cli.secrets.resolve import Sources, resolve_all

    source = rem.active_source()
    secrets = resolve_all({"": reference}, Sources(source.script, rem.settings.age_identities))
    return secrets[""].line


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other turn goes on. If one does, this one is counted as skipped."""
    number = open_private(folder / "lock", os.O_RDWR | os.O_CREAT)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            count = open_private(folder / "skipped", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(count, b".")
            os.close(count)
            yield False
            return
        os.ftruncate(number, 0)
        os.pwrite(number, f"{os.getpid()}\n".encode(), 0)
        yield True
    finally:
        os.close(number)


def _skipped(folder: Path) -> int:
    """How many turns were skipped since this was last asked."""
    with suppress(FileNotFoundError):
        taken = (folder / "skipped").replace(folder / "skipped.told")
        return taken.stat().st_size
    return 0
