"""Lines of other programs, taken one look at a time, and kept before anybody is told so."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rem_cli.reach.listening import ListenError
from rem_cli.series import Sample
from rem_cli.series.inbound import SUMMED, USUAL, graphite
from rem_cli.series.inbound.statsd import Statsd
from rem_cli.wire.inbound import Inbound
from tests.jobs.bench import HandClock
from tests.series.spooling import intake_in

NOW = 1_700_000_040


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("shop.web01.users 12 1700000000", Sample("inbound/shop/web01/users", 1_700_000_000, 12.0, USUAL)),
        ("users -1.5e3 1700000000.9", Sample("inbound/users", 1_700_000_000, -1500.0, USUAL)),
        ("users 1 -1", Sample("inbound/users", NOW, 1.0, USUAL)),
        ("a..b 1 1700000000", None),
        ("users nan 1700000000", None),
        ("users 1", None),
        ("users one 1700000000", None),
        ("users 1 1700000000 more", None),
        ("users 1 0", None),
        ("users 1 inf", None),
        ("users 1 1800000000", None),
        ("", None),
    ],
)
def test_a_line_of_graphite_is_a_sample_or_none(line: str, found: Sample | None) -> None:
    assert graphite(line, "inbound", NOW) == found


def told(lines: list[str]) -> dict[str, float]:
    statsd = Statsd("inbound")
    assert [line for line in lines if not statsd.take(line)] == []
    return {one.series.removeprefix("inbound/"): one.value for one in statsd.flush(NOW)}


def test_metrics_of_statsd_are_put_together() -> None:
    assert told(["hits:1|c", "hits:2|c|@0.5"]) == {"hits/count": 5.0, "hits/per second": 5 / 60}
    assert told(["level:3|g", "level:+4|g", "level:-2|g"]) == {"level/gauge": 5.0}
    assert told(["who:ana|s", "who:bo|s", "who:ana|s"]) == {"who/unique": 2.0}
    times = told([f"db.query:{number}|ms" for number in range(1, 21)])
    assert times == {
        "db/query/count": 20.0, "db/query/lowest": 1.0, "db/query/mean": 10.5, "db/query/highest": 20.0,
        "db/query/p95": 19.0,
    }  # fmt: skip


def test_a_level_stays_and_is_told_only_when_it_came() -> None:
    statsd = Statsd("inbound")
    statsd.take("level:3|g")
    assert [one.value for one in statsd.flush(NOW)] == [3.0]
    assert statsd.flush(NOW + 60) == []
    statsd.take("level:+1|g")
    assert [one.value for one in statsd.flush(NOW + 120)] == [4.0]


def test_counts_add_up_when_they_grow_coarse() -> None:
    statsd = Statsd("inbound")
    statsd.take("hits:1|c")
    assert {one.series: one.retention for one in statsd.flush(NOW)} == {
        "inbound/hits/count": SUMMED, "inbound/hits/per second": USUAL,
    }  # fmt: skip


@pytest.mark.parametrize(
    "line", ["", "hits", ":1|c", "hits:1", "hits:x|c", "hits:1|q", "hits:1|c|@0", "hits:inf|g", "a..b:1|c"]
)
def test_what_is_no_metric_is_refused(line: str) -> None:
    assert not Statsd("inbound").take(line)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture
def inbound(tmp_path: Path, clock: HandClock) -> Iterator[Inbound]:
    made = Inbound(intake_in(tmp_path, at=NOW), clock, lines=("127.0.0.1", 0), statsd=("127.0.0.1", 0))
    yield made
    made.close()


def connected(inbound: Inbound) -> socket.socket:
    assert inbound.lines
    link = socket.create_connection(inbound.lines.address, timeout=10)
    inbound.look()
    return link


def test_a_link_is_closed_when_all_that_it_sent_is_kept(inbound: Inbound, tmp_path: Path) -> None:
    with connected(inbound) as link:
        link.sendall(b"a 1 1700000000\nnothing\nb 2 17000")
        link.sendall(b"00000")
        link.shutdown(socket.SHUT_WR)
        looked = inbound.look()
        assert (looked.kept, looked.strange, looked.problem) == (2, ["nothing"], None)
        assert link.recv(1) == b""
    assert [(one.series, one.value) for one in intake_in(tmp_path).waiting()] == [
        ("inbound/a", 1.0),
        ("inbound/b", 2.0),
    ]


def test_what_cannot_be_kept_waits_and_its_link_stays_open(inbound: Inbound, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    with connected(inbound) as link:
        link.sendall(b"a 1 1700000000\n")
        link.shutdown(socket.SHUT_WR)
        looked = inbound.look()
        assert looked.kept == 0
        assert looked.problem is not None
        link.setblocking(False)
        with pytest.raises(BlockingIOError):
            link.recv(1)
        (tmp_path / "spool").unlink()
        assert inbound.look().kept == 1
        link.setblocking(True)
        assert link.recv(1) == b""


def test_a_line_without_end_is_no_sample(inbound: Inbound) -> None:
    with connected(inbound) as link:
        for _ in range(4):
            link.sendall(b"x" * 4000)
            inbound.look()
        link.sendall(b" 1 1700000000\na 1 1700000000\n")
        looked = inbound.look()
    assert (looked.kept, len(looked.strange)) == (1, 1)


def test_datagrams_are_put_together_for_each_minute(inbound: Inbound, clock: HandClock, tmp_path: Path) -> None:
    assert inbound.datagrams
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"hits:1|c\nhits:2|c\nnothing", inbound.datagrams.address)
        assert inbound.look().strange == ["nothing"]
        clock.at += 60
        assert inbound.look().kept == 2
    store = intake_in(tmp_path, at=NOW + 120).store
    assert store.fetch("inbound/hits/count", NOW - 60, NOW, now=NOW + 120).values == [3.0]


def test_a_place_that_is_taken_is_said(inbound: Inbound, tmp_path: Path, clock: HandClock) -> None:
    assert inbound.lines
    port = inbound.lines.address[1]
    with pytest.raises(ListenError) as error:
        Inbound(intake_in(tmp_path), clock, lines=("127.0.0.1", port), statsd=None)
    assert error.value.message == f"cannot listen at 127.0.0.1:{port}: address already in use"
