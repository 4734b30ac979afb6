"""Numbers handed over to servers that take them, refuse them, break off, or are not there."""

from __future__ import annotations

import pickle
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any

import pytest

from tests.cli.conftest import Repository

JOB = "shop/jobs/try/numbers"


class Carbon(ThreadingTCPServer):
    """Takes whatever comes until the other side ends; `broken` resets at once."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.broken = False
        carbon = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                if carbon.broken:
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                carbon.taken.append(self.rfile.read())

        super().__init__(("127.0.0.1", 0), Handler)

    def shutdown_request(self, request: Any) -> None:
        """Close without a word before, so that a linger of nothing is a reset."""
        self.close_request(request)


class Prometheus(ThreadingHTTPServer):
    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.status = 204
        self.asked: list[str | None] = []
        prometheus = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                prometheus.asked.append(self.headers["Authorization"])
                if prometheus.status == 204:
                    prometheus.taken.append(body)
                self.send_response(prometheus.status)
                self.end_headers()
                if prometheus.status != 204:
                    self.wfile.write(b"out of bounds")

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


def serving(server: ThreadingTCPServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def carbon() -> Iterator[Carbon]:
    server = Carbon()
    for _ in serving(server):
        yield server


@pytest.fixture
def prometheus() -> Iterator[Prometheus]:
    server = Prometheus()
    for _ in serving(server):
        yield server


def sending(shop: Repository, text: str) -> Repository:
    wanted = text if "series:" in text else text.replace("}", ', series: ["**/load"]}')
    shop.package.write_text(f"{shop.package.read_text()}sinks:\n  other:\n    {wanted}\n")
    shop.applied()
    assert shop.rem("job", "run", JOB).status == 0
    return shop


def unsnapped(data: bytes) -> bytes:
    """The block format of snappy, literals alone."""
    at = 0
    while data[at] & 0x80:
        at += 1
    at, out = at + 1, b""
    while at < len(data):
        assert data[at] == 0xF4
        length = struct.unpack_from("<H", data, at + 1)[0] + 1
        out += data[at + 3 : at + 3 + length]
        at += 3 + length
    return out


def fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    """The fields of a protobuf message."""
    at = 0

    def varint() -> int:
        nonlocal at
        number = shift = 0
        while True:
            byte = data[at]
            at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
        elif key & 7 == 1:
            yield key >> 3, data[at : at + 8]
            at += 8
        else:
            length = varint()
            yield key >> 3, data[at : at + length]
            at += length


def read(body: bytes) -> list[tuple[dict[str, str], list[float]]]:
    """The labels and values of each series of a remote write."""
    found = []
    for _, series in fields(unsnapped(body)):
        assert isinstance(series, bytes)
        parts = list(fields(series))
        names = [dict(fields(part)) for number, part in parts if number == 1 and isinstance(part, bytes)]
        samples = [dict(fields(part)) for number, part in parts if number == 2 and isinstance(part, bytes)]
        labels = {str(one[1], "utf-8"): str(one[2], "utf-8") for one in names}  # type: ignore[arg-type]
        found.append((labels, [struct.unpack("<d", one[1])[0] for one in samples]))  # type: ignore[arg-type]
    return found


def test_graphite_is_told_each_sample_once(shop: Repository, carbon: Carbon) -> None:
    sending(shop, f"{{graphite: 127.0.0.1, port: {carbon.server_address[1]}, prefix: rem}}")
    assert shop.rem("series", "send").out == "shop/sinks/other: 2 samples taken\n"
    assert shop.rem("series", "send").out == "shop/sinks/other: 0 samples taken\n"
    (told,) = carbon.taken
    rows = sorted(row.split() for row in told.decode().splitlines())
    assert [(name, value) for name, value, _ in rows] == [
        ("rem.shop.jobs.try.numbers.web01.load", "3.0"), ("rem.shop.jobs.try.numbers.web02.load", "3.0"),
    ]  # fmt: skip


def test_graphite_is_told_by_pickle_what_a_pattern_wants(shop: Repository, carbon: Carbon) -> None:
    port = carbon.server_address[1]
    sending(shop, f'{{graphite: 127.0.0.1, port: {port}, format: pickle, series: ["**/web01/*"]}}')
    assert shop.rem("series", "send").out == "shop/sinks/other: 1 sample taken\n"
    (told,) = carbon.taken
    assert struct.unpack("!L", told[:4])[0] == len(told) - 4
    ((name, (_, value)),) = pickle.loads(told[4:])
    assert (name, value) == ("shop.jobs.try.numbers.web01.load", 3.0)


def test_what_breaks_off_is_sent_again(shop: Repository, carbon: Carbon) -> None:
    sending(shop, f"{{graphite: 127.0.0.1, port: {carbon.server_address[1]}}}")
    carbon.broken = True
    done = shop.rem("series", "send")
    assert (done.status, done.out) == (6, "shop/sinks/other: 0 samples taken, 2 wait\n")
    assert "did not take it: connection reset by peer" in done.err
    shop.rem("job", "run", JOB)
    carbon.broken = False
    assert shop.rem("series", "send").out == "shop/sinks/other: 4 samples taken\n"
    assert b"".join(carbon.taken).count(b"\n") == 4


def test_nobody_there_is_said(shop: Repository, carbon: Carbon) -> None:
    port = carbon.server_address[1]
    carbon.server_close()
    sending(shop, f"{{graphite: 127.0.0.1, port: {port}}}")
    done = shop.rem("series", "send")
    assert done.status == 6
    assert done.err.splitlines() == [
        f"sinks: 127.0.0.1:{port} did not take it: connection refused", f"hint: nc -vz 127.0.0.1 {port}",
    ]  # fmt: skip


def test_a_prometheus_is_written_to(shop: Repository, prometheus: Prometheus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROM_TOKEN", "s3cret-of-the-sink")
    url = f"http://127.0.0.1:{prometheus.server_address[1]}/api/v1/write"
    sending(shop, f'{{remote write: "{url}", credentials: env:PROM_TOKEN}}')
    assert shop.rem("series", "send").out == "shop/sinks/other: 2 samples taken\n"
    assert prometheus.asked == ["Bearer s3cret-of-the-sink"]
    assert sorted(read(prometheus.taken[0]), key=str) == [
        ({"__name__": "load", "host": host, "job": JOB}, [3.0]) for host in ("web01", "web02")
    ]  # fmt: skip


def test_what_is_refused_for_good_is_not_sent_for_ever(shop: Repository, prometheus: Prometheus) -> None:
    sending(shop, f'{{remote write: "http://127.0.0.1:{prometheus.server_address[1]}/"}}')
    prometheus.status = 503
    assert shop.rem("series", "send").out == "shop/sinks/other: 0 samples taken, 2 wait\n"
    prometheus.status = 400
    done = shop.rem("series", "send")
    assert done.out == "shop/sinks/other: 0 samples taken, 2 refused, or some of them\n"
    assert done.err == "sinks: 127.0.0.1 answered 400 Bad Request: out of bounds\n"
    prometheus.status = 204
    assert shop.rem("series", "send").out == "shop/sinks/other: 0 samples taken\n"


def test_a_sink_that_is_taken_out_holds_nothing_back(shop: Repository, carbon: Carbon) -> None:
    sending(shop, f"{{graphite: 127.0.0.1, port: {carbon.server_address[1]}}}").rem("series", "send")
    assert (shop.state / "spool/sink-other.at").exists()
    shop.package.write_text(shop.package.read_text().partition("sinks:")[0])
    shop.applied()
    assert shop.rem("series", "send").out == (
        "There is no sink: a package says where numbers go with the section sinks.\n"
    )
    assert not (shop.state / "spool/sink-other.at").exists()
