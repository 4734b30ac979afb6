"""`rem apply`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import changes as told
from rem_cli.cli import fail, footprint, live, mend, options, show
from rem_cli.cli.person import who
from rem_cli.errors import RemError, StaleError, Status, UsageError
from rem_cli.language import processes
from rem_cli.language.share import Share
from rem_cli.plan import planfile
from rem_cli.plan.apply import Applied, Terms
from rem_cli.plan.catalog import NOTHING
from rem_cli.plan.difference import Difference
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.record import Ended
from rem_cli.plan.footprint.rollout import STOPPED, Pace
from rem_cli.wire import activation, following
from rem_cli.wire.ending import Left
from rem_cli.wire.footprint import begun

FINISHING = "stopping: the hosts that are being changed are finished; once more ends them too"
LARGEST = 256 << 20  # bytes of a plan


def apply(
    rev: Annotated[str, typer.Argument(metavar="REV|PLAN", help="A branch, tag or commit; or a plan's file.")] = "HEAD",
    why: options.Why = "",
    batch: options.Batch = None,
    max_fail: options.MaxFail = None,
    confirm_within: options.ConfirmWithin = None,
    cancel: options.Cancel = False,
    max_prune: Annotated[
        str | None, typer.Option(metavar="N|P%", help="How many items or files may go at once; else 20% or ten.")
    ] = None,
    limit: Annotated[str | None, typer.Option(metavar="SELECTOR", help="Touch no other host, as in web01.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Touch only hosts that the last apply left undone.")] = False,
    follow: Annotated[
        str | None, typer.Option(metavar="BRANCH", help="What this branch says, unattended: signed commits only.")
    ] = None,
    every: Annotated[str | None, typer.Option(metavar="TIME", help="With --follow: look again, like 1m.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Make a commit the active generation: what jobs, people and hosts go by from now on.

    It reads the commit, never the work tree. Doing it twice is doing it once. When the packages have errors nothing
    changes and the old generation stays. A plan's file, written by rem diff --out, is applied only as long as it holds.
    Statuses: 0 all is as the commit says, 5 on some hosts it is not, 6 on none it is, 11 a file there is not REM's.
    """
    prune = _share(max_prune, "max prune", 0)
    paced = replace(pace(batch, max_fail, confirm_within), limit=limit, resume=resume)
    if follow is not None:
        again = options.seconds(every, "--every") if every else None
        return _follow(follow, again, Terms(max_prune=prune), paced, cancel, format)
    if every is not None:
        raise UsageError("--every goes with --follow", hint="rem apply --follow main --every 1m")
    if resume and (rev != "HEAD" or limit is not None):
        text = "--resume goes on with the commit that was applied last, on the hosts that are left"
        raise UsageError(text, hint="rem apply --resume")
    return _once(rev, why, Terms(max_prune=prune), paced, cancel, format)


def _once(rev: str, why: str, terms: Terms, pace: Pace, cancel: bool, format: options.Format) -> int:
    """Apply a commit or a plan, and tell it."""
    bound = _plan(Path(rev)) if Path(rev).is_file() else None
    with wire.open() as rem:
        if bound and bound.environment != rem.settings.environment:
            text = f"the plan is for {bound.environment}, and this is {rem.settings.environment}; nothing was applied"
            raise StaleError(text, hint=f"rem -E {bound.environment} apply {rev}")
        commit = bound.commit if bound else begun(rem) if pace.resume else rev
        with told_when_failed(format):
            applied = activation.apply(rem, commit, who=who(), why=why, terms=replace(terms, bound=bound), pace=pace)
        ahead = rem.elsewhere.ahead(rem.repository.resolve(commit))
        ended = end(rem, applied) if cancel else []
        difference = of(rem, applied)
        idle = processes.kept(rem.generations.catalog(applied.generation).items.values())
        left = rem.shared.left() if applied.new and applied.changes.removed else []
    if format is options.Format.JSON:
        show.document(
            "apply", {**document(applied, difference, ended), "kept": idle, "left": [one.name for one in left]}
        )
        return status(applied)
    tell(applied, difference, ended)
    if idle:
        show.note((processes.told(idle), "yellow"))
    for one in left:
        entries = show.counted(one.size, "entry", "entries")
        show.note(("left in the store:", "yellow"), f" {one.name} ({entries}): rem state archive {one.name}")
    if ahead:
        count = show.counted(len(ahead), "file")
        show.note(("not applied:", "yellow"), f" {count} of the work tree that are not in {commit[:12]}")
    return status(applied)


def pace(batch: str | None, max_fail: str | None, confirm_within: str | None) -> Pace:
    """How a roll-out goes on, as it is typed; UsageError."""
    stopping = partial(live.stopping, FINISHING, patience=1)
    within = options.seconds(confirm_within, "--confirm-within") if confirm_within else None
    shares = _share(batch, "batch", 1), _share(max_fail, "max fail", 0)
    return Pace(*shares, confirm_within=within, stopping=stopping)


def _share(text: str | None, name: str, least: int) -> Share | None:
    return Share.read(text, name, least=least) if text is not None else None


def status(applied: Applied) -> int:
    """What an apply or a rollback exits with."""
    if any(one.why == STOPPED for one in applied.hosts):
        return Status.INTERRUPTED
    return footprint.status(applied.hosts)


@contextmanager
def told_when_failed(format: options.Format) -> Iterator[None]:
    """When no host could be changed, say what went wrong on each before the error is told."""
    try:
        yield
    except HostsFailedError as failed:
        if format is options.Format.TEXT:
            footprint.ended(failed.done)
        raise


def _follow(branch: str, every: float | None, terms: Terms, pace: Pace, cancel: bool, format: options.Format) -> int:
    """Look once, or until somebody ends it; each outcome that is another than the last is told."""
    code: int = Status.DONE
    with wire.open() as rem:
        for news in following.follow(rem, branch, every, who=who(), terms=terms, pace=pace):
            code = Status.DONE if isinstance(news, RemError) else status(news)
            ended = end(rem, news) if cancel and isinstance(news, Applied) else []
            if isinstance(news, RemError):
                code = news.status
                fail.tell(news, as_json=format is options.Format.JSON, row=every is not None)
            elif format is options.Format.JSON:
                show.document("apply", document(news, of(rem, news), ended), row=every is not None)
            else:
                tell(news, of(rem, news), ended)
            sys.stdout.flush()
            if code == Status.INTERRUPTED:
                break
    return code


def _plan(path: Path) -> planfile.Bound:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {(error.strerror or '').lower()}") from error
    return planfile.read(content, str(path))


def of(rem: wire.Rem, applied: Applied) -> Difference:
    """What an apply or a rollback changed, and what that means."""
    if not applied.new:
        return Difference(NOTHING, NOTHING, applied.changes, [], {})
    old, new = applied.before or NOTHING, rem.generations.catalog(applied.generation)
    changes = applied.changes
    meaning, sections = activation.meaning(rem, old, new, changes), activation.sections_of(rem, new, changes)
    return Difference(old, new, changes, meaning, sections)


def end(rem: wire.Rem, applied: Applied) -> list[Left]:
    """End the runs of jobs that are gone; Ctrl-C leaves the rest to their ends."""
    from rem_cli.wire.ending import end

    with live.stopping() as stop:
        return end(rem, applied, who(), stop)


def document(applied: Applied, difference: Difference, ended: Sequence[Left] = ()) -> dict[str, object]:
    """What was made active, for programs."""
    generation = applied.generation
    return {
        "generation": generation.number,
        "environment": generation.environment,
        "commit": generation.commit,
        "catalog": generation.catalog,
        "new": applied.new,
        **told.document(difference),
        "hosts": footprint.document(applied.hosts),
        "resized": mend.document(applied.resized),
        "runs": [
            {"run": run.id, "job": run.job, "ended": run.ended is not None, "why": why or None} for run, why in ended
        ],
    }


def tell(applied: Applied, difference: Difference, ended: Sequence[Left] = ()) -> None:
    """What was made active, for people."""
    name = (f"generation {applied.generation.number}", "bold")
    told.text(difference)
    footprint.ended(applied.hosts)
    hosts = footprint.counts(applied.hosts)
    mended = any(one.ended is not Ended.UNCHANGED for one in applied.hosts)
    commit = (applied.generation.commit[:7], "cyan")
    if applied.new:
        show.line(name, " (", commit, ") is active: ", "; ".join(filter(None, [difference.counts(), hosts])))
    elif mended:
        show.line(name, " (", commit, f") is active already: {hosts}")
    else:
        show.line(name, " (", commit, ") is active already: nothing to do")
    mend.tell(applied.resized, applied.unsized)
    for run, why in ended:
        if run.ended is not None:
            show.note(("ended:", "yellow"), f" run {run.id} of {run.job}")
        else:
            show.note(("goes on:", "yellow"), f" run {run.id} of {run.job}: {why or 'it has not ended yet'}")
    if any(not one.ended.good for one in applied.hosts):
        show.hint("go on with the hosts that are not as they should be: rem apply --resume")
