"""Which packages a tree holds, and what each brings: header, sections and types of its own, and its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from rem_cli.errors import Place
from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.names import folded, key_problem, nearest, vocabulary
from rem_cli.language.schema import Report, Section, Types, read_section
from rem_cli.language.source import Source, read

ROOT = "packages"
HEADER = ("package", "title", "info", "version", "require", "sections", "types")
LATER = ("specification", "of", "params", "with", "fall back", "links")  # known words without effect yet


@dataclass
class Package:
    """One package, from its file or from the files of its folder."""

    name: str
    at: At  # the header's file, whole
    words: dict[str, At] = field(default_factory=dict)  # of the header
    parts: list[tuple[str, At]] = field(default_factory=list)  # content of sections: (word as written, content)
    sections: dict[str, Section] = field(default_factory=dict)  # its own
    types: Types = field(default_factory=Types)
    requires: dict[str, At] = field(default_factory=dict)

    @property
    def version(self) -> str:
        at = self.words.get("version")
        return str(at.text) if at and at.data is not None else "0"


def is_text(path: str) -> bool:
    """Whether a path is a text of a package: YAML directly in packages/, or in a package's folder."""
    if not path.startswith(f"{ROOT}/") or not path.endswith((".yaml", ".yml")):
        return False
    parts = path.split("/")
    return len(parts) == 2 or (len(parts) == 3) or (len(parts) == 4 and parts[2] not in ("scripts", "templates"))


def find(files: Mapping[str, bytes], report: Report) -> dict[str, Package]:
    """Every package of `files` (path to bytes, texts only), by name, with all problems of their texts reported."""
    packages: dict[str, Package] = {}
    by_owner: dict[str, list[str]] = {}
    for path in sorted(files):
        owner = path.split("/")[1]
        by_owner.setdefault(re.sub(r"\.ya?ml\Z", "", owner) if path.count("/") == 1 else owner, []).append(path)
    for name, paths in by_owner.items():
        package = _assemble(name, paths, files, report)
        if package:
            twin = next((other for other in packages if folded(other) == folded(name)), None)
            if twin:
                report(
                    Finding(
                        "REM1108",
                        f"package '{name}' is too much like '{twin}'",
                        package.at.source.at(1, 1),
                        hint="names differ by more than case",
                    )
                )
            packages[name] = package
    return packages


def _assemble(name: str, paths: list[str], files: Mapping[str, bytes], report: Report) -> Package | None:
    head = next((p for p in paths if p.count("/") == 1 or PurePosixPath(p).stem == "package"), None)
    sources = {path: _read(path, files[path], report) for path in paths}
    if head is None:
        text = f"folder '{name}' has no package.yaml"
        report(Finding("REM1110", text, sources[paths[0]].at(1, 1), hint=f"make {ROOT}/{name}/package.yaml"))
        return None
    top = At(sources[head], (), sources[head].data)
    package = Package(name, top)
    problem = key_problem(name)
    if problem:
        report(Finding("REM1107", f"package '{name}': {problem}", top.source.at(1, 1)))
    _header(package, top, report)
    for path in paths:
        if path == head:
            continue
        parts = path.split("/")
        if path.count("/") == 1 or PurePosixPath(path).stem == "package":
            text = f"package '{name}' is in two places, {head} and {path}"
            report(Finding("REM1103", text, sources[path].at(1, 1), hint="keep one of them"))
            continue
        word = parts[2] if len(parts) == 4 else PurePosixPath(path).stem
        package.parts.append((word, At(sources[path], (), sources[path].data)))
    return package


def _read(path: str, raw: bytes, report: Report) -> Source:
    source = read(path, raw)
    for finding in source.findings:
        report(finding)
    if source.data is not None and not isinstance(source.data, dict):
        report(Finding("REM1010", "a package is a mapping of sections", source.at(1, 1), hint="begin with 'jobs:'"))
        source.data = None
    return source


def _header(package: Package, top: At, report: Report) -> None:
    for key, child in top.children():
        word = vocabulary(key)
        if word in LATER:
            report(
                Finding(
                    "REM1190",
                    f"'{key}' is a word of packages that this version of REM does not act on",
                    child.key_place,
                    hint="take it out for now",
                )
            )
        elif word not in HEADER:
            package.parts.append((key, child))
        elif word in package.words:
            report(Finding("REM1207", f"'{word}' is here in two spellings", child.key_place))
        else:
            package.words[word] = child
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


def define(package: Package, shipped: Types, report: Report) -> None:
    """Read the sections and types that a package brings of its own."""
    package.types = Types(shipped.known)
    for word in ("types", "sections"):
        homes = [package.words[word]] if word in package.words else []
        homes += [at for name, at in package.parts if vocabulary(name) == word]
        for home in homes:
            if home.data is not None and not isinstance(home.data, dict):
                report(Finding("REM1201", f"{word} is a mapping, not {home.kind}", home.place))
            for key, child in home.children():
                if word == "types":
                    package.types.define(vocabulary(key), child, report)
                    continue
                section = read_section(vocabulary(key), child, package.types, report)
                if section and section.name in HEADER:
                    report(Finding("REM1414", f"a section cannot be called '{key}'", child.key_place))
                elif section:
                    package.sections[section.name] = section
    package.parts = [(name, at) for name, at in package.parts if vocabulary(name) not in ("types", "sections")]


def require(package: Package, packages: Mapping[str, Package], report: Report) -> None:
    """Check what a package requires of the others in the repository."""
    at = package.words.get("require")
    if at is None:
        return
    if not isinstance(at.data, dict):
        report(
            Finding("REM1201", f"require is a mapping, not {at.kind}", at.place, hint='like {base portal: ">=1,<2"}')
        )
        return
    for name, wanted in at.children():
        package.requires[name] = wanted
        if name not in packages:
            near = nearest(name, packages)
            report(
                Finding(
                    "REM1104",
                    f"there is no package '{name}' in this repository",
                    wanted.key_place,
                    hint=f"did you mean '{near}'?" if near else None,
                )
            )
        else:
            _version(wanted, packages[name], report)


_BOUND = re.compile(r"(>=|<=|>|<|==|=)?\s*([0-9]+(?:\.[0-9]+){0,3})\Z")


def _version(wanted: At, found: Package, report: Report) -> None:
    have = _numbers(found.version)
    for bound in (wanted.text or "").split(","):
        match = _BOUND.match(bound.strip())
        if not match:
            report(
                Finding("REM1105", f"'{wanted.shown}' is not a range of versions", wanted.place, hint='like ">=1,<2"')
            )
            return
        need = _numbers(match[2])
        kept = {">=": have >= need, "<=": have <= need, ">": have > need, "<": have < need}.get(match[1], have == need)
        if not kept:
            text = f"'{found.name}' is version {found.version}, which is not {bound.strip()}"
            report(Finding("REM1106", text, wanted.place))
            return


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"[0-9]{1,9}", version)[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))


def start_of(path: str) -> Place:
    """The place of a file as a whole."""
    return Place(path, 1, 1)
