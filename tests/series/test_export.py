"""Rows for other programs."""

from __future__ import annotations

import csv
import io
import json

import pytest

from rem_cli.series import Range
from rem_cli.series.export import csv_text, json_rows, safe_cell

VALUES = Range(1_700_000_000, 1_700_000_180, 60, [0.1, None, -5.0])


def test_csv_has_a_row_for_each_step_and_an_empty_cell_for_the_unknown() -> None:
    assert csv_text([("web01/load", VALUES)]) == (
        "series,time,value\r\n"
        "web01/load,2023-11-14T22:13:20Z,0.1\r\n"
        "web01/load,2023-11-14T22:14:20Z,\r\n"
        "web01/load,2023-11-14T22:15:20Z,-5.0\r\n"
    )


def test_json_has_null_for_the_unknown() -> None:
    assert json_rows(VALUES)[:2] == [
        {"time": "2023-11-14T22:13:20Z", "value": 0.1},
        {"time": "2023-11-14T22:14:20Z", "value": None},
    ]


def test_json_has_texts_for_what_json_has_no_number_for() -> None:
    odd = Range(0, 180, 60, [float("inf"), float("-inf"), float("nan")])
    assert [row["value"] for row in json_rows(odd)] == ["inf", "-inf", None]
    json.dumps(json_rows(odd), allow_nan=False)


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", " =1", "＝1", "\t=1", "\n=1", "=cmd|' /C calc'!A0"])
def test_a_name_that_a_spreadsheet_would_calculate_is_neutralised(name: str) -> None:  # attack 46
    assert safe_cell(name).startswith("'")


@pytest.mark.parametrize("name", ["web01/load", "a=b", "1-2", ""])
def test_a_harmless_name_stays(name: str) -> None:
    assert safe_cell(name) == name


def test_a_name_with_quotes_commas_and_line_ends_stays_one_cell() -> None:
    rows = list(csv.reader(io.StringIO(csv_text([('a"b,c\r\n=d', VALUES)]), newline="")))
    assert [row[0] for row in rows[1:]] == ['a"b,c\ufffd\ufffd=d'] * 3


def test_an_empty_range_has_a_heading_only() -> None:
    assert csv_text([("a", Range(0, 0, 60, []))]) == "series,time,value\r\n"
