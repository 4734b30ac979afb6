"""An item from one place to another: what fits there, what its new place says of it, and who names the old one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rem_cli import wire
from rem_cli.cli import save
from rem_cli.cli.places import Goal, Spot
from rem_cli.errors import Place, UsageError
from rem_cli.language import Finding, Resolution
from rem_cli.language.composed import Laid
from rem_cli.language.edit import CannotEdit, change, put
from rem_cli.language.forms import as_text
from rem_cli.language.pieces import piece

if TYPE_CHECKING:
    from rem_cli.language.held import Held, Reference
    from rem_cli.language.schema import Section

Change = tuple[tuple[str | int, ...], str]  # where inside of the item, and the text that stands there then


def placed(rem: wire.Rem, resolution: Resolution, held: Held, spot: Spot, goal: Goal) -> str:
    """The text of the goal's file with the item in it as well. UsageError when it does not fit; CannotEdit."""
    if goal.path in resolution.written:
        there = resolution.held(goal.path).at
        alike = there.data == held.at.data
        hint = f"both say the same: rem item remove {held.item.path}" if alike else "give another path"
        raise CannotEdit(f"there is an item '{goal.path}' already", where=there.key_place, hint=hint)
    if goal.path.startswith(f"{held.item.path}/"):
        raise UsageError(f"'{goal.path}' is in the item itself", hint="give a path beside it")
    if isinstance(held.at, Laid):
        text = f"'{held.item.key}' is laid over {held.at.under.place}, and does not go without it"
        raise UsageError(text, hint="write another item there")
    _refuse_misfits(held, goal)
    found = piece(spot.file, spot.text, spot.path)
    if found.shares and goal.file != spot.file:
        text = f"'{held.item.key}' uses {found.shares} of its file, which {goal.file} has not"
        raise CannotEdit(text, where=held.at.key_place, hint="write in its place what it stands for")
    text = spot.text if goal.file == spot.file else save.text(rem, goal.file)
    text = put(goal.file, text, goal.inside, found.under, found.data)
    for path, new in _changes(resolution, held, spot, goal):
        text = change(goal.file, text, (*goal.inside, *path), as_text(new))
    return text


def _refuse_misfits(held: Held, goal: Goal) -> None:
    """UsageError that names every field which the other section does not have."""
    misfits = list(_misfits(held.own, held.section, goal.section, goal.layers))
    if misfits:
        known = f"rem schema show {goal.section.name.replace(' ', '-')}"
        fields = ", ".join(misfits)
        raise UsageError(f"'{held.item.key}' does not fit: {goal.section.name} have no {fields}", hint=known)


def _misfits(own: Mapping[str, object], here: Section, there: Section, layers: Mapping[str, str]) -> Iterator[str]:
    for name in own:
        inner, other = here.sections.get(name), there.sections.get(name)
        if inner and other:
            fields = [one for one in inner.fields if one not in other.fields]
            yield from (f"{name}/{one}" for one in fields)
            if len(inner.layers) != len(other.layers):
                yield f"{name} with {len(inner.layers)} keys"
        elif name not in there.fields and name not in there.sections and name not in layers:
            yield name


def _changes(resolution: Resolution, held: Held, spot: Spot, goal: Goal) -> Iterator[Change]:
    """What the item says of its old place: collected fields, its key, files and items named from there."""
    old = held.item.path
    depth = len(spot.path)
    for path in [one for one in resolution.written if one == old or one.startswith(f"{old}/")]:
        inner = resolution.held(path)
        for name, at in inner.own.items():
            if at.source.file != spot.file or at.path[:depth] != spot.path:
                continue
            known = inner.section.fields.get(name)
            raw = at.source.raw(at.path)
            new = goal.layers.get(name) if known is None else None
            if path == old and name == held.section.layers[-1].key_field and raw == held.item.key:
                new = goal.path.rpartition("/")[2]
            if known and known.type.file and raw and "${" not in raw:
                new = _beside(str(inner.item.fields[name]), spot.file, goal.file)
            if new is not None and raw is not None and new != raw:
                yield at.path[depth:], new
    package = goal.path.partition("/")[0]
    for one in resolution.references():
        if one.file == spot.file and one.path[:depth] == spot.path:
            target = _moved(one.target, old, goal.path)
            if target != one.target or package != held.item.package:
                yield one.path[depth:], _named(target, package)


def _beside(path: str, old: str, new: str) -> str | None:
    """A file's path as it is written in another file; None where both lie in one folder."""
    if posixpath.dirname(old) == posixpath.dirname(new):
        return None
    return posixpath.relpath(path, posixpath.dirname(new))


def _moved(target: str, old: str, new: str) -> str:
    return new + target[len(old) :] if target == old or target.startswith(f"{old}/") else target


def _named(target: str, package: str) -> str:
    """An item's path as items of a package write it."""
    return target.removeprefix(f"{package}/")


def outside(resolution: Resolution, held: Held, spot: Spot) -> list[Reference]:
    """The references to an item, or to items in it, that do not stand in the item itself."""
    old, depth = held.item.path, len(spot.path)
    return [
        one
        for one in resolution.references()
        if (one.target == old or one.target.startswith(f"{old}/"))
        and not (one.file == spot.file and one.path[:depth] == spot.path)
    ]


def dangling(resolution: Resolution, references: Sequence[Reference]) -> list[Finding]:
    """What references say of an item that goes, where they stand now."""
    sources = {held.at.source.file: held.at.source for held in map(resolution.held, resolution.written)}
    return [
        Finding("REM1330", f"'{one.written}' would name what is not there", sources[one.file].place(one.path))
        for one in references
        if one.file in sources
    ]


def renamed(references: Sequence[Reference], texts: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    """The texts by file in which references name the new path; CannotEdit."""
    changed = dict(texts)
    for one in references:
        target = _named(_moved(one.target, old, new), one.package)
        changed[one.file] = change(one.file, changed[one.file], one.path, as_text(target))
    return changed


def selectors(resolution: Resolution, held: Held) -> list[Place]:
    """Where host selectors name a host by its name."""
    if held.section.process != "builtin inventory":
        return []
    name = str(held.item.fields.get(held.section.layers[-1].key_field or "") or held.item.key)
    found: list[Place] = []
    for path in resolution.written:
        one = resolution.held(path)
        for field, at in one.own.items():
            known = one.section.fields.get(field)
            if known and known.type.process == "host selector" and _names(at.text or "", name):
                found.append(at.place)
    return list(dict.fromkeys(found))


def _names(selector: str, name: str) -> bool:
    return name in [term.strip().removeprefix("!") for term in re.split(",", selector)]
