"""Messages of a job's input queue, handled on its hosts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Any

from rem_cli.errors import RemError, Status, UsageError
from rem_cli.jobs import Run
from rem_cli.jobs.ask import ask
from rem_cli.jobs.distribute import Spread, slots, spread, spread_of
from rem_cli.jobs.job import Assignment, Host, Job, Taken, read_params
from rem_cli.jobs.leftovers import end_leftovers, mark_of
from rem_cli.jobs.runner import Engines, run
from rem_cli.jobs.workers import Fate, Handled, Hands, Idle, Shift, Shop, UnsureError
from rem_cli.reach import Target, Task
from rem_cli.wire.conditions import evaluate
from rem_cli.wire.reaching import transports
from rem_cli.wire.secrets import keep_back, lend
from rem_cli.words import counted

if TYPE_CHECKING:
    from rem_cli.reach import Stop, Transport
    from rem_cli.state import Claim
    from rem_cli.wire import Rem
    from rem_cli.wire.source import Source

MOST_WORKERS = 1_000
Listen = Callable[[Handled | Idle], None]


@dataclass
class Tally:
    """What the workers of one job did."""

    job: str
    fates: Counter[Fate] = field(default_factory=Counter)
    idle: dict[str, str] = field(default_factory=dict)  # why, by worker

    def hear(self, event: Handled | Idle) -> None:
        if isinstance(event, Idle):
            self.idle[event.worker] = event.why
        else:
            self.idle.pop(event.worker, None)
            self.fates[event.fate] += 1

    @property
    def status(self) -> Status:
        """0 when every message that was taken is done, also when there was none; 5 some, 6 none, or no host answers."""
        good, all_ = self.fates[Fate.DONE], self.fates.total()
        if good == all_:
            return Status.DONE if all_ or not self.idle else Status.ALL_FAILED
        return Status.SOME_FAILED if good else Status.ALL_FAILED

    @property
    def said(self) -> str:
        """`3 done, 1 given back`."""
        told = ", ".join(f"{self.fates[fate]} {fate}" for fate in Fate if self.fates[fate])
        idle = f"{counted(len(self.idle), 'worker')} without a host that answers" if self.idle else ""
        return "; ".join(filter(None, [told, idle])) or "no message waits"


def work(rem: Rem, path: str, stop: Stop, listen: Listen, *, once: bool = False, most: int | None = None) -> Tally:
    """Let the workers of an active job handle its input until somebody stops them; `once`: until nothing waits.

    NoTargetError, UsageError: nothing was taken.
    """
    source = rem.active_source()
    job = source.job(path)
    if job.input is None:
        raise UsageError(f"{job.path} has no input", hint=f"rem job run {job.path}; or give it an input, a queue")
    hosts = source.hosts(job.hosts)
    chosen = slots(job, hosts)
    if len(chosen) > MOST_WORKERS:
        text = f"{job.path} has {len(chosen):,} workers, more than {MOST_WORKERS:,}"
        raise UsageError(text, hint="fewer workers, or fewer hosts")
    queue_path, queue = rem.shared.queue(job.input)
    terms: Any = source.catalog.item(queue_path).fields
    tally = Tally(job.path)

    def hear(event: Handled | Idle) -> None:
        tally.hear(event)
        listen(event)

    with ExitStack() as stack:
        hands = [_hands(rem, source, job, name, some, hosts, stack) for name, some in chosen]
        shop = Shop(queue, terms["lease"], terms["deliveries"], job.retry)
        shop.work(hands, Shift(stop, once, most), hear, at_once=job.parallel)
    return tally


def work_waiting(rem: Rem, stop: Stop, listen: Listen) -> list[tuple[Tally, RemError | None]]:
    """Handle what waits now in the inputs of all active jobs, each job in its turn; for whoever looks regularly."""
    tallies: list[tuple[Tally, RemError | None]] = []
    for item in rem.active_source().catalog.of("builtin jobs"):
        if item.fields.get("input") is None or stop.asked:
            continue
        try:
            tallies.append((work(rem, item.path, stop, listen, once=True), None))
        except RemError as error:
            tallies.append((Tally(item.path), error))
    return tallies


def _hands(
    rem: Rem,
    source: Source,
    job: Job,
    name: str,
    hosts: Sequence[Host],
    everywhere: Sequence[Host],
    stack: ExitStack,
) -> Hands:
    """A worker with links of its own, since it works in a thread of its own. `everywhere` are all hosts of the job."""
    reached = transports(rem.settings, rem.clock, stack)
    engines = Engines(reached, rem.records, rem.intake, rem.clock, evaluate, rem.queues)
    keep_back(source.catalog)
    lent = lend(job, source.script, rem.settings.age_identities, rem.state_folder)
    script = source.script(job.script) if job.script else None
    params = read_params(job, [])
    alone = replace(job, workers=1, retry=None)  # a message that failed is handed out again
    chance = Random()

    def ready(stop: Stop) -> str:
        return _ready(job, hosts, reached, stop)

    def handle(claim: Claim, stop: Stop) -> Run:
        origin = replace(source.origin, who=f"worker {name.removeprefix('worker ')}", message=claim.id)
        if claim.tries > 1:
            unsure = end_leftovers(rem.records, job, claim.id, everywhere, reached, stop)
            if unsure:
                raise UnsureError(unsure)
        taken = Taken(claim.id, claim.body, claim.tries, mark_of(job.input or "", claim.id))

        def go(some: Sequence[Host]) -> Run:
            return run(
                alone, some, engines=engines, stop=stop, listen=lambda event: None, params=params, script=script,
                lent=lent, origin=origin, taken=taken,
            )  # fmt: skip

        return spread(job, hosts, chance, go)

    return Hands(name, ready, handle)


def _ready(job: Job, hosts: Sequence[Host], reached: Mapping[str, Transport], stop: Stop) -> str:
    """Why no message can be handled on these hosts now; empty when one can. No message is taken before it can."""
    task = Task(argv=("true",), deadlines=replace(job.deadlines, run=10.0, idle=None))
    asked = [Assignment(one, Target(one.name, one.address, one.port, one.user), task) for one in hosts]
    replies = ask(asked, reached, stop)
    silent = [(host, reply.end) for host, reply in zip(hosts, replies, strict=True) if reply.end.exit != 0]
    needed = job.success.needed(len(hosts)) if spread_of(job) is Spread.EACH else 1
    if len(hosts) - len(silent) >= needed:
        return ""
    host, end = silent[0]
    return f"{host.name}: {end.why or end.outcome}"
