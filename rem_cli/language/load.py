"""All packages of a tree: found, defined, resolved and checked, with every problem reported at once."""

from __future__ import annotations

import gc
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rem_cli.language import Finding, Resolution
from rem_cli.language.at import At
from rem_cli.language.findings import Enough, Findings
from rem_cli.language.held import Held, Reference
from rem_cli.language.names import folded, nearest, vocabulary
from rem_cli.language.packages import HEADER, LATER, ROOT, Package, define, find, is_text, require, start_of
from rem_cli.language.resolve import Walk
from rem_cli.language.schema import Report, Section, Types

SUGGESTED = 100  # dangling references that get a suggestion; each looks through all items


@dataclass(frozen=True)
class Base:
    """What every package can use: the default sections and types."""

    sections: Mapping[str, Section]
    types: Types


def read_base(files: Mapping[str, bytes]) -> Base:
    """The default sections and types. Their texts are ours: a finding in them is a mistake of REM's."""
    findings: list[Finding] = []
    packages = find(files, findings.append)
    base = packages["base"]
    define(base, Types(), findings.append)
    if findings:
        raise AssertionError("\n".join(f"{f.place}: {f.message}" for f in findings))
    return Base(base.sections, base.types)


def load(
    names: Mapping[str, str],
    read_many: Callable[[Iterable[str]], Mapping[str, bytes]],
    base: Base,
) -> Resolution:
    """Resolve every package below `packages/`.

    `names` gives every path there and what it is: "file", or why it is not followed ("symbolic link", "submodule" …).
    `read_many` gives the bytes of files; it is asked only for the texts of packages.
    """
    findings = Findings()
    loading = _Loading(names, base, findings)
    texts = [path for path, kind in names.items() if kind == "file" and is_text(path)]
    collecting = gc.isenabled()
    gc.disable()  # nearly all that is made here lives on; looking for garbage takes longer than the rest
    try:
        loading.run(read_many(texts))
    except Enough:
        loading.held.clear()
    finally:
        if collecting:
            gc.enable()
    held = loading.held
    return Resolution(
        {path: held[path].item for path in sorted(held)},
        findings.sorted(),
        frozenset(loading.scripts),
        len(texts),
        lambda path: held[path].origins(),
        lambda path: held[path].texts(),
    )


def sections(
    names: Mapping[str, str], read_many: Callable[[Iterable[str]], Mapping[str, bytes]], base: Base
) -> Mapping[str, Section]:
    """Every section that some package below `packages/` can use, whatever is wrong elsewhere in them."""
    known = dict(base.sections)
    texts = [path for path, kind in names.items() if kind == "file" and is_text(path)]
    ignored: list[Finding] = []
    for package in find(read_many(texts), ignored.append).values():
        define(package, base.types, ignored.append)
        known |= package.sections
    return known


class _Loading:
    """One tree on its way from texts to items."""

    def __init__(self, names: Mapping[str, str], base: Base, findings: Findings) -> None:
        self.names = names
        self.base = base
        self.findings = findings
        self.packages: dict[str, Package] = {}
        self.held: dict[str, Held] = {}
        self.scripts: set[str] = set()
        self.dangling = 0

    def run(self, files: Mapping[str, bytes]) -> None:
        report = self.findings.report
        for path, kind in self.names.items():
            if kind != "file":
                text = f"this is a {kind}, which REM does not follow"
                report(Finding("REM1120", text, start_of(path), hint="put a file in its place"))
        self.packages = _without_base(find(files, report), report)
        for package in self.packages.values():
            define(package, self.base.types, report)
        for package in self.packages.values():
            require(package, self.packages, report)
        walks = [self._walk(package) for package in self.packages.values()]
        for walk in walks:
            self.held |= walk.items
            self.scripts |= walk.scripts
        for walk in walks:
            for reference in walk.references:
                self._check(reference)
        for walk in walks:
            if walk.references:
                for held in walk.items.values():
                    held.inherit()

    def _walk(self, package: Package) -> Walk:
        """The items of one package."""
        required = [self.packages[name] for name in package.requires if name in self.packages]
        visible: dict[str, Section] = dict(self.base.sections)
        for other in (*required, package):
            visible |= other.sections
        whole = len(required) == len(package.requires) and all(other.whole for other in (*required, package))
        broken = set().union(*(other.broken for other in (*required, package)))
        walk = Walk(package.name, self.findings, self._follow)
        seen: dict[str, str] = {}
        empty = None  # the section just above, when nothing stands in it
        for word, at in package.parts:
            name = vocabulary(word)
            section = visible.get(name)
            if section is None:
                if name not in broken:
                    self._unknown_section(word, name, at, visible, whole, empty)
            elif at.path and seen.setdefault(name, word) != word:
                self.findings.report(
                    Finding("REM1207", f"'{name}' is here in two spellings", at.key_place, hint="keep one of them")
                )
            else:
                walk.section(section, at, under=f"{package.name}/{name}")
            empty = name if section and at.data is None else None
        return walk

    def _unknown_section(
        self, word: str, name: str, at: At, visible: Mapping[str, Section], whole: bool, empty: str | None
    ) -> None:
        near = nearest(name, [*visible, *HEADER, *LATER])
        if not near and not whole:
            return  # it may be defined where a mistake of syntax keeps us from reading
        place = at.key_place if at.path else start_of(at.source.file)
        hint = f"did you mean '{near}'?" if near else f"one of {', '.join(sorted(visible))}; or define it in 'sections'"
        owner = next((package.name for package in self.packages.values() if name in package.sections), None)
        if owner and not near:
            hint = (
                f"it is a section of package '{owner}': add require: {{{owner}: \">={self.packages[owner].version}\"}}"
            )
        if empty and not near:
            hint = f"'{empty}' above is empty: indent this and the lines below, if they belong to it"
        text = f"'{word}' is not a section that this package can use"
        if near in HEADER or near in LATER:
            text = f"'{word}' is not a word of packages"
        self.findings.report(Finding("REM1102", text, place, hint=hint, see="rem schema show"))

    def _follow(self, at: At, path: str) -> str | None:
        """The repository path of a file that an item names, relative to the file that holds the name."""
        home = posixpath.dirname(at.source.file)
        found = posixpath.normpath(posixpath.join(home, path))
        kind = self.names.get(found)
        if kind == "file":
            return found
        through = kind or next((self.names[p] for p in _parents(found) if p in self.names), None)
        if not found.startswith(f"{ROOT}/") or ".git" in found.lower().split("/"):
            problem = (
                "REM1320",
                f"'{at.shown}' is outside of {ROOT}/",
                "put the script beside the package that names it",
            )
        elif through == "file":
            problem = "REM1322", f"'{at.shown}' goes through a file as if it were a folder", "mend the path"
        elif through:
            problem = (
                "REM1322",
                f"'{at.shown}' goes through a {through}, which REM does not follow",
                "put the file there",
            )
        elif any(p.startswith(f"{found}/") for p in self.names):
            problem = "REM1321", f"'{found}' is a folder, not a file", "name a file in it"
        else:
            near = nearest(found, (p for p in self.names if p.startswith(f"{posixpath.dirname(found)}/")))
            hint = (
                f"did you mean '{posixpath.relpath(near, home)}'?" if near else "the path begins where this file lies"
            )
            problem = "REM1321", f"there is no file '{found}'", hint
        self.findings.report(Finding(problem[0], problem[1], at.place, hint=problem[2]))
        return None

    def _check(self, reference: Reference) -> None:
        """A `ref to`: the path of an item, of the same package when its first part is a section. Saved whole."""
        wanted, to = reference.target, reference.to
        found = self.held.get(wanted) or self.held.get(f"{reference.package}/{wanted}")
        if found is None:
            if self._may_be(wanted) and self._may_be(reference.package):
                self.dangling += 1
                near = self._near(wanted, reference.package) if self.dangling <= SUGGESTED else None
                hint = f"{to}/…/NAME of this package, or PACKAGE/{to}/…/NAME of another"
                hint = f"did you mean '{near}'?" if near else hint
                self.findings.report(Finding("REM1330", f"there is no item '{wanted}'", reference.at.place, hint=hint))
        elif to not in (found.item.section, found.item.process.removeprefix("builtin ")):
            text = f"'{wanted}' is one of {found.item.section}, not of {to}"
            self.findings.report(Finding("REM1331", text, reference.at.place, hint=f"name one of {to}"))
        else:
            reference.holder[reference.key] = found.item.path

    def _may_be(self, path: str) -> bool:
        """Whether all that a path could name was read."""
        package = self.packages.get(path.partition("/")[0])
        return package is None or package.whole

    def _near(self, wanted: str, package: str) -> str | None:
        """The item that was probably meant, as it would be written; its siblings are asked first."""
        whole = f"{package}/{wanted}"
        above, own = whole.rpartition("/")[0] + "/", f"{package}/"
        siblings = [path for path in self.held if path.startswith(above)]
        inside = [path for path in self.held if path.startswith(own)]
        near = nearest(whole, siblings) or nearest(whole, inside)
        return near.removeprefix(own) if near else nearest(wanted, self.held)


def _without_base(packages: dict[str, Package], report: Report) -> dict[str, Package]:
    """What a user brings; the name of REM's own package is taken."""
    for name in [name for name in packages if folded(name) == "base"]:
        place = packages.pop(name).at.source.at(1, 1)
        text = "a package cannot be called 'base': that is the one with REM's own sections"
        report(Finding("REM1109", text, place, hint="rename its file or folder"))
    return packages


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]
