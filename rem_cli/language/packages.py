"""One package from its texts: header, sections and types of its own, and its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rem_cli.errors import Place
from rem_cli.language import Finding, Value
from rem_cli.language.at import At
from rem_cli.language.definitions import Types, read_field
from rem_cli.language.environments import Inside, read_declared, read_inside
from rem_cli.language.files import ROOT, is_text
from rem_cli.language.links import Link, is_head, read_links
from rem_cli.language.merge import OWN, lay
from rem_cli.language.names import key_problem, vocabulary
from rem_cli.language.schema import Field, Report, Section, read_section
from rem_cli.language.source import Source, read
from rem_cli.language.types import Type
from rem_cli.language.versions import parse_version

if TYPE_CHECKING:
    from rem_cli.language.across import Keeping
    from rem_cli.language.held import Held

ABOUT = ("package", "title", "info", "version")
MAKING = ("specification", "of", "params", "with", "require", "fall back", "links", "environments", "in")
HEADER = (*ABOUT, *MAKING, "sections", "types")
DEFINED = ("types", "params", "sections")  # each may stand in a file of its own


Proof = Callable[["Held", Sequence["Held"]], Iterable[Finding]]


@dataclass(frozen=True)
class Base:
    """What every package can use: the default sections and types."""

    sections: Mapping[str, Section]
    types: Types
    # By what the engine does with an item: what must hold of it together with the items inside of it.
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    keeping: Keeping | None = None  # whether hosts can start jobs by themselves


@dataclass
class Package:
    """One package, from its file or from the files of its folder."""

    name: str
    at: At  # the header's file, whole
    sources: Mapping[str, Source]  # its texts, by path
    findings: list[Finding] = field(default_factory=list)  # of its texts and its definitions
    words: dict[str, At] = field(default_factory=dict)  # of the header
    parts: list[tuple[str, At]] = field(default_factory=list)  # content of sections: (word as written, content)
    sections: dict[str, Section] = field(default_factory=dict)  # its own
    broken: set[str] = field(
        default_factory=set
    )  # sections whose definition has no shape; their content is passed over
    types: Types = field(default_factory=Types)
    specification: bool = False  # others are made from it; it runs nothing
    of: At | None = None  # the name of the specification that it is made from
    params: dict[str, Field] = field(default_factory=dict)  # its own
    given: dict[str, At] = field(default_factory=dict)  # values for the params of what it is made from
    requires: dict[str, At] = field(default_factory=dict)
    fall_back: dict[str, At] = field(default_factory=dict)  # packages that are asked for what is missing here
    links: list[Link] = field(default_factory=list)
    environments: dict[str, At] = field(default_factory=dict)  # that it declares, for all packages
    inside: dict[str, Inside] = field(default_factory=dict)  # what it says in one of them only
    over: list[tuple[str, At]] = field(default_factory=list)  # of the environment that it is resolved for
    whole: bool = True  # False when a part of its texts could not be read: what seems missing may stand there

    @property
    def depends(self) -> set[str]:
        """The packages that it names in its header."""
        return {*([str(self.of.data)] if self.of else []), *self.requires, *self.fall_back}

    @property
    def linked(self) -> list[str]:
        """The repository path of each file that it links, as far as it stays below packages/."""
        paths = [link.path(file) for link in self.links for file in link.files]
        return [path for path in paths if path.startswith(f"{ROOT}/")]

    @property
    def size(self) -> int:
        """How many values stand in its texts."""
        return sum(source.size for source in self.sources.values())

    @property
    def version(self) -> str:
        at = self.words.get("version")
        return str(at.text) if at and at.data is not None else "0"


def texts_of(paths: Iterable[str]) -> dict[str, list[str]]:
    """The texts of each package, by its name."""
    by_owner: dict[str, list[str]] = {}
    for path in sorted(path for path in paths if is_text(path)):
        by_owner.setdefault(owner_of(path), []).append(path)
    return by_owner


def owner_of(path: str) -> str:
    """The package that a text belongs to."""
    _, owner, *inside = path.split("/", 2)
    return owner if inside else owner.rpartition(".")[0]


def read_package(name: str, files: Mapping[str, bytes]) -> Package:
    """One package from its own texts and nothing else, with all problems of them in its findings.

    What it defines is read later, by `define`, when the packages that it asks for types are there.
    """
    found: list[Finding] = []
    sources = {path: _read(path, raw, found.append) for path, raw in files.items()}
    return _assemble(name, sources, found)


def _assemble(name: str, sources: Mapping[str, Source], found: list[Finding]) -> Package:
    report = found.append
    heads = [path for path in sources if is_head(path)]
    first = _mapping(sources[heads[0]], report) if heads else next(iter(sources.values()))
    package = Package(name, At(first, (), first.data if heads else {}), sources, found)
    if not heads:
        text = f"folder '{name}' has no package.yaml"
        report(Finding("REM1110", text, start_of(first.file), hint=f"make {ROOT}/{name}/package.yaml"))
    problem = key_problem(name)
    if problem:
        report(Finding("REM1107", f"package '{name}': {problem}", first.at(1, 1), hint="rename its file or folder"))
    _header(package, report)
    linked = set(package.linked)
    for path in sources:
        if path in heads[:1]:
            continue
        if path in heads:
            text = f"package '{name}' is in two places, {heads[0]} and {path}"
            report(Finding("REM1103", text, sources[path].at(1, 1), hint="keep one of them"))
            continue
        if path in linked:
            continue  # it is content where it is linked
        parts = path.split("/")
        word = parts[2] if len(parts) > 3 else _stem(path)
        package.parts.append((word, At(sources[path], (), _mapping(sources[path], report).data)))
    words = package.words
    homes = [words["in"]] if "in" in words else []
    homes += [at for word, at in package.parts if vocabulary(word) == "in"]
    package.parts = [part for part in package.parts if vocabulary(part[0]) != "in"]
    package.inside = read_inside(homes, HEADER, report)
    if "environments" in words:
        package.environments = read_declared(words["environments"], report)
    package.whole = bool(heads) and all(source.whole for source in sources.values()) and package.whole
    return package


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]


def _read(path: str, raw: bytes, report: Report) -> Source:
    source = read(path, raw)
    for finding in source.findings:
        report(finding)
    return source


def _mapping(source: Source, report: Report) -> Source:
    """A text that is content of its package; what is no mapping is none."""
    if source.data is not None and not isinstance(source.data, dict):
        glued = isinstance(source.data, str) and ":" in source.data
        hint = "put a blank behind the ':'" if glued else "begin with 'jobs:'"
        report(Finding("REM1010", "a package is a mapping of sections", source.at(1, 1), hint=hint))
        source.data, source.whole = None, False
    return source


def _header(package: Package, report: Report) -> None:
    for key, child in package.at.children():
        word = vocabulary(key)
        if word not in HEADER:
            package.parts.append((key, child))
        elif word in package.words:
            report(Finding("REM1207", f"'{word}' is here in two spellings", child.key_place, hint="keep one of them"))
        else:
            package.words[word] = child
    _making(package, report)
    if "require" in package.words:
        package.requires = {name: at for name, at in package.words["require"].children() if name != package.name}
    if "links" in package.words:
        package.links = read_links(package.words["links"], report)
    if "fall back" in package.words:
        _fall_back(package, package.words["fall back"], report)
    version = package.words.get("version")
    if version and parse_version(version.text or "") is None:
        report(Finding("REM1111", f"'{version.shown}' is not a version", version.place, hint="like 1.4.0"))
    named = package.words.get("package")
    if named and named.text != package.name:
        report(
            Finding(
                "REM1101",
                f"the file makes this package '{package.name}', the header '{named.shown}'",
                named.place,
                hint=f"write {package.name}, or rename the file",
            )
        )


def _making(package: Package, report: Report) -> None:
    """What a package is made from, and whether others are made from it."""
    words = package.words
    specification, of, given = words.get("specification"), words.get("of"), words.get("with")
    if specification and not isinstance(specification.data, bool):
        text = f"'specification' is {specification.kind}, not true or false"
        report(Finding("REM1402", text, specification.place, hint="write true if others are made from this package"))
    package.specification = bool(specification and specification.data)
    if of and not isinstance(of.data, str):
        text = f"'of' is {of.kind}, not the name of a package"
        report(Finding("REM1402", text, of.place, hint="name the specification that this package is made from"))
        package.whole = False
    elif of:
        package.of = of
    if given and not of:
        text = "'with' gives values to the params of a specification, and this package is made from none"
        report(Finding("REM1504", text, given.key_place, hint="add of: and the name of the specification"))
    elif given and given.data is not None and not isinstance(given.data, dict):
        text = f"with is a mapping, not {given.kind}"
        report(Finding("REM1201", text, given.place, hint="write {param: value}"))
    elif given:
        for key, child in lay(given, None, OWN, report).children():
            word = vocabulary(key)
            if word in package.given:
                text = f"'{word}' is here in two spellings"
                report(Finding("REM1207", text, child.key_place, hint="keep one of them"))
            package.given.setdefault(word, child)


def _fall_back(package: Package, at: At, report: Report) -> None:
    if at.data is not None and not isinstance(at.data, list):
        hint = f"write [{at.shown}]" if at.text else "write [base portal]"
        report(Finding("REM1402", f"'fall back' is a list of packages, not {at.kind}", at.place, hint=hint))
    for one in at.elements():
        if isinstance(one.data, (list, dict)) or one.data is None:
            text = f"a package is named by a text, not {one.kind}"
            report(Finding("REM1402", text, one.place, hint="write [base portal]"))
        else:
            package.fall_back.setdefault(one.text or "", one)


def _definitions(package: Package, word: str, report: Report) -> list[tuple[str, At]]:
    """What stands under `types` or `sections`, in the header or in files of that name."""
    homes = [package.words[word]] if word in package.words else []
    homes += [at for name, at in package.parts if vocabulary(name) == word]
    found: dict[str, At] = {}
    for home in (lay(home, None, OWN, report) for home in homes):
        if home.data is not None and not isinstance(home.data, dict):
            report(Finding("REM1201", f"{word} is a mapping, not {home.kind}", home.place, hint="write {name: {…}}"))
        for key, child in home.children():
            name = vocabulary(key)
            if name in found:
                report(Finding("REM1207", f"'{name}' is defined twice", child.key_place, hint="keep one of them"))
            else:
                found[name] = child
    return list(found.items())


def define(
    package: Package, below: Iterable[Types], codes: Mapping[str, Callable[[At, Type], Value]] | None = None
) -> None:
    """Read the types, params and sections that a package brings of its own.

    `below` are asked in order for a type that it does not bring, the shipped ones last. `codes` are readers of types
    beyond those that REM has without a library.
    """
    report = package.findings.append
    package.types = Types(*(types.own for types in below), codes=codes)
    defined = {word: _definitions(package, word, report) for word in DEFINED}
    package.types.define_all(dict(defined["types"]), report)
    for name, at in defined["params"]:
        package.params[name] = read_field(name, at, package.types, report, later=True)
    for name, at in defined["sections"]:
        section = None
        if name in HEADER:
            report(Finding("REM1414", f"a section cannot be called '{name}'", at.key_place, hint="choose another name"))
        else:
            section = read_section(name, at, package.types, report)
        if section:
            package.sections[name] = section
        else:
            package.broken.add(name)
    package.parts = [(name, at) for name, at in package.parts if vocabulary(name) not in DEFINED]


def start_of(path: str) -> Place:
    """The place of a file as a whole."""
    return Place(path, 1, 1)
