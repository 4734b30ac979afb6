"""Specifications and instances of them, made at random: data, and the texts that say it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from rem_cli.language.source import UNSET

Draw = Callable[[st.SearchStrategy[Any]], Any]
Data = dict[str, Any]

PARAMS = ("host", "note", "port")
DEFAULTS: Data = {"note": "as it is", "port": 80}
GIVEN: Mapping[str, st.SearchStrategy[Any]] = {
    "host": st.sampled_from(["a.example", "b.example", "c"]),
    "note": st.sampled_from(["x", "two words", "# no comment", "- a: b", "1.10", "true"]),
    "port": st.sampled_from([22, 443, 8080]),
}
TEXTS = st.sampled_from(["x", "17:00", "no", "${note}", "at ${host}:${port}", "$${note}", "${note} and ${note}"])
FIELDS: Mapping[str, Mapping[str, st.SearchStrategy[Any]]] = {
    "hosts": {
        "address": st.sampled_from(["192.0.2.1", "${host}", "www.${host}"]),
        "port": st.sampled_from([22, "${port}"]),
        "title": TEXTS,
        "tags": st.lists(st.sampled_from(["a", "b", "${host}"]), max_size=3),
    },
    "jobs": {
        "title": TEXTS,
        "arguments": st.lists(TEXTS, max_size=3),
        "env": st.dictionaries(st.sampled_from(["A", "B", "C"]), TEXTS, max_size=3),
        "workers": st.integers(1, 9),
    },
}
LISTS = {"tags", "arguments"}
NAMES = st.sampled_from(["one", "two", "three", "four"])


@dataclass(frozen=True)
class Made:
    """A specification and two instances of it."""

    specification: Data
    instances: dict[str, Data]

    def files(self) -> dict[str, str]:
        told = {"packages/site.yaml": text(self.specification)}
        return told | {f"packages/{name}.yaml": text(data) for name, data in self.instances.items()}


@st.composite
def made(draw: Draw, *, overrides: bool = True) -> Made:
    """A specification whose jobs are what its monitors name, and instances that change it or, without, do not."""
    content = {section: draw(_items(section)) for section in FIELDS}
    jobs = [f"jobs/{group}/{key}" for group, items in content["jobs"].items() for key in items]
    if jobs:
        content["monitors"] = {"m": {f"m{n}": {"kind": "job", "job": job} for n, job in enumerate(jobs)}}
    params = {name: {"type": "text" if name == "note" else "port" if name == "port" else "address"} for name in PARAMS}
    for name, default in DEFAULTS.items():
        params[name]["default"] = default
    params["host"]["required"] = True
    specification = {"specification": True, "params": params, **content}
    return Made(specification, {name: draw(_instance(content, overrides)) for name in ("left", "right")})


@st.composite
def _items(draw: Draw, section: str) -> Data:
    groups = draw(st.dictionaries(NAMES, st.dictionaries(NAMES, st.just(None), min_size=1, max_size=2), max_size=2))
    return {group: {key: draw(_item(section)) for key in keys} for group, keys in groups.items()}


@st.composite
def _item(draw: Draw, section: str) -> Data:
    names = draw(st.lists(st.sampled_from(sorted(FIELDS[section])), unique=True))
    item = {name: draw(FIELDS[section][name]) for name in names}
    return item | ({"command": ["true"]} if section == "jobs" else {"reach": "local"})


@st.composite
def _instance(draw: Draw, content: Data, overrides: bool) -> Data:
    given = {name: draw(GIVEN[name]) for name in PARAMS if name == "host" or draw(st.booleans())}
    data: Data = {"of": "site", "with": given}
    for section in FIELDS if overrides else ():
        groups = {group: draw(_changes(section, items)) for group, items in content[section].items()}
        if draw(st.booleans()):
            groups["new"] = {"new": draw(_item(section))}
        data[section] = {group: items for group, items in groups.items() if items}
    return data


@st.composite
def _changes(draw: Draw, section: str, items: Data) -> Data:
    changed: Data = {}
    for key, item in items.items():
        if section == "hosts" and draw(st.integers(0, 9)) == 0:
            changed[key] = UNSET
            continue
        for name in draw(st.lists(st.sampled_from(sorted(FIELDS[section])), unique=True)):
            value = draw(FIELDS[section][name])
            how = draw(st.sampled_from(["replace", "append", "unset"]))
            added = f"+{name}" if how == "append" and name in LISTS else name
            here = changed.setdefault(key, {})
            here[added] = UNSET if how == "unset" and name in item else value
    return changed


def text(data: Data, indent: str = "") -> str:
    """Data as a package's text, a line for each key."""
    lines = ""
    for key, value in data.items():
        if isinstance(value, dict) and value:
            lines += f"{indent}{json.dumps(key)}:\n{text(value, indent + '  ')}"
        else:
            lines += f"{indent}{json.dumps(key)}: {'!unset' if value is UNSET else json.dumps(value)}\n"
    return lines
