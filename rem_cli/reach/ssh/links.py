"""All links of a transport: who waits for which, how many handshakes go on, and what is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rem_cli.clock import Clock
from rem_cli.reach import Deadlines, End, Outcome, Target
from rem_cli.reach.fanout import CROWDED
from rem_cli.reach.poller import Poller
from rem_cli.reach.ssh.bridge import Bridge
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.link import GONE, UP, Link
from rem_cli.reach.ssh.resolver import Resolver
from rem_cli.reach.ssh.setup import Setup

HANDSHAKES = 64  # at once; more only make each other late

Place = tuple[object, ...]


class Waiting:
    """Somebody who waits for a link."""

    def __init__(self, up: Callable[[Link], None], gone: Callable[[End], None]) -> None:
        self.up = up
        self.gone = gone


class Links:
    """All links, by host. They stay open until the transport is closed."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self.clock = clock
        self.poller = Poller(clock)
        self.resolver = Resolver(self.poller)
        self._setup = setup
        self._links: dict[Place, Link] = {}
        self._waiting: dict[Link, list[Waiting]] = {}
        self._queue: deque[Callable[[], None]] = deque()  # handshakes that wait for their turn
        self._handshaking: set[Link] = set()

    def want(self, target: Target, deadlines: Deadlines, waiting: Waiting) -> None:
        """Call `waiting.up` with a link to the target as soon as there is one. Raises ReachError."""
        self._want(self._setup.settings(target), deadlines, waiting)

    def give_up(self, waiting: Waiting) -> None:
        """No longer wait. A link that nobody waits for is dropped."""
        for link, others in list(self._waiting.items()):
            if waiting in others:
                others.remove(waiting)
                if not others:
                    link.fail(Outcome.CANCELLED, "nobody waits for it")

    def close(self) -> None:
        self._queue.clear()
        for link in list(self._links.values()):
            link.fail(Outcome.CANCELLED, "the transport was closed")
        self.poller.close()

    def up(self, link: Link) -> None:
        """From the link."""
        self._handshaking.discard(link)
        for waiting in self._waiting.pop(link, ()):
            waiting.up(link)
        self._next()

    def gone(self, link: Link, end: End) -> None:
        """From the link."""
        self._handshaking.discard(link)
        self._links = {place: other for place, other in self._links.items() if other is not link}
        for waiting in self._waiting.pop(link, ()):
            waiting.gone(end)
        self._next()

    def _want(self, settings: HostSettings, deadlines: Deadlines, waiting: Waiting) -> None:
        place = (settings.host, settings.port, settings.user, settings.jumps, settings.key_name)
        link = self._links.get(place)
        if link is not None and link.phase == UP and not link.still_there():
            link.fail(Outcome.LOST, "the host closed the connection")
            link = None
        if link is not None and link.phase == UP:
            waiting.up(link)
            return
        if link is None or link.phase == GONE:
            link = self._links[place] = self._setup.link(settings, deadlines, self)
            self._waiting[link] = [waiting]
            self._open(link, deadlines)
        else:
            self._waiting[link].append(waiting)

    def _open(self, link: Link, deadlines: Deadlines) -> None:
        jump = self._setup.jump(link.settings)
        if jump is None:
            self._queue.append(lambda: self._begin(link, link.connect))
        else:
            self._want(jump, deadlines, self._through(link))
        self._next()

    def _through(self, link: Link) -> Waiting:
        """Wait for a bastion, and then open `link` through it."""

        def up(bastion: Link) -> None:
            self._queue.append(
                lambda: self._begin(link, lambda: link.attach(Bridge(bastion, link, self.poller, self.clock).ours))
            )
            self._next()

        def gone(end: End) -> None:
            hint = end.hint
            link.fail(end.outcome, f"the jump host: {end.why}", hint, untrusted=end.untrusted)

        return Waiting(up, gone)

    def _next(self) -> None:
        while self._queue and len(self._handshaking) < HANDSHAKES:
            self._queue.popleft()()

    def _begin(self, link: Link, open_it: Callable[[], None]) -> None:
        if link.phase == GONE:
            return
        self._handshaking.add(link)
        try:
            open_it()
        except OSError as error:
            self._handshaking.discard(link)
            if error.errno in CROWDED and (self._drop_idle() or self._handshaking):
                self._queue.appendleft(lambda: self._begin(link, open_it))
                if not self._handshaking:
                    self._next()
                return
            hint = "raise the limit (ulimit -n) or run fewer at once"
            link.fail(Outcome.UNREACHABLE, (error.strerror or str(error)).lower(), hint)

    def _drop_idle(self) -> bool:
        """Close links that are kept for later only. True when there was one."""
        idle = [(place, link) for place, link in self._links.items() if link.idle]
        for place, link in idle:
            del self._links[place]
            link.close()
        return bool(idle)
