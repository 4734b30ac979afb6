"""Another host's REM, reached like any host: a request on standard input, the reply on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rem_cli.reach import Deadlines, End, Outcome, ReachError, Stop, Stream, Target, Task

if TYPE_CHECKING:
    from rem_cli.jobs.job import Host
    from rem_cli.wire import Rem

REPLY = 256 << 20  # bytes
# The program may lie where pip and pipx put it, which is not on the path of a shell that nobody logged in to.
_ANSWER = 'PATH="$HOME/.local/bin:$PATH" && export PATH && cd -- "$REM_AT" && exec rem replicate answer'


class Heard:
    """Listens to the one host."""

    def __init__(self) -> None:
        self.out, self.err = bytearray(), bytearray()
        self.end: End | None = None

    def started(self, target: Target) -> None:
        """It is asked; nothing to do."""

    def output(self, target: Target, stream: Stream, data: bytes) -> None:
        (self.out if stream is Stream.OUT else self.err).extend(data)

    def ended(self, target: Target, end: End) -> None:
        self.end = end


class Far:
    """Asks the REM that has its repository in `at` on a host; ReachError."""

    def __init__(self, rem: Rem, host: Host, at: str, seconds: float, stop: Stop) -> None:
        self._transport = rem.transports["local" if host.local else "ssh"]
        self._target = Target(host.name, host.address, host.port, host.user)
        self._at = at
        self._deadlines = Deadlines(run=seconds)
        self._stop = stop

    def __call__(self, request: bytes) -> bytes:
        task = Task(
            shell=_ANSWER, env={"REM_AT": self._at}, stdin=request, output_limit=REPLY, deadlines=self._deadlines
        )
        heard = Heard()
        self._transport.run([(self._target, task)], heard, parallel=1, stop=self._stop)
        end = heard.end
        assert end is not None
        if end.outcome is not Outcome.OK:
            said = heard.err.decode("utf-8", "replace").strip().splitlines()
            why = said[0] if said else end.why or f"exit {end.exit}"
            hint = end.hint or f"is rem there, and its repository in {self._at}? another folder: --at DIR"
            raise ReachError(f"{self._target.name} did not answer: {why}", hint=hint)
        return bytes(heard.out)
