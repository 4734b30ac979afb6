"""Whether a host that failed is tried again, and when: a function of what is known of its tries.

What never began is safe to try again. What began may have been done, wholly or in part, so it is tried again only where
the job says `idempotent: true`; and never while its programs may still run.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from rem_cli.language import Value
from rem_cli.reach import End, Outcome

UNBEGUN = (Outcome.UNREACHABLE, Outcome.REFUSED)
BEGUN = (Outcome.FAILED, Outcome.TIMED_OUT, Outcome.LOST)
CLASSES = tuple(str(one) for one in (*UNBEGUN, *BEGUN))  # that `errors` may name
SHORTEST = 0.5  # of a wait that chance leaves


@dataclass(frozen=True, slots=True)
class Retry:
    """A job's field `retry`, and whether the job may run twice. Times are seconds."""

    times: int
    interval: float
    backoff: float
    most: float
    errors: frozenset[str]  # ends that are tried again; none: whatever is safe
    idempotent: bool

    @classmethod
    def read(cls, value: Value, idempotent: bool) -> Retry | None:
        """From an item's field, which the language has checked."""
        if not isinstance(value, dict):
            return None
        told: dict[str, Any] = value
        errors = frozenset(told["errors"])
        return cls(told["times"], told["interval"], told["backoff"], told["most"], errors, idempotent)

    def again(self, end: End, tries: int) -> bool:
        """Whether a host that ended so, the last of so many tries, is tried once more."""
        if tries > self.times or end.untrusted or end.survivors:
            return False
        safe = end.outcome in UNBEGUN or (self.idempotent and end.outcome in BEGUN)
        named = str(end.outcome) in self.errors if self.errors else end.outcome is not Outcome.REFUSED
        return safe and named

    def wait(self, tries: int, chance: Random) -> float:
        """Seconds until the next try after so many: up to half of it is left to chance, so that hosts part."""
        whole = min(self.most, self.interval * self.backoff ** (tries - 1))
        return whole * (SHORTEST + (1 - SHORTEST) * chance.random())


class Trying(NamedTuple):
    """How the hosts of one run are tried again."""

    policy: Retry
    run: int
    grace: float  # seconds that programs of a host which was lost are given to end
    until: float | None = None  # seconds since the epoch; no try begins later

    def after(self, host: str, end: End, tries: int, now: float) -> float | None:
        """Seconds until a host is tried again that ended so, the last of so many tries; None: it is not."""
        if not self.policy.again(end, tries):
            return None
        wait = self.policy.wait(tries, Random(f"{self.run}/{host}/{tries}"))  # the same however often it is asked
        if end.outcome is Outcome.LOST:
            wait = max(wait, self.grace)
        return wait if self.until is None or now + wait <= self.until else None
