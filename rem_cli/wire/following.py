"""Applying what a branch says, again and again, while nobody looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rem_cli import settings
from rem_cli.errors import RemError, UsageError

if TYPE_CHECKING:
    from rem_cli.plan.apply import Applied, Terms
    from rem_cli.plan.footprint.rollout import Pace
    from rem_cli.tree.git import GitRepository
    from rem_cli.wire import Rem


def follow(
    rem: Rem, branch: str, every: float | None, *, who: str, terms: Terms, pace: Pace
) -> Iterator[Applied | RemError]:
    """Apply what a branch says: what was applied, or why it was refused. Without `every` (seconds) it looks once.

    The branch is one of the remote that the operator names, else of this repository. The same answer is told once, be
    it that a remote does not answer.
    """
    from rem_cli.wire.activation import apply

    if not rem.settings.introduction:
        text = "nobody looks at what is applied by itself, so its commits must be signed"
        hint = f'in {settings.config_path(os.environ)}: introduction = "COMMIT", with which trust begins'
        raise UsageError(text, hint=hint)
    told: object = None
    while True:
        try:
            repository, commit = _look(rem, branch)
            applied = _same(rem, commit) or apply(
                rem, commit, who=who, why="", terms=terms, pace=pace, unattended=True, repository=repository
            )
            news: Applied | RemError = applied
            left = [(one.host, one.ended) for one in applied.hosts if not one.ended.good]
            key: object = (applied.generation.number, left)
        except UsageError:
            raise
        except RemError as refusal:
            news, key = refusal, refusal.message
        if key != told:
            yield news
            told = key
        if every is None:
            return
        rem.clock.sleep(every)


def _look(rem: Rem, branch: str) -> tuple[GitRepository, str]:
    """Where a branch is, and the full id of its commit."""
    from rem_cli.language.giturl import url_problem

    url = rem.settings.remote
    if not url:
        return rem.repository, rem.repository.resolve(branch).id
    problem = url_problem(url, files=rem.settings.allow_file_urls)
    if problem:
        raise UsageError(f"remote from {rem.settings.origin.get('remote', 'the settings')}: {problem}")
    branches = rem.elsewhere.branches
    commit = branches.get(url, branch)
    return branches.repository(url), commit


def _same(rem: Rem, commit: str) -> Applied | None:
    """What is active, when that is whole, on hosts too, and what the branch says: no package is read to find out."""
    from rem_cli.plan.apply import Applied, readable
    from rem_cli.plan.diff import Changes
    from rem_cli.plan.footprint import record

    active, catalog = readable(rem.generations)
    if active is None or catalog is None or commit not in rem.generations.commits(active):
        return None
    known = record.read(rem.generations)
    if known.pending or known.partial:
        return None
    return Applied(active, Changes(), new=False)
