"""The same questions answered as graphite-web 1.1.10 answers them: `graphite.json` is what it said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rem_cli.series.query import Trace, Window
from rem_cli.series.query.evaluate import evaluate
from rem_cli.series.query.patterns import matched

GRAPHITE = json.loads(Path(__file__).with_name("graphite.json").read_text())


class Given:
    """The series of the cases."""

    def match(self, pattern: str) -> Sequence[str]:
        return matched(pattern, sorted(GRAPHITE["series"]), lambda selector: [])

    def read(self, name: str, window: Window) -> Trace:
        step, values = (GRAPHITE["series"][name][key] for key in ("step", "values"))
        first = window.start - window.start % step + step
        count = (window.end - window.end % step + step - first) // step
        begin = (first - GRAPHITE["start"]) // step - 1
        shown = [values[place] if 0 <= place < len(values) else None for place in range(begin, begin + count)]
        return Trace(name, name, first, step, np.array(shown, dtype=float))


def asked(case: dict[str, Any]) -> list[Trace]:
    window = Window(GRAPHITE["start"] + case.get("later", 0), GRAPHITE["end"])
    return evaluate(case["ask"], Given(), window)


@pytest.mark.parametrize("case", GRAPHITE["cases"], ids=lambda case: case["ask"])
def test_a_question_is_answered_as_graphite_answers_it(case: dict[str, Any]) -> None:
    got = [
        (one.start, one.step, [None if v != v else pytest.approx(v) for v in one.values.tolist()])
        for one in asked(case)
    ]
    assert got == [(one["start"], one["step"], one["values"]) for one in case["answer"]]
