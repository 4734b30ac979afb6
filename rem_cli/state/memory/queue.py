"""Queues in this process's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rem_cli.state import Claim, Counts, Item, Message, Terms
from rem_cli.state.rules import REMEMBERED, check_messages, full, lapsed, no_dead
from rem_cli.state.waiting import wait_for

if TYPE_CHECKING:
    from rem_cli.state.memory import Store


@dataclass
class Lying:
    """A message in its queue. `until`: an instant of the monotonic clock up to which a worker has it."""

    number: int
    id: str
    body: bytes
    put: float
    due: float
    tries: int = 0
    delayed: bool = False
    until: float | None = None
    dead: bool = False
    done: float | None = None

    @property
    def token(self) -> str:
        return f"{self.number}.{self.tries}"

    @property
    def order(self) -> tuple[float, int]:
        return self.due, self.number


@dataclass
class Messages:
    """One queue."""

    lying: dict[str, Lying] = field(default_factory=dict)
    last: int = 0
    dropped: int = 0

    def kept(self) -> list[Lying]:
        """What waits, is claimed or dead."""
        return [one for one in self.lying.values() if one.done is None]

    def alive(self) -> list[Lying]:
        """What waits or is claimed, oldest first."""
        return sorted((one for one in self.kept() if not one.dead), key=lambda one: one.order)


class MemoryQueue:
    """A Queue of a MemoryState."""

    def __init__(self, store: Store, name: str, terms: Terms) -> None:
        self._store = store
        self._name = name
        self._terms = terms

    def put(self, *messages: Message) -> int:
        wanted, now = check_messages(messages), self._store.clock.now()
        with self._store.changed:
            before = self._messages()
            after = Messages(dict(before.lying), before.last, before.dropped)
            for id in [one.id for one in after.lying.values() if one.done and one.done < now - REMEMBERED]:
                del after.lying[id]
            for message in wanted:
                if message.id not in after.lying:
                    self._make_room(after)
                    after.last += 1
                    due = max(now, message.not_before)
                    after.lying[message.id] = Lying(after.last, message.id, message.body, now, due, delayed=due > now)
            self._store.queues[self._name] = after
            self._store.ring()
            return after.last - before.last

    def claim(self, n: int = 1, *, lease: float | None = None, wait: float = 0.0) -> list[Claim]:
        seconds = self._terms.lease if lease is None else lease
        return wait_for(lambda: self._claim(n, seconds), self._store.bell, self._store.clock, wait)

    def ack(self, *tokens: str) -> None:
        with self._store.changed:
            for one in [self._claimed(token) for token in tokens]:
                one.done, one.until, one.body = self._store.clock.now(), None, b""

    def extend(self, token: str, *, lease: float | None = None) -> None:
        with self._store.changed:
            seconds = self._terms.lease if lease is None else lease
            self._claimed(token).until = self._store.clock.monotonic() + seconds

    def give_back(self, token: str, *, after: float = 0.0) -> None:
        with self._store.changed:
            one = self._claimed(token)
            one.until, one.dead = None, one.tries >= self._terms.deliveries
            if after > 0:
                one.due, one.delayed = self._store.clock.now() + after, True
            self._store.ring()

    def peek(self, n: int = 1, *, dead: bool = False) -> list[Item]:
        with self._store.changed:
            messages = self._messages()
            found = sorted((one for one in messages.kept() if one.dead == dead), key=lambda one: one.order)
            return [Item(one.id, one.body, one.put, one.due, one.tries, self._is_claimed(one)) for one in found[:n]]

    def revive(self, id: str) -> None:
        with self._store.changed:
            one = self._messages().lying.get(id)
            if one is None or not one.dead:
                raise no_dead(self._name, id)
            one.dead, one.tries, one.until = False, 0, None
            self._store.ring()

    def counts(self) -> Counts:
        with self._store.changed:
            messages = self._messages()
            alive = messages.alive()
            claimed = sum(self._is_claimed(one) for one in alive)
            oldest = min((one.put for one in alive if not self._is_claimed(one)), default=None)
            dead = sum(one.dead for one in messages.kept())
            return Counts(len(alive) - claimed, claimed, dead, messages.dropped, oldest)

    def _messages(self) -> Messages:
        return self._store.queues.get(self._name, Messages())

    def _make_room(self, messages: Messages) -> None:
        alive = messages.alive()
        if len(alive) < self._terms.bound:
            return
        free = [one for one in alive if not self._is_claimed(one)] if self._terms.drop_oldest else []
        if not free:
            raise full(self._name, self._terms)
        del messages.lying[free[0].id]
        messages.dropped += 1

    def _claim(self, n: int, lease: float) -> list[Claim]:
        claims: list[Claim] = []
        with self._store.changed:
            now = self._store.clock.now()
            for one in self._messages().alive():
                one.delayed = one.delayed and one.due > now
                if len(claims) >= n or one.delayed or self._is_claimed(one):
                    continue
                one.dead, one.until = one.tries >= self._terms.deliveries, None
                if not one.dead:
                    one.tries, one.until = one.tries + 1, self._store.clock.monotonic() + lease
                    claims.append(Claim(one.id, one.body, one.tries, one.token))
        return claims

    def _is_claimed(self, one: Lying) -> bool:
        return one.until is not None and one.until > self._store.clock.monotonic()

    def _claimed(self, token: str) -> Lying:
        for one in self._messages().kept():
            if one.token == token and self._is_claimed(one):
                return one
        raise lapsed(self._name, token)
