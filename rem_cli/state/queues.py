"""Queues: messages that wait for a worker, each handled by one at a time and until somebody says that it is done."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Terms(NamedTuple):
    """What a queue's declaration says."""

    bound: int = 100_000  # messages that wait or are claimed
    drop_oldest: bool = False  # rather than refuse one more
    deliveries: int = 5  # how often a message is handed out before it is set aside as dead
    lease: float = 300.0  # seconds that a worker may hold a message without a word


class Message(NamedTuple):
    body: bytes
    id: str = ""  # known for a day after it was done; empty: one of its own
    not_before: float = 0.0  # seconds since the epoch


class Claim(NamedTuple):
    """A message in a worker's hands. The token is what acknowledges it, also from another process."""

    id: str
    body: bytes
    tries: int  # how often it was handed out, this time included
    token: str


class Item(NamedTuple):
    """A message as it lies in its queue."""

    id: str
    body: bytes
    put: float  # seconds since the epoch
    due: float  # not before this
    tries: int
    claimed: bool


class Counts(NamedTuple):
    waiting: int  # for a worker or for their time
    claimed: int
    dead: int
    dropped: int  # ever, for want of room
    oldest: float | None  # when the longest waiting was put


class Queue(Protocol):
    """At least once: what is not acknowledged within its lease is handed out again, oldest first."""

    def put(self, *messages: Message) -> int:
        """All of them or none; how many were new, for an id that is known is not put again. QueueFull, TooBig."""

    def claim(self, n: int = 1, *, lease: float | None = None, wait: float = 0.0) -> list[Claim]:
        """The oldest `n` that are due, for `lease` seconds; at least one if one comes within `wait` seconds."""

    def ack(self, *tokens: str) -> None:
        """They are done; ClaimLapsed, and then none of them is, when one is not this worker's any more."""

    def extend(self, token: str, *, lease: float | None = None) -> None:
        """As long again from now on; ClaimLapsed."""

    def give_back(self, token: str, *, after: float = 0.0) -> None:
        """Not done: hand it out again, not before `after` seconds; dead if it was the last delivery. ClaimLapsed."""

    def peek(self, n: int = 1, *, dead: bool = False) -> list[Item]:
        """The first `n` by when they are due, those in workers' hands too; or the dead ones. Nothing is taken."""

    def revive(self, id: str) -> None:
        """From dead to waiting, as if it were new; MissingKey."""

    def counts(self) -> Counts: ...
