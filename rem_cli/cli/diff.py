"""`rem diff`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import changes as told
from rem_cli.cli import footprint, show
from rem_cli.errors import Status, UsageError
from rem_cli.plan import planfile
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import changes, values
from rem_cli.plan.difference import Difference
from rem_cli.plan.footprint.plans import Plan, standing
from rem_cli.plan.footprint.steps import Move
from rem_cli.wire import activation
from rem_cli.wire.footprint import drift as on_hosts_now
from rem_cli.wire.footprint import on_hosts


class Form(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    MARKDOWN = "markdown"


def diff(
    rev: Annotated[str | None, typer.Argument(metavar="REV", help="A commit; left out, the work tree.")] = None,
    against: Annotated[str, typer.Option(metavar="active|REV", help="What it is compared with.")] = "active",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a plan that rem apply FILE holds to.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask the hosts how their files stand now.")] = False,
    drift: Annotated[bool, typer.Option("--drift", help="How hosts differ from what is active; nothing else.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Status 3 when something differs.")] = False,
    format: Annotated[Form, typer.Option("--format", help="For people, programs, or a pull request.")] = Form.TEXT,
) -> int:
    """Show what a commit or the work tree changes against what is active, and what that means.

    Items and their fields, never lines: a file that was moved or written anew without another meaning is no difference.
    Nothing is changed. Files on hosts are compared with what the last apply left there; with --refresh, which only
    reads, with what is there now, and the checks of ensure are run.
    """
    if drift:
        if rev is not None or against != "active" or out or refresh:
            raise UsageError("--drift compares hosts with what is active, and nothing else", hint="rem diff --drift")
        return _drift(form=format, exit_code=exit_code)
    if out and (rev is None or against != "active"):
        raise UsageError("a plan is made from a commit, against what is active", hint="rem diff HEAD --out FILE")
    with wire.open() as rem:
        active = rem.generations.active() if against == "active" else None
        old, said = _sides(rem, rev, against, whole=out is not None or format is Form.JSON)  # which tell their hashes
        new = said.catalog
        refresh = refresh or out is not None  # a plan binds what is there now
        plans = on_hosts(rem, said.content, refresh=refresh) if against == "active" else []
        label = _labels(old, new, active.number if active else None, against)
        found = changes(old, new)
        meaning, sections = activation.meaning(rem, old, new, found), activation.sections_of(rem, new, found)
        difference = Difference(old, new, found, meaning, sections)
        now = show.instant(rem.clock.now())
        if out:
            pairs = values(old, new, found)
            environment = rem.settings.environment
            plan = planfile.write(
                active, new, environment, found, difference.meaning, pairs, now=now, hosts=standing(plans)
            )
            wire.write(out, plan)
        notes = "".join(f"{row}\n" for row in told.github(difference, said.place)) if format is Form.GITHUB else ""
    if format is Form.GITHUB:
        show.foreign(notes)
    else:
        _show(difference, label, form=format, plans=plans, refreshed=refresh)
    if out:
        show.note(f"wrote {out}")
        show.hint(f"rem apply {out}")
    differs = bool(difference) or any(plan.differs for plan in plans)
    return Status.DIFFERENT if exit_code and differs else Status.DONE


def _sides(rem: wire.Rem, rev: str | None, against: str, *, whole: bool) -> tuple[Catalog, activation.Said]:
    """What a revision is compared with, and what it says."""
    if against == "active":
        return activation.active(rem), activation.compiled(rem, rev, whole=whole)
    return activation.compiled(rem, against, whole=whole).catalog, activation.compiled(rem, rev, whole=whole)


def _drift(*, form: Form, exit_code: bool) -> int:
    with wire.open() as rem:
        plans = on_hosts_now(rem)
    quiet = (Move.UNCHANGED, Move.ACCEPTED)
    drifted = [plan for plan in plans if any(step.move not in quiet for step in plan.steps)]
    if form is Form.JSON:
        show.document("drift", {"hosts": footprint.plan_document(plans, refreshed=True)})
    else:
        footprint.planned(plans, refreshed=True, checked=False)
        silent = sum(plan.failed is not None for plan in plans)
        asked = show.counted(len(plans) - silent, "host")
        lost = f", {show.counted(silent, 'host')} could not be asked" if silent else ""
        show.line(f"{len(drifted)} of {asked} drifted from what is active{lost}")
    return Status.DIFFERENT if exit_code and drifted else Status.DONE


def _labels(old: Catalog, new: Catalog, generation: int | None, against: str) -> tuple[str, str]:
    """What is compared, for people."""
    after = new.commit[:7] if new.commit else "the work tree"
    if against != "active":
        return after, (old.commit or against)[:7]
    commit = f" ({old.commit[:7]})" if old.commit else ""
    return after, f"generation {generation}{commit}" if generation else "nothing"


def _show(
    difference: Difference, label: tuple[str, str], *, form: Form, plans: Sequence[Plan], refreshed: bool
) -> None:
    new, old = label
    if form is Form.JSON:
        hosts = footprint.plan_document(plans, refreshed=refreshed)
        sides = {"target": _side(difference.new, new), "against": _side(difference.old, old)}
        show.document("diff", {**sides, **told.document(difference), "hosts": hosts})
    elif form is Form.MARKDOWN:
        for row in told.markdown(difference, f"{new} against {old}"):
            show.line(row)
    else:
        told.text(difference)
        footprint.planned(plans, refreshed=refreshed, checked=refreshed)
        if difference:
            show.line("")
            show.line((difference.counts(), "bold"), f": {new} against {old}")
        else:
            what = "no item" if any(plan.differs for plan in plans) else "nothing"
            show.line(f"{new} says what {old} says: {what} changes")


def _side(catalog: Catalog, label: str) -> dict[str, object]:
    return {"label": label, "commit": catalog.commit, "catalog": catalog.hash or None}
