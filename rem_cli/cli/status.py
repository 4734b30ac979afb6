"""`rem status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from rem_cli import wire
from rem_cli.cli import freezing, options, show
from rem_cli.errors import RemError
from rem_cli.jobs import Run, RunState
from rem_cli.jobs.claims import DAEMON, Claims
from rem_cli.jobs.claims import Held as Claim
from rem_cli.jobs.freezes import Freezes
from rem_cli.jobs.schedule.frozen import Freeze
from rem_cli.language import processes
from rem_cli.plan import hold
from rem_cli.plan.footprint import record
from rem_cli.plan.footprint.record import Left
from rem_cli.plan.generations import Generation
from rem_cli.plan.hold import Hold
from rem_cli.state import Holder
from rem_cli.tree import Commit

MOST = 20  # hosts that are listed before the rest is counted
MOST_CLAIMED = 3  # jobs of a daemon, the same


@dataclass(frozen=True)
class Standing:
    """What a person asks first."""

    environment: str
    generation: Generation | None
    held: Hold | None
    head: Commit | None  # None: no commit yet
    ahead: bool  # HEAD is not what is active
    changed: Sequence[str]  # paths of the work tree that HEAD does not hold as they are
    recent: Sequence[Run]
    now: float
    hosts: Mapping[str, Left]  # that have files of REM, or shall have some
    pending: bool  # an apply began and did not come to its end
    kept: Mapping[str, int]  # of what is active, what nothing acts on yet
    daemons: Sequence[Holder]  # the locks of those that live
    frozen: Sequence[Freeze]  # what holds now
    claimed: Sequence[Claim]  # what is being run because it was due


def status(format: options.AsFormat = options.Format.TEXT) -> None:
    """Say what is active, how far the work tree is from it, and how the last runs ended."""
    with wire.open() as rem:
        standing = _standing(rem)
    if format is options.Format.JSON:
        show.document("status", _document(standing))
    else:
        _text(standing)


def _standing(rem: wire.Rem) -> Standing:
    generation = rem.generations.active()
    known = record.read(rem.generations)
    if generation is None:
        rem.meant(rem.verdict(rem.tree()))
    try:
        head = rem.repository.resolve("HEAD")
    except RemError:
        head = None
    there, claims = rem.state_folder.is_dir(), Claims(rem.state)
    return Standing(
        rem.settings.environment,
        generation,
        hold.held(rem.generations),
        head,
        head is not None and (generation is None or head.id not in rem.generations.commits(generation)),
        rem.elsewhere.ahead(head) if head else [],
        _runs(rem) if there else [],
        rem.clock.now(),
        known.hosts,
        known.pending,
        processes.kept(rem.generations.catalog(generation).items.values()) if generation else {},
        [one for one in claims.runners() if one.why == DAEMON] if there else [],
        Freezes(rem.state).now(int(rem.clock.now())) if there else [],
        claims.held() if there else [],
    )


def _runs(rem: wire.Rem) -> list[Run]:
    """The last runs, and long jobs of before that go on."""
    recent = rem.records.recent(5)
    known = {run.id for run in recent}
    return [*recent, *(rem.records.show(id) for id in rem.records.left_running() if id not in known)]


def _document(standing: Standing) -> dict[str, object]:
    generation, held = standing.generation, standing.held
    active = None
    if generation:
        active = {
            "generation": generation.number,
            "commit": generation.commit,
            "who": generation.who,
            "why": generation.why,
            "at": show.instant(generation.at),
        }
    return {
        "environment": standing.environment,
        "active": active,
        "hold": {**asdict(held), "at": show.instant(held.at)} if held else None,
        "pending": standing.pending,
        "hosts": {
            name: {"outcome": str(left.ended), "why": left.why, "at": show.instant(left.at)}
            for name, left in standing.hosts.items()
        },
        "head": standing.head.id if standing.head else None,
        "changed": list(standing.changed),
        "runs": [{"run": run.id, "job": run.job, "state": str(run.state), "why": run.why} for run in standing.recent],
        "kept": dict(standing.kept),
        "frozen": [freezing.document(one) for one in standing.frozen],
        "daemons": [_daemon(one, standing.claimed) for one in standing.daemons],
    }


def _text(standing: Standing) -> None:
    generation, held, head, now = standing.generation, standing.held, standing.head, standing.now
    if generation is None:
        show.line(("nothing is active", "bold"), " yet")
    else:
        show.line(
            (generation.environment, "bold"), f": generation {generation.number} (", (generation.commit[:7], "cyan"),
            f") “{generation.why}”, {generation.who}, {show.age(now - generation.at)} ago",
        )  # fmt: skip
    if held:
        show.line(
            ("  held back: ", "yellow"), "what ", (held.commit[:7], "cyan"),
            f" says, by {held.who} {show.age(now - held.at)} ago: {held.why}",
        )  # fmt: skip
    _hosts(standing)
    if standing.kept:
        show.line("  ", (processes.told(standing.kept), "yellow"))
    if standing.ahead and head:
        show.line("  HEAD is ", (head.id[:7], "cyan"), f" “{head.subject}”, which is not active")
    if standing.changed:
        show.line(f"  not committed: {show.counted(len(standing.changed), 'file')} of the work tree")
    for freeze in standing.frozen:
        freezing.tell(freeze, now)
    for daemon in standing.daemons:
        claimed = [_what(one) for one in standing.claimed if one.runner == daemon.lock]
        more = f" and {len(claimed) - MOST_CLAIMED} more" if len(claimed) > MOST_CLAIMED else ""
        runs = f"runs {', '.join(claimed[:MOST_CLAIMED])}{more}" if claimed else "waits for what is due"
        show.line("  ", ("rem daemon", "bold"), f" of {daemon.by}, for {show.age(now - daemon.since)}: {runs}")
    for run in standing.recent:
        _run(run, now)
    if head is None:
        show.hint("git add -A && git commit")
    elif standing.ahead:
        show.hint("rem diff HEAD && rem apply")


def _daemon(daemon: Holder, claimed: Sequence[Claim]) -> dict[str, object]:
    held = [
        {"job": one.job, "host": one.host or None, "due": show.instant(one.instant), "run": one.run}
        for one in claimed
        if one.runner == daemon.lock
    ]
    return {"by": daemon.by, "lock": daemon.lock, "since": show.instant(daemon.since), "runs": held}


def _what(claim: Claim) -> str:
    host = f" on {claim.host}" if claim.host else ""
    return f"{claim.job}{host} (run {claim.run})" if claim.run is not None else f"{claim.job}{host}"


def _hosts(standing: Standing) -> None:
    """Hosts that are not as the active generation wants them."""
    bad = {name: left for name, left in standing.hosts.items() if not left.ended.good}
    if standing.pending:
        show.line("  ", ("cut off: ", "yellow"), "an apply began on hosts and did not come to its end")
    if bad:
        show.line("  ", ("partial: ", "yellow"), f"{len(bad)} of {show.counted(len(standing.hosts), 'host')}")
    for name, left in list(bad.items())[:MOST]:
        why = f": {left.why}" if left.why else ""
        show.line(
            "    ", (show.glyph("bad"), "red"), f" {name}  {left.ended}{why}, {show.age(standing.now - left.at)} ago"
        )
    if len(bad) > MOST:
        show.line((f"      and {len(bad) - MOST} more: --format json has them all", "dim"))
    if standing.pending or bad:
        show.hint("rem apply --resume")


def _run(run: Run, now: float) -> None:
    sign = (show.glyph("blind"), "blue")
    if run.status == 0:
        sign = (show.glyph("ok"), "green")
    elif run.ended:
        sign = (show.glyph("bad"), "red")
    elif run.state is RunState.RUNNING:
        sign = (show.glyph("runs"), "cyan")
    told = run.why or (f"{run.state}; rem job follow {run.id}" if run.detached else str(run.state))
    show.line("  ", sign, f" run {run.id} of {run.job}, {show.age(now - run.began)} ago: {told}")
