"""Back to what was active before: the old content as a new generation, and a hold on what is left behind."""

from __future__ import annotations

from dataclasses import replace

from rem_cli.clock import Clock
from rem_cli.errors import NoTargetError, RemError
from rem_cli.language.share import Share
from rem_cli.plan import hold
from rem_cli.plan.activate import activating
from rem_cli.plan.apply import Applied, catch_up, readable
from rem_cli.plan.audit import Audit, Record
from rem_cli.plan.content import Stored
from rem_cli.plan.diff import Changes, changes
from rem_cli.plan.footprint.environment import Footprint, ends, rolled_out, survey
from rem_cli.plan.generations import Generation, Generations
from rem_cli.plan.signals import finishing

ALL = Share(100, percent=True)  # who goes back is not held up by how much goes


def target(generations: Generations, wanted: int | str | None) -> Generation:
    """The kept generation of a number or of a commit (full id); without one, the last that says something else.

    NoTargetError.
    """
    kept = generations.history()
    if not kept:
        raise NoTargetError("nothing was applied yet, so there is nothing to go back to", hint="rem apply")
    active, before = kept[0], kept[1:]
    if wanted is None:
        found = next((one for one in before if one.catalog != active.catalog), None)
    elif isinstance(wanted, int):
        found = next((one for one in kept if one.number == wanted), None)
    else:
        found = next((one for one in kept if wanted in generations.commits(one)), None)
    if found is None:
        what = (
            f"generation {wanted}" if isinstance(wanted, int) else f"a generation of {str(wanted or '')[:7]}".rstrip()
        )
        text = "no other generation is kept" if wanted is None else f"{what} is not kept"
        numbers = ", ".join(str(one.number) for one in before)
        hint = f"kept: {numbers}; any commit: rem apply REV" if numbers else "any commit: rem apply REV"
        raise NoTargetError(text, hint=hint)
    return found


def rollback(
    to: Generation,
    generations: Generations,
    audit: Audit,
    clock: Clock,
    *,
    who: str,
    why: str = "",
    footprint: Footprint | None = None,
) -> Applied:
    """Make the content of a kept generation active again, as a new one, and hold back what was active.

    The stored catalog and scripts are used: neither git nor the packages are asked. Killed anywhere, either nothing
    happened, or what is active is held back as well, or all of it happened.
    """
    why = why or f"back to generation {to.number}"
    record = Record("rollback", "active", who, to.commit, environment=generations.environment, why=why)
    with activating(generations, who, clock) as writer:
        active, old = readable(generations)
        catch_up(audit, active)
        try:
            catalog = generations.catalog(to)
            scripts = {one.sha256: generations.script(one.sha256) for one in catalog.scripts.values()}
            found = survey(footprint, catalog, Stored(catalog, generations), ALL)
        except RemError as refusal:
            audit.add(Record("rollback", f"refused: {refusal.message}", who, to.commit, why=why))
            raise
        if active is not None and active.catalog == catalog.hash:
            return Applied(active, Changes(), new=False, before=old)
        with rolled_out(footprint, found, writer.next(), audit, record, writer.lock) as done, finishing():
            if active is not None:  # first, so that nobody returns to it in between
                left = hold.Hold(active.catalog, active.commit, active.number, who, why, clock.now())
                hold.put(generations, left)
            made = writer.activate(
                catalog, scripts, commit=to.commit, why=why, introduction=to.introduction, anchor=audit.head()
            )
            audit.add(replace(record, generation=made.number, hosts=ends(done)))
        return Applied(made, changes(old, catalog), new=True, before=old, hosts=done)


def release(generations: Generations, audit: Audit, clock: Clock, *, who: str, why: str = "") -> bool:
    """Lift the hold; whether there was one."""
    with activating(generations, who, clock):
        there = hold.lift(generations)
        if there:
            audit.add(Record("release", "lifted", who, environment=generations.environment, why=why))
        return there
