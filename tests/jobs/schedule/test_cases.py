"""Each file in cases/ holds schedules, and when they are due after an instant."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from rem_cli.language.source import read
from tests.jobs.schedule.due import instant, schedule, told

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES: list[dict[str, Any]] = [case for file in FILES for case in read(file.name, file.read_bytes()).data]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_a_schedule_is_due(case: dict[str, Any]) -> None:
    made = schedule(case["job"], case.get("calendars"))
    coming = islice(made.walk(instant(case["after"])), max(1, len(case["due"])))
    assert told(coming) == case["due"]
