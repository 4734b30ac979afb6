"""The one place that asks the machine for the time."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Time as an argument. Tests hand in a clock of their own."""

    def now(self) -> float:
        """The instant, in seconds since 1970-01-01T00:00:00Z."""

    def monotonic(self) -> float:
        """Seconds that never step back; for deadlines and durations within one process."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The machine's time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def instant(at: float) -> str:
    """A time for programs: RFC 3339 in UTC, to the millisecond."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
