"""A range as rows for other programs: CSV and JSON."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime

from rem_cli.series import Range

JsonRow = dict[str, str | float | None]
# A spreadsheet calculates a cell that begins so (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_text(ranges: Sequence[tuple[str, Range]]) -> str:
    """CSV (RFC 4180) with the columns series, time, value; an unknown value is an empty cell.

    Times are RFC 3339 in UTC. A name that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(["series", "time", "value"])
    for name, values in ranges:
        cell = safe_cell(name)
        rows.writerows(
            [cell, _time(at), "" if value is None or math.isnan(value) else repr(value)]
            for at, value in _points(values)
        )
    return file.getvalue()


def json_rows(values: Range) -> list[JsonRow]:
    """`{"time": RFC 3339 in UTC, "value": number or null}` for each step.

    JSON has no infinity and no NaN (RFC 8259 section 6): these are the texts `inf` and `-inf`, and null.
    """
    return [{"time": _time(at), "value": _json(value)} for at, value in _points(values)]


def safe_cell(text: str) -> str:
    """A text that a spreadsheet shows instead of calculating, without control characters."""
    neutral = f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
    return "".join(letter if letter.isprintable() else "�" for letter in neutral)


def _points(values: Range) -> list[tuple[int, float | None]]:
    return list(zip(range(values.start, values.end, values.step), values.values, strict=True))


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: float | None) -> str | float | None:
    if value is None or math.isnan(value):
        return None
    return value if math.isfinite(value) else ("inf" if value > 0 else "-inf")
