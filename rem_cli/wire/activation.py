"""What becomes active, and what that means."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rem_cli import settings
from rem_cli.errors import RemError, UsageError

if TYPE_CHECKING:
    from rem_cli.language import Item
    from rem_cli.language.schema import Section
    from rem_cli.plan.apply import Applied, Terms
    from rem_cli.plan.catalog import Catalog
    from rem_cli.plan.diff import Changes, Meaning
    from rem_cli.plan.generations import Generation
    from rem_cli.wire import Rem


def apply(rem: Rem, rev: str, *, who: str, why: str, terms: Terms, unattended: bool = False) -> Applied:
    """Make a commit the active generation; without a person only what is signed and leaves nothing behind."""
    from rem_cli.plan.apply import apply

    commit = rem.repository.resolve(rev)
    tree = rem.whole(rem.repository.at(commit))
    introduction = rem.settings.introduction
    if introduction:
        signer = partial(_signer, rem, commit.id, unattended)
        terms = replace(terms, signer=signer, introduction=introduction)
    applied = apply(
        rem.resolve(tree), tree, commit, rem.generations, rem.audit, rem.clock,
        who=who, why=why or commit.subject, terms=terms,
    )  # fmt: skip
    if applied.new:
        _write_names(rem, rem.generations.catalog(applied.generation).items)
    return applied


def _signer(rem: Rem, commit: str, unattended: bool, active: Generation | None) -> str:
    """Who signed a commit, by the policy that its history holds; UntrustedError."""
    from rem_cli.plan.policy import check, check_no_downgrade

    introduction = rem.settings.introduction
    if unattended:
        check_no_downgrade(rem.repository, active.commit if active else None, commit)
    trusted = active.commit if active and active.introduction == introduction else None
    return check(rem.repository, introduction, commit, trusted=trusted)


def follow(rem: Rem, branch: str, every: float | None, *, who: str, terms: Terms) -> Iterator[Applied | RemError]:
    """Apply what a branch says, again and again, without a person: what was applied, or why it was refused.

    The same refusal is told once. Without `every` (seconds) it looks once.
    """
    if not rem.settings.introduction:
        text = "nobody looks at what is applied by itself, so its commits must be signed"
        hint = f'in {settings.config_path(os.environ)}: introduction = "COMMIT", with which trust begins'
        raise UsageError(text, hint=hint)
    told: object = None
    while True:
        try:
            applied = _same(rem, branch) or apply(rem, branch, who=who, why="", terms=terms, unattended=True)
            news: Applied | RemError = applied
            key: object = applied.generation.number
        except RemError as refusal:
            news, key = refusal, refusal.message
        if key != told:
            yield news
            told = key
        if every is None:
            return
        rem.clock.sleep(every)


def _same(rem: Rem, branch: str) -> Applied | None:
    """What is active, when that is whole and what the branch says: no package is read to find out."""
    from rem_cli.plan.apply import Applied, readable
    from rem_cli.plan.diff import Changes

    commit = rem.repository.resolve(branch).id
    active, catalog = readable(rem.generations)
    if active is None or catalog is None or commit not in rem.generations.commits(active):
        return None
    return Applied(active, Changes(), new=False)


def rollback(rem: Rem, wanted: str, *, who: str, why: str) -> Applied:
    """Make a kept generation active again: its number, its commit, or "" for the one before."""
    from rem_cli.plan.rollback import rollback, target

    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else None
    commit = rem.repository.resolve(wanted).id if wanted and number is None else None
    to = target(rem.generations, commit if number is None else number)
    applied = rollback(to, rem.generations, rem.audit, rem.clock, who=who, why=why)
    _write_names(rem, rem.generations.catalog(applied.generation).items)
    return applied


def release(rem: Rem, *, who: str, why: str) -> bool:
    """Lift the hold that a rollback left; whether there was one."""
    from rem_cli.plan.rollback import release

    return release(rem.generations, rem.audit, rem.clock, who=who, why=why)


def _write_names(rem: Rem, items: Mapping[str, Item]) -> None:
    """What a TAB completes."""
    from rem_cli.tree.write import write_atomically

    rows = [f"{item.process.removeprefix('builtin ')}\t{item.path}\n" for item in items.values()]
    write_atomically(rem.state_folder / "names", "".join(rows).encode(), mode=0o600)


def compiled(rem: Rem, rev: str | None) -> Catalog:
    """What a revision says, or the work tree; InvalidPackagesError when there are errors in it."""
    from rem_cli.plan.apply import check_findings
    from rem_cli.plan.catalog import compile_catalog

    tree = rem.whole(rem.tree(rev))
    resolution = rem.resolve(tree)
    check_findings(resolution.findings, tree.label, so="nothing was compared")
    return compile_catalog(resolution, tree)[0]


def meaning(rem: Rem, old: Catalog, new: Catalog, changes: Changes) -> list[Meaning]:
    """What a change means, as every room that acts on items says it."""
    from rem_cli.jobs import meaning as jobs

    return sorted(said for room in (jobs.meaning,) for said in room(old, new, changes))


def sections_of(rem: Rem, catalog: Catalog, changes: Changes) -> Mapping[str, Section]:
    """The sections of changed items, whose types write their values; packages are read only for sections of theirs."""
    names = {catalog.items[path].section.partition("/")[0] for path in changes.changed}
    return rem.base.sections if names <= rem.base.sections.keys() else rem.sections()
