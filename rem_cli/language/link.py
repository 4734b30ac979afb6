"""The step over a whole tree, once each package is known by itself: limits, names that clash, and what packages name
of each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.findings import TEXTS, VALUES, Enough, Findings
from rem_cli.language.held import Reference
from rem_cli.language.names import folded
from rem_cli.language.outcome import Outcome
from rem_cli.language.packages import Package, start_of
from rem_cli.language.references import Known, References
from rem_cli.language.through import Through


@dataclass(frozen=True)
class Summary:
    """What the whole tree needs to know of one package: all but the values of its items."""

    name: str
    size: int  # values of its texts
    start: Place  # where it begins
    items: Mapping[str, Known] = field(default_factory=dict)  # by path
    findings: tuple[Finding, ...] = ()
    references: tuple[Reference, ...] = ()
    scripts: frozenset[str] = frozenset()  # paths of the files that items name, all of them present
    values: int = 0  # of its items
    specification: bool = False
    whole: bool = True
    offers: bool = False  # whether it defines what others could use


def reserved(name: str) -> bool:
    """Whether a package's name is REM's own."""
    return folded(name) == "base"


def start(package: Package) -> Place:
    """Where a package begins."""
    return package.at.source.at(1, 1)


def summary(package: Package, outcome: Outcome | None) -> Summary:
    """A package in short; without an outcome when its name is REM's own."""
    if outcome is None:
        return Summary(package.name, package.size, start(package))
    kinds: dict[Known, Known] = {}  # one of each, not one an item
    items = {
        path: kinds.setdefault(k := Known(one.package, one.section, one.process), k)
        for path, one in outcome.items.items()
    }
    return Summary(
        *(package.name, package.size, start(package), items, outcome.findings, outcome.references, outcome.scripts),
        *(outcome.values, outcome.specification, outcome.whole),
        bool(package.sections) or package.specification,
    )


class Linking:
    """The packages of one tree being taken together, in the order of their names."""

    def __init__(self, names: Mapping[str, str], texts: Mapping[str, list[str]], findings: Findings) -> None:
        """`names` is every path below packages/ and what it is, `texts` those of each package."""
        self._findings = findings
        self._texts = texts
        self._left = TEXTS
        self._spelled: dict[str, str] = {}
        self._through = Through({path: name for name, paths in texts.items() for path in paths}, findings.report)
        self._taken: list[Summary] = []
        for path, kind in names.items():
            if kind != "file":
                text = f"this is a {kind}, which REM does not follow"
                findings.report(Finding("REM1120", text, start_of(path), hint="put a file in its place"))

    def count(self, name: str, size: int, start: Place) -> None:
        """One more package was read, whose texts have `size` values. Enough."""
        report = self._findings.report
        self._left -= size
        if self._left < 0:
            text = f"the packages up to here come to more than {TEXTS:,} values"
            report(Finding("REM1005", text, start_of(self._texts[name][0]), hint="split the repository"))
            raise Enough
        twin = self._spelled.setdefault(folded(name), name)
        if twin != name:
            text = f"package '{name}' is too much like '{twin}'"
            report(Finding("REM1108", text, start, hint="names differ by more than case"))
        if reserved(name):
            text = "a package cannot be called 'base': that is the one with REM's own sections"
            report(Finding("REM1109", text, start, hint="rename its file or folder"))

    def take(self, one: Summary) -> None:
        """One more package is known. Enough."""
        for finding in one.findings:
            self._through.take(finding, one.name)
        if one.values > VALUES:
            raise Enough  # and it said so
        self._findings.spend(one.values, one.start)
        self._taken.append(one)

    def end(self, place: Callable[[Reference], Place]) -> None:
        """All are known: check what they name of each other. Enough."""
        items: dict[str, Known] = {}
        templates: dict[str, Known] = {}
        for one in self._taken:
            (templates if one.specification else items).update(one.items)
        whole = {one.name: one.whole for one in self._taken}
        references = References(items, templates, whole, place, self._through.take)
        for one in self._taken:
            for reference in one.references:
                references.check(reference)
        self._through.tell()


def link(
    names: Mapping[str, str],
    texts: Mapping[str, list[str]],
    summaries: Iterable[Summary],
    place: Callable[[Reference], Place],
) -> tuple[Finding, ...] | None:
    """Every finding of a tree whose packages are known already; None when a limit was met."""
    findings = Findings()
    try:
        linking = Linking(names, texts, findings)
        known = list(summaries)
        for one in known:
            linking.count(one.name, one.size, one.start)
        for one in known:
            if not reserved(one.name):
                linking.take(one)
        linking.end(place)
    except Enough:
        return None
    return findings.sorted()
