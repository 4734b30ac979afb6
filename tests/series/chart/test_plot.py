"""The plot in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from rem_cli.series.chart import Chart, Limit, Mark, text
from tests.series.chart.conftest import HARD, START, chart, drawn, in_style, line

RISING = [200.0] * 40 + [200.0 + 30 * minute for minute in range(20)]
WHOLE = chart(
    RISING,
    title="front duration, web01 in berlin",
    unit="ms",
    limit=Limit(500, "> 500 ms"),
    marks=[Mark(START + 1950, "a3f9c2e")],
    zone=ZoneInfo("Europe/Berlin"),
)


def test_a_whole_plot() -> None:
    assert drawn(WHOLE, width=96) == [
        "front duration, web01 in berlin, ms, mean per 1 min   now 770 · lowest 200 · highest 770",
        "   785                                                 │                                  ⣀⣀⠤⠔⠒⠉",
        "                                                       │                           ⢀⣀⠤⠔⠒⠊⠉",
        "   500 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌⢀⣀⡠⠤⠒⠊⠉⠁╌╌╌╌╌╌╌╌╌╌╌╌",
        "                                                       │              ⣀⡠⠤⠒⠒⠉⠁",
        "       ⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠉⠉",
        "     0                                                 │",
        "            02:30          02:40          02:50        ◆ a3f9c2e        03:10          03:20",
    ]


def test_the_same_in_ascii() -> None:
    rows = drawn(WHOLE, width=60, height=8, ascii_only=True)
    assert "\n".join(rows).isascii()
    assert rows == [
        "front duration, web01 in berlin, ms, mean per 1.1 min",
        "now 770, lowest 200, highest 770",
        "   785                             |                       *",
        "                                   |                   ****",
        "                                   |                ***",
        "   500 ------------------------------------------***:-------",
        "                                   |         ****",
        "       **************************************",
        "                                   |",
        "     0                             |",
        "          02:30                    # a3f9c2e",
    ]


def test_the_part_over_the_limit_has_its_own_style() -> None:
    rows = text(WHOLE)
    assert in_style(rows, "over") and in_style(rows, "line")


def test_a_lower_limit_marks_what_is_below() -> None:
    rows = text(chart([10.0] * 60, limit=Limit(20, "< 20", upper=False)))
    assert in_style(rows, "over") and not in_style(rows, "line")


def test_a_spike_of_one_in_ten_thousand_is_seen() -> None:
    calm, spiked = [1.0] * 10_000, [1.0] * 5_000 + [9.0] + [1.0] * 4_999
    rows = text(chart(spiked))
    assert len(in_style(rows, "band").strip()) >= 4  # it reaches through the rows from the line to the top
    assert not in_style(text(chart(calm)), "band")


def test_a_gap_stays_blank() -> None:
    rows = drawn(chart([5.0] * 20 + [None] * 20 + [5.0] * 20), width=67)
    dots = next(row for row in rows if "⠉" in row or "⠤" in row or "⠒" in row)
    assert dots[7:67].rstrip()[20:40] == " " * 20


def test_several_lines_have_a_legend_each_and_their_styles() -> None:
    rows = text(Chart("load", [line([1.0] * 9, name="web01"), line([2.0] * 9, name="web02")]))
    assert [segment for row in rows[1:3] for segment in row[:2]] == [
        ("━ ", "line1"),
        ("web01", "plain"),
        ("━ ", "line2"),
        ("web02", "plain"),
    ]
    assert in_style(rows[3:], "line1") and in_style(rows[3:], "line2")


def test_several_lines_in_ascii_have_letters_of_their_own() -> None:
    rows = drawn(Chart("load", [line([1.0] * 9, name="a"), line([2.0] * 9, name="b")]), ascii_only=True)
    assert rows[1].startswith("* a") and rows[2].startswith("+ b")


def test_a_value_long_ago_is_not_called_now() -> None:
    assert "last 5, 21 min before the end" in drawn(chart([5.0] * 10 + [None] * 19 + [None]))[0]


def test_nothing_to_show_is_said() -> None:
    rows = drawn(chart([None] * 30))
    assert rows[0] == "duration, mean per 1 min   no values"
    assert any("no values in this range" in row for row in rows)


def test_a_label_that_has_no_room_is_left_out_for_a_mark() -> None:
    it = chart(RISING, marks=[Mark(START + 60 * 4, "a3f9c2e")])  # at 01:30
    assert "01:30" not in drawn(it)[-1]


def test_a_mark_outside_of_the_range_is_left_out() -> None:
    assert "◆" not in "".join(drawn(chart(RISING, marks=[Mark(START - 1, "a3f9c2e")])))


@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("kind", HARD)
def test_hard_values_are_drawn_within_width_and_height(kind: str, ascii_only: bool) -> None:
    limit = Limit(3.0, "> 3")
    rows = drawn(chart(HARD[kind], limit=limit), width=60, height=5, ascii_only=ascii_only)
    assert all(len(row) <= 60 for row in rows)
    assert 7 <= len(rows) <= 9


@pytest.mark.parametrize("values", [[1.0], [None], [2.0] * 500])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (18, 1), (20, 2), (400, 100)])
def test_any_size_is_drawn(values: Sequence[float | None], width: int, height: int) -> None:
    assert len(drawn(chart(values), width=width, height=height)) >= height + 2


def test_no_chart_at_all_is_drawn() -> None:
    assert drawn(Chart("nothing", []))[0] == "nothing"


def test_a_million_values_are_drawn() -> None:
    rows = drawn(chart([float(at % 1000) for at in range(1_000_000)], step=1))
    assert "mean per 1.9 h   now 999 · lowest 0 · highest 999" in rows[0]


def test_a_name_of_200_letters_is_wrapped_and_not_cut() -> None:
    name = "/".join(["segment"] * 25)
    rows = drawn(chart(RISING, title=name), width=60)
    assert all(len(row) <= 60 for row in rows)
    assert "".join(rows[:4]).startswith(name)


def test_what_a_terminal_would_obey_is_not_passed_on() -> None:  # attack 43
    evil = "a\x1b]0;x\x07\r\n\u202eb\ud800"
    it = Chart(evil, [line([1.0] * 9, name=evil), line([1.0] * 9, name=evil)], unit=evil, marks=[Mark(START, evil)])
    assert all(row.isprintable() for row in drawn(it))
