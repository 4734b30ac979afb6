"""All packages taken together, once each is known by itself: limits, names that clash, what they name of each other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from rem_cli.errors import Place
from rem_cli.language import Finding, Severity
from rem_cli.language.across import Across, Keeping, across, unkept, waits_round
from rem_cli.language.files import is_text
from rem_cli.language.findings import TEXTS, VALUES, Enough, Findings
from rem_cli.language.held import Reference
from rem_cli.language.names import folded
from rem_cli.language.outcome import Outcome
from rem_cli.language.packages import Package, start_of
from rem_cli.language.processes import HOSTS, LOCALLY
from rem_cli.language.references import Known, References
from rem_cli.language.source import Source
from rem_cli.language.through import Through
from rem_cli.language.timed import Timed, timed


class Summary(NamedTuple):
    """What the whole tree needs to know of one package: all but the values of its items."""

    name: str
    size: int  # values of its texts
    start: Place  # where it begins
    linked: Mapping[str, int] = MappingProxyType({})  # files that it links and no package has: their values
    items: Mapping[str, Known] = MappingProxyType({})  # by path
    findings: tuple[Finding, ...] = ()
    references: Sequence[Reference] = ()
    scripts: frozenset[str] = frozenset()  # paths of the files that items name, all of them present
    values: int = 0  # of its items
    specification: bool = False
    whole: bool = True
    offers: bool = False  # whether it defines what others could use
    timed: tuple[Timed, ...] = ()  # what is held against the clock
    processes: tuple[str, ...] = ()  # what the engine does with its items
    selectors: tuple[str, ...] = ()  # by which its items choose hosts; LOCALLY where one of them says that
    across: Across = Across()


def reserved(name: str) -> bool:
    """Whether a package's name is REM's own."""
    return folded(name) == "base"


def start(package: Package) -> Place:
    """Where a package begins."""
    return package.at.source.at(1, 1)


def summary(package: Package, outcome: Outcome, sources: Mapping[str, Source]) -> Summary:
    """A package in short. `sources` holds at least the files that it links."""
    kinds: dict[Known, Known] = {}  # one of each, not one an item
    items: dict[str, Known] = {}
    for path, one in outcome.items.items():
        known = Known(one.package, one.section, one.process)
        items[path] = kinds.setdefault(known, known)
    chosen = {one.fields[HOSTS] for one in outcome.items.values() if one.fields.get(HOSTS)}
    beyond = across(package.name, outcome.held)
    chosen |= {LOCALLY} if beyond.hosts else set()
    return Summary(
        name=package.name,
        size=package.size,
        start=start(package),
        linked={path: sources[path].size for path in sorted(package.linked) if not is_text(path) and path in sources},
        items=items,
        findings=outcome.findings,
        references=outcome.references,
        scripts=outcome.scripts,
        values=outcome.values,
        specification=package.specification,
        whole=outcome.whole,
        offers=bool(package.sections) or package.specification,
        timed=() if package.specification else timed(outcome.held.values()),
        processes=tuple(sorted({known.process for known in kinds})),
        selectors=tuple(sorted(text for text in chosen if isinstance(text, str))),
        across=beyond,
    )


def is_error(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR


class Together:
    """The packages of one tree on their way to its findings."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._left = TEXTS
        self._spelled: dict[str, str] = {}
        self._specifications: set[str] = set()
        self._through = Through(self._specifications, findings.report)
        self._taken: list[Summary] = []

    def paths(self, names: Mapping[str, str]) -> None:
        """`names` is every path below packages/ and what it is. Enough."""
        for path, kind in names.items():
            if kind != "file":
                text = f"this is a {kind}, which REM does not follow"
                self.findings.report(Finding("REM1120", text, start_of(path), hint="put a file in its place"))

    def count(self, size: int, file: str) -> None:
        """`size` more values of texts were read. Enough."""
        self._left -= size
        if self._left < 0:
            text = f"the packages up to here come to more than {TEXTS:,} values"
            self.findings.report(Finding("REM1005", text, start_of(file), hint="split the repository"))
            raise Enough

    def name(self, name: str, start: Place) -> None:
        """There is a package of that name. Enough."""
        twin = self._spelled.setdefault(folded(name), name)
        if twin != name:
            text = f"package '{name}' is too much like '{twin}'"
            self.findings.report(Finding("REM1108", text, start, hint="names differ by more than case"))
        if reserved(name):
            text = "a package cannot be called 'base': that is the one with REM's own sections"
            self.findings.report(Finding("REM1109", text, start, hint="rename its file or folder"))

    def take(self, one: Summary) -> None:
        """One more package is resolved. Enough."""
        if one.specification:
            self._specifications.add(one.name)
        for finding in one.findings:
            self._through.take(finding, one.name)
        if one.values > VALUES:
            raise Enough  # and it said so
        self.findings.spend(one.values, one.start)
        self._taken.append(one)

    def end(
        self, place: Callable[[Reference], Place], keeping: Callable[[], Keeping | None], sound: Collection[str] = ()
    ) -> set[str]:
        """All are resolved: check what they name of each other; the packages that name what is not right. Enough.

        What those in `sound` name is known to be there. `keeping` is asked where hosts start jobs by themselves.
        """
        items = _Items({one.name: one.items for one in self._taken if not one.specification})
        templates = _Items({one.name: one.items for one in self._taken if one.specification})
        whole = {one.name: one.whole for one in self._taken}
        dangling: set[str] = set()

        def report(finding: Finding, package: str) -> None:
            dangling.add(package)
            self._through.take(finding, package)

        references = References(items, templates, whole, place, report)
        for one in self._taken:
            for reference in one.references if one.name not in sound else ():
                references.check(reference)
        self._across(place, keeping)
        self._through.tell()
        return dangling

    def _across(self, place: Callable[[Reference], Place], keeping: Callable[[], Keeping | None]) -> None:
        """What of packages without an error is not right by what others say."""
        own = {one.name: one for one in self._taken if not one.specification and not any(map(is_error, one.findings))}
        told = {name: one.across for name, one in own.items()}
        for package, finding in waits_round(told, lambda name: own[name].references, place):
            self._through.take(finding, package)
        keeps = keeping() if any(one.hosts for one in told.values()) else None
        for package, finding in unkept(told, keeps, place) if keeps else ():
            self._through.take(finding, package)


class _Items(Mapping[str, Known]):
    """The items of several packages: a path begins with the name of its own, and the others' are not looked at."""

    def __init__(self, packages: Mapping[str, Mapping[str, Known]]) -> None:
        self._packages = packages

    def __getitem__(self, path: str) -> Known:
        return self._packages[path.partition("/")[0]][path]

    def __iter__(self) -> Iterator[str]:
        return (path for items in self._packages.values() for path in items)

    def __len__(self) -> int:
        return sum(map(len, self._packages.values()))


class Linked(NamedTuple):
    """All packages of a tree, held against each other."""

    findings: tuple[Finding, ...]  # of the whole tree
    dangling: set[str]  # packages that name what is not there, or not what they take it for


def link(
    names: Mapping[str, str],
    summaries: Iterable[Summary],
    place: Callable[[Reference], Place],
    keeping: Callable[[], Keeping | None],
    sound: Collection[str] = (),
) -> Linked | None:
    """Every finding of a tree whose packages are resolved; None when a limit was met.

    `sound` are packages all of whose references are known to be right.
    """
    findings = Findings()
    try:
        together = Together(findings)
        together.paths(names)
        known = list(summaries)
        linked: dict[str, int] = {}
        for one in known:
            together.count(one.size, one.start.file)
            together.name(one.name, one.start)
            linked |= one.linked
        together.count(sum(linked.values()), "")
        for one in known:
            if not reserved(one.name):
                together.take(one)
        dangling = together.end(place, keeping, sound)
    except Enough:
        return None
    return Linked(findings.sorted(), dangling)
