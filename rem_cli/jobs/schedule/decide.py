"""What becomes of the instants of one job that are due by now: run, wait, or not at all, and why.

A function of the schedule, of what is known of the job's runs, and of now. Whoever acts on it claims each instant
first, so that of two who decide the same at once only one acts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import Instant, Schedule
from rem_cli.jobs.schedule.frozen import Freeze, at
from rem_cli.language import Item
from rem_cli.language.shown import duration

CAP = 100  # missed runs that are made good at most; of more, the newest
ON_TIME = 120  # seconds; whoever asks every minute is that late at worst
WAITING = 1  # runs that wait for one that goes on, with `overlap: queue`


@dataclass(frozen=True)
class Policy:
    """What a job says of runs that are late, or due while another one goes on. Times in seconds."""

    catch_up: str = "latest"
    window: float | None = None
    overlap: str = "forbid"
    deadline: float | None = None
    splay: float = 0
    idempotent: bool = False
    exempt: bool = False  # of freezes

    @classmethod
    def read(cls, item: Item) -> Policy:
        fields = Fields(item)
        return cls(
            fields.text("catch up") or "latest",
            fields.seconds("catch up window"),
            fields.text("overlap") or "forbid",
            fields.seconds("deadline"),
            fields.seconds("splay") or 0,
            bool(item.fields.get("idempotent")),
            bool(item.fields.get("freeze exempt")),
        )


@dataclass(frozen=True)
class Known:
    """What is known of the runs of one job, or of one host of a job with a splay. Instants are scheduled ones."""

    since: int  # when its schedule was applied in this form: what would have been due before is nobody's
    until: int | None = None  # the last instant that was decided on
    waiting: tuple[int, ...] = ()
    running: tuple[int, ...] = ()  # whose lease is held
    lost: tuple[int, ...] = ()  # that began, and whose lease nobody holds any more


class Kind(StrEnum):
    RUN = "run"
    REPLACE = "replace"  # run it once the one that goes on was stopped
    WAIT = "wait"
    MISSED = "missed"
    SKIPPED = "skipped"
    COALESCED = "coalesced"  # another run stands for it
    LOST = "lost"
    FROZEN = "frozen"


ALARMING = (Kind.MISSED, Kind.LOST)  # what is told also where nothing shall be said


class Decision(NamedTuple):
    """What becomes of some instants, oldest first, and why. `more` says that there were older ones, not counted."""

    kind: Kind
    instants: tuple[int, ...]
    why: str
    more: bool = False


Ended = tuple[Kind, list[int], str]  # what one rule says of some of the instants


def decide(
    schedule: Schedule, policy: Policy, known: Known, now: int, *, slot: str = "", freezes: Sequence[Freeze] = ()
) -> list[Decision]:
    """Decisions on all that is due by now. `slot` names the job, and the host where it has a splay.

    `freezes` are those of the job, also those that are over: what was due in one, and whatever would start in one,
    does not run at all.
    """
    found, more = _due(schedule, policy, known, now, slot)
    cold = () if policy.exempt else freezes
    held = at(cold, now)
    said: list[Decision] = [*_lost(policy if held is None else replace(policy, idempotent=False), known)]
    left: list[int] = []
    for instant in [*known.waiting, *found]:
        if (freeze := held or at(cold, instant)) is None:
            left.append(instant)
        elif said and said[-1].kind is Kind.FROZEN and said[-1].why == freeze.said:
            said[-1] = said[-1]._replace(instants=(*said[-1].instants, instant))
        else:
            said.append(Decision(Kind.FROZEN, (instant,), freeze.said))
    for rule in (_deadline, _window, _catch_up):
        kind, instants, why = rule(policy, left, known, now)
        said += _some(kind, instants, why)
        left = [one for one in left if one not in instants]
    again = [one for decision in said if decision.kind is Kind.RUN for one in decision.instants]
    said += _overlap(policy, left, known, [*known.running, *again])
    return [one._replace(more=True) if more and found[0] in one.instants else one for one in said]


def known_after(known: Known, decisions: Iterable[Decision]) -> Known:
    """What is known once decisions are acted on, but for what runs."""
    kept = [decision for decision in decisions if decision.kind is not Kind.LOST]
    instants = [one for decision in kept for one in decision.instants]
    until = max([*instants, *([known.until] if known.until is not None else [])], default=None)
    waiting = tuple(one for decision in kept if decision.kind is Kind.WAIT for one in decision.instants)
    return Known(known.since, until, waiting, known.running, ())


def offset(schedule: Schedule, policy: Policy, instant: int, slot: str) -> int:
    """How long a host waits: always as long for the same instant, and never until the next one."""
    if policy.splay < 1:
        return 0
    following = schedule.next(instant)
    most = min(int(policy.splay), following.at - instant - 1) if following else int(policy.splay)
    return int.from_bytes(hashlib.sha256(slot.encode()).digest()[:8]) % (most + 1)


def _due(schedule: Schedule, policy: Policy, known: Known, now: int, slot: str) -> tuple[list[int], bool]:
    """The newest instants that are due and not decided on; whether there are older ones."""
    begin = max(known.since, known.until if known.until is not None else known.since) + 1
    span, instants = 600, list[Instant]()
    while begin <= now:
        instants = list(schedule.between(max(begin, now - span), now + 1))
        if len(instants) > CAP or now - span <= begin:
            break
        span *= 4
    due = [one.at for one in instants if one.at + offset(schedule, policy, one.at, slot) <= now]
    return due[-CAP - 1 :], len(due) > CAP


def _some(kind: Kind, instants: Sequence[int], why: str) -> Iterator[Decision]:
    if instants:
        yield Decision(kind, tuple(instants), why)


def _lost(policy: Policy, known: Known) -> Iterator[Decision]:
    if policy.idempotent:
        yield from _some(Kind.RUN, known.lost, "its run was lost, and it may run again since it is idempotent")
    else:
        yield from _some(Kind.LOST, known.lost, "whoever ran it is gone: how it ended is not known")


def _deadline(policy: Policy, left: Sequence[int], known: Known, now: int) -> Ended:
    late = [one for one in left if policy.deadline is not None and now - one > policy.deadline]
    return Kind.MISSED, late, f"it could not start within {duration(policy.deadline or 0)} of its time"


def _window(policy: Policy, left: Sequence[int], known: Known, now: int) -> Ended:
    old = [one for one in left if policy.window is not None and now - one > max(policy.window, ON_TIME)]
    return Kind.MISSED, old, f"missed runs are made good for {duration(policy.window or 0)}"


def _catch_up(policy: Policy, left: Sequence[int], known: Known, now: int) -> Ended:
    fresh = [one for one in left if one not in known.waiting]
    if policy.catch_up == "none":
        late = [one for one in fresh if one != fresh[-1] or now - one > ON_TIME + policy.splay]
        return Kind.MISSED, late, "nobody started it in time, and missed runs are not made good"
    if policy.catch_up == "latest":
        return Kind.COALESCED, fresh[:-1], "missed, and the run of the latest stands for it"
    return Kind.MISSED, fresh[:-CAP], f"at most {CAP} missed runs are made good, the newest"


def _overlap(policy: Policy, left: Sequence[int], known: Known, running: Sequence[int]) -> Iterator[Decision]:
    if policy.overlap == "allow":
        yield from _some(Kind.RUN, left, "it is due")
    elif not running:
        yield from _some(Kind.RUN, left[:1], "it is due")
        yield from _some(Kind.WAIT, left[1:], "missed runs are made good one after another")
    elif policy.overlap == "replace":
        yield from _some(Kind.COALESCED, left[:-1], "the run of the latest stands for it")
        yield from _some(Kind.REPLACE, left[-1:], "it takes the place of the run that goes on")
    else:
        waits = [one for one in left if one in known.waiting]
        if policy.overlap == "queue":
            waits += [one for one in left if one not in waits][: max(0, WAITING - len(waits))]
            yield from _some(Kind.WAIT, waits, "the run before goes on")
            rest = [one for one in left if one not in waits]
            yield from _some(Kind.COALESCED, rest, "the run that waits already stands for it")
        else:
            yield from _some(Kind.WAIT, waits, "missed runs are made good one after another")
            rest = [one for one in left if one not in waits]
            yield from _some(Kind.SKIPPED, rest, "the run before goes on")
