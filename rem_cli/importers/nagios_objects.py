"""Nagios' objects after their templates: `use` with several parents, `+` that adds, `null` that takes away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rem_cli.importers.ledger import Spot
from rem_cli.importers.nagios_config import Definition, Value

MAX_PARENTS = 50  # templates above one object

# The directive that names an object of a type.
NAMES = {
    "host": "host_name",
    "hostgroup": "hostgroup_name",
    "service": "service_description",
    "servicegroup": "servicegroup_name",
    "command": "command_name",
    "contact": "contact_name",
    "contactgroup": "contactgroup_name",
    "timeperiod": "timeperiod_name",
}
_OWN = ("name", "register", "use")  # a template's own, inherited by nobody


@dataclass
class Object:
    """One object: each directive with the lines that make it."""

    definition: Definition
    values: dict[str, tuple[str, list[Spot]]] = field(default_factory=dict)
    templates: list[Definition] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # templates that are not there

    @property
    def type(self) -> str:
        return self.definition.type

    @property
    def name(self) -> str:
        return self.text(NAMES.get(self.type, "name"))

    def text(self, name: str) -> str:
        return self.values[name][0] if name in self.values else ""

    def spots(self, name: str) -> list[Spot]:
        return self.values[name][1] if name in self.values else []

    def list(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]


def objects(definitions: list[Definition]) -> list[Object]:
    """Every object that is registered, in the order of the text."""
    templates: dict[tuple[str, str], Definition] = {}
    for one in definitions:
        if one.text("name"):
            templates.setdefault((one.type, one.text("name")), one)
    found = []
    for one in definitions:
        if one.text("register") != "0" and one.type in NAMES:
            found.append(_resolved(one, templates))
    return found


def _resolved(definition: Definition, templates: dict[tuple[str, str], Definition]) -> Object:
    made = Object(definition)
    for one in _line(definition, templates, made.missing):
        if one is not definition:
            made.templates.append(one)
        for name, value in one.values.items():
            if name not in _OWN:
                _inherit(made, name, value)
    made.values = {
        name: (text.removeprefix("+"), spots) for name, (text, spots) in made.values.items() if text != "null"
    }
    return made


def _inherit(made: Object, name: str, value: Value) -> None:
    """Take a value unless a nearer one is there; a nearer one with `+` takes it as well."""
    known = made.values.get(name)
    if known is None:
        made.values[name] = (value.text, [value.spot])
    elif known[0].startswith("+"):
        more = value.text
        joined = (
            f"{known[0].removeprefix('+')},{more.removeprefix('+')}" if more != "null" else known[0].removeprefix("+")
        )
        made.values[name] = (f"+{joined}" if more.startswith("+") else joined, [*known[1], value.spot])


def _line(
    definition: Definition, templates: dict[tuple[str, str], Definition], missing: list[str]
) -> Iterator[Definition]:
    """A definition and its templates, the nearest first: depth before breadth, as Nagios reads `use a,b`."""
    waiting, seen = [definition], 0
    done: set[int] = set()
    while waiting and seen < MAX_PARENTS:
        one = waiting.pop(0)
        if id(one) in done:
            continue
        done.add(id(one))
        seen += 1
        yield one
        parents = []
        for name in (part.strip() for part in one.text("use").split(",") if part.strip()):
            parent = templates.get((one.type, name))
            if parent is None:
                missing.append(name)
            else:
                parents.append(parent)
        waiting = parents + waiting
