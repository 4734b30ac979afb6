"""Each file in tests/cases/alerts/oncall/ is one role account, and who is on duty when; its name begins with its number
in the semantics."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rem_cli.alerts.oncall import Duty, Epoch, Shift
from rem_cli.alerts.oncall.prove import gaps
from rem_cli.alerts.oncall.stints import on_duty, stints
from rem_cli.language.zone import DAY, seconds
from tests.alerts.oncall import duty, span, told

CASES = sorted((Path(__file__).parents[1] / "cases/alerts/oncall").glob("*.yaml"))


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_somebody_is_on_duty(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    ops, (begin, end) = duty(case), span(case)

    found = {"on duty": told(stints(ops, begin, end)), "gaps": told(gaps(ops, begin, end))}

    assert {name: found[name] for name in found if name in case} == {n: case[n] for n in found if n in case}
    assert found.keys() & case.keys()


ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata")
YEARS = (seconds(datetime(2009, 1, 1, tzinfo=UTC)), seconds(datetime(2013, 1, 1, tzinfo=UTC)))
TIMES = st.integers(0, 95).map(lambda quarter: quarter * 900)
PEOPLE = st.lists(st.sampled_from(["ana", "bo", "cy"]), min_size=1, max_size=3, unique=True).map(tuple)
EPOCHS = st.builds(
    Epoch,
    first=st.integers(YEARS[0] // DAY, YEARS[1] // DAY).map(lambda day: day * DAY),
    contacts=PEOPLE,
    every=st.sampled_from([3600, 2 * 3600, DAY, 7 * DAY, 30 * DAY]),
    months=st.sampled_from([0, 0, 1, 3]),
    handoff=TIMES,
)
SHIFTS = st.builds(
    Shift,
    name=st.sampled_from(["a", "b"]),
    days=st.frozensets(st.integers(0, 6)),
    start=st.none() | TIMES,
    end=st.none() | TIMES,
    calendar=st.none(),
    contacts=st.just(()),
    epochs=st.lists(EPOCHS, min_size=1, max_size=3).map(lambda found: tuple(sorted(found, key=lambda one: one.first))),
    active=st.booleans(),
    priority=st.just(0),
)


@settings(max_examples=50, deadline=None)
@given(shift=SHIFTS, place=st.sampled_from(ZONES), begin=st.integers(*YEARS), days=st.integers(1, 40))
def test_stints_are_the_whole_of_a_time_and_do_not_hang_on_where_it_is_cut(
    shift: Shift, place: str, begin: int, days: int
) -> None:
    duty, end = Duty("shop/role accounts/ops", place, (shift,)), begin + days * DAY

    whole = stints(duty, begin, end)

    assert [one.begin for one in whole] == [begin, *(one.end for one in whole[:-1])]
    assert whole[-1].end == end
    for instant in range(begin, end, max(1, (end - begin) // 5)):
        at = next(one for one in whole if one.begin <= instant < one.end)
        assert on_duty(duty, instant).contacts == at.contacts
