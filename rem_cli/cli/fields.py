"""The fields of an item as they are written: what stands there, and another value in its place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rem_cli.cli import show
from rem_cli.cli.places import Spot
from rem_cli.errors import Place, UsageError
from rem_cli.language.at import Misfit

if TYPE_CHECKING:
    from rem_cli.language.forms import Typed
    from rem_cli.language.held import Held
    from rem_cli.language.schema import Section

Change = tuple[str | None, str | None]  # what was written and what is; None for nothing


def changed(held: Held, spot: Spot, wanted: Mapping[str, str]) -> tuple[str, dict[str, Change]]:
    """The file's text with fields of the item as typed, and what that changes; CannotEdit."""
    from rem_cli.language import edit

    text = spot.text
    changes: dict[str, Change] = {}
    for name, value in wanted.items():
        key = _key(held, spot, name)
        if value or (key is None and name in held.own):
            new = given(held, name, value)
            after = edit.change(spot.file, text, (*spot.path, key or name), new, behind=_behind(held, spot, name))
        else:
            after = edit.unset(spot.file, text, (*spot.path, key)) if key else text
        if after != text:
            changes[name] = (written(held, name), value or None)
        text = after
    return text, changes


def overridden(held: Held, spot: Spot, wanted: Mapping[str, str]) -> tuple[str, dict[str, Change]]:
    """The text of the item's own package with these fields over those of another file, and what that changes."""
    from rem_cli.language import edit, forms

    fields = {name: given(held, name, value) for name, value in wanted.items() if value or name in held.own}
    if not fields:
        return spot.text, {}
    path = [str(step) for step in spot.path]
    text = edit.put(spot.file, spot.text, path, lambda rest: forms.tree(rest, fields), forms.meant(fields))
    return text, {name: (written(held, name), wanted[name] or None) for name in fields}


def _key(held: Held, spot: Spot, name: str) -> str | None:
    """The key of a field in the item's own lines; None where it is written nowhere, or in a specification."""
    own = held.own.get(name)
    if own is None or own.source.file != spot.file or own.path[:-1] != spot.path:
        return None
    key = str(own.path[-1])
    if key.startswith("+"):
        text = f"'{key}' adds to a list that another file begins"
        raise UsageError(text, hint=f"change it by hand, in line {own.key_place.line} of {spot.file}")
    return key


def given(held: Held, name: str, value: str) -> Typed:
    """A typed value; nothing takes out what a specification says."""
    from rem_cli.language.forms import TAKEN_OUT

    return meant(held, name, value) if value else TAKEN_OUT


def meant(held: Held, name: str, value: str) -> Typed:
    """A typed value; a text where a text in quotes stood and the field takes this one as a text too."""
    from rem_cli.language import forms

    new, own = forms.typed(value), held.own.get(name)
    known = held.section.fields.get(name)
    if isinstance(new.data, bool | int | float) and own and known and _in_quotes(own.place):
        try:
            known.type.read(held.at.put(value, value), known.type)
        except Misfit:
            return new
        return forms.as_text(value)
    return new


def _in_quotes(place: Place) -> bool:
    return place.text[place.column - 1 : place.column] in ("'", '"')


def written(held: Held, name: str) -> str | None:
    """What stands in the item's text for a field, in one line; None when nothing does."""
    own = held.own.get(name)
    if own is None or own.data is None:
        return None
    return own.source.raw(own.path) or held.texts().get(name, own.text)


def _behind(held: Held, spot: Spot, name: str) -> list[str | int]:
    """The keys that a new field may stand behind, the best first: in the order of edit, above the item's own items."""
    order = ordered(held.section)
    before = order[: order.index(name)] if name in order else order
    here = {one: at.path[-1] for one, at in held.own.items() if at.path[:-1] == spot.path}
    others = [one for one in here if one not in held.section.sections]
    return [*(here[one] for one in [*reversed(before), *reversed(others)] if one in here), -1]


def ordered(section: Section) -> list[str]:
    """The fields of a section in the order of edit."""
    return [name for _, sets in section.grouped_pages() for _, names in sets for name in names]


def as_line(name: str, change: Change) -> list[show.Span | str]:
    """`port: 22 → 2222`."""
    before, after = change
    arrow = "→" if show.unicode(sys.stdout) else "->"
    return [(f"{name}: ", "dim"), before or "(nothing)", f" {arrow} ", (after or "(nothing)", "bold")]
