"""The checks that a catalog holds: each monitor on each of its hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from rem_cli.collect import CollectError, Machine, Target
from rem_cli.errors import RemError
from rem_cli.jobs.fields import Fields
from rem_cli.jobs.job import HERE, Host
from rem_cli.jobs.select import select
from rem_cli.language import Item, Value
from rem_cli.plan.catalog import Catalog
from rem_cli.series import Aggregate, Archive, Retention

PROCESS = "builtin monitors"
SOURCES = {"collector": "script", "job": "script"}  # kinds that are made as another is
NOT_TAKEN = ("measures", "every", "timeout", "title", "info", "name", "retention", "retries")  # of a collector or a job
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


class Context(NamedTuple):
    """What monitors are read with."""

    catalog: Catalog
    inventory: Sequence[Item]
    hosts: Mapping[str, Item]  # by path
    read: dict[str, Host]  # of these, those that a monitor needed
    said: Mapping[str, Sequence[Item]]  # of the series of each monitor
    lend: Lend
    blob: Blob
    now: float


def read_checks(catalog: Catalog, lend: Lend, blob: Blob, now: float, of: Iterable[Item] | None = None) -> Found:
    """Every check of a catalog, or those that some of its monitors make."""
    inventory = catalog.of("builtin inventory")
    context = Context(catalog, inventory, {item.path: item for item in inventory}, {}, _said(catalog), lend, blob, now)
    checks: list[Check] = []
    wrong: dict[str, RemError] = {}
    for item in catalog.of(PROCESS) if of is None else of:
        try:
            checks += list(_of(item, context))  # all of its hosts, or none
        except RemError as error:
            wrong[item.path] = error
    return Found(checks, wrong)


def _of(item: Item, context: Context) -> Iterator[Check]:
    fields = Fields(item)
    values = _values(item, context.catalog)
    archives = tuple(Archive(step, span) for step, span in fields.pairs("retention"))
    retention = Retention(archives) if archives else KEPT
    kept = _kept(context.said.get(item.path, ()), retention)
    measures = frozenset(fields.words("measures")) or None
    reference = fields.text("credentials")
    secret = context.lend(reference) if reference else ""
    script = values.get("script")
    programs = {script: context.blob(script)} if isinstance(script, str) else {}
    timeout = max(_seconds(item.fields, "timeout", TIMEOUT), _seconds(values, "least timeout", 0.0))
    every = max(_seconds(item.fields, "every", EVERY), _seconds(values, "least every", 0.0))
    retries = fields.count("retries") or 0
    seen: dict[str, Host] = {}
    for host in _hosts(item, context, values.get("hosts")):
        other = seen.setdefault(host.name, host)
        if other is not host:  # they would share their series
            hint = "leave one of them out, or give one another `name`"
            raise CollectError(f"{other.path} and {host.path} are both called {host.name}", hint=hint)
        machine = Machine(host.local, host.port, host.user)
        target = Target(host.name, host.address, timeout, values, machine, secret, programs, context.now)
        kind = fields.text("kind") or ""
        yield Check(item.path, SOURCES.get(kind, kind), target, every, retries, measures, retention, kept)


def _values(item: Item, catalog: Catalog) -> Mapping[str, Value]:
    """What a check says, with what the collector or the job says that it uses."""
    kind, values = item.fields.get("kind"), {name: value for name, value in item.fields.items() if value is not None}
    used = catalog.items.get(str(values.get(str(kind)))) if kind in ("collector", "job") else None
    if used is None:
        return values
    told = {name: value for name, value in used.fields.items() if value is not None and name not in NOT_TAKEN}
    if kind == "collector":
        bounds = {f"least {name}": used.fields.get(name) for name in ("every", "timeout")}
        return {**values, **told, **bounds, "measures of collector": used.fields.get("measures")}
    if used.fields.get("secrets") or used.fields.get("secret files"):
        raise CollectError(f"{used.path} needs secrets, which a check does not hand on", hint="use a collector")
    params = used.fields.get("params")
    return {"hosts": None, **told, **values, "result": told.get("result"), "where": "host", "takes": params or {}}


def _seconds(values: Mapping[str, Value], name: str, usual: float) -> float:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else usual


def _hosts(item: Item, context: Context, selector: Value) -> Iterator[Host]:
    """Those that a monitor selects, else the one that holds it, else what its own words name."""
    fields = Fields(item)
    if isinstance(selector, str):
        yield from (_host(one, context) for one in select(selector, context.inventory))
        return
    parts = item.path.split("/")
    for count in range(len(parts) - 1, 1, -1):
        holder = context.hosts.get("/".join(parts[:count]))
        if holder is not None:
            yield _host(holder, context)
            return
    named = fields.text("name") if fields.text("kind") == "tls" else None
    address = fields.text("address") or urlsplit(fields.text("url") or "").hostname or named
    yield Host(address, "", address) if address else HERE


def _host(item: Item, context: Context) -> Host:
    """A host as programs see it; read once, for many monitors need it."""
    found = context.read.get(item.path)
    if found is None:
        found = Host.read(item)
        if found.local and not item.fields.get("address"):  # this machine, whatever it is called there
            found = found._replace(address=HERE.address)
        context.read[item.path] = found
    return found


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
