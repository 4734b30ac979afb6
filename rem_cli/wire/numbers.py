"""Numbers over time, wired: where they go, and what packages say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rem_cli.series.intake import Intake

if TYPE_CHECKING:
    from rem_cli.plan.catalog import Catalog
    from rem_cli.series.query import Trace
    from rem_cli.wire import Rem


@dataclass(frozen=True)
class Said:
    """What a package says of a measure beyond its numbers."""

    title: str = ""
    unit: str = ""
    limit: float | None = None


def intake(rem: Rem) -> Intake:
    from rem_cli.series.spool import Spool

    return Intake(Spool(rem.state_folder / "spool"), rem.series, rem.clock)


def settle(rem: Rem) -> list[str]:
    """Put all samples that are kept into their series, for readers; returns what keeps some from them."""
    from rem_cli.jobs.samples import flush_pending

    return flush_pending(rem.records.bucket, rem.intake) if rem.state_folder.is_dir() else []


def said_of(rem: Rem, job: str, measure: str) -> Said:
    """What the active packages say of a measure of a job."""
    return said_by(rem.active_catalog()).get((job, measure), Said())


def said_by(catalog: Catalog) -> dict[tuple[str, str], Said]:
    """What packages say of measures, by job and measure."""
    found: dict[tuple[str, str], Said] = {}
    for item in catalog.of("builtin series"):
        title, unit, limit = (item.fields.get(name) for name in ("title", "unit", "limit"))
        number = float(limit) if isinstance(limit, (int, float)) else None
        said = Said(str(title or item.key), str(unit or ""), number)
        found.setdefault((str(item.fields.get("of")), str(item.fields.get("field"))), said)
    return found


def ask(rem: Rem, question: str, start: float, end: float) -> list[Trace]:
    """The answer to a question in Graphite's words; hosts are selected among those of the active generation."""
    from rem_cli.series.query import Window
    from rem_cli.series.query.evaluate import evaluate
    from rem_cli.series.query.stored import Stored

    def hosts(selector: str) -> list[str]:
        from rem_cli.jobs.job import Host
        from rem_cli.jobs.select import select

        return [Host.read(item).name for item in select(selector, rem.active_source().catalog.of("builtin inventory"))]

    return evaluate(question, Stored(rem.series, hosts, rem.clock.now()), Window(int(start), int(end)))
