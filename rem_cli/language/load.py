"""All packages of a tree: each read and resolved on its own, then what they name of each other checked."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping

from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Origin, Resolution, Value
from rem_cli.language.across import Keeping
from rem_cli.language.at import At
from rem_cli.language.environments import only_in, undeclared
from rem_cli.language.fallback import asked, in_order, template
from rem_cli.language.findings import Enough, Findings
from rem_cli.language.held import Held, Reference
from rem_cli.language.links import LARGEST
from rem_cli.language.outcome import Around, Outcome, outcome
from rem_cli.language.packages import Base, Package, Proof, define, read_package, texts_of
from rem_cli.language.require import Elsewhere, check_elsewhere
from rem_cli.language.schema import Section
from rem_cli.language.source import Source, read, read_text
from rem_cli.language.timed import timed
from rem_cli.language.together import Together, reserved, start, summary
from rem_cli.language.types import Type


def read_base(
    files: Mapping[str, bytes],
    codes: Mapping[str, Callable[[At, Type], Value]] | None = None,
    brought: Iterable[Type] = (),
    proofs: Mapping[str, Proof] | None = None,
    keeping: Keeping | None = None,
) -> Base:
    """The default sections and types. Their texts are ours: a finding in them is a mistake of REM's.

    `codes` reads values of the types whose reading needs a library; `brought` are types of plug-ins; `proofs` look at
    whole items, by what the engine does with them, and `keeping` at jobs and the hosts that are to start them.
    """
    base = read_package("base", {path: files[path] for path in texts_of(files)["base"]})
    define(base, [], codes)
    if base.findings:
        raise AssertionError("\n".join(f"{f.place}: {f.message}" for f in base.findings))
    for type in brought:
        base.types.own.setdefault(type.name, type)
    return Base(base.sections, base.types, proofs or {}, keeping)


def load(
    names: Mapping[str, str],
    read_many: Callable[[Iterable[str]], Mapping[str, bytes]],
    base: Base,
    elsewhere: Elsewhere | None = None,
    environment: str | None = None,
) -> Resolution:
    """Resolve every package below `packages/`.

    `names` gives every path there and what it is: "file", or why it is not followed ("symbolic link", "submodule" …).
    `read_many` gives the bytes of files; it is asked for the texts of packages, then for the files that they link.
    `elsewhere` tells which packages are not of this repository. Findings are those of every environment that packages
    declare, items those of `environment`.
    """
    findings = Findings()
    loading = _Loading(names, base, findings, elsewhere or Elsewhere(), environment)
    texts = texts_of(path for path, kind in names.items() if kind == "file")
    collecting = gc.isenabled()
    gc.disable()  # nearly all that is made here lives on; looking for garbage takes longer than the rest
    try:
        loading.run(texts, read_many)
    except Enough:
        loading.items.clear()
        loading.templates.clear()
    finally:
        if collecting:
            gc.enable()
    return Resolution(
        {path: loading.items[path] for path in sorted(loading.items)},
        findings.sorted(),
        frozenset().union(*(one.scripts for one in loading.outcomes.values() if not one.about.specification)),
        sum(map(len, texts.values())),
        loading.origins,
        loading.texts,
        loading.held,
        lambda: [reference for one in loading.outcomes.values() for reference in one.references],
        lambda: timed(loading.held(path) for path in loading.items),
        {name: one.about for name, one in sorted(loading.outcomes.items())},
        environments=loading.environments,
        sections=loading.sections,
        templates=loading.templates,
    )


def shapes(
    names: Mapping[str, str], read_many: Callable[[Iterable[str]], Mapping[str, bytes]], base: Base
) -> Mapping[str, list[Section]]:
    """Every section that some package below `packages/` can use, whatever is wrong elsewhere in them.

    Each name with every shape that it has: packages may define sections of one name that differ.
    """
    known = {name: [section] for name, section in base.sections.items()}
    texts = texts_of(path for path, kind in names.items() if kind == "file")
    files = read_many([path for paths in texts.values() for path in paths])
    packages = {name: read_package(name, {path: files[path] for path in paths}) for name, paths in texts.items()}
    define_all(packages, base)
    for package in packages.values():
        for word, section in package.sections.items():
            known.setdefault(word, []).append(section)
    return known


def define_all(packages: Mapping[str, Package], base: Base) -> None:
    """Read what packages define, each after those that it asks for types."""
    for package in in_order(packages):
        define(package, [*(one.types for one in asked(package, packages)), base.types])


def read_linked(path: str, raw: bytes) -> Source:
    """A file that packages link and that is no text of a package."""
    return read(path, raw) if path.endswith((".yaml", ".yml")) else read_text(path, raw, LARGEST)


class _Loading:
    """One tree on its way from texts to items."""

    def __init__(
        self, names: Mapping[str, str], base: Base, findings: Findings, elsewhere: Elsewhere, environment: str | None
    ) -> None:
        self.names = names
        self.base = base
        self.elsewhere = elsewhere
        self.environment = environment
        self.environments: tuple[str, ...] = ()
        self.findings = findings
        self.together = Together(findings)
        self.packages: dict[str, Package] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.sources: dict[str, Source] = {}
        self.items: dict[str, Item] = {}
        self.templates: dict[str, Item] = {}  # those of specifications

    def run(self, texts: Mapping[str, list[str]], read_many: Callable[[Iterable[str]], Mapping[str, bytes]]) -> None:
        self.together.paths(self.names)
        files = read_many([path for paths in texts.values() for path in paths])
        for name, paths in texts.items():
            package = read_package(name, {path: files[path] for path in paths})
            self.together.count(package.size, paths[0])
            self.together.name(name, start(package))
            if not reserved(name):
                self.packages[name] = package
        define_all(self.packages, self.base)
        self.sources = {path: one for package in self.packages.values() for path, one in package.sources.items()}
        self._read_linked(read_many)
        self.environments = tuple(sorted({name for one in self.packages.values() for name in one.environments}))
        for finding in undeclared(self.packages, self.environments):
            self.findings.report(finding)
        if self.environments and any(one.inside for one in self.packages.values()):
            self._in_each()
        else:
            self._take(Around(self.names, self.packages, self.sources, self.base, None, self.elsewhere))
        check_elsewhere(self.packages, self.elsewhere, self.findings.report)

    def _in_each(self) -> None:
        """Resolve all packages for each environment; the items are those of the one that is asked for, else the first.

        What is wrong in some environments only is told with their names.
        """
        wanted = self.environment if self.environment in self.environments else self.environments[0]
        told: dict[Finding, list[str]] = {}
        try:
            for name in [*(one for one in self.environments if one != wanted), wanted]:
                found = Findings()
                self.together = Together(found)
                self.items, self.templates, self.outcomes = {}, {}, {}
                try:
                    self._take(Around(self.names, self.packages, self.sources, self.base, name, self.elsewhere))
                finally:
                    for finding in found.sorted():
                        told.setdefault(finding, []).append(name)
        finally:
            for finding, names in told.items():
                self.findings.report(only_in(finding, sorted(names), self.environments))

    def _take(self, around: Around) -> None:
        for name, package in self.packages.items():
            found = self.outcomes[name] = outcome(package, around)
            self.together.take(summary(package, found, self.sources))
            (self.templates if package.specification else self.items).update(found.items)
        self.together.end(self._place, lambda: self.base.keeping)

    def _read_linked(self, read_many: Callable[[Iterable[str]], Mapping[str, bytes]]) -> None:
        """The files that packages link and that are no text of a package."""
        linked = {path for package in self.packages.values() for path in package.linked}
        there = {
            path if self.names.get(path) == "file" else template(path, self.packages, self.names) for path in linked
        }
        wanted = sorted(path for path in there if path and path not in self.sources)
        for path, raw in read_many(wanted).items() if wanted else ():
            self.sources[path] = read_linked(path, raw)
            self.together.count(self.sources[path].size, path)

    def _place(self, reference: Reference) -> Place:
        return self.sources[reference.file].place(reference.path)

    def origins(self, path: str) -> Mapping[str, Origin]:
        return self.held(path).origins()

    def texts(self, path: str) -> Mapping[str, str]:
        return self.held(path).texts()

    def held(self, path: str) -> Held:
        item = self.items.get(path) or self.templates[path]
        return self.outcomes[item.package].held[path]

    def sections(self, package: str) -> Mapping[str, Section]:
        found = self.outcomes.get(package)
        return found.sections if found and found.sections else self.base.sections
