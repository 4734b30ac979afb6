"""Packages made from the data of sections: sound ones, and ones with a single mistake of structure."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from rem_cli import shipped
from rem_cli.language.source import read
from rem_cli.language.types import Type
from tests.language.tree import BASE

Draw = Callable[[st.SearchStrategy[Any]], Any]

# What a schema cannot say: how far a share or an archive goes, what a number was written like, which days there are,
# what is inside of a schedule, a pattern or a condition.
BEYOND = {
    "percent 101%", "number inf", "number nan", "count 0",
    "retention 60s:90s", "retention 60s:7d, 90s:30d", "retention 5m:30d, 60s:90d",
    "date 2026-02-29", "date time 2026-02-30 08:30", "rate 10/0s", "host path /etc/../srv/a",
    "cron */0 * * * *", "cron 0 0 * * mo", "cron 0 0 30 2 *", "cron 0 0 31 4,6 */2", "cron 0 22-2 * * *",
    "cron 5/15 * * * *", "cron 61 * * * *", "tolerance outside 10ms..20%", "tolerance outside 20..10",
    "pattern (?=a)", "pattern (a", "pattern (a)\\1", "pattern a{5,2}", 'matcher host=~"web("',
    "result test {'output': '('}", "branch {'when': 'hosts >', 'next': 'drain'}",
    *(f"condition {text}" for text in ("", "1 = 2", "open('/etc/passwd')", "value >", "value > 3 &&")),
    *(f"expression {text}" for text in ("params.", "[1,", "")),
    *(f"public holidays {text}" for text in ("", "Germany", "de", "XX", "DE-XX")),
    *(f"time zone {text}" for text in ("", "+02:00", "CET+1", "Europe/Berln")),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A way to define a field, values that it takes and values that it refuses."""

    definition: dict[str, Any]
    good: list[Any]
    bad: list[Any]


def _kinds() -> list[Kind]:
    shown = read("types.yaml", shipped.base_files()["packages/base/types.yaml"]).data
    kinds = [
        Kind({"type": "choice", "choices": ["red", "no", "1.10"]}, ["red", "no", "1.10"], ["rde", True, 1.2, ["red"]]),
        Kind({"type": "count", "range": [2, 40]}, [2, 40, 7], [1, 41, "7", 2.5]),
        Kind({"type": "number", "range": [-1, None]}, [-1, 0.5, 900], [-1.5, "1", {}]),
        Kind({"type": "text", "length": [2, 4]}, ["ab", "abcd", True], ["a", "abcde", ["ab"]]),
        Kind({"type": "list of label"}, [[], ["a", 1], ["a b"]], ["a", {"a": 1}, [["a"]], [" a"], [None]]),
        Kind({"type": "map of duration"}, [{}, {"a": "5m"}, {"a b": None}], ["5m", ["5m"], {"a": 5}]),
        Kind({"type": "list of map of count"}, [[{"a": 1}]], [[1], {"a": 1}, [{"a": -1}]]),
    ]
    for type in BASE.types.known.values():
        listed = shown[type.name].get("examples", {"good": [], "bad": []})
        bad = [one for one in listed["bad"] if f"{type.name} {one}" not in BEYOND]
        if listed["good"] and not type.file and not _names_items(type):
            kinds.append(Kind({"type": type.name}, listed["good"], bad))
    return kinds


def _names_items(type: Type) -> bool:
    """Whether values name other items, which are not there."""
    inner = [known.type for known in type.fields.values()] + ([type.of] if type.of else [])
    return type.process == "ref to" or any(_names_items(one) for one in inner)


KINDS = _kinds()


@dataclass
class Made:
    """A package's data, with the path of each item and the shape that it was made from."""

    data: dict[str, Any] = field(default_factory=dict)
    items: list[tuple[tuple[str, ...], Shape]] = field(default_factory=list)


@dataclass
class Shape:
    """A section as it is defined, and the kind of each field."""

    definition: dict[str, Any]
    kinds: dict[str, Kind]
    groups: int
    inner: dict[str, Shape]


@st.composite
def shapes(draw: Draw, prefix: str = "") -> Shape:
    names = draw(st.lists(st.sampled_from(["size", "when full", "colour", "out of tolerance"]), unique=True))
    kinds = {f"{prefix}{name}": draw(st.sampled_from(KINDS)) for name in names}
    fields = {name: _field(draw, kind) for name, kind in kinds.items()}
    groups = draw(st.integers(0, 2))
    layers: list[dict[str, Any]] = [{"index": f"{prefix}layer {n}", "type": "label"} for n in range(groups)]
    last: dict[str, Any] = {"index": None}
    if draw(st.booleans()):
        last["key field"] = f"{prefix}name"
        fields[f"{prefix}name"] = {"type": "label", "required": draw(st.booleans())}
    definition: dict[str, Any] = {"info": "As drawn.", "grouped indexes": [*layers, last], "fields": fields}
    free = [name for name, one in fields.items() if name in kinds and one.keys() <= {"type", "choices", "range"}]
    if len(free) > 1 and draw(st.booleans()):
        definition["one of"] = [free]
    inner = {"parts": draw(shapes("inner "))} if not prefix and draw(st.booleans()) else {}
    if inner:
        definition["sections"] = {name: shape.definition for name, shape in inner.items()}
    return Shape(definition, kinds, groups, inner)


def _field(draw: Draw, kind: Kind) -> dict[str, Any]:
    more = draw(st.sampled_from(["", "", "required", "default"]))
    added = {"required": {"required": True}, "default": {"default": draw(st.sampled_from(kind.good))}}
    return {**kind.definition, **added.get(more, {})}


@st.composite
def packages(draw: Draw) -> Made:
    """A package with sections of its own and items in them."""
    made = Made({"package": "p", "title": "As drawn", "version": 1})
    for name in draw(st.lists(st.sampled_from(["machines", "http pages", "wide_open"]), min_size=1, unique=True)):
        shape = draw(shapes())
        made.data.setdefault("sections", {})[name] = shape.definition
        made.data[name] = _content(draw, made, shape, shape.groups, (name,))
    return made


def _content(draw: Draw, made: Made, shape: Shape, groups: int, path: tuple[str, ...]) -> Any:
    keys = draw(st.sampled_from([["a"], ["a"], ["a", "b 2"], []]))
    if not keys:
        return draw(st.sampled_from([None, {}]))
    if groups:
        return {key: _content(draw, made, shape, groups - 1, (*path, key)) for key in keys}
    return {key: _item(draw, made, shape, (*path, key)) for key in keys}


def _item(draw: Draw, made: Made, shape: Shape, path: tuple[str, ...]) -> dict[str, Any]:
    made.items.append((path, shape))
    one_of = shape.definition.get("one of", [[]])[0]
    chosen = draw(st.sampled_from(one_of)) if one_of else None
    item: dict[str, Any] = {}
    for name, kind in shape.kinds.items():
        needed = shape.definition["fields"][name].get("required") or name == chosen
        if needed or (name not in one_of and draw(st.booleans())):
            item[draw(spelled(name))] = draw(st.sampled_from(kind.good))
    for name, inner in shape.inner.items():
        item[name] = _content(draw, made, inner, inner.groups, (*path, name))
    return item


def spelled(word: str) -> st.SearchStrategy[str]:
    """A word of the vocabulary in one of its spellings."""
    return st.sampled_from([word, word.replace(" ", "-"), word.replace(" ", "_")])


@st.composite
def mutated(draw: Draw, made: Made) -> tuple[str, dict[str, Any]]:
    """What was done to one item, and the package after it."""
    assume(made.items)
    path, shape = draw(st.sampled_from(made.items))
    data = copy.deepcopy(made.data)
    above = holder = data
    for step in path[:-1]:
        above, holder = holder, holder[step]
    what = draw(st.sampled_from(sorted(MISTAKES)))
    wrong = MISTAKES[what](draw, holder[path[-1]], shape)
    if what == "one layer short":
        above[path[-2]] = wrong
    else:
        holder[path[-1]] = wrong
    return what, data


def _pick(draw: Draw, names: list[str]) -> str:
    assume(names)
    return str(draw(st.sampled_from(names)))


def _without(item: dict[str, Any], name: str) -> dict[str, Any]:
    return {word: one for word, one in item.items() if word.replace("-", " ").replace("_", " ") != name}


def _missing(draw: Draw, item: dict[str, Any], shape: Shape) -> Any:
    defined = shape.definition["fields"]
    return _without(item, _pick(draw, [name for name in shape.kinds if defined[name].get("required")]))


def _wrong_value(draw: Draw, item: dict[str, Any], shape: Shape) -> Any:
    name = _pick(draw, [name for name, kind in shape.kinds.items() if kind.bad])
    return {**_without(item, name), name: draw(st.sampled_from(shape.kinds[name].bad))}


def _empty(draw: Draw, item: dict[str, Any], shape: Shape) -> Any:
    name = _pick(draw, [*shape.kinds])
    return {**_without(item, name), name: None}


def _one_of(draw: Draw, item: dict[str, Any], shape: Shape) -> Any:
    names = _pick(draw, shape.definition.get("one of", []))
    if draw(st.booleans()):
        for name in shape.definition["one of"][0]:
            item = _without(item, name)
        return item
    return {**item, **{name: shape.kinds[name].good[0] for name in shape.definition["one of"][0]}} if names else item


MISTAKES: dict[str, Callable[[Draw, dict[str, Any], Shape], Any]] = {
    "an unknown field": lambda draw, item, shape: {**item, "no such field": 1},
    "a wrong kind": lambda draw, item, shape: draw(st.sampled_from([5, "a", True, [item]])),
    "one layer deep": lambda draw, item, shape: {"deeper": item},
    "one layer short": lambda draw, item, shape: item,
    "a missing field": _missing,
    "a wrong value": _wrong_value,
    "an empty field": _empty,
    "two or none of one": _one_of,
}
