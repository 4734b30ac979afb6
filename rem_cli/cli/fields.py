"""The fields of an item as they are written: what stands there, and another value in its place."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rem_cli.cli import show
from rem_cli.cli.places import Spot
from rem_cli.errors import Place
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
        own = held.own.get(name)
        place = (*spot.path, own.path[-1] if own else name)
        if value:
            new = meant(held, name, value)
            after = edit.change(spot.file, text, place, new, behind=_behind(held, name))
        else:
            after = edit.unset(spot.file, text, place) if own else text
        if after != text:
            changes[name] = (written(held, name), value or None)
        text = after
    return text, changes


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


def _behind(held: Held, name: str) -> list[str | int]:
    """The keys that a new field may stand behind, the best first: in the order of edit, above the item's own items."""
    order = ordered(held.section)
    before = order[: order.index(name)] if name in order else order
    others = [one for one in held.own if one not in held.section.sections]
    keys = {one: held.own[one].path[-1] for one in held.own}
    return [*(keys[one] for one in [*reversed(before), *reversed(others)] if one in keys), -1]


def ordered(section: Section) -> list[str]:
    """The fields of a section in the order of edit."""
    return [name for _, names in section.grouped_fields() for name in names]


def as_line(name: str, change: Change) -> list[show.Span | str]:
    """`port: 22 → 2222`."""
    before, after = change
    arrow = "→" if show.unicode(sys.stdout) else "->"
    return [(f"{name}: ", "dim"), before or "(nothing)", f" {arrow} ", (after or "(nothing)", "bold")]
