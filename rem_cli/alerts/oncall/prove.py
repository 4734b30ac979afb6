"""What is proved of duties: that somebody is always there, that nothing is left to chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from rem_cli.alerts.oncall import Duty, Override, Shift, Stint
from rem_cli.alerts.oncall.stints import of_shift, stints, within


def gaps(duty: Duty, begin: int, end: int) -> Iterator[Stint]:
    """When nobody is on duty though somebody must be; told in parts where it need not be covered."""
    empty = [one for one in stints(duty, begin, end) if not one.contacts]
    if duty.cover is None or not empty:
        yield from empty
        return
    covered = list(within(duty.cover, begin, end))
    for one in empty:
        for low, high in covered:
            if low < one.end and one.begin < high:
                yield one._replace(begin=max(low, one.begin), end=min(high, one.end))


def undecided(duty: Duty, begin: int, end: int) -> Iterator[tuple[Shift, Shift, Stint]]:
    """Two shifts of one rank that have other people on duty at the same time: the first such time of each pair."""
    for left, right in combinations(duty.shifts, 2):
        if left.rank == right.rank:
            ours, theirs = (list(of_shift(one, duty.zone, begin, end)) for one in (left, right))
            pairs = ((one, two) for one in ours for two in theirs if _differ(one, two))
            if found := next(pairs, None):
                one, two = found
                yield left, right, one._replace(begin=max(one.begin, two.begin), end=min(one.end, two.end))


def _differ(one: Stint, two: Stint) -> bool:
    return one.begin < two.end and two.begin < one.end and one.contacts != two.contacts


def over_each_other(duty: Duty, begin: int) -> Iterator[tuple[Override, Override]]:
    """Overrides that lie over each other and are about the same people: the one that counts comes second."""
    coming = sorted((one for one in duty.overrides if one.end > begin), key=lambda one: one.order)
    for first, second in combinations(coming, 2):
        shared = set(first.instead_of) & set(second.instead_of)
        same = bool(shared) if first.instead_of and second.instead_of else first.instead_of == second.instead_of
        if same and first.begin < second.end and second.begin < first.end and first.contacts != second.contacts:
            yield first, second


def twice(duty: Duty, others: Mapping[str, Duty], begin: int, end: int) -> Iterator[tuple[str, str, Stint]]:
    """Who stands in two lines of an escalation at once: (the contact, the other role account, the first such time)."""
    own = [one for one in stints(duty, begin, end) if one.contacts]
    for path in duty.then:
        other = others.get(path)
        theirs = stints(other, begin, end) if other else []
        told: set[str] = set()
        place = 0
        for one in own:
            while place < len(theirs) and theirs[place].end <= one.begin:
                place += 1
            for two in theirs[place:]:
                if two.begin >= one.end:
                    break
                for contact in set(one.contacts) & set(two.contacts) - told:
                    told.add(contact)
                    both = one._replace(begin=max(one.begin, two.begin), end=min(one.end, two.end))
                    yield contact, path, both
