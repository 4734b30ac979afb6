"""What packages come to as plain values, which a file or a pipe can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from rem_cli.check import Found, Needs
from rem_cli.check.rows import finding_rows, findings_of
from rem_cli.check.sealed import opened, sealed
from rem_cli.errors import Place
from rem_cli.language.held import Reference
from rem_cli.language.references import Known
from rem_cli.language.together import Summary


def pack(found: Mapping[str, Found]) -> bytes:
    return sealed([told(one) for one in found.values()])


def unpack(packed: bytes) -> dict[str, Found] | None:
    rows = opened(packed)
    return None if rows is None else {one.summary.name: one for one in map(heard, rows)}


def told(found: Found) -> tuple[Any, ...]:
    """Plain values only: `marshal` knows no others."""
    one = found.summary
    items = [(tuple(k), [path for path, _ in run]) for k, run in groupby(one.items.items(), key=lambda pair: pair[1])]
    return (
        *(one.name, one.size, tuple(one.start), dict(one.linked), items),
        *(finding_rows(one.findings), [tuple(ref) for ref in one.references], sorted(one.scripts)),
        *(one.values, one.specification, one.whole, one.offers),
        found.needs and (found.needs.packages, dict(found.needs.files), dict(found.needs.linked)),
        found.ids,
    )


def heard(row: Sequence[Any]) -> Found:
    (name, size, start, linked, items, *findings_and_more), needs, ids = row[:-2], *row[-2:]
    findings, references, scripts, *rest = findings_and_more
    known = {path: kind for told, paths in items for kind in (Known(*told),) for path in paths}
    named = tuple(Reference(*ref) for ref in references)
    start_place = Place(*start)
    summary = Summary(name, size, start_place, linked, known, findings_of(findings), named, frozenset(scripts), *rest)
    return Found(summary, needs and Needs(*needs), ids)
