"""Small servers of this machine that answer as they are told: pages, certificates, names."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self


class Pages:
    """Answers each path with a status, headers and a body; with a certificate over TLS."""

    def __init__(self, host: str = "127.0.0.1", certificate: Path | None = None) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.heard: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer((host, 0), self._handler())
        self.port = self._server.server_port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.heard.append(dict(self.headers))
                status, headers, body = outer.pages.get(self.path, (404, {}, b"not here\n"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Nobody reads it."""

        return Page


class Names:
    """A name server: `answer` makes the message that is sent for a question, over datagrams and over TCP."""

    def __init__(self, answer: Callable[[bytes, bool], bytes | None]) -> None:
        self._answer = answer
        self._streams = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._streams.getsockname()[1])
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(("127.0.0.1", self.port))
        self._threads = [Thread(target=work, daemon=True) for work in (self._by_datagram, self._by_stream)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join()
        self._datagrams.close()
        self._streams.close()

    def _by_datagram(self) -> None:
        while True:
            data, sender = self._datagrams.recvfrom(4096)
            if not data:
                return
            answer = self._answer(data, False)
            if answer is not None:
                self._datagrams.sendto(answer, sender)

    def _by_stream(self) -> None:
        while True:
            one, _ = self._streams.accept()
            with one:
                head = one.recv(2)
                if not head:
                    return
                answer = self._answer(one.recv(struct.unpack("!H", head)[0]), True)
                if answer is not None:
                    one.sendall(struct.pack("!H", len(answer)) + answer)


def reply(asked: bytes, *records: tuple[int, bytes], code: int = 0, cut: bool = False, kept: int = 60) -> bytes:
    """An answer to a question: records of a type and a body, each about the name that was asked for."""
    head = struct.pack("!HHHHHH", struct.unpack("!H", asked[:2])[0], 0x8180 | code | cut << 9, 1, len(records), 0, 0)
    told = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, kept, len(body)) + body for kind, body in records)
    return head + asked[12:] + told
