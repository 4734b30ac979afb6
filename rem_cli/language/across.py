"""What of a package is right or wrong by what others say: items that wait for theirs, jobs that their hosts start."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Value, circles
from rem_cli.language.composed import home
from rem_cli.language.held import Held, Reference
from rem_cli.language.scheduled import ABOUT, KINDS
from rem_cli.words import counted

_HOSTS, _JOBS = "builtin inventory", "builtin jobs"
# What of a job decides whether a host can start it by itself.
_DECIDING = (
    *KINDS,
    *ABOUT,
    "hosts",
    "workers",
    "params",
    "secrets",
    "secret files",
    "batch",
    "max fail",
    "success",
    "distribute",
    "retry",
    "input",
    "idle timeout",
)


class Told(NamedTuple):
    """An item in short, as plain values."""

    path: str
    section: str
    process: str
    key: str
    layers: Mapping[str, str]
    fields: Mapping[str, Value]
    places: Mapping[str, tuple[str, tuple[str | int, ...]]]  # of fields, and as "" of itself: file, way in it

    def item(self) -> Item:
        return Item(
            self.path, self.path.partition("/")[0], self.section, self.process, self.key, self.layers, self.fields
        )


class Across(NamedTuple):
    """What the whole tree needs to know of one package's items."""

    waits: Sequence[tuple[str, str]] = ()  # items and what they come after; empty where all stay in the package
    hosts: Sequence[Told] = ()  # that start jobs by themselves
    jobs: Sequence[Told] = ()  # that are due on hosts


class Unkept(NamedTuple):
    """Why a host cannot start a job by itself."""

    id: str
    field: str  # of the job; empty: its schedule
    why: str
    hint: str | None
    hosts: Sequence[str]  # by name


# Whether the hosts that a job means can start it; given the job, and all hosts that start jobs by themselves.
Keeping = Callable[[Item, Sequence[Item]], Iterable[Unkept]]


def across(package: str, items: Mapping[str, Held]) -> Across:
    """Of one package's items."""
    waits = [(path, one) for path, after in circles.waiting(items).items() for one in after]
    if all(one.startswith(f"{package}/") for _, one in waits):
        waits = []
    hosts, jobs = [], []
    for held in items.values():
        fields = held.item.fields
        if held.item.process == _HOSTS and fields.get("runs locally"):
            hosts.append(_told(held, fields))
        elif held.item.process == _JOBS and fields.get("hosts") and any(fields.get(kind) for kind in KINDS):
            jobs.append(_told(held, {name: fields[name] for name in _DECIDING if fields.get(name) is not None}))
    return Across(waits, hosts, jobs)


def _told(held: Held, fields: Mapping[str, Value]) -> Told:
    homes = {"": home(held.at)} | {name: home(held.own[name]) for name in _DECIDING if name in held.own}
    places = {name: (at.source.file, at.path) for name, at in homes.items()}
    one = held.item
    return Told(one.path, one.section, one.process, one.key, dict(one.layers), dict(fields), places)


def waits_round(
    packages: Mapping[str, Across],
    references: Callable[[str], Sequence[Reference]],
    place: Callable[[Reference], Place],
) -> Iterator[tuple[str, Finding]]:
    """Each circle of `after` through several packages, once, with the package of its first item by path."""
    waits: dict[str, list[str]] = {}
    for one in packages.values():
        for path, after in one.waits:
            waits.setdefault(path, []).append(after)
    for start in sorted(waits):
        way = circles.back(start, waits)
        package = start.partition("/")[0]
        if way and start == min(way) and any(not path.startswith(f"{package}/") for path in way):
            named = [one for one in references(package) if one.target == way[1]]
            at = next((one for one in named if start.rpartition("/")[2] in one.path), named[0])
            yield package, circles.told(way, place(at))


def unkept(
    packages: Mapping[str, Across], keeping: Keeping, place: Callable[[Reference], Place]
) -> Iterator[tuple[str, Finding]]:
    """What hosts that start jobs by themselves cannot keep of them, with the job's package."""
    hosts = [told.item() for one in packages.values() for told in one.hosts]
    for package, one in packages.items():
        for told in one.jobs:
            for found in keeping(told.item(), hosts):
                names = (found.field or "cron", *KINDS, "")
                file, way = next(told.places[name] for name in names if name in told.places)
                others = f" and {counted(len(found.hosts) - 1, 'other')}" if len(found.hosts) > 1 else ""
                text = f"{found.why}; {found.hosts[0]}{others} would start it"
                yield package, Finding(found.id, text, place(Reference("", "", "", package, file, way)), found.hint)
