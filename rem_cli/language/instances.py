"""Packages that are made from others: the chain above an instance, and its content laid over theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rem_cli.language import Finding
from rem_cli.language.links import Linking, Part
from rem_cli.language.merge import Shape, join, lay, nothing_to_unset
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.packages import Package
from rem_cli.language.schema import Report, Section
from rem_cli.language.source import UNSET

LONGEST_CHAIN = 20  # specifications above an instance


def above(package: Package, packages: Mapping[str, Package], report: Report) -> tuple[list[Package], bool]:
    """The specifications that a package is made from, the nearest first; and whether all of them are there."""
    chain: list[Package] = []
    at = package
    while at.of is not None:
        found = packages.get(str(at.of.data))
        if found is None:
            if at is package and str(at.of.data) not in at.requires:  # what requires it says that it is not there
                near = nearest(str(at.of.data), (p.name for p in packages.values() if p.specification))
                hint = f"did you mean '{near}'?" if near else "name a package with specification: true"
                text = f"there is no package '{at.of.shown}' to make this one from"
                report(Finding("REM1501", text, at.of.place, hint=hint))
            return chain, False
        if found is package or found in chain:
            _circle(package, [package, *chain], found, report)
            return chain, False
        if len(chain) == LONGEST_CHAIN:
            if package.of:
                text = f"this is made from '{found.name}' through more than {LONGEST_CHAIN} specifications"
                report(Finding("REM1507", text, package.of.place, hint="make it from one further up"))
            return chain, False
        if not found.specification and at is package:
            text = f"'{found.name}' is not a specification: it runs by itself"
            hint = f"add specification: true to {found.at.source.file}"
            report(Finding("REM1502", text, at.of.place, hint=hint))
        chain.append(found)
        at = found
    return chain, not chain or all(one.whole for one in chain)


def _circle(package: Package, chain: Sequence[Package], found: Package, report: Report) -> None:
    """Packages that are made from each other; the first by name says so."""
    circle = list(chain[[one.name for one in chain].index(found.name) :])
    last = circle[-1]
    if package is min(circle, key=lambda one: one.name):
        assert package.of and last.of
        way = " → ".join([*(one.name for one in circle), package.name])
        text = f"'{package.name}' is made from itself: {way}"
        report(Finding("REM1503", text, package.of.place, hint=f"the circle closes in {last.of.place}"))


def content(levels: Sequence[Package], linking: Linking) -> list[Part]:
    """What stands in a package, the first of `levels`, and in all that it is made from, each laid over the next."""
    parts: list[Part] = []
    for one in reversed(levels):
        for layer in linking.parts(one.links, one.parts):
            parts = _over(layer, parts, linking.sections, linking.report)
        parts = _over(one.parts, parts, linking.sections, linking.report)
        if one.over:
            parts = _over(one.over, parts, linking.sections, linking.report)
    return parts


def _over(own: Sequence[Part], under: Sequence[Part], sections: Mapping[str, Section], report: Report) -> list[Part]:
    below = _by_name(under)
    result = dict(below)
    for name, parts in _by_name(own).items():
        shape = Shape(sections.get(name))
        if name not in below:
            for _, at in parts:
                if at.data is UNSET:
                    report(nothing_to_unset(name, at))
            parts = [(word, at) for word, at in parts if at.data is not UNSET]
            result[name] = [(word, lay(at, None, shape, report)) for word, at in parts]
        elif len(parts) == 1 and parts[0][1].data is UNSET:
            del result[name]
        else:
            lower = join([at for _, at in below[name]], shape, _told_elsewhere)
            upper = join([at for _, at in parts], shape, report)
            result[name] = [(parts[0][0], lay(upper, lower, shape, report))]
    return [part for parts in result.values() for part in parts]


def _by_name(parts: Sequence[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = {}
    for word, at in parts:
        found.setdefault(vocabulary(word), []).append((word, at))
    return found


def _told_elsewhere(finding: Finding) -> None:
    """What is wrong in a specification is told where it is resolved by itself."""
