"""What objectives come to: one row a service level and series, the worst first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from rem_cli.jobs.fields import Fields
from rem_cli.jobs.schedule import Within
from rem_cli.language import Item
from rem_cli.series import Range
from rem_cli.sla import Sight
from rem_cli.sla.judge import Evaluate, by_condition
from rem_cli.sla.objective import Account, Bad, BurnRate, Terms, Window, account, window
from rem_cli.sla.read import Level

Fetch = Callable[[int, int], Range]
Spans = Sequence[tuple[int, int]]


class Row(NamedTuple):
    """One objective of one series."""

    path: str
    title: str
    series: str
    window: Window
    terms: Terms
    account: Account
    available: float | None  # percent of what counts
    allowed: float  # seconds that may be bad
    left: float  # seconds of these; below 0: overdrawn
    burn: float | None
    burning: Sequence[BurnRate]

    @property
    def missed(self) -> bool:
        """Whether the objective does not hold at this time."""
        return self.available is not None and self.available < self.terms.objective


def terms(item: Item, hours: Within | None) -> Terms:
    fields = Fields(item)
    return Terms(
        objective=fields.seconds("objective") or 100.0,
        no_data=fields.text("no data") or "keep",
        downtime=fields.text("downtime") or "exclude",
        hours=hours,
    )


def bad(level: Level, evaluate: Evaluate) -> Bad:
    """When a number counts as bad: out of tolerance, when its condition is not true, or below 1 where neither is said,
    as of `up` and `success`. A condition without an answer is not well either."""
    out, condition = level.out, level.condition
    if out is not None:
        return out.has
    if condition is None:
        return lambda value: value < 1
    return lambda value: (
        by_condition(condition, {"value": value, level.field: value}, evaluate, 0).sight is not Sight.WELL
    )


def row(
    item: Item,
    level: Level,
    series: str,
    fetch: Fetch,
    now: int,
    judged: Bad,
    *,
    hours: Within | None = None,
    planned: Spans = (),
) -> Row:
    """What an objective comes to at a time. `fetch` gives the numbers of a span, `judged` says which are bad."""
    fields, said = Fields(item), terms(item, hours)
    length, calendar = fields.seconds("window"), fields.text("calendar window")
    over = window(now, length if length or calendar else 30 * 86_400, calendar, fields.text("time zone") or "UTC")

    def counted(begin: int) -> Account:
        return account(fetch(begin, now), begin, now, judged, said, planned, level.rule.every)

    found = counted(over.begin)
    allowed, left = said.budget(found, over.whole - over.begin)
    rates = [_rate(one) for one in _list(item.fields.get("burn rates"))]
    due = [
        one
        for one in rates
        if all((rate := said.burn(counted(int(now - span)))) and rate >= one.factor for span in (one.long, one.short))
    ]
    return Row(
        item.path, level.title, series, over, said, found, said.available(found), allowed, left, said.burn(found), due
    )


def _rate(told: Any) -> BurnRate:
    return BurnRate(float(told["long"]), float(told["short"]), float(told["factor"]), str(told["severity"]))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def worst_first(rows: Sequence[Row]) -> list[Row]:
    """By how much of the budget is left; those without a number at the end."""
    return sorted(
        rows, key=lambda one: (one.available is None, one.left / one.allowed if one.allowed else 0.0, one.path)
    )
