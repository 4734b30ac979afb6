"""Items out of the content of a section: layers walked, fields collected, values typed, every problem reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Origin, Source, Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.names import folded, key_problem, nearest, vocabulary
from rem_cli.language.schema import Report, Section
from rem_cli.language.types import Type

Follow = Callable[[At, str], str | None]  # a path relative to the file that holds it: a file of the repository


@dataclass(frozen=True)
class Reference:
    """A `ref to` that is checked once every item is known."""

    at: At
    target: str
    to: str
    package: str
    name: str  # of the field
    fields: dict[str, Value]  # of the item, where the whole path is put


@dataclass
class Held:
    """What an item was made of, kept to say where each value comes from."""

    item: Item
    section: Section
    at: At
    own: Mapping[str, At]
    collected: Mapping[str, At]
    parent: Held | None

    def origins(self) -> dict[str, Origin]:
        return {name: self._origin(name) for name in self.item.fields}

    def _origin(self, name: str) -> Origin:
        setters = [Origin(Source.OWN, self.own[name].place)] if name in self.own else []
        if name in self.collected:
            setters.insert(0, Origin(Source.COLLECTED, self.collected[name].key_place))
        known = self.section.fields.get(name)
        if name == self.section.layers[-1].key_field:
            setters.append(Origin(Source.KEY, self.at.key_place))
        elif known and (known.default is not None or not setters):
            setters.append(Origin(Source.DEFAULT, known.at.place))
        if not setters and self.parent:
            found = self.parent._origin(name)
            return Origin(Source.INHERITED, found.place)
        first, *rest = setters
        return Origin(first.source, first.place, tuple(rest))


@dataclass
class Walk:
    """One package's content being resolved."""

    package: str
    report: Report
    follow: Follow
    items: dict[str, Held] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    scripts: set[str] = field(default_factory=set)

    def section(self, section: Section, at: At, *, under: str, parent: Held | None = None) -> None:
        """Every item of a section's content. `under` is the path of the section itself."""
        self._layer(section, at, 0, under, {}, parent)

    def _layer(
        self, section: Section, at: At, depth: int, path: str, collected: dict[str, At], parent: Held | None
    ) -> None:
        if at.data is None:
            return  # an empty group is fine
        layer = section.layers[depth]
        if not isinstance(at.data, dict):
            self._say("REM1202", f"{_expected(section, depth)}, not {at.kind}", at.place, see=section)
            return
        seen: dict[str, str] = {}
        for key, child in at.children():
            problem = key_problem(key)
            if problem:
                self._say("REM1107", problem, child.key_place)
                continue
            twin = seen.setdefault(folded(key), key)
            if twin != key:
                self._say(
                    "REM1108",
                    f"'{key}' is too much like '{twin}'",
                    child.key_place,
                    hint="names differ by more than case",
                )
                continue
            if depth == len(section.layers) - 1:
                self._item(section, child, key, f"{path}/{key}", collected, parent)
            elif self._shallow(section, child, depth):
                continue
            else:
                here = dict(collected)
                if layer.index:
                    here[layer.index] = child
                    self._typed_key(layer.type, child, key)
                self._layer(section, child, depth + 1, f"{path}/{key}", here, parent)

    def _typed_key(self, type: Type | None, at: At, key: str) -> Value:
        if type is None:
            return key
        try:
            return type.read(at.put(key), type)
        except Misfit as misfit:
            self._say("REM1301", misfit.message, at.key_place, hint=misfit.hint)
            return key

    def _shallow(self, section: Section, at: At, depth: int) -> bool:
        """An item that stands where a group is expected: one finding for the whole of it."""
        words = {vocabulary(key): value for key, value in at.data.items()} if isinstance(at.data, dict) else {}
        fields = [w for w in words if w in section.fields and not isinstance(words[w], dict)]
        if not fields or not all(w in section.fields or w in section.sections for w in words):
            return False
        layers = " then ".join(layer.title for layer in section.layers)
        expected = section.layers[depth].title
        self._say(
            "REM1202",
            f"'{at.path[-1]}' looks like an item, but stands where a {expected} is expected",
            at.key_place,
            hint=f"{section.name} are {len(section.layers)} keys down: {layers}",
        )
        return True

    def _deep(self, section: Section, own: Mapping[str, At], at: At) -> bool:
        """A group that stands where an item is expected."""
        if not own or not all(isinstance(child.data, dict) and child.data for child in own.values()):
            return False
        if any(word in section.fields or word in section.sections for word in own):
            return False
        inside = {vocabulary(word) for child in own.values() for word in child.data}
        if not inside & section.fields.keys():
            return False
        layers = " then ".join(layer.title for layer in section.layers)
        self._say(
            "REM1202",
            f"'{at.path[-1]}' holds items, but stands where an item is expected",
            at.key_place,
            hint=f"{section.name} are {len(section.layers)} keys down: {layers}",
        )
        return True

    def _item(
        self, section: Section, at: At, key: str, path: str, collected: Mapping[str, At], parent: Held | None
    ) -> None:
        if at.data is not None and not isinstance(at.data, dict):
            text = f"{_expected(section, len(section.layers) - 1)}; '{key}' is {at.kind}"
            hint = f"'{key}' is a field: is it one layer too high?" if vocabulary(key) in section.fields else None
            self._say("REM1202", text, at.key_place, see=section, hint=hint)
            return
        own = self._own(at)
        if self._deep(section, own, at):
            return
        scope = self._scope(collected, parent)
        layers = {
            **(parent.item.layers if parent else {}),
            **{name: str(at.path[-1]) for name, at in collected.items()},
        }
        fields: dict[str, Value] = dict(layers)
        if parent:
            for name, value in parent.item.fields.items():
                if name not in section.fields:
                    fields.setdefault(name, value)
        key_field = section.layers[-1].key_field
        for known in section.fields.values():
            child = own.get(known.name)
            if known.name in collected:
                continue
            if child is None or (child.data is None and known.default is None):
                fields[known.name] = known.default
                if known.name == key_field:
                    fields[known.name] = self._typed_key(known.type, at, key)
                elif known.required and (parent is None or known.name not in layers):
                    self._missing(section, known.name, at)
            else:
                fields[known.name] = self._value(known.type, child, scope, known.name, fields)
        item = Item(path, self.package, _section_name(section, parent), section.process, key, layers, fields)
        held = Held(item, section, at, own, collected, parent)
        self.items[path] = held
        self._unknown(section, own, held)
        self._one_of(section, held)

    def _own(self, at: At) -> dict[str, At]:
        own: dict[str, At] = {}
        for key, child in at.children():
            word = vocabulary(key)
            if word in own:
                self._say("REM1207", f"'{word}' is here in two spellings", child.key_place)
            own.setdefault(word, child)
        return own

    def _scope(self, collected: Mapping[str, At], parent: Held | None) -> dict[str, At]:
        """What `${name}` may name: collected fields, and the fields of the items that hold this one."""
        scope = {name: at.put(str(at.path[-1])) for name, at in collected.items()}
        while parent:
            for name, value in parent.item.fields.items():
                if value is not None:
                    at = parent.own.get(name, parent.at)
                    scope.setdefault(name, at if name in parent.own else at.put(value))
            parent = parent.parent
        return scope

    def _value(self, type: Type, at: At, scope: Mapping[str, At], name: str, fields: dict[str, Value]) -> Value:
        if at.data is None:
            self._say("REM1302", f"'{name}' is empty", at.key_place, hint="leave it out for its default")
            return None
        try:
            followed = self._references(at, scope)
            value = type.read(followed, type)
        except Misfit as misfit:
            where = misfit.at or at
            self._say(_id_of(type), misfit.message, where.place, hint=misfit.hint)
            return None
        if type.file:
            return self._file(followed)
        if type.name == "ref to" and isinstance(value, str):
            self.references.append(Reference(at, value, type.to or "", self.package, name, fields))
        return value

    def _references(self, at: At, scope: Mapping[str, At]) -> At:
        if isinstance(at.data, list):
            return _Listed(at, [self._references(at.child(n), scope) for n in range(len(at.data))])
        if not isinstance(at.data, str) or "${" not in at.data:
            return at
        whole = re.fullmatch(r"\$\{([^{}]*)\}", at.data)
        if whole:
            return at.put(self._named(whole[1], at, scope).data)
        text = re.sub(r"\$(\$\{)|\$\{([^{}]*)\}", lambda m: m[1] or self._named(m[2], at, scope).written(), at.data)
        return at.put(text)

    def _named(self, name: str, at: At, scope: Mapping[str, At]) -> At:
        found = scope.get(vocabulary(name.strip()))
        if found is None:
            near = nearest(name, scope)
            known = ", ".join(sorted(scope)) or "nothing here"
            raise Misfit(f"'${{{name}}}' names nothing", f"did you mean '${{{near}}}'?" if near else f"known: {known}")
        return found

    def _file(self, at: At) -> str | None:
        found = self.follow(at, at.written())
        if found is not None:
            self.scripts.add(found)
        return found

    def _unknown(self, section: Section, own: Mapping[str, At], held: Held) -> None:
        for word, child in own.items():
            if word in section.fields:
                continue
            if word in held.collected:
                if child.data is not None and child.text != str(held.collected[word].path[-1]):
                    above = held.collected[word]
                    self._say(
                        "REM1205",
                        f"'{word}' is '{above.path[-1]}' by its place, not '{child.shown}'",
                        child.place,
                        hint="leave it out, or move the item",
                    )
            elif word in section.sections:
                self._inner(section.sections[word], child, held)
            else:
                near = nearest(word, [*section.fields, *section.sections])
                self._say(
                    "REM1203",
                    f"'{child.path[-1]}' is not a field of {section.name}",
                    child.key_place,
                    hint=f"did you mean '{near}'?" if near else None,
                    see=section,
                )

    def _inner(self, section: Section, at: At, held: Held) -> None:
        taken = [*held.item.layers, held.section.layers[-1].key_field or ""]
        clash = next((name for name in taken if name in section.fields or name in section.collected), None)
        if clash:
            self._say(
                "REM1208",
                f"'{clash}' is a field of {section.name} and of the {held.section.name} that hold it",
                at.key_place,
                hint="rename one of them in its section's definition",
            )
            return
        self.section(section, at, under=f"{held.item.path}/{section.name}", parent=held)

    def _missing(self, section: Section, name: str, at: At) -> None:
        known = section.fields[name]
        what = f"one of {', '.join(known.type.choices)}" if known.type.choices else f"of type {known.type.title}"
        self._say("REM1204", f"'{name}' is missing", at.key_place, hint=f"add {name}, {what}", see=section)

    def _one_of(self, section: Section, held: Held) -> None:
        for group in section.one_of:
            given = [name for name in group if held.item.fields.get(name) is not None]
            written = [name for name in group if name in held.own and held.own[name].data is not None]
            if len(given) > 1:
                self._say(
                    "REM1206",
                    f"{' and '.join(given)} are both here; one of them is what runs",
                    held.own[given[1]].key_place if given[1] in held.own else held.at.key_place,
                )
            elif not given and not written and not any(nearest(word, group) for word in held.own):
                # One that was written and is wrong, or is misspelt, has a finding of its own.
                self._say(
                    "REM1206",
                    f"'{held.item.key}' has none of {', '.join(group)}",
                    held.at.key_place,
                    hint=f"add one of them, like {group[0]}: …",
                    see=section,
                )

    def _say(self, id: str, message: str, place: Place, *, hint: str | None = None, see: Section | None = None) -> None:
        self.report(Finding(id, message, place, hint=hint, see=f"rem schema show {see.name}" if see else None))


class _Listed(At):
    """A list some of whose values were references."""

    __slots__ = ("_children",)

    def __init__(self, at: At, children: list[At]) -> None:
        super().__init__(at.source, at.path, [child.data for child in children])
        self._children = children

    def child(self, step: str | int) -> At:
        assert isinstance(step, int)
        return self._children[step]


def _expected(section: Section, depth: int) -> str:
    if depth == len(section.layers) - 1:
        return f"here {section.name} are expected, a mapping of fields under each {section.layers[depth].title}"
    return f"here a mapping is expected, with the {section.layers[depth].title} of {section.name} as its keys"


def _section_name(section: Section, parent: Held | None) -> str:
    return f"{parent.item.section}/{section.name}" if parent else section.name


def _id_of(type: Type) -> str:
    return "REM1310" if type.name == "command" else "REM1320" if type.file else "REM1301"
