"""Items out of the content of a section: layers walked, fields collected, values typed, every problem reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rem_cli.errors import Place
from rem_cli.language import Finding, Item, Source, Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.composed import home
from rem_cli.language.expand import IN_KEY, Params, Scope, Unknown, expand
from rem_cli.language.findings import VALUES, Findings
from rem_cli.language.held import Held, Reference
from rem_cli.language.names import folded, key_problem, nearest, vocabulary
from rem_cli.language.phrases import a, as_word, depth_of, id_of, listed, mend, subject
from rem_cli.language.plain import Own, by_place
from rem_cli.language.processes import PREFIX
from rem_cli.language.schema import Field, Section
from rem_cli.language.source import scalar
from rem_cli.language.types import Type

AGE = "age:"  # a secret that is a file of the repository
Follow = Callable[[At, str], str | None]  # a path relative to the file that holds it: a file of the repository


@dataclass
class Walk:
    """One package's content being resolved."""

    package: str
    sections: Mapping[str, Section]  # that it can use
    params: Params
    findings: Findings
    follow: Follow
    roles: Mapping[str, Source] = field(default_factory=dict)  # of files that are not the package's own
    items: dict[str, Held] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    scripts: set[str] = field(default_factory=set)
    spelled: dict[str, str] = field(default_factory=dict)  # by path with its key folded: the key
    group: tuple[Mapping[str, At], Held | None, dict[str, str], dict[str, Value]] | None = None  # the last

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
            if depth and self._stray(section, at, section.layers[depth - 1].title):
                return
            text = f"{subject(at)} is {at.kind}; it should be a mapping with each {layer.title} as a key"
            self._say("REM1202", text, at.place, hint=depth_of(section))
            return
        emptied = _emptied(section, at.data) if depth == len(section.layers) - 1 else {}
        for key, child in at.children():
            if "${" in key:
                self._say("REM1516", IN_KEY[0], child.key_place, hint=IN_KEY[1])
                continue
            problem = key_problem(key)
            if problem:
                self._say("REM1107", problem, child.key_place, hint="give it another name")
                continue
            twin = self.spelled.setdefault(f"{path}/{folded(key)}", key)
            if twin != key:
                self._say(
                    "REM1108",
                    f"'{key}' is too much like '{twin}'",
                    child.key_place,
                    hint="names differ by more than case",
                )
                continue
            if depth == len(section.layers) - 1:
                if key not in emptied.values() and not self._stray(section, child, layer.title, emptied.get(key)):
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
            with suppress(Misfit):  # a key is always text; here a number may be what is meant
                return type.read(at.put(scalar(key), key), type)
            self._say("REM1301", misfit.message, at.key_place, hint=mend(type, misfit, at))
            return key

    def _shallow(self, section: Section, at: At, depth: int) -> bool:
        """An item that stands where a group is expected: one finding for the whole of it."""
        words = {vocabulary(key): value for key, value in at.data.items()} if isinstance(at.data, dict) else {}
        fields = [w for w in words if w in section.fields and not isinstance(words[w], dict)]
        if not fields or not all(w in section.fields or w in section.sections for w in words):
            return False
        expected = section.layers[depth].title
        self._say(
            "REM1202",
            f"'{at.path[-1]}' looks like an item, but stands where a {expected} is expected",
            at.key_place,
            hint=depth_of(section),
        )
        return True

    def _stray(self, section: Section, at: At, expected: str, above: str | None = None) -> bool:
        """A field that stands beside the item it belongs to: indented one step too little."""
        if at.data is None or isinstance(at.data, dict) or vocabulary(key := str(at.path[-1])) not in section.fields:
            return False
        text = f"'{key}' is a field of {section.name}, but stands where a {expected} is expected"
        hint = f"indent it below '{above}'" if above else depth_of(section)
        self._say("REM1202", text, at.key_place, hint=hint)
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
        self._say(
            "REM1202",
            f"'{at.path[-1]}' holds items, but stands where an item is expected",
            at.key_place,
            hint=depth_of(section),
        )
        return True

    def _plainly(
        self, section: Section, at: At, key: str, path: str, collected: Mapping[str, At], parent: Held | None
    ) -> bool:
        """Take an item that has nothing wrong or special in it; whether it was one."""
        if self.group is None or self.group[0] is not collected or self.group[1] is not parent:
            self.group = collected, parent, *by_place(section, collected, parent)
        layers, above = self.group[2:]
        read = section.plain.read(at, key, above)
        if read is None or self.findings.values + read[2] > VALUES:
            return False
        fields, outward, count = read
        for name in outward:
            self._outward(section.fields[name].type, at.child(name), fields, name)
        item = Item(path, self.package, _section_name(section, parent), section.process, key, layers, fields)
        self.items[path] = Held(item, section, at, Own(at), collected, parent, self.roles)
        self.findings.spend(count, at)
        return True

    def _item(
        self, section: Section, at: At, key: str, path: str, collected: Mapping[str, At], parent: Held | None
    ) -> None:
        if path not in self.items and self._plainly(section, at, key, path, collected, parent):
            return
        if at.data is not None and not isinstance(at.data, dict):
            text = f"'{key}' is {at.kind}; it should be a mapping of the fields of {section.name}"
            self._say("REM1202", text, at.place, hint="write its fields, like {field: value}", see=section)
            return
        if path in self.items:
            first = self.items[path].at.key_place
            text = f"'{key}' is here twice; the first is in {first.file}, line {first.line}"
            self._say("REM1211", text, at.key_place, hint="keep one of them")
            return
        own = self._own(at)
        if self._deep(section, own, at):
            return
        scope = Scope(collected, parent, self.params)
        layers = {
            **(parent.item.layers if parent else {}),
            **{name: str(at.path[-1]) for name, at in collected.items()},
        }
        fields: dict[str, Value] = dict(layers)
        if parent:
            fields |= parent.passed_on(section)
        key_field = section.layers[-1].key_field
        missing: list[str] = []
        for known in section.fields.values():
            if known.name in collected:
                continue
            filled = self._filled(known, own, scope) if known.name in own else None
            if filled:
                own[known.name], fields[known.name] = filled
                self._outward(known.type, own[known.name], fields, known.name)
                continue
            fields[known.name] = known.default
            if known.name == key_field:
                fields[known.name] = self._typed_key(known.type, at, key)
            elif known.required and (parent is None or known.name not in layers):
                missing.append(known.name)
        item = Item(path, self.package, _section_name(section, parent), section.process, key, layers, fields)
        held = Held(item, section, at, own, collected, parent, self.roles)
        self.items[path] = held
        self.findings.spend(len(fields), at)
        meant = self._unknown(section, own, held)
        for name in missing:
            if name not in meant:
                self._missing(section, name, at)
        self._one_of(section, held)

    def _own(self, at: At) -> dict[str, At]:
        own: dict[str, At] = {}
        for key, child in at.children():
            word = vocabulary(key)
            if word in own:
                self._say("REM1207", f"'{word}' is here in two spellings", child.key_place, hint="keep one of them")
            own.setdefault(word, child)
        return own

    def _filled(self, known: Field, own: dict[str, At], scope: Scope) -> tuple[At, Value] | None:
        """What is written, its references put in, and the value that it stands for; None where the default holds."""
        at = own[known.name]
        if at.data is None and known.default is None:
            return None
        if at.data is None:
            self._say("REM1302", f"'{at.path[-1]}' is empty", at.key_place, hint="leave it out for its default")
            return at, None
        try:
            put = expand(at, scope.find, self.findings.spend)
            if put.data is None:  # a param without a value
                del own[known.name]
                return None
            value = known.type.read(put, known.type)
        except Misfit as misfit:
            for one in misfit.every():
                where = one.at or at
                place = where.key_place if one.on_key else where.place
                self._say(one.id or id_of(known.type), one.message, place, hint=mend(known.type, one, where))
            return at, None
        except Unknown:
            return at, None
        if isinstance(value, (list, dict)):
            self.findings.spend(len(value), at)
        return put, value

    def _outward(self, type: Type, at: At, holder: Any, key: str | int) -> None:
        """What a value names outside of its item: a file, now; another item, once all are known."""
        value = holder[key]
        if type.of and isinstance(value, (list, dict)):
            for step in value if isinstance(value, dict) else range(len(value)):
                self._outward(type.of, at.child(step), value, step)
        elif type.fields and isinstance(value, dict):
            for word, child in at.children():
                if vocabulary(word) in value:
                    self._outward(type.fields[vocabulary(word)].type, child, value, vocabulary(word))
        elif type.file and isinstance(value, str):
            found = self.follow(home(at), value)
            holder[key] = found
            if found is not None:
                self.scripts.add(found)
        elif type.process == "secret" and isinstance(value, str) and value.startswith(AGE):
            found = self.follow(home(at), value.removeprefix(AGE))
            holder[key] = found and AGE + found
            if found is not None:
                self.scripts.add(found)
        elif type.process == "ref to" and isinstance(value, str):
            holder[key] = target = self._whole(value, type)
            there = home(at)
            named = Reference(target, type.to or "", value, self.package, there.source.file, there.path)
            self.references.append(named)

    def _whole(self, path: str, type: Type) -> str:
        """The whole path of an item: one of this package when it begins with a section, or is a name without one."""
        first, slash, rest = path.partition("/")
        if not slash and type.targets:
            return f"{self.package}/{self._section_of(type.targets[0])}/{path}"
        own = vocabulary(first) in self.sections
        return f"{self.package}/{vocabulary(first)}/{rest}" if own else path

    def _section_of(self, target: str) -> str:
        """The section that is meant by its name, or by what the engine does with its items."""
        process = f"{PREFIX}{target}"
        named = (name for name, section in self.sections.items() if section.process == process)
        return target if target in self.sections else next(named, target)

    def _unknown(self, section: Section, own: Mapping[str, At], held: Held) -> set[str]:
        """Look at what is no field: inner items, collected fields, mistakes. The fields that mistakes were to be."""
        meant: set[str] = set()
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
                inner = section.sections[word]
                self.section(inner, child, under=f"{held.item.path}/{inner.name}", parent=held)
            elif word not in section.broken:
                near = nearest(word, [*section.fields, *section.sections])
                meant |= {near} if near else set()
                self._say(
                    "REM1203",
                    f"'{child.path[-1]}' is not a field of {section.name}",
                    child.key_place,
                    hint=f"did you mean '{near}'?" if near else listed(section),
                    see=section,
                )
        return meant

    def _missing(self, section: Section, name: str, at: At) -> None:
        known = section.fields[name]
        what = f"one of {', '.join(known.type.choices)}" if known.type.choices else a(known.type.title)
        text = f"'{at.path[-1]}' has no '{name}', which {section.name} need"
        self._say("REM1204", text, at.key_place, hint=f"add {name}: and {what}", see=section)

    def _one_of(self, section: Section, held: Held) -> None:
        for group in (*section.one_of, *section.at_most_one_of):
            given = [name for name in group if held.item.fields.get(name) is not None]
            written = [name for name in group if name in held.own]
            empty = next((name for name in written if held.own[name].data is None), None)
            if len(given) > 1:
                there = [held.own[name] for name in given if name in held.own]
                there = [at for at in there if at.source is held.at.source] or there  # not in what this is laid over
                self._say(
                    "REM1206",
                    f"{' and '.join(given)} are here together; one of them is what counts",
                    there[-1].key_place if there else held.at.key_place,
                    hint=f"take out all but one of {', '.join(given)}",
                )
            elif group in section.at_most_one_of:
                continue
            elif empty and not given:
                self._say(
                    "REM1302", f"'{empty}' is empty", held.own[empty].key_place, hint="write what it is behind the ':'"
                )
            elif (
                not given and not written and not any(nearest(word, group) for word in held.own.keys() - section.fields)
            ):
                # One that was written and is wrong, or is misspelt, has a finding of its own.
                self._say(
                    "REM1206",
                    f"'{held.item.key}' has none of {', '.join(group)}",
                    held.at.key_place,
                    hint="add one of them",
                    see=section,
                )

    def _say(self, id: str, message: str, place: Place, *, hint: str | None = None, see: Section | None = None) -> None:
        self.findings.report(
            Finding(id, message, place, hint=hint, see=f"rem schema show {as_word(see.name)}" if see else None)
        )


def _emptied(section: Section, group: Mapping[str, Any]) -> dict[str, str]:
    """Fields that follow an item in which nothing stands, each with that item's key: they are its own."""
    found: dict[str, str] = {}
    above = None
    for key, value in group.items() if None in group.values() else ():
        if value is None:
            above = key
        elif isinstance(value, dict) or vocabulary(key) not in section.fields:
            above = None
        elif above:
            found[key] = above
    return found


def _section_name(section: Section, parent: Held | None) -> str:
    return f"{parent.item.section}/{section.name}" if parent else section.name
