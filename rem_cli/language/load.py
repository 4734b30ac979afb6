"""All packages of a tree: found, defined, resolved and checked, with every problem reported at once."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Origin, Resolution
from rem_cli.language.at import At
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.packages import LATER, ROOT, Package, define, find, is_text, require, start_of
from rem_cli.language.resolve import Reference, Walk
from rem_cli.language.schema import Report, Section, Types


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
    findings: list[Finding] = []
    report: Report = findings.append
    for path, kind in names.items():
        if kind != "file":
            report(
                Finding(
                    "REM1120",
                    f"this is a {kind}, which REM does not follow",
                    start_of(path),
                    hint="put a file in its place",
                )
            )
    texts = [path for path, kind in names.items() if kind == "file" and is_text(path)]
    packages = find(read_many(texts), report)
    for package in packages.values():
        define(package, base.types, report)
    for package in packages.values():
        require(package, packages, report)
    walks = [_resolve(package, packages, base, names, report) for package in packages.values()]
    held = {path: one for walk in walks for path, one in walk.items.items()}
    items = {path: held[path].item for path in sorted(held)}
    for walk in walks:
        for reference in walk.references:
            _check(reference, items, report)

    def origins(path: str) -> Mapping[str, Origin]:
        return held[path].origins()

    findings.sort(key=lambda f: (f.place.file, f.place.line, f.place.column))
    scripts = frozenset().union(*(walk.scripts for walk in walks)) if walks else frozenset()
    return Resolution(items, tuple(_once(findings)), scripts, len(texts), origins)


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


def _resolve(
    package: Package, packages: Mapping[str, Package], base: Base, names: Mapping[str, str], report: Report
) -> Walk:
    visible: dict[str, Section] = dict(base.sections)
    for required in package.requires:
        if required in packages:
            visible |= packages[required].sections
    visible |= package.sections

    def follow(at: At, path: str) -> str | None:
        return _follow(at, path, names, report)

    walk = Walk(package.name, report, follow)
    seen: dict[str, str] = {}
    for word, at in package.parts:
        name = vocabulary(word)
        section = visible.get(name)
        if section is None:
            _unknown_section(word, name, at, visible, report)
            continue
        if at.path and seen.setdefault(name, word) != word:
            report(Finding("REM1207", f"'{name}' is here in two spellings", at.key_place))
            continue
        walk.section(section, at, under=f"{package.name}/{name}")
    return walk


def _unknown_section(word: str, name: str, at: At, visible: Mapping[str, Section], report: Report) -> None:
    near = nearest(name, [*visible, "package", "title", "version", "require", "sections", "types", *LATER])
    known = ", ".join(sorted(visible))
    place = at.key_place if at.path else start_of(at.source.file)
    report(
        Finding(
            "REM1102",
            f"'{word}' is not a section that this package can use",
            place,
            hint=f"did you mean '{near}'?" if near else f"one of {known}; or define it under 'sections'",
            see="rem schema show",
        )
    )


def _follow(at: At, path: str, names: Mapping[str, str], report: Report) -> str | None:
    """The repository path of a file that an item names, relative to the file that holds the name."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(at.source.file), path))
    if not found.startswith(f"{ROOT}/") or ".git" in found.split("/"):
        report(
            Finding(
                "REM1320",
                f"'{at.shown}' is outside of {ROOT}/",
                at.place,
                hint="put the script beside the package that names it",
            )
        )
        return None
    kind = names.get(found)
    if kind == "file":
        return found
    through = kind or next((names[p] for p in _parents(found) if p in names), None)
    if through:
        report(
            Finding(
                "REM1322",
                f"'{at.shown}' goes through a {through}, which REM does not follow",
                at.place,
                hint="put the file itself there",
            )
        )
        return None
    near = nearest(found, names)
    hint = f"it is looked for beside {at.source.file}"
    if near:
        hint = f"did you mean '{posixpath.relpath(near, posixpath.dirname(at.source.file))}'?"
    report(Finding("REM1321", f"there is no file '{found}'", at.place, hint=hint))
    return None


def _parents(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _check(reference: Reference, items: Mapping[str, Item], report: Report) -> None:
    """A `ref to`: the path of an item, of the same package when its first part is a section. Saved whole."""
    wanted, to = reference.target, reference.to
    found = items.get(wanted) or items.get(f"{reference.package}/{wanted}")
    if found is None:
        near = nearest(wanted, items) or nearest(f"{reference.package}/{wanted}", items)
        hint = f"did you mean '{near}'?" if near else None
        report(Finding("REM1330", f"there is no item '{wanted}'", reference.at.place, hint=hint))
    elif to not in (found.section, found.process.removeprefix("builtin ")):
        report(Finding("REM1331", f"'{wanted}' is one of {found.section}, not of {to}", reference.at.place))
    else:
        reference.fields[reference.name] = found.path


def _once(findings: list[Finding]) -> Iterable[Finding]:
    """At most one finding of a kind at a place: an anchor that is used ten times is wrong once."""
    seen: set[tuple[str, str, Place]] = set()
    for finding in findings:
        key = (finding.id, finding.message, finding.place)
        if key not in seen:
            seen.add(key)
            yield finding
