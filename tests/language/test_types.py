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
from rem_cli.plugins import zones
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


_FIVE = "minute hour day month weekday, like 30 4 * * 1-5"


@pytest.mark.parametrize(
    ("type", "text", "message", "hint"),
    [
        ("cron", "61 * * * *", "the minute '61' is not from 0 to 59", _FIVE),
        ("cron", "0 0 * *", "'0 0 * *' has 4 fields, a schedule has 5", _FIVE),
        ("cron", "*/0 * * * *", "the minute '*/0' has a step of '0'", "a step is a whole number from 1 on, like */15"),
        ("cron", "0 0 30 2 *", "no month of '2' has a day 30", "so it would never run; mend the day or the month"),
        ("cron", "0 0 * * fry", "the weekday 'fry' cannot be read", "did you mean 'fri'?"),
        ("cron", "0 22-2 * * *", "the hour '22-2' runs backwards", "write 22-23,0-2"),
        ("cron", "0 0 * * fri-mon", "the weekday 'fri-mon' runs backwards", "write fri-7,0-mon"),
        ("cron", "0 0 * * fri-sun", "the weekday 'fri-sun' runs backwards", "write fri-7"),
        ("cron", "5/15 * * * *", "the minute '5/15' has a step but no range", "write 5-59/15"),
        ("cron", "*/90 * * * *", "the minute '*/90' steps over every minute but one",
         "a step is at most 59; for a longer time there is every:"),
        ("cron", "@dayly", "'@dayly' is not the name of a schedule", "did you mean @daily?"),
        ("time zone", "europe/berlin", "'europe/berlin' is not a time zone", "did you mean 'Europe/Berlin'?"),
        ("time zone", "Berlin", "'Berlin' is not a time zone", "did you mean 'Europe/Berlin'?"),
        ("tolerance", "500ms", "'500ms' says nothing of what is out of tolerance", 'write "> 500ms" or "< 500ms"'),
        ("tolerance", "outside 20..10", "'outside 20..10' runs backwards", 'write "outside 10..20"'),
        ("tolerance", "inside 1s..2%", "'inside 1s..2%' compares % with s",
         'like "> 500ms", "<= 20%" or "outside 10..20"'),
        ("pattern", "(a)\\1", "`\\1` is not known here (at character 4 of the pattern)",
         "what REM matches: . [a-z] \\d \\w \\s ( ) | * + ? {2,5} ^ $"),
        ("condition", "value > 3 &&", "this condition ends too early", 'like "value > 3 && up"'),
        ("condition", "a = 2", "this condition cannot be read from '= 2' on (character 3)", "write == to compare"),
        ("condition", "sizee(a) > 2", "'sizee' is not a function of conditions", "did you mean 'size'?"),
        ("date time", "2026-01-31", "'2026-01-31' is not a day with a time", "write 2026-01-31 08:30"),
        ("date", "2026-02-29", "there is no day 2026-02-29", "day is out of range for month"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong_and_what_to_write(type: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(Misfit) as refused:
        TYPES[type].read(At(SOURCE, (), text), TYPES[type])
    assert (refused.value.message, refused.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("type", "text", "kept"),
    [
        ("cron", "@weekly", "0 0 * * 0"),
        ("cron", " 0  3 * *  MON ", "0 3 * * MON"),
        ("cron", "0 0 31 2 1", "0 0 31 2 1"),  # or on a Monday: either is enough where neither day begins with *
        ("date time", "2026-01-31 08:30", "2026-01-31T08:30:00"),
        ("date time", "2026-01-31T08:30:00Z", "2026-01-31T08:30:00+00:00"),
        ("tolerance", "> 500ms", {"is": ">", "bounds": [0.5], "unit": "s"}),
        ("tolerance", "outside 10..20", {"is": "outside", "bounds": [10, 20], "unit": ""}),
        ("tolerance", "<= 1 GiB", {"is": "<=", "bounds": [1 << 30], "unit": "B"}),
        ("rate", "10/1h", [10, 3600]),
        ("matcher", 'host=~"web.*"', {"label": "host", "is": "=~", "value": "web.*"}),
    ],
)
def test_what_is_kept_is_in_one_form(type: str, text: str, kept: Any) -> None:
    assert TYPES[type].read(At(SOURCE, (), text), TYPES[type]) == kept


def test_every_zone_of_the_database_is_a_time_zone() -> None:
    names = zones.names()
    assert len(names) > 500 and {"UTC", "Australia/Lord_Howe", "Pacific/Apia"} <= names
    assert {zones.read(name) for name in names} == names
