"""Sections, read from data: what a package may say, in which layers, and how people are asked for it.

REM's own sections and a user's come through here alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from rem_cli.language import Finding
from rem_cli.language.at import At
from rem_cli.language.definitions import Types, read_field
from rem_cli.language.names import key_problem, nearest, vocabulary
from rem_cli.language.plain import PlainItems
from rem_cli.language.processes import KNOWN, PREFIX
from rem_cli.language.types import Field, Type
from rem_cli.language.words import Report, Vocabulary, groups_of, names_of

__all__ = ["Field", "Layer", "Report", "Section", "read_section"]

FieldSets = tuple[tuple[str, tuple[str, ...]], ...]  # titles with the fields below each


@dataclass(frozen=True)
class Layer:
    """One layer of keys above the items; the last one is the items' own."""

    index: str | None  # the field that takes the key of this layer
    type: Type | None
    key_field: str | None = None  # last layer only: the field that takes the key when it is left out

    @property
    def title(self) -> str:
        return self.index or self.key_field or "key"


@dataclass(frozen=True)
class Section:
    """The shape of one part of a package."""

    name: str
    info: str
    layers: tuple[Layer, ...]
    fields: Mapping[str, Field]
    at: At = field(repr=False)
    scripts: Mapping[str, str] = field(default_factory=dict)  # process, and optionally config, verify, monitor, repair
    one_of: tuple[tuple[str, ...], ...] = ()
    at_most_one_of: tuple[tuple[str, ...], ...] = ()
    field_sets: FieldSets = ()
    pages: tuple[tuple[str, FieldSets], ...] = ()  # of a wizard; none: all is asked on one
    sections: Mapping[str, Section] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()  # inner sections whose definition has a finding; their content is passed over

    @property
    def process(self) -> str:
        return self.scripts.get("process", "")

    @cached_property
    def plain(self) -> PlainItems:
        """Its items, as one loop reads them."""
        return PlainItems(self.fields, self.layers, self.one_of, self.at_most_one_of)

    @property
    def collected(self) -> tuple[str, ...]:
        return tuple(layer.index for layer in self.layers if layer.index)

    def grouped_fields(self) -> list[tuple[str, list[str]]]:
        """Every field in the order of edit, by field set; those in no set are last, under Other."""
        sets = [(title, list(names)) for title, names in self.field_sets]
        placed = {name for _, names in sets for name in names}
        rest = [name for name in self.fields if name not in placed]
        return [*sets, ("Other", rest)] if rest else sets

    def grouped_pages(self) -> list[tuple[str, list[tuple[str, list[str]]]]]:
        """The same page by page; a section without pages has one, with its own name as title."""
        if not self.pages:
            return [(self.name, self.grouped_fields())]
        pages = [(title, [(name, list(fields)) for name, fields in sets]) for title, sets in self.pages]
        placed = {field for _, sets in self.pages for _, fields in sets for field in fields}
        rest = [name for name in self.fields if name not in placed]
        return [*pages, ("Other", [("Other", rest)])] if rest else pages


_SECTION = ("info", "grouped indexes", "fields", "one of", "at most one of", "scripts", "edit", "sections")
_SLOTS = ("process", "config", "verify", "monitor", "repair")


def read_section(
    name: str, at: At, types: Types, report: Report, above: Mapping[str, str] | None = None
) -> Section | None:
    """A section from its definition; None when it has no shape that items could be held against.

    `above` are the names that its items inherit by their place, each with the section that gives it.
    """
    words = Vocabulary(at, _SECTION, "a section", report)
    problem = key_problem(name)
    if problem:
        report(Finding("REM1408", problem, at.key_place, hint="give it another name"))
    layers = _layers(words, types, report)
    if not layers:
        listed = words.words.get("grouped indexes")
        if (listed is None or listed.data in (None, [])) and (at.data is None or isinstance(at.data, dict)):
            hint = "add grouped indexes: [{index: null, key field: name}]"
            report(Finding("REM1405", f"section '{name}' has no grouped indexes", at.key_place, hint=hint))
        return None
    fields = _fields(name, words, layers, types, report)
    clash = next((one for one in (*fields, *(layer.index for layer in layers)) if one in (above or {})), None)
    if above and clash:
        text = f"'{clash}' is a name of {name} and of the {above[clash]} that hold them"
        report(Finding("REM1208", text, at.key_place, hint="rename one of them"))
        return None
    field_sets, pages = _edit(words, fields, report)
    given = {**(above or {}), **{title: name for layer in layers if (title := layer.index or layer.key_field)}}
    inner = {
        vocabulary(key): read_section(vocabulary(key), child, types, report, given)
        for key, child in (words.words["sections"].children() if "sections" in words else ())
    }
    return Section(
        name=name,
        info=words.get("info", str, "", report),
        layers=layers,
        fields=fields,
        at=at,
        scripts=_scripts(words, report),
        one_of=groups_of("one of", words, fields, report),
        at_most_one_of=groups_of("at most one of", words, fields, report),
        field_sets=field_sets,
        pages=pages,
        sections={word: section for word, section in inner.items() if section},
        broken=frozenset(word for word, section in inner.items() if not section),
    )


def _fields(name: str, words: Vocabulary, layers: tuple[Layer, ...], types: Types, report: Report) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for key, child in words.words["fields"].children() if "fields" in words else ():
        word = vocabulary(key)
        if word in fields:
            report(Finding("REM1207", f"'{word}' is here in two spellings", child.key_place, hint="keep one of them"))
        fields[word] = read_field(word, child, types, report)
    key_field = layers[-1].key_field
    if key_field and key_field not in fields:
        text = f"key field '{key_field}' is not a field of '{name}'"
        near = nearest(key_field, fields)
        hint = f"did you mean '{near}'?" if near else f"add {key_field}: {{type: label}} to its fields"
        report(Finding("REM1406", text, words.at.key_place, hint=hint))
    return fields


def _layers(words: Vocabulary, types: Types, report: Report) -> tuple[Layer, ...]:
    layers: list[Layer] = []
    listed = words.get("grouped indexes", list, [], report)
    for number, at in enumerate(words.words["grouped indexes"].elements() if listed else ()):
        layer = Vocabulary(at, ("index", "type", "key field"), "a layer", report)
        last = number == len(listed) - 1
        index = layer.get("index", str, None, report)
        if (index is None) != last:
            text = "the last layer is the items' own: its index is null" if last else "only the last index is null"
            hint = (
                "like {index: null, key field: name}"
                if last
                else "name the field that this key becomes, like {index: group}"
            )
            report(Finding("REM1407", text, at.place, hint=hint))
            return ()
        named = layer.get("type", str, None, report)
        type = types.parse(named, layer.words["type"], report) if named else types.known.get("label")
        key_field = layer.get("key field", str, None, report)
        layers.append(Layer(index and vocabulary(index), type, key_field and vocabulary(key_field)))
    return tuple(layers)


def _scripts(words: Vocabulary, report: Report) -> dict[str, str]:
    """What stands in each slot: a `builtin` word of REM's, or a program of the package."""
    if "scripts" not in words:
        return {}
    slots = Vocabulary(words.words["scripts"], _SLOTS, "scripts", report)
    scripts = {slot: slots.get(slot, str, "", report) for slot in slots.words}
    word = vocabulary(scripts.get("process", ""))
    if word.startswith(PREFIX) and word.removeprefix(PREFIX) not in KNOWN:
        near = nearest(word.removeprefix(PREFIX), KNOWN)
        hint = f"did you mean '{PREFIX}{near}'?" if near else f"one of {', '.join(sorted(KNOWN))}"
        text = f"'{word}' is nothing that REM can do with items"
        report(Finding("REM1415", text, slots.words["process"].place, hint=hint))
    return scripts


def _edit(
    words: Vocabulary, fields: Mapping[str, Field], report: Report
) -> tuple[FieldSets, tuple[tuple[str, FieldSets], ...]]:
    """Field sets and pages; where only pages are given, the field sets are theirs."""
    if "edit" not in words:
        return (), ()
    edit = Vocabulary(words.words["edit"], ("field sets", "pages"), "edit", report)
    own = edit.words.get("field sets")
    sets = _field_sets(own, fields, report, set()) if own else ()
    pages: list[tuple[str, FieldSets]] = []
    seen: set[str] = set()
    for title, listed in _titled(edit.words.get("pages"), "a page is a title with a list of field sets",
                                 "like - Basics: [{Job: [name, title]}]", report):  # fmt: skip
        pages.append((title, _field_sets(listed, fields, report, seen)))
    return sets or tuple(one for _, page in pages for one in page), tuple(pages)


def _field_sets(at: At, fields: Mapping[str, Field], report: Report, seen: set[str]) -> FieldSets:
    titled = _titled(at, "a field set is a title with a list of fields", "like - Job: [name, title]", report)
    return tuple((title, names_of(listed, fields, report, seen)) for title, listed in titled)


def _titled(at: At | None, what: str, like: str, report: Report) -> Iterator[tuple[str, At]]:
    """Each title of a list of one-key mappings, and what stands below it."""
    if at is None or at.data is None:
        return
    if not isinstance(at.data, list):
        report(Finding("REM1411", f"this is {at.kind}; {what}", at.place, hint=like))
    for one in at.elements():
        if not isinstance(one.data, dict):
            report(Finding("REM1411", what, one.place, hint=like))
        yield from one.children()
