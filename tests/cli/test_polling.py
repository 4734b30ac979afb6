"""`rem collect` as a crontab types it, against real servers of this machine and a clock that is moved by hand."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from rem_cli import wire
from rem_cli.clock import SystemClock
from rem_cli.wire import polling
from tests.cli.conftest import Repository

PACKAGE = """\
package: shop
version: 0.1.0
hosts:
  web:
    web01: {address: 127.0.0.11, reach: local}
    web02: {address: 127.0.0.12, reach: local}
monitors:
  web:
    alive: {kind: ping, hosts: "web*", timeout: 1s, packets: 1, retention: "60s:1d"}
    port: {kind: tcp, hosts: "web*", port: PORT, retention: "60s:1d"}
    page: {kind: http, url: "http://127.0.0.11:PORT/", every: 5m, expect: shop, retention: "60s:1d"}
    self: {kind: local, measures: ["load 1", "cpu busy percent"], retention: "60s:1d"}
"""


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the shop is open\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


class Hand(SystemClock):
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)

    def now(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.11", 0), Page) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def shop(empty: Repository, port: int, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setattr(wire, "SystemClock", Hand)
    monkeypatch.setattr(wire.reading, "SystemClock", Hand)
    at(0)
    empty.commit({"packages/shop/package.yaml": PACKAGE.replace("PORT", str(port))}, message="checks")
    assert empty.rem("apply").status == 0
    return empty


def at(minute: int) -> None:
    Hand.at = datetime(2026, 11, 29, 12, minute, 20, tzinfo=UTC)


def newest(shop: Repository) -> dict[str, float]:
    """The last value of every series, by its name without what stands before it everywhere."""
    rows = shop.rem("series", "list", "--format", "json").document["series"]
    return {row["series"].removeprefix("shop/monitors/").removeprefix("web/"): row["value"] for row in rows}


def test_what_is_due_is_asked_and_its_numbers_are_kept(shop: Repository, port: int) -> None:
    done = shop.rem("collect")
    assert (done.status, done.err) == (0, "")
    said = re.sub(r"\d+\.\d+ s", "0.1 s", done.out).splitlines()
    assert said[0] == "down shop/monitors/web/port/web02: connection refused"
    assert said[1].startswith("6 checks in 0.1 s, 1 down, 33 numbers kept; slowest: shop/monitors/web/")
    found = newest(shop)
    assert [name for name in found if name.startswith("port/web02")] == [
        "port/web02/lost percent",
        "port/web02/poll ms",
        "port/web02/up",
    ]
    assert [found[f"{name}/up"] for name in ("port/web01", "port/web02", "page/127.0.0.11")] == [1, 0, 1]
    assert found["page/127.0.0.11/bytes"] == len(b"the shop is open\n")
    assert 0 < found["alive/web01/rtt ms"] < 1000
    assert "self/localhost/cpu busy percent" not in found  # a rate takes two readings


TEN_LINES = """\
#!/bin/sh
# A collector of one's own: it prints JSON.
waiting=$(printf '%s\\n' a b c | wc -l)
printf '{"waiting": %d, "handled": 9, "host": "%s"}\\n' "$waiting" "$REM_HOST"
[ "$REM_PARAM_QUEUE" = mail ]
"""
OWN = """\
collectors:
  queue:
    script: queue.sh
    takes: {queue: null}
    measures: [{name: waiting}, {name: handled, counter: true}]
monitors:
  own:
    mail: {kind: collector, collector: collectors/queue, with: {queue: mail}, hosts: web01, retention: "60s:1d"}
    news: {kind: collector, collector: collectors/queue, with: {queue: news}, hosts: web01, retention: "60s:1d"}
    none: {kind: collector, collector: collectors/queue, hosts: web01, retention: "60s:1d"}
    plug: {kind: script, command: [sh, -c, "echo 'OK - fine | users=4'"], result: nagios, retention: "60s:1d"}
    gone: {kind: script, command: [no-such-program], retention: "60s:1d"}
"""


def test_a_script_of_ten_lines_is_a_collector(shop: Repository) -> None:
    start = shop.package.read_text().partition("monitors:")[0]
    files = {"packages/shop/package.yaml": start + OWN, "packages/shop/queue.sh": TEN_LINES}
    shop.commit(files, message="own")
    assert shop.rem("apply").status == 0
    done = shop.rem("collect")
    assert (done.status, done.out.splitlines()[:-1]) == (
        5,
        [
            "down shop/monitors/own/news/web01: exit status 1",
            "not asked shop/monitors/own/gone/localhost: there is no such program",
            "not asked shop/monitors/own/none/web01: its collector must be given queue",
        ],
    )
    found = {name.removeprefix("own/"): value for name, value in newest(shop).items()}
    assert {name: value for name, value in found.items() if "ms" not in name and "lost" not in name} == {
        "mail/web01/up": 1,
        "mail/web01/waiting": 3,
        "news/web01/up": 0,
        "plug/localhost/status": 0,
        "plug/localhost/up": 1,
        "plug/localhost/users": 4,
    }


def test_nothing_is_due_twice_in_one_interval(shop: Repository) -> None:
    shop.rem("collect")
    assert shop.rem("collect").out == "nothing is due; the next in 40 s\n"
    at(1)
    done = shop.rem("collect", "--format", "json").document
    assert {one["monitor"] for one in done["checks"]} == {
        f"shop/monitors/web/{name}" for name in ("alive", "port", "self")
    }


def test_many_numbers_wait_in_the_spool_until_somebody_reads_or_some_minutes_are_over(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "FEW", 0)
    monkeypatch.setattr(polling, "DRAIN", 110.0)
    waiting = []
    for minute in (0, 1, 2, 3):
        at(minute)
        assert shop.rem("collect").status == 0
        with wire.open(shop.root) as rem:
            waiting.append(bool(rem.intake.waiting()))
    assert waiting == [False, True, False, True]
    rows = shop.rem("series", "export", "shop/monitors/web/port/web02/up", "--last", "10m").out
    assert [line for line in rows.splitlines() if line.endswith(",0.0")][-1].startswith("shop/monitors/web/port")
    assert rows.count(",0.0") == 4
    with wire.open(shop.root) as rem:
        assert rem.intake.waiting() == []


def test_quietly_it_says_nothing_of_what_is_down(shop: Repository) -> None:
    done = shop.rem("collect", "--quiet")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_a_second_turn_is_skipped_and_counted(shop: Repository) -> None:
    (shop.state / "collect").mkdir(mode=0o700)
    number = os.open(shop.state / "collect/lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(number, fcntl.LOCK_EX)
    for _ in range(2):
        done = shop.rem("collect")
        assert (done.status, done.out) == (0, "another turn is still at work; this one is skipped\n")
    os.close(number)
    assert ", 2 turns skipped before it; slowest" in shop.rem("collect").out
    at(1)
    assert "skipped" not in shop.rem("collect").out


def test_explained_every_exchange_is_shown_and_nothing_is_kept(shop: Repository, port: int) -> None:
    done = shop.rem("collect", "--explain", "web02")
    said = re.sub(r"\d+\.\d+ ms", "0.1 ms", done.out).splitlines()
    assert done.status == 5
    assert said[0] == "shop/monitors/web/alive (ping) on web02"
    port_at = said.index("shop/monitors/web/port (tcp) on web02")
    assert port_at > 1  # how it may ping differs from machine to machine
    assert [line.strip() for line in said[port_at : port_at + 4]] == [
        "shop/monitors/web/port (tcp) on web02",
        f"0.1 ms  connect to 127.0.0.12 port {port}",
        "0.1 ms  connection refused",
        "up shop/monitors/web/alive/web02",
    ]
    assert said[-1] == "down shop/monitors/web/port/web02: connection refused"
    assert newest(shop) == {}


def test_of_a_host_that_is_not_checked_the_nearest_is_named(shop: Repository) -> None:
    done = shop.rem("collect", "--explain", "wbe01")
    assert done.status == 9
    assert done.err == "rem: no check is made on 'wbe01'\nhint: did you mean web01?\n"


def test_the_line_for_a_crontab_names_the_program_and_the_repository(shop: Repository) -> None:
    done = shop.rem("collect", "--print-cron").out
    assert done.startswith("* * * * * /")
    assert done.endswith(f" -C {shop.root} collect --quiet --spread 5s\n")


def test_a_turn_loads_nothing_slow(shop: Repository) -> None:
    """Pings and ports need none of these."""
    package = shop.package.read_text().replace("self:", "#").replace("page:", "#")
    shop.commit({"packages/shop/package.yaml": package}, message="fewer")
    assert shop.rem("apply").status == 0
    slow = {"yaml", "typer", "asyncio", "ssl", "sqlite3", "pycurl", "paramiko", "rich", "git", "numpy"}
    program = f"import sys; from rem_cli.main import main; main(sys.argv[1:]); print({slow!r} & sys.modules.keys())"
    words = [sys.executable, "-c", program, "-C", str(shop.root), "collect", "--quiet"]
    assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "set()\n"
