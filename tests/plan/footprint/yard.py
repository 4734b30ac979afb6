"""One machine, this one, whose files REM owns as it would those of a host; and a shop that is applied to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict, Unpack

from rem_cli.clock import Clock
from rem_cli.jobs.job import Host
from rem_cli.jobs.select import select
from rem_cli.language import Item, Value
from rem_cli.plan.apply import Applied, Terms, apply
from rem_cli.plan.catalog import compile_catalog
from rem_cli.plan.content import Compiled
from rem_cli.plan.footprint import Looked, Machine, Object, files
from rem_cli.plan.footprint.ensure import PROCESS
from rem_cli.plan.footprint.environment import Footprint
from rem_cli.plan.footprint.hosts import Failed, Hosts, Put
from rem_cli.plan.footprint.rollout import Pace, plain
from rem_cli.plan.footprint.steps import Step, decide
from rem_cli.reach import Target, Transport
from tests.plan.shop import Shop, resolution

REPOSITORY = "ab" * 20
ALL_AT_ONCE = Pace()
AS_IT_IS = Terms()


class More(TypedDict, total=False):
    """What else an object may be."""

    mode: int
    owner: str
    check: tuple[str, ...]
    keep: bool
    parents: bool
    accepted_until: str
    accepted_why: str


class Yard:
    """`folder` is where files are put; `apply` in each line of a test says what is wanted there."""

    def __init__(self, folder: Path, transports: Mapping[str, Transport], host: str = "web01") -> None:
        self.folder = folder
        self.machine = Machine(Target(host, host), local=True)
        self.hosts = Hosts(transports, REPOSITORY, "production")

    def object(self, name: str, content: str = "hello\n", **more: Unpack[More]) -> Object:
        return Object("file", str(self.folder / name), f"shop/files/{name}", content.encode(), **more)

    def look(self, *wanted: Object) -> Looked | Failed:
        with plain() as stop:
            return self.hosts.look([(self.machine, [one.path for one in wanted])], stop)[self.machine.target.name]

    def plan(self, *wanted: Object, today: str = "2026-11-25") -> list[Step]:
        looked = self.look(*wanted)
        assert isinstance(looked, Looked), looked
        return decide(self.machine.target.name, {one.path: one for one in wanted}, looked, today)

    def put(self, *wanted: Object, looked: Looked | Failed | None = None, today: str = "2026-11-25") -> Failed | None:
        """Make it so; None when all went well."""
        looked = looked or self.look(*wanted)
        assert isinstance(looked, Looked), looked
        steps = decide(self.machine.target.name, {one.path: one for one in wanted}, looked, today)
        with plain() as stop:
            return self.hosts.put([Put(self.machine, steps, looked)], 7, stop).get(self.machine.target.name)

    def there(self) -> dict[str, str]:
        """Every file and folder below `folder`, hidden ones too, with the content of files."""
        return {
            str(path.relative_to(self.folder)): path.read_text() if path.is_file() else ""
            for path in sorted(self.folder.rglob("*"))
        }


def moves(steps: list[Step]) -> list[str]:
    return [str(step.move) for step in steps]


def host(name: str, **fields: Value) -> Item:
    path = f"shop/hosts/web/{name}"
    told = {"name": name, "reach": "local", **fields}
    return Item(path, "shop", "hosts", "builtin inventory", name, {"group": "web"}, told)


def file(name: str, path: Path, hosts: str = "*", **fields: Value) -> Item:
    told: dict[str, Value] = {"name": name, "hosts": hosts, "path": str(path), "mode": "0644", **fields}
    return Item(f"shop/files/{name}", "shop", "files", files.PROCESS, name, {}, told)


class Estate:
    """A shop whose hosts have files."""

    def __init__(self, shop: Shop, transports: Mapping[str, Transport], clock: Clock) -> None:
        self.shop = shop
        self._transports = transports
        self._clock = clock
        self.fresh: Callable[[], AbstractContextManager[Mapping[str, Transport]]] | None = None  # to confirm by
        self.committed = False  # once: the items say what is applied

    def footprint(self, pace: Pace = ALL_AT_ONCE) -> Footprint:
        def machine(item: Item) -> Machine:
            there = Host.read(item)
            return Machine(Target(there.name, there.address, there.port, there.user), there.local, item)

        hosts = Hosts(self._transports, REPOSITORY, "production", self.fresh)
        return Footprint([files.KIND], select, machine, lambda: hosts, self.shop.generations, self._clock, pace)

    def compiled(self, *items: Item) -> Compiled:
        self.shop.checkout.commit()
        self.shop.generations.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        tree = self.shop.repository.at(self.shop.repository.resolve())
        return Compiled(*compile_catalog(resolution(*items), tree))

    def apply(
        self,
        *items: Item,
        pace: Pace = ALL_AT_ONCE,
        terms: Terms = AS_IT_IS,
        files: Mapping[str, str] = MappingProxyType({}),
    ) -> Applied:
        if not self.committed:
            self.shop.checkout.commit(dict(files))
            self.committed = True
        commit = self.shop.repository.resolve()
        tree = self.shop.repository.at(commit)
        return apply(
            resolution(*items, scripts=[*files]), tree, commit, self.shop.generations, self.shop.audit, self._clock,
            who="ana", terms=terms, footprint=self.footprint(pace),
        )  # fmt: skip


def ends(applied: Applied) -> dict[str, str]:
    return {one.host: str(one.ended) for one in applied.hosts}


def ensure(name: str, check: list[str], apply: list[str], hosts: str = "*", **fields: Value) -> Item:
    told: dict[str, Value] = {"name": name, "hosts": hosts, "check": [*check], "apply": [*apply], **fields}
    path = f"shop/ensure/disk/{name}"
    return Item(path, "shop", "ensure", PROCESS, name, {"group": "disk"}, told)
