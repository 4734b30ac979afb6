"""What keeps an apply from doing what is probably not meant."""

from __future__ import annotations

from rem_cli.errors import GuardedError, UntrustedError
from rem_cli.language.share import Share
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes
from rem_cli.plan.hold import Hold
from rem_cli.tree import Tree

SMALL = 10  # items that may go at once however few there are
MOST = Share(20, percent=True)  # of all items may go at once


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


def check_pruned(old: Catalog | None, changes: Changes, limit: Share | None) -> None:
    """GuardedError when more items would go at once than `limit`, or than 20 % and ten where none is given."""
    total = len(old.items) if old is not None else 0
    most = limit.of(total) if limit is not None else max(MOST.of(total), SMALL)
    gone = len(changes.removed)
    if gone > most:
        said = f"{limit} of {total}" if limit is not None else f"{MOST} of {total}, or {SMALL}"
        raise GuardedError(
            f"{gone} of {total} items would go, more than {said}; nothing was applied",
            hint=f"see which: rem diff; if it is meant: rem apply --max-prune {gone}",
        )


def check_not_held(hold: Hold | None, new: Catalog) -> None:
    """GuardedError when somebody rolled back from just this content."""
    if hold is not None and hold.catalog == new.hash:
        raise GuardedError(
            f"{hold.who} rolled back from what {hold.commit[:7]} says ({hold.why}); nothing was applied",
            hint="commit a change that mends it, or lift the hold: rem release",
        )
