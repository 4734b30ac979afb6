"""SSH for many hosts with a thread each, on public names of paramiko only: slower, and independent of its insides.

Threads do nothing but wait for paramiko. What they learn is posted to the thread of the run, where every decision is
made and every listener called.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from rem_cli.clock import Clock
from rem_cli.reach import Deadlines, End, Listener, Outcome, ReachError, Stop, Stream, Target, Work
from rem_cli.reach.fanout import FanOut
from rem_cli.reach.poller import READ, Poller
from rem_cli.reach.program import Program
from rem_cli.reach.ssh.agent import AgentError
from rem_cli.reach.ssh.config import HostSettings
from rem_cli.reach.ssh.library import explain, load
from rem_cli.reach.ssh.protocol import order_algorithms
from rem_cli.reach.ssh.setup import Setup
from rem_cli.reach.wrap import COMMAND

HANDSHAKES = 64  # at once
PROGRAMS = 256  # at once; each takes three threads
PIECE = 1 << 15  # bytes
PIECES_WAITING = 32  # from one program, before its thread waits for the listener

Place = tuple[object, ...]


class NoLinkError(Exception):
    """A host was not reached; `end` says why."""

    def __init__(self, end: End) -> None:
        super().__init__(end.why)
        self.end = end


class ThreadedLinks:
    """All links, by host. Used by many threads at once."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self.poller = Poller(clock)
        self._setup = setup
        self._links: dict[Place, Any] = {}
        self._proxies: list[subprocess.Popen[bytes]] = []
        self._locks: dict[Place, threading.Lock] = {}
        self._lock = threading.Lock()
        self._handshakes = threading.Semaphore(HANDSHAKES)

    def link(self, target: Target, deadlines: Deadlines) -> Any:
        """A paramiko.Transport that is logged in. Raises NoLinkError."""
        try:
            with self._lock:  # paramiko's parser and our caches are not made for threads
                settings = self._setup.settings(target)
            return self._link(settings, deadlines)
        except ReachError as error:
            raise NoLinkError(End(Outcome.UNREACHABLE, why=error.message, hint=error.hint, phase="connect")) from None

    def close(self) -> None:
        for link in self._links.values():
            link.close()
        for proxy in self._proxies:
            proxy.kill()
            proxy.wait()
        self.poller.close()

    def _link(self, settings: HostSettings, deadlines: Deadlines) -> Any:
        place = (settings.host, settings.port, settings.user, settings.jumps, settings.key_name)
        with self._lock:
            lock = self._locks.setdefault(place, threading.Lock())
        with lock:
            link = self._links.get(place)
            if link is None or not link.is_active():
                link = self._links[place] = self._log_in(settings, deadlines)
        return link

    def _log_in(self, settings: HostSettings, deadlines: Deadlines) -> Any:
        paramiko = load()
        with self._lock:
            jump = self._setup.jump(settings)
        bastion = self._link(jump, deadlines) if jump is not None else None
        with self._handshakes:
            connected = self._connect(settings, deadlines, bastion)
            with self._lock:
                known = self._setup.trusted(settings)
                kinds = known.kinds(settings.key_name, settings.port)
            link = paramiko.Transport(connected)
            try:
                order_algorithms(link, kinds)
                self._exchange_keys(link, settings, deadlines)
                self._authenticate(link, settings, deadlines)
            except BaseException:
                link.close()
                raise
        return link

    def _connect(self, settings: HostSettings, deadlines: Deadlines, bastion: Any) -> Any:
        limit = min(deadlines.connect, settings.connect_timeout or deadlines.connect)
        paramiko = load()
        try:
            if bastion is not None:
                there = (settings.host, settings.port)
                return bastion.open_channel("direct-tcpip", there, ("127.0.0.1", 0), timeout=limit)
            if settings.proxy_command is not None:
                return self._run_proxy(settings.proxy_command)
            link = socket.create_connection((settings.host, settings.port), limit)
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            why = f"no answer in {limit:g} s"
        except (OSError, UnicodeError) as error:
            why = f"{settings.host} port {settings.port}: {str(getattr(error, 'strerror', None) or error).lower()}"
        except paramiko.SSHException as error:
            why = f"the jump host does not reach it: {explain(error)}"
        else:
            return link
        raise NoLinkError(End(Outcome.UNREACHABLE, why=why, phase="connect"))

    def _run_proxy(self, command: str) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            far = theirs.fileno()
            proxy = subprocess.Popen(["sh", "-c", f"exec {command}"], stdin=far, stdout=far, start_new_session=True)
        self._proxies.append(proxy)
        return ours

    def _exchange_keys(self, link: Any, settings: HostSettings, deadlines: Deadlines) -> None:
        paramiko = load()
        link.banner_timeout, link.handshake_timeout = deadlines.banner, deadlines.handshake
        try:
            link.start_client(timeout=deadlines.banner + deadlines.handshake)
        except (paramiko.SSHException, EOFError, OSError) as error:
            phase = "handshake" if link.remote_version else "banner"
            why = f"the {phase} did not end well: {explain(error)}"
            raise NoLinkError(End(Outcome.UNREACHABLE, why=why, phase=phase)) from None
        key = link.get_remote_server_key()
        with self._lock:
            known = self._setup.trusted(settings)
            distrust = known.distrust(settings.name, settings.key_name, settings.port, key.get_name(), key.asbytes())
        if distrust is not None:
            end = End(Outcome.REFUSED, why=distrust.why, hint=distrust.hint, phase="handshake", untrusted=True)
            raise NoLinkError(end)

    def _authenticate(self, link: Any, settings: HostSettings, deadlines: Deadlines) -> None:
        paramiko = load()
        link.auth_timeout = deadlines.login
        with self._lock:
            keys = list(self._setup.keys.keys_for(settings))
        why = "there is no key to log in with"
        for key in keys:
            try:
                wants_more = link.auth_publickey(settings.user, key)
            except paramiko.AuthenticationException as error:
                if not link.is_active():
                    why = f"the host hung up: {explain(error)}"
                    break
                why = f"it does not accept {'our key' if len(keys) == 1 else f'any of the {len(keys)} keys we have'}"
            except AgentError as error:
                why = f"our key could not sign: {error}"
            except (paramiko.SSHException, EOFError, OSError) as error:
                raise NoLinkError(End(Outcome.UNREACHABLE, why=explain(error), phase="login")) from None
            else:
                if not wants_more:
                    return
                why = f"it accepted our key but wants more ({', '.join(wants_more)}), which is not supported"
                break
        complaints = "; ".join(self._setup.keys.complaints)
        hint = f"check user {settings.user!r} and the keys: ssh -v {settings.name}"
        raise NoLinkError(
            End(Outcome.REFUSED, why=f"{why} ({complaints})" if complaints else why, hint=hint, phase="login")
        )


class ThreadsFanOut(FanOut):
    """One run with threads."""

    links: ThreadedLinks
    _channels: dict[Program, list[Any]]
    _links: dict[Program, Any]

    def over_links(self, links: ThreadedLinks) -> None:
        """Run everything over `links`."""
        self.links, self._channels, self._links = links, {}, {}
        self._room = min(self._room, PROGRAMS)
        self._posted: deque[Callable[[], None]] = deque()
        self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._closing = threading.Lock()
        self.poller.watch(self._bell, READ, lambda _: self._deliver())
        try:
            self.run()
        finally:
            self.poller.forget(self._bell)
            with self._closing:
                bell, self._bell = self._bell, -1
            os.close(bell)

    def start(self, program: Program) -> None:
        self._channels[program] = []
        _thread(self._serve, program)

    def kill(self, program: Program) -> None:
        _thread(self._end_group, program, self._links.get(program))

    def drop(self, program: Program) -> None:
        for channel in self._channels.pop(program, ()):
            _thread(_close, channel)  # may wait for a key exchange
        self._links.pop(program, None)

    def _serve(self, program: Program) -> None:
        """In a thread: reach the host and carry what the program says."""
        paramiko = load()
        try:
            link = self.links.link(program.target, program.task.deadlines)
        except NoLinkError as error:
            end = error.end
            self._post(lambda: program.fail(end))
            return
        begun = threading.Event()
        self._post(lambda: self._begin(program, link, begun))
        begun.wait()
        if program.end is not None:
            return
        try:
            channel = link.open_session(timeout=program.task.deadlines.channel)
            self._post(lambda: self._keep(program, channel))
            channel.exec_command(COMMAND)
        except paramiko.ChannelException as error:
            why = f"the host opened no channel: {error.text}"
            self._post(lambda: program.refused(why))
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = explain(error)
            self._post(lambda: program.broke(why))
        else:
            self._carry(program, link, channel)

    def _carry(self, program: Program, link: Any, channel: Any) -> None:
        _thread(_give, channel, program.wrapped.stdin)
        errors = _thread(self._hear, program, Stream.ERR, channel.recv_stderr)
        self._hear(program, Stream.OUT, channel.recv)
        errors.join()
        if link.is_active():
            status = channel.recv_exit_status()
            # Paramiko tells -1 when a signal ended the wrapper.
            self._post(lambda: program.closed(status if status >= 0 else 137))
        else:
            self._post(lambda: program.broke("the host closed the connection"))

    def _hear(self, program: Program, stream: Stream, receive: Callable[[int], bytes]) -> None:
        room = threading.Semaphore(PIECES_WAITING)
        with contextlib.suppress(OSError):
            while data := receive(PIECE):
                room.acquire()
                self._post(lambda data=data: self._hand_over(program, stream, data, room))  # type: ignore[misc]

    def _end_group(self, program: Program, link: Any) -> None:
        paramiko = load()
        limits = program.task.deadlines
        try:
            if link is None or not link.is_active():
                link = self.links.link(program.target, limits)
            channel = link.open_session(timeout=limits.channel)
            channel.settimeout(2 * limits.grace + limits.channel)
            channel.exec_command(program.kill_command)
            said = b""
            while data := channel.recv(PIECE):
                said = (said + data)[-4096:]
            status: int | None = channel.recv_exit_status()
            channel.close()
        except (paramiko.SSHException, EOFError, OSError, NoLinkError):
            status, said = None, b""
        self._post(lambda: program.killed(status, said))

    # In the thread of the run.

    def _begin(self, program: Program, link: Any, begun: threading.Event) -> None:
        if program.end is None:
            self._links[program] = link
            program.begin()
        begun.set()

    def _keep(self, program: Program, channel: Any) -> None:
        if program in self._channels:
            self._channels[program].append(channel)
        else:
            _thread(_close, channel)

    def _hand_over(self, program: Program, stream: Stream, data: bytes, room: threading.Semaphore) -> None:
        room.release()
        program.take(stream, data)

    def _post(self, call: Callable[[], None]) -> None:
        with self._closing:
            if self._bell >= 0:
                self._posted.append(call)
                os.eventfd_write(self._bell, 1)

    def _deliver(self) -> None:
        os.eventfd_read(self._bell)
        while self._posted:
            self._posted.popleft()()


def _give(channel: Any, stdin: bytes) -> None:
    with contextlib.suppress(OSError, EOFError, load().SSHException):
        channel.sendall(stdin)
        channel.shutdown_write()


def _close(channel: Any) -> None:
    with contextlib.suppress(OSError, EOFError, load().SSHException):
        channel.close()


def _thread(call: Callable[..., object], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=call, args=arguments, daemon=True)
    thread.start()
    return thread


class ThreadsEngine:
    """A `Transport` that works with threads."""

    def __init__(self, setup: Setup, clock: Clock) -> None:
        self._clock = clock
        self._links = ThreadedLinks(setup, clock)

    def run(self, work: Work, listen: Listener, *, parallel: int, stop: Stop) -> None:
        """See `Transport.run`."""
        poller = self._links.poller
        run = ThreadsFanOut(work, listen, parallel=parallel, stop=stop, clock=self._clock, poller=poller)
        run.over_links(self._links)

    def close(self) -> None:
        """Drop all links."""
        self._links.close()
