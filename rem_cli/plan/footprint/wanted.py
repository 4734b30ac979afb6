"""Which files are wanted where, and what must be so there: a function of the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from rem_cli.errors import InvalidPackagesError, RemError
from rem_cli.language import Item
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.footprint import Content, Kind, Machine, Object, ensure


@dataclass
class Wants:
    """What is wanted on one host."""

    machine: Machine
    objects: dict[str, Object] = field(default_factory=dict)  # by path on the host
    ensures: list[ensure.Ensure] = field(default_factory=list)  # in the order in which they are brought about


def wanted(
    catalog: Catalog,
    kinds: Sequence[Kind],
    content: Content,
    choose: Callable[[str, Sequence[Item]], Sequence[Item]],
    machine: Callable[[Item], Machine],
) -> Mapping[str, Wants]:
    """What every host by its name is to have, in the inventory's order; those without any are left out.

    `choose` reads a host selector. InvalidPackagesError when two items want the same path of a host or wait
    for each other, and what `choose` says when a selector means nothing.
    """
    found: dict[str, Wants] = {}

    @cache
    def inventory() -> Sequence[Item]:
        return catalog.of("builtin inventory")

    for kind in kinds:
        wanting = _wanting(kind, catalog)
        for item in wanting if wanting and any(map(kind.on, inventory())) else ():
            for host in filter(kind.on, _hosts(item, inventory(), choose)):
                there = machine(host)
                wants = found.setdefault(there.target.name, Wants(there))
                for one in kind.objects(item, there, content):
                    _add(wants, one)
    items = catalog.of(ensure.PROCESS)
    by_path = {item.path: item for item in items}
    for asked in ensure.in_order(items):
        for host in _hosts(by_path[asked.item], inventory(), choose):
            there = machine(host)
            found.setdefault(there.target.name, Wants(there)).ensures.append(asked)
    order = {machine(item).target.name: place for place, item in enumerate(inventory())} if found else {}
    return {name: found[name] for name in sorted(found, key=lambda name: order[name])}


def _wanting(kind: Kind, catalog: Catalog) -> Sequence[Item]:
    """The items of a kind; none of them where no host can have any."""
    if kind.unless and not any(map(kind.on, catalog.of("builtin inventory", choosing=kind.unless.__eq__))):
        return []
    return [*filter(kind.wants, catalog.of(kind.process))]


def _hosts(
    item: Item, inventory: Sequence[Item], choose: Callable[[str, Sequence[Item]], Sequence[Item]]
) -> Sequence[Item]:
    try:
        return choose(str(item.fields.get("hosts") or ""), inventory)
    except RemError as error:
        error.message = f"{item.path}: {error.message}"
        raise


def _add(wants: Wants, one: Object) -> None:
    other = wants.objects.get(one.path)
    if other is not None:
        name = wants.machine.target.name
        raise InvalidPackagesError(
            f"{other.item} and {one.item} both want {one.path} on {name}; nothing was applied",
            hint="a file belongs to one item: give one of them another path, or other hosts",
        )
    wants.objects[one.path] = one
