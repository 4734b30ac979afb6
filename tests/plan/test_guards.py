"""What stops an apply that is probably not meant: too much that would go."""

from __future__ import annotations

import pytest

from rem_cli.errors import GuardedError
from rem_cli.language.share import Share
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.diff import Changes
from rem_cli.plan.guards import check_pruned
from tests.plan.shop import item


def catalog(count: int) -> Catalog:
    items = [item(f"shop/jobs/web/job{number:04}") for number in range(count)]
    return Catalog({one.path: one for one in items}, {}, None, "", b"")


@pytest.mark.parametrize(
    ("total", "gone", "limit", "stops"),
    [
        (12, 10, None, False),  # ten may always go
        (12, 11, None, True),
        (100, 20, None, False),  # and a fifth
        (100, 21, None, True),
        (12, 1, "0", True),
        (12, 0, "0", False),
        (12, 11, "11", False),
        (100, 51, "50%", True),
        (100, 50, "50%", False),
    ],
)
def test_a7_more_than_the_limit_stops_it(total: int, gone: int, limit: str | None, stops: bool) -> None:
    old = catalog(total)
    removed = Changes(removed=tuple(list(old.items)[:gone]))
    share = Share.read(limit, "max prune", least=0) if limit else None
    if not stops:
        check_pruned(old, removed, share)
        return
    with pytest.raises(GuardedError) as refused:
        check_pruned(old, removed, share)
    said = (limit and f"{limit} of {total}") or f"20% of {total}, or 10"
    assert refused.value.message == f"{gone} of {total} items would go, more than {said}; nothing was applied"
    assert refused.value.hint == f"see which: rem diff; if it is meant: rem apply --max-prune {gone}"


def test_a_first_apply_prunes_nothing() -> None:
    check_pruned(None, Changes(), Share(0))
