"""What a question means, and where it is said to be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rem_cli.errors import Place, RemError
from rem_cli.series import Archive, Point, Retention
from rem_cli.series.query import QueryError, Trace, Window
from rem_cli.series.query.evaluate import evaluate
from rem_cli.series.query.registry import FUNCTIONS
from rem_cli.series.query.stored import Stored
from rem_cli.series.query.times import span_of
from rem_cli.series.whisper import WhisperStore

NOW = 1_700_000_000
KEPT = Retention((Archive(60, 3600), Archive(300, 86400)))
HOSTS = {"@web": ["web1", "web2"], "!web1": ["web2", "db1"]}
WINDOW = Window(NOW - 300, NOW)


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    store = WhisperStore(tmp_path)
    for number, host in enumerate(["web1", "web2", "db1"]):
        points = [Point(NOW - 60 * age, float(number * 10 + age)) for age in range(5) if age != 2]
        store.add(f"shop/jobs/load/{host}/users", points, retention=KEPT, now=NOW)
    store.add("shop/jobs/other/db1/a=b (c)", [Point(NOW, 1.0)], retention=KEPT, now=NOW)
    return Stored(store, HOSTS.__getitem__, NOW)


def answer(stored: Stored, question: str) -> list[tuple[str, list[float | None]]]:
    found = evaluate(question, stored, WINDOW)
    return [(one.name, [None if value != value else value for value in one.values.tolist()]) for one in found]


def test_a_series_is_read_with_its_gaps(stored: Stored) -> None:
    assert answer(stored, "shop/jobs/load/web1/users") == [("shop/jobs/load/web1/users", [4.0, 3.0, None, 1.0, 0.0])]


@pytest.mark.parametrize(
    ("pattern", "hosts"),
    [
        ("shop/jobs/load/*/users", ["db1", "web1", "web2"]),
        ("shop/jobs/load/web?/users", ["web1", "web2"]),
        ("shop/jobs/load/web[2-9]/users", ["web2"]),
        ("shop/jobs/load/web[!2]/users", ["web1"]),
        ("shop/jobs/load/{web2,d*}/users", ["db1", "web2"]),
        ("**/users", ["db1", "web1", "web2"]),
        ("shop/**/users", ["db1", "web1", "web2"]),
        ("load/web1/users", ["web1"]),
        ("shop/jobs/load/@web/users", ["web1", "web2"]),
        ("load/!web1/users", ["db1", "web2"]),
        ("'load/@web/users'", ["web1", "web2"]),
        ("'shop/jobs/other/*/a=b (c)'", ["db1"]),
        ("aliasByNode(**/@web/users, -2)", ["web1", "web2"]),
    ],
)
def test_a_pattern_means_these_hosts(stored: Stored, pattern: str, hosts: list[str]) -> None:
    assert [trace.path.split("/")[-2] for trace in evaluate(pattern, stored, WINDOW)] == hosts


def test_functions_are_called_within_each_other_and_named_by_what_was_asked(stored: Stored) -> None:
    assert answer(stored, 'alias(scale( sumSeries(load/@web/users) ,0.5), "half")') == [
        ("half", [9.0, 8.0, None, 6.0, 5.0])
    ]
    assert answer(stored, "sumSeries(load/@web/users)")[0][0] == "sumSeries(load/@web/users)"


def test_a_window_is_read_beyond_the_beginning(stored: Stored) -> None:
    (trace,) = evaluate("movingAverage(load/web1/users, 2)", stored, Window(NOW - 120, NOW))
    assert trace.values.tolist() == [1.0, 0.5]


def test_several_steps_meet_at_whole_multiples(stored: Stored) -> None:
    """Graphite lets them begin wherever the first value lies."""

    class Two:
        def match(self, pattern: str) -> list[str]:
            return [pattern]

        def read(self, name: str, window: Window) -> Trace:
            if name == "fine":
                return Trace(name, name, 540, 60, np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0, 7.0]))
            return Trace(name, name, 600, 300, np.array([10.0, 20.0]))

    (trace,) = evaluate("sumSeries(fine,coarse)", Two(), Window(500, 1000))
    assert (trace.start, trace.step, trace.values.tolist()) == (300, 300, [1.0, 14.25, 27.0])


def test_a_pattern_of_nothing_beside_others_is_nothing(stored: Stored) -> None:
    assert answer(stored, "sumSeries(nowhere/*,load/web1/users)")[0][1] == [4.0, 3.0, None, 1.0, 0.0]


WRONG = {
    "": ("a series or a function is missing here", 1, 1),
    "sumSeries(": ("a series or a function is missing here", 11, 1),
    "sumSeries(a": ("the bracket of sumSeries is not closed", 10, 2),
    "sumSeries(a))": ("the question ends here, and something follows", 13, 1),
    "sumSeries(a b)": ("'b' cannot follow an argument", 13, 1),
    "sumSeries(a,,b)": ("',' begins nothing", 13, 1),
    "alias(**, 'x)": ("the text that begins here has no end", 11, 3),
    "sumserie(**)": ("there is no function 'sumserie'", 1, 8),
    "scale(**)": ("scale lacks its factor", 9, 1),
    "scale(**, 1, 2)": ("scale takes no more than 2 arguments", 14, 1),
    "scale(**, 'x')": ("scale takes a number as its factor", 11, 3),
    "scale(2, 2)": ("this is no series", 7, 1),
    "scale(**, factr=2)": ("scale has no 'factr'", 17, 1),
    "limit(**, 1.5)": ("limit takes a whole number as its n", 11, 3),
    "summarize(**, '5 lemons')": ("'5 lemons' is no time", 15, 10),
    "summarize(**, '5min', 'lemons')": (
        "summarize: 'lemons' is no way to make one value of several", 1, 31,
    ),
    "movingAverage(**, 0)": ("movingAverage: a window holds at least one value", 1, 20),
    "aliasByNode(**, 9)": ("aliasByNode: shop/jobs/load/db1/users has no part 9", 1, 18),
    "grep(**, '(')": ("grep: '(' is no regular expression: missing ), unterminated subpattern at position 0", 1, 13),
    "percentileOfSeries(**, 0)": ("percentileOfSeries: a percentile is more than 0 and at most 100", 1, 25),
    "shop/[z-a]/x": ("'shop/[z-a]/x' cannot be read", 1, 12),
    "nowhere/*": ("no series is called so", 1, 9),
    "sumSeries(x/{a/y)": ("'{' cannot follow an argument", 13, 1),
    "sumSeries(**,\n  oops(**))": ("there is no function 'oops'", 3, 4),
    "scale(" * 60 + "**" + ",1)" * 60: ("more than 50 calls within each other", 307, 1),
}  # fmt: skip


@pytest.mark.parametrize("question", WRONG)
def test_what_is_wrong_is_shown_where_it_stands(stored: Stored, question: str) -> None:
    message, column, width = WRONG[question]
    with pytest.raises(RemError) as error:
        evaluate(question, stored, WINDOW)
    where = error.value.where
    assert isinstance(where, Place)
    assert (error.value.message, where.column, where.width) == (message, column, width)
    assert where.text == question.split("\n")[where.line - 1]


def test_a_time_that_ends_before_it_begins_is_refused(stored: Stored) -> None:
    with pytest.raises(QueryError, match="the time ends before it begins"):
        evaluate("**", stored, Window(NOW, NOW))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30), ("5min", 300), ("5 minutes", 300), ("1h30min", 5400), ("-7d", -604800), ("1w", 604800),
        ("2mon", 5184000), ("1y", 31536000), ("", 0), ("5", 0), ("min", 0), ("5 lemons", 0), ("5min!", 0),
    ],
)  # fmt: skip
def test_times_as_graphite_writes_them(text: str, seconds: int) -> None:
    assert span_of(text) == seconds


def test_every_function_says_what_it_does() -> None:
    assert len(FUNCTIONS) > 60
    assert [name for name, one in FUNCTIONS.items() if not one.info.endswith(".")] == []
