"""Makes the packages of one commit the active generation, or says why not and leaves the old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rem_cli.clock import Clock
from rem_cli.errors import GuardedError, InvalidPackagesError, RemError, UntrustedError
from rem_cli.language import Finding, Resolution, Severity
from rem_cli.plan.activate import activating
from rem_cli.plan.audit import Audit, Record
from rem_cli.plan.catalog import Catalog, CatalogError, compile_catalog
from rem_cli.plan.diff import Changes, changes
from rem_cli.plan.generations import Generation, GenerationError, Generations
from rem_cli.tree import Commit, Tree


@dataclass(frozen=True)
class Applied:
    """What is active now, and what that changed."""

    generation: Generation
    changes: Changes
    new: bool  # False: the same content was active already


def apply(
    resolution: Resolution,
    tree: Tree,
    commit: Commit,
    generations: Generations,
    audit: Audit,
    clock: Clock,
    *,
    who: str,
    why: str = "",
) -> Applied:
    """Make `commit`, whose files are `tree` and whose packages are `resolution`, active.

    InvalidPackagesError when a finding is an error, GuardedError when nothing would be left, HeldError when somebody
    else applies: in each case the old generation stays. Doing it twice is doing it once.
    """
    record = Record("apply", "active", who, commit.id, environment=generations.environment, why=why)
    with activating(generations, who, clock) as writer:
        active, old = _active(generations)
        _catch_up(audit, active)
        try:
            check_findings(resolution.findings, tree.label)
            check_not_planted(tree)
            catalog, scripts = compile_catalog(resolution, tree)
            check_not_emptied(old, catalog, applied_before=generations.applied_before())
        except RemError as refusal:
            audit.add(replace(record, outcome=f"refused: {refusal.message}"))
            raise
        if active is not None and old is not None and old.hash == catalog.hash:
            writer.store(scripts)  # in case one was lost
            writer.same(active, commit.id)
            return Applied(active, Changes(), new=False)
        made = writer.activate(catalog, scripts, commit=commit.id, why=why, anchor=audit.head())
        audit.add(replace(record, generation=made.number))
        return Applied(made, changes(old, catalog), new=True)


def check_findings(findings: Sequence[Finding], label: str) -> None:
    """InvalidPackagesError when one of them is an error."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise InvalidPackagesError(f"the packages at {label} have {count}; nothing was applied", findings=errors)


def check_not_planted(tree: Tree) -> None:
    """UntrustedError when a commit brings files for REM's own folder, where a checkout would put them."""
    if tree.entries(".rem"):
        raise UntrustedError(
            f"{tree.label} has files in .rem/, which only rem may write; nothing was applied",
            hint="see who put them there: git log -- .rem; then: git rm -r --cached .rem",
        )


def check_not_emptied(old: Catalog | None, new: Catalog, *, applied_before: bool) -> None:
    """GuardedError when a catalog without items would replace one that has some, or that cannot be read any more."""
    if new.items or not applied_before or (old is not None and not old.items):
        return
    held = f"{len(old.items)} items" if old is not None else "items"
    raise GuardedError(
        f"the packages hold nothing, and what is active holds {held}; nothing was applied",
        hint="see that this is the right branch and that packages/ is committed",
    )


def _active(generations: Generations) -> tuple[Generation | None, Catalog | None]:
    """What is active, as far as it can be read; the catalog is None also when it is damaged."""
    try:
        active = generations.active()
    except GenerationError:
        return None, None
    try:
        return active, generations.catalog(active) if active is not None else None
    except (CatalogError, GenerationError):
        return active, None


def _catch_up(audit: Audit, active: Generation | None) -> None:
    """Record the active generation when its writer died before it could."""
    if active is None or any(
        record.generation == active.number and record.environment == active.environment
        for record in reversed(audit.records())
    ):
        return
    late = Record("apply", "active; recorded late", active.who, active.commit, active.number, active.environment)
    audit.add(replace(late, why=active.why))
