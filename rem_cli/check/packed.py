"""What packages come to as plain values, which a file or a pipe can hold.

The items of a package and what they name are most of it, and are needed of few: they stay bytes until somebody asks.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, TypeVar, overload

from rem_cli.check import Found, Needs, Row
from rem_cli.check.rows import finding_rows, findings_of, timed_of, timed_rows
from rem_cli.check.sealed import opened, sealed
from rem_cli.errors import Place
from rem_cli.language.across import Across, Told
from rem_cli.language.held import Reference
from rem_cli.language.references import Known
from rem_cli.language.together import Summary

T = TypeVar("T")
_NOTHING = Across()


def pack(found: Mapping[str, Found]) -> bytes:
    return sealed([(*row_of(one), one.part) for one in found.values()])


def unpack(packed: bytes) -> dict[str, Found] | None:
    rows = opened(packed)
    found = (found_of(Row(*row))._replace(part=part) for *row, part in rows or ())
    return None if rows is None else {one.summary.name: one for one in found}


def row_of(found: Found) -> Row:
    """A package's outcome as plain values: `marshal` knows no others."""
    if found.row is not None:
        return found.row
    one = found.summary
    inside = len(one.name) + 1
    runs = groupby(one.items.items(), key=lambda pair: pair[1])
    items = [(tuple(known), [path[inside:] for path, _ in run]) for known, run in runs]
    jobs = [tuple(job) for job in one.across.jobs]
    body = marshal.dumps((items, [tuple(reference) for reference in one.references], jobs))
    head = (
        *(one.name, one.size, tuple(one.start), dict(one.linked), len(one.items), finding_rows(one.findings)),
        *(len(one.references), sorted(one.scripts), one.values, one.specification, one.whole, one.offers),
        *(timed_rows(one.timed), one.processes, one.selectors),
        found.needs and (found.needs.packages, dict(found.needs.files), dict(found.needs.linked)),
        (list(one.across.waits), [tuple(host) for host in one.across.hosts], len(jobs)),
        found.ids,
    )
    return Row(head, body, frozenset(reference.target.partition("/")[0] for reference in one.references))


def found_of(row: Row) -> Found:
    """The outcome again; its items and references are made when they are looked at."""
    name, size, start, linked, items, findings, references, scripts, *rest = row.head
    *rest, timed, processes, selectors, needs, across, ids = rest
    body = _Body(name, row.body)
    first = name, size, Place(*start), linked, _Items(body, items), findings_of(findings) if findings else ()
    named = _Later(references, body, "references"), frozenset(scripts), *rest, timed_of(timed) if timed else ()
    summary = Summary._make((*first, *named, processes, selectors, _between(body, *across)))
    return Found(summary, needs and Needs(*needs), ids, row)


def _between(body: _Body, waits: Sequence[tuple[str, str]], hosts: Sequence[Any], jobs: int) -> Across:
    if not (waits or hosts or jobs):
        return _NOTHING
    return Across(waits, [Told(*host) for host in hosts], _Later(jobs, body, "jobs"))


class _Body:
    """The items of a package and what they name, once somebody looks."""

    def __init__(self, name: str, packed: bytes) -> None:
        self._name = name
        self._packed = packed

    @cached_property
    def items(self) -> dict[str, Known]:
        known: dict[str, Known] = {}
        for told, paths in self._plain[0]:
            known.update(dict.fromkeys([f"{self._name}/{path}" for path in paths], Known(*told)))
        return known

    @cached_property
    def references(self) -> list[Reference]:
        return [Reference(*one) for one in self._plain[1]]

    @cached_property
    def jobs(self) -> list[Told]:
        return [Told(*one) for one in self._plain[2]]

    @cached_property
    def _plain(self) -> tuple[list[Any], list[Any], list[Any]]:
        items, references, jobs = marshal.loads(self._packed)
        return items, references, jobs


class _Items(Mapping[str, Known]):
    def __init__(self, body: _Body, count: int) -> None:
        self._body = body
        self._count = count

    def __getitem__(self, path: str) -> Known:
        return self._body.items[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._body.items)

    def __len__(self) -> int:
        return self._count


class _Later(Sequence[T]):
    """As many as are known to be there; what they are is looked up when somebody asks."""

    def __init__(self, count: int, body: _Body, name: str) -> None:
        self._count = count
        self._body = body
        self._name = name

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[T]: ...
    def __getitem__(self, at: int | slice) -> T | Sequence[T]:
        made: Sequence[T] = getattr(self._body, self._name)
        return made[at]

    def __len__(self) -> int:
        return self._count
