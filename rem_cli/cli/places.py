"""Where items stand in the texts of a repository, and where a new one goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rem_cli import wire
from rem_cli.cli import save
from rem_cli.errors import NoTargetError, UsageError
from rem_cli.language import Resolution
from rem_cli.language.names import key_problem, nearest, vocabulary
from rem_cli.language.schema import Section
from rem_cli.plan.find import find

if TYPE_CHECKING:
    from rem_cli.language.held import Held


@dataclass(frozen=True)
class Spot:
    """Where an item is written."""

    file: str
    path: tuple[str | int, ...]
    text: str  # of the whole file


@dataclass(frozen=True)
class Goal:
    """Where an item would be: the place that its path means."""

    path: str  # the whole path
    section: Section
    layers: Mapping[str, str]  # the fields that its place collects
    file: str
    inside: tuple[str, ...]  # the keys that lead to it in there


def refuse_no_package(name: str, packages: Sequence[str]) -> None:
    """NoTargetError unless there is a package of that name."""
    if name not in packages:
        near = nearest(name, packages)
        hint = f"did you mean '{near}'?" if near else f"rem new package {name}"
        raise NoTargetError(f"there is no package '{name}'", hint=hint)


def section_file(paths: Sequence[str], package: str, section: str) -> tuple[str, list[str]]:
    """The file that takes a new item of a section, and the keys that lead to the section in there."""
    folder = f"packages/{package}"
    for path in paths:
        if vocabulary(path) == vocabulary(f"{folder}/{section}.yaml"):
            return path, []
    flat = f"{folder}.yaml"
    return (flat if flat in paths else f"{folder}/package.yaml"), [section]


def held_at(resolution: Resolution, path: str) -> Held:
    """What stands at a path, in a specification as well; NoTargetError."""
    return resolution.held(find(resolution.written, path).path)


def spot_of(rem: wire.Rem, held: Held) -> Spot:
    """Where an item is written now. UsageError when a specification or a linked file brings it."""
    file = held.at.source.file
    if file in held.roles:
        text = f"'{held.item.key}' is written in {file}, which is not a file of package '{held.item.package}'"
        raise UsageError(text, hint="change it there, or write another item here")
    return Spot(file, held.at.path, save.text(rem, file))


def goal(rem: wire.Rem, resolution: Resolution, typed: str) -> Goal:
    """What a typed path of a new item means; UsageError, NoTargetError."""
    parts = typed.strip("/").split("/")
    refuse_no_package(parts[0], rem.packages())
    sections = resolution.sections(parts[0])
    path, layers, rest = parts[0], dict[str, str](), parts[1:]
    while True:
        section = _section(sections, rest, path)
        depth = len(section.layers)
        keys = rest[1 : depth + 1]
        if len(keys) < depth:
            titles = "/".join(layer.title for layer in section.layers)
            raise UsageError(f"'{typed}' is too short", hint=f"{section.name} take {path}/{section.name}/{titles}")
        for key in keys:
            if problem := key_problem(key):
                raise UsageError(f"'{key}': {problem}", hint="give it another name")
        layers |= {layer.index: key for layer, key in zip(section.layers, keys, strict=True) if layer.index}
        path, rest = f"{path}/{section.name}/{'/'.join(keys)}", rest[depth + 1 :]
        if not rest:
            break
        if path not in resolution.written:
            raise NoTargetError(f"there is no item '{path}'", hint=f"rem show {path.rpartition('/')[0]}")
        sections = resolution.held(path).section.sections
    file, inside = _home(rem, resolution, path)
    return Goal(path, section, layers, file, inside)


def _section(sections: Mapping[str, Section], rest: Sequence[str], above: str) -> Section:
    word = vocabulary(rest[0]) if rest else ""
    if word not in sections:
        near = nearest(word, sections) if word else None
        hint = f"did you mean '{near}'?" if near else f"one of {', '.join(sections) or 'none'}"
        raise UsageError(f"'{word}' is not a section of {above}" if word else f"'{above}' is a package", hint=hint)
    return sections[word]


def _home(rem: wire.Rem, resolution: Resolution, path: str) -> tuple[str, tuple[str, ...]]:
    """The file and the keys for a new item: beside what is nearest to it."""
    wanted = path.split("/")
    best, most = None, 1
    for item in resolution.written.values():
        if item.package == wanted[0]:
            common = _common(item.path.split("/"), wanted)
            held = resolution.held(item.path) if common > most else None
            if held and held.at.source.file not in held.roles:
                best, most = held, common
    if best is None:
        file, inside = section_file(list(rem.tree().entries()), wanted[0], wanted[1])
        return file, (*inside, *wanted[2:])
    below = len(best.item.path.split("/")) - most
    above = best.at.path[: len(best.at.path) - below]
    return best.at.source.file, (*map(str, above), *wanted[most:])


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """How many keys at their beginning are the same."""
    count = 0
    while count < min(len(one), len(two)) and one[count] == two[count]:
        count += 1
    return count
