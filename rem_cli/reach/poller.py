"""One epoll loop: descriptors that are ready, times that have come, and a stop that was asked for."""

from __future__ import annotations

import heapq
import itertools
import select
from collections.abc import Callable

from rem_cli.clock import Clock

READ = select.EPOLLIN
WRITE = select.EPOLLOUT
READY = READ | select.EPOLLHUP | select.EPOLLERR

OnReady = Callable[[int], None]
OnTime = Callable[[], None]


class Timer:
    """A call at a time. Cancelled ones stay in the heap until their time and then do nothing."""

    __slots__ = ("call",)

    def __init__(self, call: OnTime) -> None:
        self.call: OnTime | None = call

    def cancel(self) -> None:
        self.call = None


class Poller:
    """Waits for many things at once. Calls back with the epoll event mask of a descriptor."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._epoll = select.epoll()
        self._calls: dict[int, OnReady] = {}
        self._times: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def watch(self, fd: int, mask: int, call: OnReady) -> None:
        self._epoll.register(fd, mask)
        self._calls[fd] = call

    def change(self, fd: int, mask: int) -> None:
        self._epoll.modify(fd, mask)

    def forget(self, fd: int) -> None:
        """Stop watching. Must come before the descriptor is closed."""
        if self._calls.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def at(self, when: float, call: OnTime) -> Timer:
        """Call once the clock's monotonic time is `when` or later."""
        timer = Timer(call)
        heapq.heappush(self._times, (when, next(self._order), timer))
        return timer

    def turn(self) -> None:
        """Wait for the next thing to happen, and make its calls."""
        for fd, mask in self._epoll.poll(self._wait()):
            call = self._calls.get(fd)  # an earlier call of this turn may have dropped it
            if call is not None:
                call(mask)
        now = self._clock.monotonic()
        while self._times and self._times[0][0] <= now:
            timer = heapq.heappop(self._times)[2]
            if timer.call is not None:
                timer.call()

    def close(self) -> None:
        self._epoll.close()

    def _wait(self) -> float | None:
        """Seconds until the first time that still counts; None when there is none."""
        while self._times and self._times[0][2].call is None:
            heapq.heappop(self._times)
        return max(0.0, self._times[0][0] - self._clock.monotonic()) if self._times else None
