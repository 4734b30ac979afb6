"""What a package says otherwise in an environment: a layer over all that it says, and over nothing else.

`environments: [production, staging]` declares them, in one package for all. `in: {staging: {jobs: …}}` of any package
is laid over what that package says when it is resolved for `staging`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.files import ROOT
from rem_cli.language.links import Part, is_head
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.schema import Report

if TYPE_CHECKING:
    from rem_cli.language.packages import Package

WORD = "in"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


@dataclass
class Inside:
    """What a package says in one environment."""

    at: At
    parts: list[Part] = field(default_factory=list)
    given: dict[str, At] = field(default_factory=dict)  # values for the params of what it is made from


def read_declared(at: At, report: Report) -> dict[str, At]:
    """The environments that a package declares, by name."""
    found: dict[str, At] = {}
    if at.data is not None and not isinstance(at.data, list):
        hint = f"write [{at.shown}]" if at.text else "write [production, staging]"
        report(Finding("REM1402", f"'environments' is a list of names, not {at.kind}", at.place, hint=hint))
    for one in at.elements():
        if not isinstance(one.data, str) or not NAME.fullmatch(one.data):
            text = f"{one.shown or one.kind} is no name of an environment"
            report(Finding("REM2302", text, one.place, hint="use a-z, 0-9 and '-'"))
        else:
            found.setdefault(one.data, one)
    return found


def read_inside(homes: Sequence[At], header: Collection[str], report: Report) -> dict[str, Inside]:
    """What stands under `in`, in the header or in files of that name. `header` is every word of a package itself."""
    found: dict[str, Inside] = {}
    for home in homes:
        if home.data is not None and not isinstance(home.data, dict):
            text = f"in is a mapping, not {home.kind}"
            report(Finding("REM1201", text, home.place, hint="write {staging: {jobs: …}}"))
        for name, at in home.children():
            if name in found:
                text = f"'{name}' is here twice; the first is in {found[name].at.key_place}"
                report(Finding("REM1207", text, at.key_place, hint="keep one of them"))
                continue
            if at.data is not None and not isinstance(at.data, dict):
                text = f"what is said in '{name}' is a mapping, not {at.kind}"
                report(Finding("REM1201", text, at.place, hint="write {jobs: …}"))
            found[name] = _inside(at, header, report)
    return found


def _inside(at: At, header: Collection[str], report: Report) -> Inside:
    inside = Inside(at)
    for key, child in at.children():
        word = vocabulary(key)
        if word == "with":
            inside.given |= {vocabulary(name): value for name, value in child.children()}
        elif word in header:
            text = f"'{word}' is the same in every environment"
            report(Finding("REM2303", text, child.key_place, hint="only content of sections, and with, may differ"))
        else:
            inside.parts.append((key, child))
    return inside


def within(package: Package, environment: str | None) -> Package:
    """A package as it is in an environment."""
    inside = package.inside.get(environment or "")
    if inside is None:
        return package
    return replace(package, given={**package.given, **inside.given}, over=inside.parts)


def undeclared(packages: Mapping[str, Package], declared: Collection[str]) -> Iterator[Finding]:
    """Environments that packages speak of and nobody declares."""
    for package in packages.values():
        for name, inside in package.inside.items():
            if name not in declared:
                near = nearest(name, sorted(declared))
                hint = f"did you mean '{near}'?" if near else f"add to one package: environments: [{name}]"
                text = f"no package declares an environment '{name}'"
                yield Finding("REM2301", text, inside.at.key_place, hint=hint)


def is_inside(at: At) -> bool:
    """Whether a value is written for one environment."""
    file = at.source.file
    if is_head(file):
        return at.path[:1] == (WORD,)
    parts = file.split("/")
    return parts[0] == ROOT and len(parts) > 2 and parts[2] in (WORD, f"{WORD}.yaml", f"{WORD}.yml")


def only_in(finding: Finding, names: Sequence[str], all: Sequence[str]) -> Finding:
    """A finding with the environments that have it, unless it is one of all of them."""
    if len(names) == len(all):
        return finding
    return replace(finding, message=f"{finding.message} (in {', '.join(names)})")
