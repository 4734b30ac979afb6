"""What one package comes to: its items, what is wrong in it, and what it names elsewhere.

A function of the package's own texts, of the packages that it depends on, and of which files there are. Only the hint
of a finding may look further. So an outcome without findings holds until one of these changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rem_cli.language import About, Finding, Item, Param, Source, fallback, instances
from rem_cli.language.at import At
from rem_cli.language.circles import circles
from rem_cli.language.environments import within
from rem_cli.language.expand import Params
from rem_cli.language.exposed import exposed
from rem_cli.language.files import follow
from rem_cli.language.findings import Enough, Findings
from rem_cli.language.held import Held, Reference
from rem_cli.language.links import Linking
from rem_cli.language.long_jobs import unfit
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.packages import HEADER, Base, Package, Proof, start_of
from rem_cli.language.params import read_params
from rem_cli.language.require import Elsewhere, require
from rem_cli.language.resolve import Walk
from rem_cli.language.scheduled import unmeant
from rem_cli.language.schema import Report, Section
from rem_cli.language.source import Source as Text


@dataclass(frozen=True)
class Around:
    """What a package may look at outside of its own texts."""

    names: Mapping[str, str]  # every path below packages/ and what it is: "file", or why it is not followed
    packages: Mapping[str, Package]  # at least those that it depends on
    sources: Mapping[str, Text]  # at least of its own texts, theirs, and the files that any of them link
    base: Base
    environment: str | None = None  # that packages are resolved for
    elsewhere: Elsewhere = field(default_factory=Elsewhere)  # which of the packages are not of this repository


@dataclass(frozen=True)
class Outcome:
    """One package, resolved on its own; what it names in others is not checked yet."""

    about: About
    items: Mapping[str, Item]
    findings: tuple[Finding, ...]
    references: tuple[Reference, ...]
    scripts: frozenset[str]  # paths of the files that items name, all of them present
    values: int  # how many values its items have
    whole: bool  # False when something could not be read: what seems missing may stand there
    held: Mapping[str, Held] = field(repr=False, compare=False)  # the texts that its items came from
    sections: Mapping[str, Section] = field(repr=False, compare=False)  # all that it can use


def outcome(package: Package, around: Around) -> Outcome:
    """The items of one package, and every problem in it."""
    findings = Findings()
    report = findings.report
    walk = Walk(package.name, {}, Params(True), findings, lambda at, path: _file(at, path, around, report))
    whole, about = package.whole, About(package.name, "", "", package.version, package.specification, (), (), (), ())
    try:
        for finding in package.findings:
            report(finding)
        require(package, around.packages, around.elsewhere, report)
        chain, made = instances.above(package, around.packages, report)
        whole = whole and made
        package, *chain = [within(one, around.environment) for one in (package, *chain)]
        fallback.check(package, around.packages, report)
        linked = [path for one in (package, *chain) for path in one.linked if path in around.sources]
        for path in dict.fromkeys(linked):
            for finding in around.sources[path].findings:
                report(finding)
        more = sum(one.size for one in chain) + sum(around.sources[path].size for path in linked)
        findings.spend(more, package.at)  # all of it stands here once more
        walk.roles = {file: Source.SPECIFICATION for one in chain for file in one.sources}
        walk.roles |= dict.fromkeys(linked, Source.LINK)
        walk.params, params = read_params(package, chain, whole, walk.roles, findings)
        about = _about([package, *chain], params)
        _walk([package, *chain], around, whole, walk)
        for finding in (*unmeant(walk.items), *unfit(walk.items)):
            report(finding)
        if not package.specification and not findings.unsorted():  # what is missing may be what could not be read
            _prove(walk.items.values(), around.base.proofs, report)
        circles(walk.items, report)
        for finding in exposed(walk.items):
            report(finding)
    except Enough:
        walk.items.clear()
        walk.references.clear()
    return Outcome(
        about,
        {path: held.item for path, held in walk.items.items()},
        findings.unsorted(),
        tuple(walk.references),
        frozenset(walk.scripts),
        findings.values,
        whole,
        walk.items,
        walk.sections,
    )


def _prove(items: Iterable[Held], proofs: Mapping[str, Proof], report: Report) -> None:
    """What must hold of items that have others inside of them."""
    inner: dict[str, list[Held]] = {}
    for held in items:
        if held.item.process in proofs:
            inner.setdefault(held.item.path, [])
        elif held.parent is not None and held.parent.item.process in proofs:
            inner.setdefault(held.parent.item.path, []).append(held)
    for held in items:
        if held.item.process in proofs:
            for finding in proofs[held.item.process](held, inner[held.item.path]):
                report(finding)


def _about(levels: Sequence[Package], params: tuple[Param, ...]) -> About:
    package = levels[0]
    title, info = (
        next((one.words[word].text for one in levels if word in one.words), "") for word in ("title", "info")
    )
    return About(
        package.name,
        title or "",
        info or "",
        package.version,
        package.specification,
        tuple(one.name for one in levels[1:]),
        params,
        tuple(package.requires),
        tuple(package.fall_back),
    )


def _file(at: At, path: str, around: Around, report: Report) -> str | None:
    """A file that a value names; a template that is not there may be one of a package that is asked for it."""
    return follow(at, path, around.names, report, lambda gone: fallback.template(gone, around.packages, around.names))


def _walk(levels: Sequence[Package], around: Around, whole: bool, walk: Walk) -> None:
    """The items of a package, the first of `levels`, which is made from the others."""
    package = levels[0]
    names = [name for one in levels for name in one.requires]
    seen = [around.packages[name] for name in names if name in around.packages]
    whole = whole and len(seen) == len(names) and all(one.whole for one in seen)
    seen = [*reversed(seen), *reversed(levels)]
    walk.sections = visible = dict(around.base.sections)
    for other in seen:
        visible |= other.sections
    broken = set().union(*(other.broken for other in seen))
    spelled: dict[str, str] = {}
    empty = None  # the section just above, when nothing stands in it
    linking = Linking(visible, around.sources, walk.follow, walk.findings.report)
    for word, at in instances.content(levels, linking):
        name = vocabulary(word)
        section = visible.get(name)
        if section is None:
            if name not in broken:
                _unknown_section(word, at, around, walk, whole, empty)
        elif at.path and spelled.setdefault(name, word) != word:
            text = f"'{name}' is here in two spellings"
            walk.findings.report(Finding("REM1207", text, at.key_place, hint="keep one of them"))
        else:
            walk.section(section, at, under=f"{package.name}/{name}")
        empty = name if section and at.data is None else None


def _unknown_section(word: str, at: At, around: Around, walk: Walk, whole: bool, empty: str | None) -> None:
    name = vocabulary(word)
    near = nearest(name, [*walk.sections, *HEADER])
    if not near and not whole:
        return  # it may be defined where a mistake of syntax keeps us from reading
    place = at.key_place if at.path else start_of(at.source.file)
    listed = ", ".join(sorted(walk.sections))
    own = f"one of {listed}; or define it" if len(walk.sections) <= 12 else "if it is one of your own, define it"
    hint = f"did you mean '{near}'?" if near else f"{own} in 'sections'"
    owner = next((package for package in around.packages.values() if name in package.sections), None)
    if owner and not near:
        hint = f"it is a section of package '{owner.name}': add require: {{{owner.name}: \">={owner.version}\"}}"
    if empty and not near:
        hint = f"'{empty}' above is empty: indent this and the lines below, if they belong to it"
    blank = next((sign for sign in word if sign.isspace() and sign != " "), None)
    if blank:
        hint = f"write plain blanks in place of the sign U+{ord(blank):04X}, which only looks like one"
    text = f"'{word}' is not a section that this package can use"
    if near in HEADER:
        text = f"'{word}' is not a word of packages"
    walk.findings.report(Finding("REM1102", text, place, hint=hint, see="rem schema show"))
