"""One text laid over another: by key, where the upper one wins; lists replace, `+key` appends, `!unset` takes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rem_cli.language import Finding
from rem_cli.language.at import REFERENCE, At
from rem_cli.language.composed import Followed, Laid
from rem_cli.language.names import vocabulary
from rem_cli.language.schema import Report, Section
from rem_cli.language.source import UNSET
from rem_cli.language.types import Type


@dataclass(frozen=True)
class Shape:
    """What the keys of a mapping are: a section's layer, the fields of its items, or a user's own."""

    section: Section | None = None
    depth: int = 0

    @property
    def of_fields(self) -> bool:
        return self.section is not None and self.depth == len(self.section.layers)

    def same(self, key: str) -> str:
        """Keys with the same name are one key."""
        return vocabulary(key) if self.of_fields else key

    def below(self, name: str) -> Shape:
        """What stands under a key."""
        if self.section is None or self.of_fields:
            inner = self.section.sections.get(name) if self.section else None
            return Shape(inner) if inner else OWN
        return Shape(self.section, self.depth + 1)

    def default(self, name: str) -> At | None:
        """The value of a field that is left out."""
        known = self.section.fields.get(name) if self.section and self.of_fields else None
        if known is None or not isinstance(known.at.data, dict) or known.at.data.get("default") is None:
            return None
        return known.at.child("default")

    def type(self, name: str) -> Type | None:
        """The type of a field."""
        known = self.section.fields.get(name) if self.section and self.of_fields else None
        return known.type if known else None

    def has(self, name: str) -> bool:
        """Whether `name` is a word here, given or not."""
        return self.of_fields and self.section is not None and name in (*self.section.fields, *self.section.sections)


OWN = Shape()


def lay(over: At, under: At | None, shape: Shape, report: Report) -> At:
    """What `over` says where it says something, else what `under` says.

    Without `under` it is `over` itself, with a finding for each word that has nothing to change.
    """
    if under is None and not over.source.marked:
        return over
    if isinstance(over.data, dict) and (under is None or isinstance(under.data, dict)):
        return _mapping(over, under, shape, report)
    if over.data is None and under is not None and isinstance(under.data, dict):
        return under  # an empty group takes nothing away
    if isinstance(over.data, list) and over.source.marked:
        over = Followed(over, {n: lay(child, None, OWN, report) for n, child in enumerate(over.elements())})
    return over if under is None else Laid(over, under)


def _mapping(over: At, under: At | None, shape: Shape, report: Report) -> At:
    found = {shape.same(key): (key, child) for key, child in under.children()} if under else {}
    gone: dict[str, tuple[At, At]] = {}
    own: set[str] = set()
    for key, child in over.children():
        name, added = shape.same(key), shape.same(key[1:])
        if child.data is UNSET:
            _take_out(name, child, found, gone, report)
        elif key.startswith("+") and (added in found or shape.has(added)):
            below = found[added][1] if added in found else None
            found[added] = key[1:], _append(child, below or shape.default(added), shape.type(added), report)
        elif name in own:
            text = f"'{name}' is here in two spellings"
            report(Finding("REM1207", text, child.key_place, hint="keep one of them"))
        else:
            below = found[name][1] if name in found else None
            found[name] = key, lay(child, below, shape.below(name), report)
            own.add(name)
    children: dict[str | int, At] = dict(found.values())
    if under is None:
        return Followed(over, children)
    laid = Laid(over, under, children)
    laid.gone = gone
    return laid


def _take_out(
    name: str, at: At, found: dict[str, tuple[str, At]], gone: dict[str, tuple[At, At]], report: Report
) -> None:
    if name in found:
        gone[name] = at, found.pop(name)[1]
    else:
        report(nothing_to_unset(name, at))


def nothing_to_unset(name: str, at: At) -> Finding:
    """A `!unset` with nothing below it."""
    text = f"there is no '{name}' to take out: nothing that this is laid over sets it"
    return Finding("REM1511", text, at.key_place, hint="take this line out")


def _append(at: At, base: At | None, type: Type | None, report: Report) -> At:
    """A list with more behind it; `type` is the field's, where one is known."""
    name = str(at.path[-1])
    kind = None
    refers = base is not None and isinstance(base.data, str) and REFERENCE.fullmatch(base.data) is not None
    if base is not None and not isinstance(base.data, list) and not refers:  # what it refers to may be a list
        kind = f"{base.kind}, in {base.place}"
    elif base is None and type and type.process != "list of":
        kind = f"a {type.title}"
    if kind:
        text = f"'{name}' appends to a list, and {name[1:]} is {kind}"
        report(Finding("REM1510", text, at.key_place, hint=f"write {name[1:]}: without the '+'"))
        return base or at
    if not isinstance(at.data, list):
        text = f"'{name}' appends a list, and this is {at.kind}"
        report(Finding("REM1510", text, at.place, hint=f"write [{at.shown}]" if at.text else "write [a, b]"))
        return base or at
    if base is None:
        return at
    return Laid(at, base, dict(enumerate([*([base] if refers else base.elements()), *at.elements()])))


def join(parts: Sequence[At], shape: Shape, report: Report) -> At:
    """The content of one section that stands in several places; an item that is in two of them is a finding."""
    first, *rest = parts
    for more in rest:
        first = _joined(first, more, shape, report)
    return first


def _joined(one: At, two: At, shape: Shape, report: Report) -> At:
    if not isinstance(two.data, dict):
        return one if two.data is None or isinstance(one.data, dict) else two
    if not isinstance(one.data, dict):
        return two
    children: dict[str | int, At] = dict(one.children())
    for key, child in two.children():
        if key not in children:
            children[key] = child
        elif shape.below(key).of_fields:
            first = children[key].key_place
            text = f"'{key}' is here twice; the first is in {first.file}, line {first.line}"
            report(Finding("REM1211", text, child.key_place, hint="keep one of them"))
        else:
            children[key] = _joined(children[key], child, shape.below(key), report)
    return Followed(one, children)
