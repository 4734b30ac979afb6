"""Types: the examples of their definitions are run, and saved values are written back as they can be read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli import plugins, shipped
from rem_cli.language.at import At, Misfit
from rem_cli.language.shown import shown
from rem_cli.language.source import read
from rem_cli.language.types import READERS, Type
from tests.language.tree import BASE

FILE = "packages/base/types.yaml"
SOURCE = read(FILE, shipped.base_files()[FILE])
TYPES = BASE.types.known
OF_OTHERS = {"choice", "list of", "map of", "record", "ref to"}  # they say nothing until a field names what they hold


def _examples(kind: str) -> list[Any]:
    found = []
    for name, definition in At(SOURCE, (), SOURCE.data).children():
        if "examples" in definition.data:
            listed = definition.child("examples").child(kind)
            found += [pytest.param(TYPES[name], at, id=f"{name} {at.data!r}") for at in listed.elements()]
    return found


def _read(type: Type, text: str) -> Any:
    source = read("a.yaml", text.encode())
    return type.read(At(source, (), source.data), type)


@pytest.mark.parametrize(("type", "at"), _examples("good"))
def test_a_good_example_is_read_and_shown_as_it_can_be_read_again(type: Type, at: At) -> None:
    value = type.read(at, type)
    assert type.read(at.put(shown(value, type)), type) == value if type.process in REVERSIBLE else value is not None


REVERSIBLE = {"duration", "bytes", "percent", "retention", "rate", "tolerance", "matcher", "date time", "cron"}


@pytest.mark.parametrize(("type", "at"), _examples("bad"))
def test_a_bad_example_is_refused_with_a_reason(type: Type, at: At) -> None:
    with pytest.raises(Misfit) as refused:
        type.read(at, type)
    assert refused.value.message and not refused.value.message.endswith(".")


def test_every_reader_is_named_by_a_type_and_every_type_has_its_reader() -> None:
    assert {type.process for type in TYPES.values()} == {*READERS, *plugins.OWN}
    ours = [type for type in TYPES.values() if type.process in READERS]
    assert [type.name for type in ours if type.read is not READERS[type.process]] == []


def test_every_type_says_what_it_is_and_gives_examples_of_both_kinds() -> None:
    assert [name for name, type in TYPES.items() if not type.info] == []
    assert {name for name, type in TYPES.items() if not (type.good and type.bad)} == OF_OTHERS


def test_lists_maps_choices_and_references_hold_what_a_field_names() -> None:
    findings: list[Any] = []
    at = At(SOURCE, (), SOURCE.data)
    listed = BASE.types.parse("list of map of duration", at, findings.append)
    assert listed and _read(listed, "[{a: 5m}, {b: 1h, c: null}]") == [{"a": 300}, {"b": 3600, "c": None}]
    reference = BASE.types.parse("ref to jobs", at, findings.append)
    assert reference and _read(reference, "/jobs/web/a/") == "jobs/web/a"
    assert _read(TYPES["choice"].limited(choices=("no", "1.10")), "1.10") == "1.10"
    assert findings == []


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.integers(0, 10**12), st.integers(0, 10**7).map(lambda ms: ms / 1000)))
def test_a_duration_is_shown_as_it_can_be_read(seconds: float) -> None:
    assert TYPES["duration"].read(At(SOURCE, (), shown(seconds, TYPES["duration"])), TYPES["duration"]) == seconds


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.integers(0, 2**53), st.integers(0, 2000).map(lambda n: n << 30)))
def test_an_amount_of_bytes_is_shown_as_it_can_be_read(count: int) -> None:
    assert TYPES["bytes"].read(At(SOURCE, (), shown(count, TYPES["bytes"])), TYPES["bytes"]) == count


@pytest.mark.parametrize(
    ("type", "value", "text"),
    [
        ("duration", 300, "5m"),
        ("duration", 60, "60s"),
        ("duration", 3600, "1h"),
        ("duration", 604800, "7d"),
        ("duration", 157680000, "5y"),
        ("duration", 5400, "90m"),
        ("duration", 90061, "1d1h1m1s"),
        ("duration", 0.5, "500ms"),
        ("duration", 1.5, "1.5s"),
        ("duration", 0, "0s"),
        ("bytes", 512 << 20, "512 MiB"),
        ("bytes", 20_000_000_000, "20 GB"),
        ("bytes", 1001, "1001 B"),
        ("percent", 99.95, "99.95%"),
        ("retention", [[60, 604800], [300, 7776000]], "60s:7d, 5m:90d"),
        ("retention", None, "null"),
        ("duration", "of an older generation", "of an older generation"),
        ("boolean", True, "true"),
        ("text", "a", "a"),
    ],
)
def test_a_saved_value_is_shown_as_people_write_it(type: str, value: Any, text: str) -> None:
    assert shown(value, TYPES[type]) == text
