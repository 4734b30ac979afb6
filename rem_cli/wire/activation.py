"""What becomes active, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rem_cli.errors import Place, RemError
from rem_cli.language import Source
from rem_cli.wire import keeping
from rem_cli.wire.footprint import footprint

if TYPE_CHECKING:
    from rem_cli.alerts import Episode
    from rem_cli.language import Item
    from rem_cli.language.held import Held
    from rem_cli.language.schema import Section
    from rem_cli.plan.apply import Applied, Terms
    from rem_cli.plan.catalog import Catalog
    from rem_cli.plan.content import Compiled
    from rem_cli.plan.diff import Changes, Meaning
    from rem_cli.plan.footprint.rollout import Pace
    from rem_cli.plan.generations import Generation
    from rem_cli.tree.git import GitRepository
    from rem_cli.wire import Rem


def apply(
    rem: Rem,
    rev: str,
    *,
    who: str,
    why: str,
    terms: Terms,
    pace: Pace,
    unattended: bool = False,
    repository: GitRepository | None = None,
) -> Applied:
    """Make a commit the active generation; without a person only what is signed and leaves nothing behind.

    No package of a commit that must be signed is read before its signatures were checked.
    """
    from rem_cli.jobs.schedule.late import check_not_late
    from rem_cli.plan.apply import apply
    from rem_cli.plan.catalog import NOTHING
    from rem_cli.procedures.meaning import check_not_running

    repository = repository or rem.repository
    commit = repository.resolve(rev)
    why = why or commit.subject
    now = int(rem.clock.now())
    terms = replace(
        terms,
        guards=[
            lambda old, new: check_not_late(old, new, now),
            lambda old, new: check_not_running(old or NOTHING, new, rem.procedures.running()),
        ],
    )
    if rem.settings.introduction:
        terms = _trusted(rem, repository, commit.id, unattended, terms, who=who, why=why)
    tree = repository.at(commit)
    applied = apply(
        rem.meant(rem.contents(tree, whole=True)), rem.whole(tree), commit, rem.generations, rem.audit, rem.clock,
        who=who, why=why, terms=terms, footprint=footprint(rem, commit.id, pace, repository),
    )  # fmt: skip
    if applied.new:
        _write_names(rem, rem.generations.catalog(applied.generation).items)
    return keeping.fitted(rem, applied)


def _trusted(
    rem: Rem, repository: GitRepository, commit: str, unattended: bool, terms: Terms, *, who: str, why: str
) -> Terms:
    """Terms for a commit whose history keeps the policy that it holds; UntrustedError, which is recorded."""
    from rem_cli.plan.apply import readable
    from rem_cli.plan.audit import Record
    from rem_cli.plan.policy import check, check_no_downgrade

    introduction = rem.settings.introduction

    def leaves_nothing(active: Generation | None) -> None:
        if unattended:
            check_no_downgrade(repository, active.commit if active else None, commit)

    try:
        active, _ = readable(rem.generations)
        leaves_nothing(active)
        trusted = active.commit if active and active.introduction == introduction else None
        signer = check(repository, introduction, commit, trusted=trusted)
    except RemError as refusal:
        outcome = f"refused: {refusal.message}"
        rem.audit.add_once(Record("apply", outcome, who, commit, environment=rem.settings.environment, why=why))
        raise
    return replace(terms, allowed=leaves_nothing, signer=signer, introduction=introduction)


def rollback(rem: Rem, wanted: str, *, who: str, why: str, pace: Pace) -> Applied:
    """Make a kept generation active again: its number, its commit, or "" for the one before."""
    from rem_cli.plan.rollback import rollback, target

    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else None
    commit = rem.repository.resolve(wanted).id if wanted and number is None else None
    to = target(rem.generations, commit if number is None else number)
    there = footprint(rem, to.commit, pace)
    applied = rollback(to, rem.generations, rem.audit, rem.clock, who=who, why=why, footprint=there)
    _write_names(rem, rem.generations.catalog(applied.generation).items)
    return keeping.fitted(rem, applied)


def release(rem: Rem, *, who: str, why: str) -> bool:
    """Lift the hold that a rollback left; whether there was one."""
    from rem_cli.plan.rollback import release

    return release(rem.generations, rem.audit, rem.clock, who=who, why=why)


def _write_names(rem: Rem, items: Mapping[str, Item]) -> None:
    """What a TAB completes."""
    from rem_cli.tree.write import write_atomically

    rows = [f"{item.process.removeprefix('builtin ')}\t{item.path}\n" for item in items.values()]
    write_atomically(rem.state_folder / "names", "".join(rows).encode(), mode=0o600)


@dataclass(frozen=True)
class Said:
    """What a tree says, and where."""

    content: Compiled
    held: Callable[[str], Held]

    @property
    def catalog(self) -> Catalog:
        return self.content.catalog

    def place(self, path: str, field: str | None) -> Place | None:
        """Where an item, a field of it, or a script is written; None where it is not."""
        if path in self.catalog.scripts:
            return Place(path, 1, 1)
        if path not in self.catalog.items:
            return None
        if field is None:
            return self.held(path).at.key_place
        origin = self.held(path).origins().get(field)
        return origin.place if origin and origin.source is not Source.DEFAULT else None


def compiled(rem: Rem, rev: str | None, *, whole: bool = False) -> Said:
    """What a revision says, or the work tree; InvalidPackagesError when there are errors in it.

    `whole`: all of it is wanted, not what differs alone.
    """
    from rem_cli.plan.apply import check_findings
    from rem_cli.plan.parted import compiled

    tree = rem.tree(rev)
    said = rem.meant(rem.contents(tree, whole=whole))
    check_findings(said.findings, tree.label, so="nothing was compared")
    return Said(compiled(said, rem.whole(tree)), said.held)


def active(rem: Rem) -> Catalog:
    """The active catalog, for a look at some of its packages."""
    from rem_cli.check.contents import remembered
    from rem_cli.check.known import recall
    from rem_cli.plan.parted import Parted
    from rem_cli.tree import TreeError

    generation = rem.generations.active()
    try:
        tree = rem.tree(generation.commit) if generation else None
    except TreeError:  # of another repository, or no longer there
        tree = None
    asked = rem.asked(tree) if tree else None
    known = remembered(asked, recall(asked).verdict) if asked else None
    if tree and known and generation and known.hash == generation.catalog:
        return Parted(known, tree)
    return rem.active_catalog()


def meaning(rem: Rem, old: Catalog, new: Catalog, changes: Changes) -> list[Meaning]:
    """What a change means, as every room that acts on items says it."""
    from rem_cli.alerts import meaning as alerts
    from rem_cli.alerts.oncall.moved import moved as people
    from rem_cli.collect import meaning as checks
    from rem_cli.jobs import gone
    from rem_cli.jobs.meaning import meaning
    from rem_cli.jobs.schedule.moved import moved
    from rem_cli.procedures import meaning as procedures
    from rem_cli.wire.ending import running

    runs = procedures.meaning(old, new, rem.procedures.running()) if changes else []
    runs += gone.meaning(running(rem, old, new)) if changes.removed else []
    now = int(rem.clock.now())
    timed = [*moved(old, new, changes, now), *people(old, new, changes, now)]
    watched = [*checks.meaning(old, new, changes), *alerts.meaning(old, new, changes, _episodes(rem, old, changes))]
    return sorted([*meaning(old, new, changes), *watched, *timed, *runs])


def _episodes(rem: Rem, old: Catalog, changes: Changes) -> list[Episode]:
    """Those that are remembered, where the change may concern one."""
    from rem_cli.alerts.kept import Boards

    rules = ("builtin alerts", "builtin slas")
    before = (old.items.get(path) for path in (*changes.removed, *changes.changed))
    if not any(item and item.process in rules for item in before) or not (rem.state_folder / "state.sqlite").is_file():
        return []
    return list(Boards(rem.state).read().board.episodes.values())


def sections_of(rem: Rem, catalog: Catalog, changes: Changes) -> Mapping[str, Section]:
    """The sections of changed items, whose types write their values; packages are read only for sections of theirs."""
    names = {catalog.items[path].section.partition("/")[0] for path in changes.changed}
    return rem.base.sections if names <= rem.base.sections.keys() else rem.sections()
