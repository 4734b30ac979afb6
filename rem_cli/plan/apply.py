"""Makes the packages of one commit the active generation, or says why not and leaves the old one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rem_cli.clock import Clock
from rem_cli.errors import InvalidPackagesError, RemError
from rem_cli.language import Finding, Resolution, Severity
from rem_cli.language.share import Share
from rem_cli.plan import hold
from rem_cli.plan.activate import activating
from rem_cli.plan.audit import Audit, Record
from rem_cli.plan.catalog import Catalog, CatalogError
from rem_cli.plan.diff import Changes, changes
from rem_cli.plan.footprint.environment import Footprint, ends, rolled_out, survey
from rem_cli.plan.footprint.record import Ended
from rem_cli.plan.footprint.rollout import Done
from rem_cli.plan.generations import Generation, GenerationError, Generations
from rem_cli.plan.guards import check_not_emptied, check_not_held, check_not_planted, check_pruned
from rem_cli.plan.planfile import Bound, hold_to
from rem_cli.plan.signals import finishing
from rem_cli.series import Resized
from rem_cli.tree import Commit, Tree

if TYPE_CHECKING:
    from rem_cli.check.contents import Contents


@dataclass(frozen=True)
class Applied:
    """What is active now, and what that changed."""

    generation: Generation
    changes: Changes
    new: bool  # False: the same content was active already
    before: Catalog | None = None  # what was active until now, as far as it could be read
    hosts: Sequence[Done] = ()  # how it ended on each host that has files of REM, or was to have some
    resized: Sequence[Resized] = ()  # series that are kept in another way now
    unsized: Sequence[RemError] = ()  # those that were to be, and why they are not


@dataclass(frozen=True)
class Terms:
    """On what terms an apply goes on."""

    bound: Bound | None = None  # a plan that it holds to
    max_prune: Share | None = None  # how many items may go at once
    allowed: Callable[[Generation | None], None] = lambda active: None  # UntrustedError, given what is active
    signer: str = ""  # who signed, where that was asked for
    introduction: str = ""  # the commit from which signatures are checked
    guards: Sequence[Callable[[Catalog | None, Catalog], None]] = ()  # of rooms that act on items; GuardedError


def apply(
    said: Resolution | Contents,
    tree: Tree,
    commit: Commit,
    generations: Generations,
    audit: Audit,
    clock: Clock,
    *,
    who: str,
    why: str = "",
    terms: Terms = Terms(),
    footprint: Footprint | None = None,
) -> Applied:
    """Make `commit`, whose files are `tree` and whose packages are what is `said`, active, and hosts what it says.

    In each of these the old generation stays: InvalidPackagesError when a finding is an error, GuardedError when too
    much would go or the content is held back, StaleError when a plan no longer holds, HeldError when somebody else
    applies, HostsFailedError when no host could be changed. Doing it twice is doing it once.
    """
    from rem_cli.plan.parted import compiled  # with all that reads packages

    record = Record("apply", "active", who, commit.id, None, generations.environment, why=why, signer=terms.signer)
    with activating(generations, who, clock) as writer, _told_when_stopped(generations, audit, record):
        active, old = readable(generations)
        catch_up(audit, active)
        try:
            terms.allowed(active)
            check_findings(said.findings, tree.label)
            check_not_planted(tree)
            content = compiled(said, tree, settled=True)
            catalog, scripts = content.catalog, content.scripts
            differing = _guarded(catalog, active, old, generations, terms)
            found = survey(footprint, catalog, content, terms.max_prune, terms.bound)
        except RemError as refusal:
            audit.add_once(replace(record, outcome=f"refused: {refusal.message}"))
            raise
        if active is not None and old is not None and old.hash == catalog.hash:
            with rolled_out(footprint, found, active.number, audit, record, writer.lock) as done:
                writer.store(scripts)  # in case one was lost
                writer.same(active, commit.id)
                if any(one.ended is not Ended.UNCHANGED for one in done):
                    again = replace(record, outcome="active already", generation=active.number)
                    audit.add_once(replace(again, hosts=ends(done)))
            return Applied(active, Changes(), new=False, before=old, hosts=done)
        with rolled_out(footprint, found, writer.next(), audit, record, writer.lock) as done, finishing():
            said_by = {"why": why, "introduction": terms.introduction, "anchor": audit.head()}
            made = writer.activate(catalog, scripts, commit=commit.id, **said_by)
            hold.lift(generations)  # what was held back is not what is active now, and somebody went on
            audit.add(replace(record, generation=made.number, hosts=ends(done)))
        return Applied(made, differing, new=True, before=old, hosts=done)


def _guarded(
    catalog: Catalog, active: Generation | None, old: Catalog | None, generations: Generations, terms: Terms
) -> Changes:
    """What a catalog changes, when nothing speaks against it; StaleError, GuardedError."""
    if terms.bound is not None:
        hold_to(terms.bound, active, catalog)
    differing = changes(old, catalog)
    check_not_emptied(old, catalog, applied_before=generations.applied_before())
    check_pruned(old, differing, terms.max_prune)
    check_not_held(hold.held(generations), catalog)
    for guard in terms.guards:
        guard(old, catalog)
    return differing


def check_findings(findings: Sequence[Finding], label: str, *, so: str = "nothing was applied") -> None:
    """InvalidPackagesError when one of them is an error; `so` says what follows."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise InvalidPackagesError(f"the packages at {label} have {count}; {so}", findings=errors)


def readable(generations: Generations) -> tuple[Generation | None, Catalog | None]:
    """What is active, as far as it can be read; the catalog is None also when it is damaged."""
    try:
        active = generations.active()
    except GenerationError:
        return None, None
    try:
        return active, generations.catalog(active) if active is not None else None
    except (CatalogError, GenerationError):
        return active, None


@contextmanager
def _told_when_stopped(generations: Generations, audit: Audit, record: Record) -> Iterator[None]:
    """Ctrl-C is recorded: that it changed nothing, or what it came too late for."""
    before, _ = readable(generations)
    try:
        yield
    except KeyboardInterrupt:
        active, _ = readable(generations)
        if active == before:
            audit.add_once(replace(record, outcome="interrupted; nothing was applied"))
        else:
            catch_up(audit, active)
        raise


def catch_up(audit: Audit, active: Generation | None) -> None:
    """Record the active generation when its writer died before it could."""
    if active is None or any(
        record.generation == active.number and record.environment == active.environment
        for record in reversed(audit.records())
    ):
        return
    late = Record("apply", "active; recorded late", active.who, active.commit, active.number, active.environment)
    audit.add(replace(late, why=active.why))
