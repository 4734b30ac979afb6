"""An escalation gone through on made-up time: by the very functions that page people."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from rem_cli.alerts.escalate import Page, Policy, World, acknowledge, advance, begin, failed, look_again

TIMES = 2  # that the last resort is paged before nothing new can come
MOST = 1_000  # looks


class Told(NamedTuple):
    """One thing that happens."""

    at: float
    what: str  # page, failed, step, nobody, passed over, exhausted, last resort, handoff, acknowledged
    text: str
    page: Page | None = None


def simulate(
    policy: Policy, world: World, start: float, *, ack_after: float | None = None, down: Collection[str] = ()
) -> list[Told]:
    """What happens to an alert that goes on firing, until somebody acknowledges or the last resort was paged twice.

    `down` are ways of reaching people that do not work.
    """
    climb, told, resorts = begin("simulated.1", policy, start), list[Told](), 0
    ack_at = None if ack_after is None else start + ack_after
    for _ in range(MOST):
        due = look_again(climb)
        if due is None or resorts >= TIMES:
            break
        if ack_at is not None and ack_at <= due:
            climb = acknowledge(climb)
            told.append(Told(ack_at, "acknowledged", "nobody is paged any more"))
            continue
        move = advance(climb, due, world)
        climb = move.climb
        told += [Told(one.at, one.what, one.why) for one in move.said]
        resorts += any(one.what == "last resort" for one in move.said)
        for page in move.pages:
            told.append(Told(due, "page", page.kind, page))
            if page.kind in down:
                told.append(Told(due, "failed", f"{page.kind} does not work", page))
                climb = failed(climb, page, due)
    return told
