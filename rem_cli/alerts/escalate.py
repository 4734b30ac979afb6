"""Escalation: whom an episode pages next, and when. Nobody waits anywhere: every wait is an instant in the climb.

A step is one person: those on duty in their order, then those of the role accounts that come after. Whoever it is is
looked up when the step begins; what is pinned is the policy. A page's key says what it is, so that one that may have
been sent is known by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

GAP = 60.0  # seconds at least between two steps, however late they are


class Way(NamedTuple):
    """One way to reach a person."""

    kind: str  # email, webhook, apprise, command
    after: float  # seconds after the way before it


class World(Protocol):
    """Who is there now: asked anew each time, since people come and go while an episode goes on."""

    def people(self, now: float) -> Sequence[str]:
        """Everybody in the order in which they are paged."""

    def ways(self, contact: str) -> Sequence[Way]:
        """How to reach somebody; empty for somebody who is gone."""


@dataclass(frozen=True)
class Policy:
    """What a role account says; times are seconds."""

    delay: float = 900.0
    repeat: int = 3
    exhausted_every: float = 3600.0
    last_resort: tuple[str, ...] = ()
    overlap: bool = False
    page_new: bool = False


class Page(NamedTuple):
    """One person, by one way, at a time."""

    at: float
    contact: str
    way: int
    kind: str
    step: int  # from 1; 0: the last resort
    loop: int

    def key(self, episode: str) -> str:
        return f"{episode}/{self.loop}/{self.step}/{self.contact}/{self.way}"


class Said(NamedTuple):
    """What happened, and why."""

    at: float
    what: str
    why: str


@dataclass(frozen=True)
class Climb:
    """Where the escalation of one episode stands."""

    episode: str
    policy: Policy
    due: float | None  # of the next step; None while it is acknowledged, frozen or over
    step: int = 0  # the last that began, from 1
    loop: int = 1
    exhausted: bool = False
    frozen: float | None = None  # seconds that were left of the wait
    chain: tuple[Page, ...] = ()  # further ways of the step that goes on
    paged: tuple[str, ...] = ()  # people of this loop


class Move(NamedTuple):
    climb: Climb
    pages: tuple[Page, ...] = ()
    said: tuple[Said, ...] = ()


def begin(episode: str, policy: Policy, now: float) -> Climb:
    return Climb(episode, policy, now)


def look_again(climb: Climb) -> float | None:
    """When something is due."""
    times = [one.at for one in climb.chain] + ([climb.due] if climb.due is not None else [])
    return min(times, default=None)


def advance(climb: Climb, now: float, world: World) -> Move:
    """What is due by now. However late it is, one step begins at most, and the next waits its whole delay again."""
    if climb.frozen is not None:
        return Move(climb)
    if climb.due is not None and climb.due > now + _wait(climb):  # the clock was put back
        climb = replace(climb, due=now + _wait(climb))
    if climb.due is not None and climb.due <= now:
        return _step(climb, now, world)
    ready = tuple(one for one in climb.chain if one.at <= now)
    climb = replace(climb, chain=tuple(one for one in climb.chain if one.at > now))
    new = _newcomers(climb, now, world)
    climb = replace(climb, paged=(*climb.paged, *(one.contact for one in new)))
    return Move(climb, (*ready, *new), tuple(Said(now, "handoff", f"{_name(one.contact)} came on duty") for one in new))


def acknowledge(climb: Climb) -> Climb:
    """Stop everything, also what was to come of this step."""
    return replace(climb, due=None, chain=(), frozen=None)


def restart(climb: Climb, now: float) -> Climb:
    """From the first step on with whoever is there now: an acknowledgement ended. Loops are counted on."""
    return replace(climb, due=now, step=0, chain=(), frozen=None, exhausted=False)


def freeze(climb: Climb, now: float) -> Climb:
    """Hold all clocks: a silence began."""
    left = None if climb.due is None else max(0.0, climb.due - now)
    chain = tuple(one._replace(at=one.at - now) for one in climb.chain)
    return replace(climb, frozen=left, due=None, chain=chain) if left is not None else climb


def thaw(climb: Climb, now: float) -> Climb:
    """Go on with what was left."""
    if climb.frozen is None:
        return climb
    chain = tuple(one._replace(at=one.at + now) for one in climb.chain)
    return replace(climb, due=now + climb.frozen, frozen=None, chain=chain)


def jump(climb: Climb, now: float) -> Climb:
    """The next step now: somebody asked for it. Its delay begins anew."""
    return replace(climb, due=now, frozen=None)


def failed(climb: Climb, page: Page, now: float) -> Climb:
    """A way does not work: the next way of the same person now, and when there is none the next step now."""
    rest = [one for one in climb.chain if (one.contact, one.step, one.loop) == page[1:2] + page[4:6]]
    if rest:
        first = min(rest, key=lambda one: one.at)
        early = first.at - now
        moved = tuple(one._replace(at=one.at - early) if one in rest else one for one in climb.chain)
        return replace(climb, chain=moved)
    current = page.step == climb.step and page.loop == climb.loop and not climb.exhausted
    return replace(climb, due=now) if current and climb.due is not None else climb


def _wait(climb: Climb) -> float:
    return climb.policy.exhausted_every if climb.exhausted else max(climb.policy.delay, GAP)


def _step(climb: Climb, now: float, world: World) -> Move:
    """The next person who can be reached; whoever cannot is passed over at once."""
    said: list[Said] = []
    people = world.people(now)
    empty = climb.exhausted
    if not empty and not any(world.ways(one) for one in people):
        said.append(Said(now, "nobody", "nobody who can be reached is on duty"))
        empty = True
    while not empty:
        if climb.step >= len(people):
            if climb.loop >= climb.policy.repeat:
                said.append(Said(now, "exhausted", f"nobody acknowledged in {climb.loop} loops"))
                break
            climb = replace(climb, loop=climb.loop + 1, step=0, paged=())
        contact, climb = people[climb.step], replace(climb, step=climb.step + 1)
        ways = world.ways(contact)
        if ways:
            return _paged(climb, contact, ways, now, said)
        said.append(Said(now, "passed over", f"{_name(contact)} cannot be reached"))
    return _last_resort(climb, now, world, said)


def _paged(climb: Climb, contact: str, ways: Sequence[Way], now: float, said: list[Said]) -> Move:
    pages, at = [], now
    for number, way in enumerate(ways):
        at += way.after
        pages.append(Page(at, contact, number, way.kind, climb.step, climb.loop))
    left = climb.chain if climb.policy.overlap else ()
    ready = [one for one in (*left, *pages) if one.at <= now]
    chain = tuple(one for one in (*left, *pages) if one.at > now)
    people = tuple(dict.fromkeys((*climb.paged, contact)))
    climb = replace(climb, due=now + _wait(climb), chain=chain, paged=people)
    said.append(Said(now, "step", f"{climb.step} of loop {climb.loop}: {_name(contact)}"))
    return Move(climb, tuple(ready), tuple(said))


def _last_resort(climb: Climb, now: float, world: World, said: list[Said]) -> Move:
    climb = replace(climb, exhausted=True, chain=())
    pages = [
        Page(now, contact, number, way.kind, 0, climb.loop)
        for contact in climb.policy.last_resort
        for number, way in enumerate(world.ways(contact)[:1])
    ]
    names = ", ".join(_name(one) for one in climb.policy.last_resort) or "nobody"
    said.append(Said(now, "last resort", names))
    loop = climb.loop + 1  # so that each time is a page of its own
    return Move(replace(climb, due=now + climb.policy.exhausted_every, loop=loop), tuple(pages), tuple(said))


def _newcomers(climb: Climb, now: float, world: World) -> tuple[Page, ...]:
    """Whoever came on duty in a step that goes on, in place of somebody who was paged, where that is wanted; once."""
    if not climb.policy.page_new or climb.due is None or climb.exhausted or not climb.step:
        return ()
    here = world.people(now)[: climb.step]
    fresh = [one for one in here if one not in climb.paged and world.ways(one)]
    return tuple(Page(now, one, 0, world.ways(one)[0].kind, climb.step, climb.loop) for one in fresh)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
