"""Results: what programs hand over, read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from rem_cli.errors import Place
from rem_cli.jobs import Measure, Result, ResultError
from rem_cli.jobs.job import ResultKind
from rem_cli.jobs.results import read
from rem_cli.reach import End, Outcome, Stream

OK = End(Outcome.OK, exit=0)
FAILED = End(Outcome.FAILED, exit=1)
NAGIOS = sorted((Path(__file__).parents[1] / "cases" / "nagios").glob("*.yaml"))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


@pytest.mark.parametrize("file", NAGIOS, ids=lambda file: file.stem)
def test_a_plug_in_is_read(file: Path) -> None:
    """A 8: the exit status is the verdict, and what stops a plug-in from giving one is unknown, with the reason."""
    case: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text())
    given, expect = case["given"], case["expect"]
    outcome = Outcome.OK if given.get("exit") == 0 else Outcome.FAILED
    end = End(outcome, exit=given.get("exit"), signal=given.get("signal"))
    result = read(ResultKind.NAGIOS, end, _bytes(given["stdout"]), _bytes(given.get("stderr", "")))
    assert result == Result(
        {name: Measure(*measure) for name, measure in expect["measures"].items()},
        {name: expect[name] for name in ("status", "text", "long text", "limits") if name in expect},
        expect.get("note", ""),
    )


def test_the_numbers_of_a_json_document_are_its_measures() -> None:
    body = b"""{"users": 3, "disk": {"root": {"used": 0.5, "free": {"value": 12, "unit": "GiB"}}}, "up": true,
        "name": "web01", "load": null, "list": [1, 2], "none": NaN, "most": Infinity, "huge": 1e999}"""
    result = read(ResultKind.JSON, OK, body)
    assert result.measures == {
        "users": Measure(3.0), "disk root used": Measure(0.5), "disk root free": Measure(12.0, "GiB"),
        "up": Measure(1.0), "load": Measure(None), "none": Measure(None), "most": Measure(None), "huge": Measure(None),
    }  # fmt: skip


def test_the_document_is_kept_whole() -> None:
    result = read(ResultKind.FILE, End(Outcome.OK, exit=0, result=b'{"a": {"b": ["x", 1e999]}}'), b"")
    assert result.data == {"a": {"b": ["x", None]}}


@pytest.mark.parametrize(
    ("body", "says", "where"),
    [
        (b'{"a": 1,\n "b": }', "the result is not JSON: expecting value", (2, 7, ' "b": }')),
        (b'{"a": 1} trailing', "the result is not JSON: extra data", (1, 10, '{"a": 1} trailing')),
        (b"\n{\xff}", "the result is not UTF-8", (2, 2, "")),
        (b" \n", "standard output is empty where a JSON document was declared", None),
        (b"[1]", "the result is not an object", None),
        (b'{"a": 1, "a": 2}', "the result has 'a' twice in one object", None),
        (b'{"a b": 1, "a": {"b": 2}}', "two values of the result are both called 'a b'", None),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "the result is nested more than 50 deep", None),
        (b'{"a":' + b"[" * 60 + b"]" * 60 + b"}", "the result is nested more than 50 deep", None),
        (b'{"a":' + b"[" * 99_999, "the result is nested more than 50 deep", None),
    ],
)
def test_a_bad_document_is_an_error_that_says_where(body: bytes, says: str, where: tuple[int, int, str] | None) -> None:
    with pytest.raises(ResultError) as refused:
        read(ResultKind.JSON, OK, body)
    assert refused.value.message == says
    if where:
        assert refused.value.where == Place("standard output", where[0], where[1], 1, where[2])


def test_a_number_of_five_thousand_digits_is_no_data() -> None:
    assert read(ResultKind.JSON, OK, b'{"a": -' + b"9" * 5_000 + b"}").measures == {"a": Measure(None)}


def test_half_a_character_is_replaced() -> None:
    assert read(ResultKind.JSON, OK, rb'{"a\ud800": "\udfff"}').data == {"a?": "?"}


@pytest.mark.parametrize(
    ("kind", "end", "out", "note"),
    [
        (ResultKind.FILE, OK, b"{}", ""),  # b3: a log line cannot forge a result
        (ResultKind.FILE, FAILED, b"", ""),
        (ResultKind.JSON, FAILED, b"", ""),
        (ResultKind.JSON, FAILED, b"oops", "standard output:1:1: the result is not JSON: expecting value"),
        (ResultKind.JSON, End(Outcome.TIMED_OUT), b'{"a": 1}', ""),
        (ResultKind.NONE, OK, b'{"a": 1}', ""),
    ],
)
def test_there_may_be_no_result(kind: ResultKind, end: End, out: bytes, note: str) -> None:
    assert read(kind, end, out) == Result(note=note)


def test_a_result_that_was_cut_is_an_error() -> None:
    with pytest.raises(ResultError, match="the result file is over its limit and was cut"):
        read(ResultKind.FILE, End(Outcome.OK, exit=0, result=b"{", result_cut=True), b"")
    with pytest.raises(ResultError, match="standard output is the result, and was cut at its limit"):
        read(ResultKind.JSON, End(Outcome.OK, exit=0, dropped={Stream.OUT: 5}), b"{}")


EXPOSITION = b"""# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post", code="400", } 3
# UNIT wait_seconds seconds
wait_seconds 1.5e-3
msdos_file_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\" } , {"} 1.458255915e9

metric_without_timestamp_and_labels   12.47
something_weird{problem="division by zero"} +Inf -3982045
temp:celsius NaN
rpc_duration{quantile="0.5"}\t4773 # {trace_id="abc"} 0.67
"""


def test_an_exposition_is_read() -> None:
    assert read(ResultKind.PROMETHEUS, OK, EXPOSITION).measures == {
        'http_requests_total{method="post",code="200"}': Measure(1027.0),
        'http_requests_total{method="post",code="400"}': Measure(3.0),
        "wait_seconds": Measure(0.0015, "seconds"),
        r'msdos_file_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\" } , {"}':
            Measure(1.458255915e9),
        "metric_without_timestamp_and_labels": Measure(12.47),
        'something_weird{problem="division by zero"}': Measure(None),
        "temp:celsius": Measure(None),
        'rpc_duration{quantile="0.5"}': Measure(4773.0),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "says", "column"),
    [
        ("up", "this is no sample", 1),
        ("up1", "this is no sample", 1),
        ("up yes", "'yes' is no number", 4),
        ("up 1_000", "'1_000' is no number", 4),
        ("up 1 2 3", "this is no sample", 1),
        ('up{job="x" 1', "this is no sample", 1),
        ("up{job=x} 1", "this is no label", 4),
        ('up{a="1" b="2"} 1', "this is no label", 4),
        ("9lives 1", "this is no sample", 1),
        ("a" + " " * 200_000 + "{", "this is no sample", 1),
        ('a{b="' + '\\"' * 100_000, "this is no sample", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_bad_exposition_is_an_error_that_points_at_the_line(line: str, says: str, column: int) -> None:
    with pytest.raises(ResultError) as refused:
        read(ResultKind.PROMETHEUS, OK, b"# a comment\n" + line.encode())
    assert refused.value.message == says
    assert isinstance(refused.value.where, Place)
    assert (refused.value.where.line, refused.value.where.column) == (2, column)


@pytest.mark.parametrize("piece", ["'", "'a ''", "a=1;", "=", "a= ", "|", "'' ", "'a'='"])
def test_no_perfdata_takes_long_to_read(piece: str) -> None:
    """Attack 35: a hostile plug-in may print a megabyte."""
    result = read(ResultKind.NAGIOS, OK, b"OK |" + piece.encode() * (200_000 // len(piece)))
    assert len(result.measures) <= 10_000
