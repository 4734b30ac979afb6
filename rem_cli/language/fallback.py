"""Which packages are asked, and in which order, for a type or a template that a package does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rem_cli.language import Finding
from rem_cli.language.files import ROOT
from rem_cli.language.names import nearest
from rem_cli.language.packages import Package
from rem_cli.language.schema import Report

MOST = 50  # packages that one package asks, through others too


def asked(package: Package, packages: Mapping[str, Package]) -> list[Package]:
    """What it falls back on, each followed by what that one falls back on; then what it is made from. Each once."""
    found: dict[str, Package] = {}
    waiting = [*reversed(list(_next(package, packages)))]
    while waiting and len(found) < MOST:
        one = waiting.pop()
        if one.name not in found and one is not package:
            found[one.name] = one
            waiting.extend(reversed(list(_next(one, packages))))
    return list(found.values())


def _next(package: Package, packages: Mapping[str, Package]) -> Iterator[Package]:
    names = [*package.fall_back, *([str(package.of.data)] if package.of else [])]
    return (packages[name] for name in names if name in packages)


def in_order(packages: Mapping[str, Package]) -> list[Package]:
    """Every package after those that it asks; in a circle, wherever it was entered."""
    done: dict[str, Package] = {}
    for start in packages.values():
        way = [(start, _next(start, packages))]
        entered = {start.name}
        while way and start.name not in done:
            package, rest = way[-1]
            one = next((one for one in rest if one.name not in done and one.name not in entered), None)
            if one is None:
                done[package.name] = package
                way.pop()
            else:
                entered.add(one.name)
                way.append((one, _next(one, packages)))
    return list(done.values())


def check(package: Package, packages: Mapping[str, Package], report: Report) -> None:
    """Whether all that a package falls back on is there, and none of it leads back to the package."""
    for name, at in package.fall_back.items():
        if name == package.name:
            report(Finding("REM1551", "a package cannot fall back on itself", at.place, hint="take it out"))
        elif name not in packages:
            near = nearest(name, packages)
            hint = f"did you mean '{near}'?" if near else f"take it out, or make {ROOT}/{name}.yaml"
            report(Finding("REM1550", f"there is no package '{name}' to fall back on", at.place, hint=hint))
        elif (way := _back(packages[name], package, packages)) and package.name < min(way):
            last = packages[way[-1]].fall_back[package.name]
            text = f"'{package.name}' falls back on itself: {' → '.join([package.name, *way, package.name])}"
            report(Finding("REM1551", text, at.place, hint=f"the circle closes in {last.place}"))
    if len(asked(package, packages)) == MOST:
        first = next(iter(package.fall_back.values()), None)
        if first:
            text = f"this falls back on {MOST} packages or more, with those that they fall back on"
            report(Finding("REM1552", text, first.place, hint="fall back on fewer"))


def _back(start: Package, end: Package, packages: Mapping[str, Package]) -> list[str]:
    """The packages on the shortest way along `fall back` from one to another; empty when there is none."""
    came: dict[str, str] = {start.name: ""}
    waiting = [start]
    while waiting and len(came) <= MOST:
        one = waiting.pop(0)
        if end.name in one.fall_back:
            way = [one.name]
            while came[way[0]]:
                way.insert(0, came[way[0]])
            return way
        for name in one.fall_back:
            if name in packages and name not in came:
                came[name] = one.name
                waiting.append(packages[name])
    return []


def template(path: str, packages: Mapping[str, Package], names: Mapping[str, str]) -> str | None:
    """The file that stands in for a template that is not there: of the same name, in a package that is asked."""
    parts = path.split("/")
    if len(parts) < 4 or parts[0] != ROOT or parts[2] != "templates" or parts[1] not in packages:
        return None
    for other in asked(packages[parts[1]], packages):
        found = "/".join([ROOT, other.name, *parts[2:]])
        if names.get(found) == "file":
            return found
    return None
