"""Sections and types, read from data: what a package may say, and how each value is read.

REM's own sections and a user's come through here alike.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from rem_cli.language import Finding, Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.names import key_problem, nearest, vocabulary
from rem_cli.language.types import ANYTHING, READERS, Type

Report = Callable[[Finding], None]


@dataclass(frozen=True)
class Field:
    """One field of a section."""

    name: str
    type: Type
    at: At = field(repr=False)
    required: bool = False
    default: Value = None
    info: str = ""


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
    field_sets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    sections: Mapping[str, Section] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()  # inner sections whose definition has a finding; their content is passed over

    @property
    def process(self) -> str:
        return self.scripts.get("process", "")

    @property
    def collected(self) -> tuple[str, ...]:
        return tuple(layer.index for layer in self.layers if layer.index)

    def grouped_fields(self) -> list[tuple[str, list[str]]]:
        """Every field in the order of edit, by field set; those in no set are last, under Other."""
        sets = [(title, list(names)) for title, names in self.field_sets]
        placed = {name for _, names in sets for name in names}
        rest = [name for name in self.fields if name not in placed]
        return [*sets, ("Other", rest)] if rest else sets


class Vocabulary:
    """Reads one mapping whose words are REM's own: known once each, in any spelling."""

    def __init__(self, at: At, words: Iterable[str], what: str, report: Report) -> None:
        self.at = at
        self.words: dict[str, At] = {}
        known = tuple(words)
        if at.data is not None and not isinstance(at.data, dict):
            report(Finding("REM1201", f"{what} is a mapping, not {at.kind}", at.place, hint="write {word: value}"))
        for key, child in at.children():
            word = vocabulary(key)
            if word in self.words:
                report(
                    Finding("REM1207", f"'{word}' is here in two spellings", child.key_place, hint="keep one of them")
                )
            elif word not in known:
                near = nearest(word, known)
                hint = f"did you mean '{near}'?" if near else f"one of {', '.join(known)}"
                report(Finding("REM1401", f"'{key}' is not a word of {what}", child.key_place, hint=hint))
            else:
                self.words[word] = child

    def __contains__(self, word: str) -> bool:
        return word in self.words

    def get(self, word: str, type: type, default: Any, report: Report) -> Any:
        """A word's value when it is of a plain Python type; a finding and the default when it is not."""
        at = self.words.get(word)
        if at is None or at.data is None:
            return default
        if not isinstance(at.data, type) or (type is not bool and isinstance(at.data, bool)):
            kinds = {str: "a text", dict: "a mapping", list: "a list", bool: "true or false"}
            mend = {
                str: "write one text",
                dict: "write {name: value}",
                list: "write [a, b]",
                bool: "write true or false",
            }
            report(Finding("REM1402", f"'{word}' is {kinds[type]}, not {at.kind}", at.place, hint=mend[type]))
            return default
        return at.data


class Types:
    """The types that can be named: the shipped ones and those that packages bring."""

    def __init__(self, *below: dict[str, Type]) -> None:
        self.own: dict[str, Type] = {}
        self.known: MutableMapping[str, Type] = ChainMap(self.own, *below)  # no copies: a thousand packages may share

    _WORDS = ("info", "base", "process", "choices", "range", "length", "file", "widget", "examples")

    def define_all(self, definitions: Mapping[str, At], report: Report) -> None:
        """Add types that may build on each other, in whatever order they are written."""
        waiting = dict(definitions)
        while waiting:
            chain = [waiting.popitem()]
            while (base := _base(chain[-1][1])) in waiting:
                chain.append((base, waiting.pop(base)))
            for name, at in reversed(chain):
                self.define(name, at, report)

    def define(self, name: str, at: At, report: Report) -> None:
        """Add one type from its definition."""
        self.known[name] = ANYTHING  # until the definition holds: one mistake in it is not one at each of its uses
        words = Vocabulary(at, self._WORDS, "a type", report)
        process, base = words.get("process", str, "", report), words.get("base", str, "", report)
        if process:
            reader = READERS.get(process.removeprefix("builtin "))
            if reader is None:
                text = f"'{process}' is not code that REM has; types with code come from installed plug-ins"
                report(
                    Finding("REM1403", text, words.words["process"].place, hint="build it on another with base: text")
                )
                return
            type = Type(name=name, read=reader, process=process.removeprefix("builtin "))
        else:
            found = self.parse(base or "text", words.words.get("base", at), report)
            if found is None:
                return
            type = found.limited(name=name)
        listed = (
            Vocabulary(words.words["examples"], ("good", "bad"), "examples", report) if "examples" in words else None
        )
        examples = {word: listed.get(word, list, [], report) for word in listed.words} if listed else {}
        self.known[name] = narrowed(type, words, report).limited(
            info=words.get("info", str, "", report),
            widget=words.get("widget", str, type.widget, report),
            file=words.get("file", bool, type.file, report),
            good=tuple(examples.get("good", ())),
            bad=tuple(examples.get("bad", ())),
        )

    def parse(self, text: str, at: At, report: Report) -> Type | None:
        """The type that words like `list of label` or `ref to jobs` name."""
        word = vocabulary(text.strip())
        if word.count(" of ") > 5:
            report(
                Finding("REM1404", "lists of lists of lists … are too deep to edit", at.place, hint="define a section")
            )
            return None
        for prefix in ("list of ", "map of "):
            if word.startswith(prefix):
                inner = self.parse(word[len(prefix) :], at, report)
                return inner and self.known[prefix.strip()].limited(of=inner)
        if word.startswith("ref to "):
            return self.known["ref to"].limited(to=word.removeprefix("ref to "))
        if word not in self.known:
            near = nearest(word, self.known)
            hint = f"did you mean '{near}'?" if near else "rem schema show types lists them"
            report(Finding("REM1404", f"'{text}' is not a type", at.place, hint=hint, see="rem schema show types"))
            return None
        return self.known[word]


def _base(at: At) -> str:
    """The type that a definition builds on."""
    named = at.data.get("base") if isinstance(at.data, dict) else None
    return vocabulary(named.removeprefix("list of ").removeprefix("map of ")) if isinstance(named, str) else ""


def narrowed(type: Type, words: Vocabulary, report: Report) -> Type:
    """A type with the limits that a definition adds."""
    limits: dict[str, Any] = {}
    if "choices" in words:
        listed = words.get("choices", list, [], report)
        limits["choices"] = tuple(str(one) for one in listed)
    for word in ("range", "length"):
        if word in words:
            pair = words.get(word, list, [], report)
            numbers = all(one is None or (isinstance(one, (int, float)) and not isinstance(one, bool)) for one in pair)
            if len(pair) != 2 or not numbers:
                report(
                    Finding(
                        "REM1402",
                        f"'{word}' is two numbers, or null for no bound",
                        words.words[word].place,
                        hint="like [1, 100]",
                    )
                )
                continue
            limits["least"], limits["most"] = pair
    return type.limited(**limits) if limits else type


_SECTION = ("info", "grouped indexes", "fields", "one of", "scripts", "edit", "sections")
_FIELD = ("type", "required", "default", "choices", "range", "length", "info")
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
    slots = Vocabulary(words.words["scripts"], _SLOTS, "scripts", report) if "scripts" in words else None
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
        scripts={slot: str(slots.words[slot].data) for slot in slots.words} if slots else {},
        one_of=_one_of(words, fields, report),
        field_sets=_field_sets(words, fields, report),
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


def read_field(name: str, at: At, types: Types, report: Report, *, later: bool = False) -> Field:
    """A field of a section, or a param of a package; `later` leaves a default that names other params unread."""
    words = Vocabulary(at, _FIELD, "a field", report)
    problem = key_problem(name)
    if problem:
        report(Finding("REM1408", problem, at.key_place, hint="give it another name"))
    named = words.get("type", str, "text", report)
    type = narrowed(types.parse(named, words.words.get("type", at), report) or ANYTHING, words, report)
    if type.name == "choice" and not type.choices:
        report(Finding("REM1409", f"'{name}' is a choice without choices", at.key_place, hint="add choices: [a, b]"))
    default: Value = None
    later = later and "${" in str(words.words["default"].data if "default" in words else "")
    if "default" in words and words.words["default"].data is not None and not later:
        try:
            default = type.read(words.words["default"], type)
        except Misfit as misfit:
            report(
                Finding(
                    "REM1410",
                    f"the default of '{name}': {misfit.message}",
                    words.words["default"].place,
                    hint=misfit.hint,
                )
            )
    required = words.get("required", bool, False, report)
    return Field(name, type, at, required, default, words.get("info", str, "", report))


def _one_of(words: Vocabulary, fields: Mapping[str, Field], report: Report) -> tuple[tuple[str, ...], ...]:
    """Groups of fields of which exactly one has a value."""
    if not words.get("one of", list, [], report):
        return ()
    return tuple(_names(group, fields, report) for group in words.words["one of"].elements())


def _field_sets(words: Vocabulary, fields: Mapping[str, Field], report: Report) -> tuple[Any, ...]:
    if "edit" not in words:
        return ()
    edit = Vocabulary(words.words["edit"], ("field sets", "pages"), "edit", report)
    sets: list[tuple[str, tuple[str, ...]]] = []
    seen: set[str] = set()
    for one in edit.words["field sets"].elements() if edit.get("field sets", list, [], report) else ():
        if not isinstance(one.data, dict):
            text = "a field set is a title with a list of fields"
            report(Finding("REM1411", text, one.place, hint="like - Job: [name, title]"))
        for title, listed in one.children():
            sets.append((title, _names(listed, fields, report, seen)))
    return tuple(sets)


def _names(listed: At, fields: Mapping[str, Field], report: Report, seen: set[str] | None = None) -> tuple[str, ...]:
    """The fields that a list names; each must be there, and only once where `seen` is given."""
    if not isinstance(listed.data, list):
        report(
            Finding("REM1411", f"this is {listed.kind}, not a list of fields", listed.place, hint="like [name, title]")
        )
    names: list[str] = []
    for at in listed.elements():
        name = vocabulary(at.shown)
        if name not in fields:
            near = nearest(name, fields)
            hint = f"did you mean '{near}'?" if near else f"add {name} to its fields"
            report(Finding("REM1413", f"'{at.shown}' is not a field of this section", at.place, hint=hint))
        elif seen is not None and name in seen:
            report(Finding("REM1412", f"'{name}' is in two field sets", at.place, hint="keep it in one"))
        else:
            names.append(name)
            if seen is not None:
                seen.add(name)
    return tuple(names)
