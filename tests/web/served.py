"""The real `rem serve` on loopback, and somebody who asks it, by a browser's rules or by none."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PATIENCE = 60.0  # seconds without an answer after which the server is taken for dead


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def words(self) -> str:
        """What a person reads, in one line."""
        text = re.sub(r"(?s)<head>.*?</head>|<svg.*?</svg>", " ", self.text)
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


class Served:
    """One server."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rem_cli", "-C", str(root), "serve", "--bind", "127.0.0.1:0", "--format", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stdout
        told = self.process.stdout.readline()
        assert told, self.process.stderr and self.process.stderr.read()
        self.link = str(json.loads(told)["link"])
        self.port = int(self.link.split(":")[2].partition("/")[0])
        self.host = f"127.0.0.1:{self.port}"
        self.token = self.link.rpartition("#t=")[2]

    def stop(self) -> tuple[int, str]:
        """End it as an operator does; its status and what it said on standard error."""
        self.process.terminate()
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err

    def ask(
        self, path: str, *, method: str = "GET", body: str | None = None, cookie: str = "", **headers: str
    ) -> Answer:
        """One request; headers as `sec_fetch_site="cross-site"`, `host=""` to leave the server's name out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if cookie:
            sent["cookie"] = f"rem={cookie}"
        if body is not None:
            sent |= {"content-length": str(len(body.encode()))}
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders(body.encode() if body is not None else None)
        found = connection.getresponse()
        answer = Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        connection.close()
        return answer

    def post(self, path: str, fields: Mapping[str, str], *, cookie: str = "", **headers: str) -> Answer:
        """A form, as a browser sends it from our own page."""
        own = {"origin": f"http://{self.host}", "content_type": "application/x-www-form-urlencoded"}
        return self.ask(path, method="POST", body=urlencode(fields), cookie=cookie, **{**own, **headers})

    def enter(self, **fields: str) -> str:
        """Sign in; the session's cookie."""
        answer = self.post("/sign-in", fields or {"token": self.token})
        assert answer.status == 303, answer.words
        return answer.headers["set-cookie"].partition("rem=")[2].partition(";")[0]

    def raw(self, text: bytes) -> bytes:
        """Bytes in, bytes out, until the server has enough."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
            line.sendall(text)
            line.shutdown(socket.SHUT_WR)
            told = b""
            while piece := line.recv(65_536):
                told += piece
        return told
