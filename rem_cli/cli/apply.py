"""`rem apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import changes as told
from rem_cli.cli import fail, options, show
from rem_cli.cli.changes import Difference
from rem_cli.cli.job import who
from rem_cli.errors import RemError, StaleError, Status, UsageError
from rem_cli.language import processes
from rem_cli.language.share import Share
from rem_cli.plan import planfile
from rem_cli.plan.apply import Applied, Terms
from rem_cli.plan.catalog import NOTHING
from rem_cli.wire import activation, following

LARGEST = 256 << 20  # bytes of a plan


def apply(
    rev: Annotated[str, typer.Argument(metavar="REV|PLAN", help="A branch, tag or commit; or a plan's file.")] = "HEAD",
    why: Annotated[str, typer.Option(metavar="TEXT", help="The reason, for rem log; else the commit's subject.")] = "",
    max_prune: Annotated[
        str | None, typer.Option(metavar="N|P%", help="How many items may go at once; else 20% or ten.")
    ] = None,
    follow: Annotated[
        str | None, typer.Option(metavar="BRANCH", help="What this branch says, unattended: signed commits only.")
    ] = None,
    every: Annotated[str | None, typer.Option(metavar="TIME", help="With --follow: look again, like 1m.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Make a commit the active generation: what jobs, checks and people go by from now on.

    It reads the commit, never the work tree. Doing it twice is doing it once. When the packages have errors nothing
    changes and the old generation stays. A plan's file, written by rem diff --out, is applied only as long as it holds.
    """
    limit = Share.read(max_prune, "max prune", least=0) if max_prune is not None else None
    if follow is not None:
        return _follow(follow, options.seconds(every, "--every") if every else None, Terms(max_prune=limit), format)
    if every is not None:
        raise UsageError("--every goes with --follow", hint="rem apply --follow main --every 1m")
    bound = _plan(Path(rev)) if Path(rev).is_file() else None
    with wire.open() as rem:
        if bound and bound.environment != rem.settings.environment:
            text = f"the plan is for {bound.environment}, and this is {rem.settings.environment}; nothing was applied"
            raise StaleError(text, hint=f"rem -E {bound.environment} apply {rev}")
        commit = bound.commit if bound else rev
        applied = activation.apply(rem, commit, who=who(), why=why, terms=Terms(bound, limit))
        ahead = rem.elsewhere.ahead(rem.repository.resolve(commit))
        difference = of(rem, applied)
        idle = processes.kept(rem.generations.catalog(applied.generation).items.values())
        left = rem.shared.left() if applied.new and applied.changes.removed else []
    if format is options.Format.JSON:
        show.document("apply", {**document(applied, difference), "kept": idle, "left": [one.name for one in left]})
        return Status.DONE
    tell(applied, difference)
    if idle:
        show.note((processes.told(idle), "yellow"))
    for one in left:
        entries = show.counted(one.size, "entry", "entries")
        show.note(("left in the store:", "yellow"), f" {one.name} ({entries}): rem state archive {one.name}")
    if ahead:
        show.note(
            ("not applied:", "yellow"),
            f" {show.counted(len(ahead), 'file')} of the work tree that are not in {commit[:12]}",
        )
    return Status.DONE


def _follow(branch: str, every: float | None, terms: Terms, format: options.Format) -> int:
    """Look once, or until somebody ends it; each outcome that is another than the last is told."""
    status: int = Status.DONE
    with wire.open() as rem:
        for news in following.follow(rem, branch, every, who=who(), terms=terms):
            status = Status.DONE
            if isinstance(news, RemError):
                status = news.status
                fail.tell(news, as_json=format is options.Format.JSON, row=every is not None)
            elif format is options.Format.JSON:
                show.document("apply", document(news, of(rem, news)), row=every is not None)
            else:
                tell(news, of(rem, news))
            sys.stdout.flush()
    return status


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


def document(applied: Applied, difference: Difference) -> dict[str, object]:
    """What was made active, for programs."""
    generation = applied.generation
    return {
        "generation": generation.number,
        "environment": generation.environment,
        "commit": generation.commit,
        "catalog": generation.catalog,
        "new": applied.new,
        **told.document(difference),
    }


def tell(applied: Applied, difference: Difference) -> None:
    """What was made active, for people."""
    name = (f"generation {applied.generation.number}", "bold")
    if not applied.new:
        show.line(name, " (", (applied.generation.commit[:7], "cyan"), ") is active already: nothing to do")
        return
    told.text(difference)
    show.line(name, " (", (applied.generation.commit[:7], "cyan"), f") is active: {difference.counts()}")
