"""The checks that a catalog holds: each monitor on each of its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from rem_cli.collect import Machine, Target
from rem_cli.errors import RemError
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.job import HERE, Host
from rem_cli.jobs.select import select
from rem_cli.language import Item, Value
from rem_cli.plan.catalog import Catalog
from rem_cli.series import Aggregate, Archive, Retention

PROCESS = "builtin monitors"
EVERY = 60.0  # seconds, where a section of one's own does not say
TIMEOUT = 5.0
KEPT = Retention((Archive(60, 7 * 86400), Archive(300, 90 * 86400), Archive(3600, 5 * 365 * 86400)))


@dataclass(frozen=True, slots=True)
class Check:
    """One monitor on one host."""

    path: str  # of the monitor's item
    kind: str
    target: Target
    every: float = EVERY  # seconds
    retries: int = 0
    measures: frozenset[str] | None = None  # those that are kept; None: all
    retention: Retention = KEPT
    kept: Mapping[str, Retention] = field(default_factory=dict)  # by measure, where it is another

    @property
    def name(self) -> str:
        """Its series begin so."""
        return f"{self.path}/{self.target.name}"


class Found(NamedTuple):
    """All checks of a catalog, and the monitors that cannot be made one, with why."""

    checks: Sequence[Check]
    wrong: Mapping[str, RemError]


Lend = Callable[[str], str]  # the secret of a reference; RemError
Blob = Callable[[str], bytes]  # the content of a file that items name


def read_checks(catalog: Catalog, lend: Lend, blob: Blob) -> Found:
    """Every check of a catalog."""
    inventory = catalog.of("builtin inventory")
    hosts = {item.path: item for item in inventory}
    said = _said(catalog)
    checks: list[Check] = []
    wrong: dict[str, RemError] = {}
    for item in catalog.of(PROCESS):
        try:
            checks += _of(item, inventory, hosts, catalog, said.get(item.path, ()), lend, blob)
        except RemError as error:
            wrong[item.path] = error
    return Found(checks, wrong)


def _of(
    item: Item,
    inventory: Sequence[Item],
    hosts: Mapping[str, Item],
    catalog: Catalog,
    said: Sequence[Item],
    lend: Lend,
    blob: Blob,
) -> Iterator[Check]:
    fields = Fields(item)
    kind = fields.text("kind") or ""
    values: Mapping[str, Value] = item.fields
    collector = catalog.items.get(fields.text("collector") or "")
    if kind == "collector" and collector is not None:
        values = {**collector.fields, **{name: value for name, value in values.items() if value is not None}}
    archives = tuple(Archive(step, span) for step, span in fields.pairs("retention"))
    retention = Retention(archives) if archives else KEPT
    measures = fields.words("measures")
    reference = fields.text("credentials")
    secret = lend(reference) if reference else ""
    scripts = [path for path in (values.get("script"),) if isinstance(path, str)]
    programs = {path: blob(path) for path in scripts}
    timeout = fields.seconds("timeout") or TIMEOUT
    for host in _hosts(item, inventory, hosts):
        machine = Machine(host.local, host.port, host.user)
        yield Check(
            item.path,
            kind,
            Target(host.name, host.address, timeout, values, machine, secret, programs),
            fields.seconds("every") or EVERY,
            fields.count("retries") or 0,
            frozenset(measures) or None,
            retention,
            _kept(said, retention),
        )


def _hosts(item: Item, inventory: Sequence[Item], hosts: Mapping[str, Item]) -> Iterator[Host]:
    """Those that a monitor selects, else the one that holds it, else what its own words name."""
    fields = Fields(item)
    selector = fields.text("hosts")
    if selector is not None:
        yield from map(Host.read, select(selector, inventory))
        return
    parts = item.path.split("/")
    for count in range(len(parts) - 1, 1, -1):
        holder = hosts.get("/".join(parts[:count]))
        if holder is not None:
            yield Host.read(holder)
            return
    address = fields.text("address") or urlsplit(fields.text("url") or "").hostname or fields.text("name")
    yield Host(address, "", address) if address else HERE


def _said(catalog: Catalog) -> dict[str, list[Item]]:
    """What is said of measures, by the path of what measures them."""
    said: dict[str, list[Item]] = {}
    for item in catalog.of("builtin series"):
        of = item.fields.get("of")
        if isinstance(of, str):
            said.setdefault(of, []).append(item)
    return said


def _kept(said: Sequence[Item], usual: Retention) -> Mapping[str, Retention]:
    kept = {}
    for item in said:
        fields = Fields(item)
        archives = tuple(Archive(step, span) for step, span in fields.pairs("retention"))
        aggregate = fields.text("aggregate")
        kept[fields.text("field") or ""] = Retention(
            archives or usual.archives, Aggregate(aggregate) if aggregate else usual.aggregate
        )
    return kept
