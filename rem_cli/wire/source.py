"""Where jobs and hosts are taken from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rem_cli.jobs import Origin
    from rem_cli.jobs.job import Host, Job
    from rem_cli.plan.catalog import Catalog


@dataclass(frozen=True)
class Source:
    """Where jobs and hosts are taken from: a catalog, and the bytes of the scripts that it names."""

    catalog: Catalog
    origin: Origin
    script: Callable[[str], bytes]

    def job(self, path: str) -> Job:
        """The job at a path; NoTargetError, UsageError."""
        from rem_cli.jobs.job import Job

        return Job.read(self.catalog.item(path)).keeping(self.catalog.of("builtin series"))

    def hosts(self, selector: str | None) -> list[Host]:
        """The hosts that a selector means; without one, this machine."""
        from rem_cli.jobs.job import HERE, Host
        from rem_cli.jobs.select import select

        if selector is None:
            return [HERE]
        return [Host.read(item) for item in select(selector, self.catalog.of("builtin inventory"))]
