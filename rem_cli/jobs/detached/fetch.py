"""Fetching what long jobs have to tell: recorded here, and only at their end taken away there.

Killed at any point, the next call goes on: every byte is recorded together with how far the host was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from rem_cli.errors import RemError
from rem_cli.jobs import Run
from rem_cli.jobs.ask import Answer, ask
from rem_cli.jobs.detached import Away, answers
from rem_cli.jobs.detached.finish import finish
from rem_cli.jobs.detached.kept import Kept
from rem_cli.jobs.detached.tasks import cancelling, dropping, pulling
from rem_cli.jobs.job import Assignment, Host
from rem_cli.reach import End, Outcome, Stop, Transport

_UNCONFIRMED = "not started: the host could not say whether it was, and nothing of it is there"
_UNSTARTED = "not started: whoever began the run was gone before the host had done so"


class Unheard(NamedTuple):
    """A host that could not be asked."""

    host: str
    why: str
    hint: str | None


class Fetched(NamedTuple):
    """What came of one look at the long jobs that go on."""

    ended: Sequence[Run]  # since the last look
    going: Sequence[int]  # runs
    unheard: Sequence[Unheard]


@dataclass(frozen=True)
class Ways:
    """How hosts are asked. `hosts` has those of the inventory as it is now, by path: one may have moved since."""

    kept: Kept
    transports: Mapping[str, Transport]
    hosts: Mapping[str, Host]
    stop: Stop

    def ask(
        self, some: Sequence[Away], question: Callable[[Sequence[Away]], Assignment]
    ) -> Iterator[tuple[Host, list[Away], Answer]]:
        """Ask each host once about all that it has; in the order of the runs."""
        groups: dict[Host, list[Away]] = {}
        for one in some:
            host = self.hosts.get(one.host.path, one.host)
            groups.setdefault(host, []).append(one._replace(host=host))
        replies = ask([question(asked) for asked in groups.values()], self.transports, self.stop)
        for (host, asked), reply in zip(groups.items(), replies, strict=True):
            yield host, asked, reply


def fetch(ways: Ways, *, run: int | None = None) -> Fetched:
    """Fetch what one run, or every run that goes on, has to tell by now."""
    kept = ways.kept
    unheard: dict[str, Unheard] = {}
    left = [one for one in kept.going(run) if not one.over]
    _end(ways, [one for one in left if one.cancelled], unheard)
    while left and not ways.stop.asked:
        told = _pull(ways, left, unheard)
        again = {(one.run, one.place) for one in left if one.folder in told and _take(kept, one, told[one.folder])}
        left = [one for one in kept.going(run) if (one.run, one.place) in again and not one.over]
    open_runs = [run] if run is not None else kept.records.left_running()
    ended = [one for one in (finish(kept, number) for number in open_runs) if one is not None]
    for _, asked, reply in ways.ask([one for one in kept.going(run) if one.over], dropping):
        with suppress(RemError):  # it is told so the next time
            left_there = answers.named("kept", reply.whole())
            kept.forget(one for one in asked if one.folder not in left_there)
    going = [number for number in open_runs if kept.about(number) is not None]
    return Fetched(ended, going, list(unheard.values()))


def mark(kept: Kept, run: int, who: str) -> None:
    """Have what a run has left on its hosts ended by the next look, or by the one after which a host answers."""
    for one in kept.going(run):
        while not one.over and kept.mark(one, who) is None:  # somebody fetches it at this moment
            one = next((again for again in kept.going(run) if again.place == one.place), one._replace(over=True))


def give_up(kept: Kept, run: int, who: str) -> None:
    """Take hosts of a run that cannot be asked any more as lost."""
    about = kept.about(run)
    for one in kept.going(run) if about else ():
        if not one.over and about:
            end = End(Outcome.LOST, why=f"given up by {who}: it could not be asked", phase="run", survivors=True)
            kept.end(one, about[0], end, kept.records.clock.now())


def _end(ways: Ways, some: Sequence[Away], unheard: dict[str, Unheard]) -> None:
    """End what somebody wants to end."""
    for host, asked, reply in ways.ask(some, cancelling):
        try:
            alive = answers.named("survives", reply.whole())
        except RemError as error:
            unheard[host.name] = Unheard(host.name, error.message, error.hint)
            continue
        if any(one.folder in alive for one in asked):
            unheard[host.name] = Unheard(host.name, "what it started could not be confirmed dead", None)


def _pull(ways: Ways, some: Sequence[Away], unheard: dict[str, Unheard]) -> dict[str, answers.Pulled]:
    told: dict[str, answers.Pulled] = {}
    for host, asked, reply in ways.ask(some, pulling):
        try:
            told |= answers.pulled(reply.whole(), {one.folder: one for one in asked})
        except RemError as error:
            unheard[host.name] = Unheard(host.name, error.message, error.hint)
    return told


def _take(kept: Kept, one: Away, told: answers.Pulled) -> bool:
    """Record what a host told of one run; whether there is more to ask for at once."""
    about = kept.about(one.run)
    end = told.end
    if about is None or (told.began is None and end is None):  # it is just being started
        return False
    if told.began is None and one.began is None:
        if not one.unsure and kept.records.controlled(one.run):
            return False  # it is just being asked to
        end = End(Outcome.CANCELLED, why=_UNCONFIRMED if one.unsure else _UNSTARTED)
    now = kept.records.clock.now()
    then: Away | None = one
    if one.began is None and told.began is not None:
        then = kept.began(one, told.began)
    if then is not None and (told.out or told.err):
        then = kept.add(then, told.out, told.err)
    if then is not None and end is not None:
        if end.outcome is Outcome.CANCELLED and end.phase and one.cancelled:
            end = replace(end, why=f"cancelled by {one.cancelled}")
        then = kept.end(then, about[0], end, now)
    return told.more or then is None
