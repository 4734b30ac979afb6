"""An editor that speaks with the real `rem lsp`, in frames made by hand."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

PATIENCE = 60.0  # seconds without a word after which the server is taken for dead

SIGN = "¦"  # where the cursor is, in the texts of tests


def place(text: str, offset: int) -> dict[str, int]:
    """An offset as an editor counts: lines, and UTF-16 units in them."""
    line = text.count("\n", 0, offset)
    start = text.rfind("\n", 0, offset) + 1
    return {"line": line, "character": len(text[start:offset].encode("utf-16-le")) // 2}


class Editor:
    """One session with the server, in a repository."""

    def __init__(self, root: Path, *, snippets: bool = True) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rem_cli", "lsp", "--stdio"],
            cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        )  # fmt: skip
        self._left = b""
        self._last = 0
        self._versions: dict[str, int] = {}
        self._published: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []  # requests of the server
        able: dict[str, Any] = {
            "textDocument": {"completion": {"completionItem": {"snippetSupport": snippets}}},
            "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}},
        }
        self.capabilities = self.request("initialize", processId=None, rootUri=root.as_uri(), capabilities=able)
        self.notify("initialized")

    def __enter__(self) -> Editor:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def notify(self, method: str, **params: Any) -> None:
        self._send({"method": method, "params": params})

    def request(self, method: str, **params: Any) -> Any:
        """The answer to a request; AssertionError when it is an error."""
        self._last += 1
        number = self._last
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._hear()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message["error"]
                return message["result"]

    def show(self, path: str, text: str) -> None:
        """Open a file with a text of ours, or type it."""
        version = self._versions[path] = self._versions.get(path, 0) + 1
        if version == 1:
            document = {"uri": self.uri(path), "languageId": "yaml", "version": 1, "text": text}
            self.notify("textDocument/didOpen", textDocument=document)
        else:
            about = {"uri": self.uri(path), "version": version}
            self.notify("textDocument/didChange", textDocument=about, contentChanges=[{"text": text}])

    def close(self, path: str) -> None:
        self._versions.pop(path)
        self.notify("textDocument/didClose", textDocument={"uri": self.uri(path)})

    def told(self, path: str) -> list[dict[str, Any]]:
        """The problems of a file as it is shown now; waits for them."""
        while True:
            for one in reversed(self._published):
                if one["uri"] == self.uri(path) and one.get("version") == self._versions.get(path):
                    self._published.clear()
                    found: list[dict[str, Any]] = one["diagnostics"]
                    return found
            self._hear()

    def ask(self, what: str, path: str, text: str) -> Any:
        """Show a text with the cursor in it, and ask for something there."""
        at = text.index(SIGN)
        text = text.replace(SIGN, "")
        self.show(path, text)
        return self.request(f"textDocument/{what}", textDocument={"uri": self.uri(path)}, position=place(text, at))

    def complete(self, path: str, text: str) -> list[str]:
        """What is proposed at the cursor, in order."""
        found = self.ask("completion", path, text)
        return [one["label"] for one in sorted(found, key=lambda one: one["sortText"])]

    def chosen(self, path: str, text: str, label: str) -> str:
        """The text after one proposal was chosen; the blanks of a snippet stay as they are."""
        found = next(one for one in self.ask("completion", path, text) if one["label"] == label)
        lines = text.replace(SIGN, "").split("\n")
        start, end = found["textEdit"]["range"]["start"], found["textEdit"]["range"]["end"]
        assert start["line"] == end["line"]
        row = lines[start["line"]].encode("utf-16-le")
        before, after = row[: 2 * start["character"]], row[2 * end["character"] :]
        lines[start["line"]] = before.decode("utf-16-le") + found["textEdit"]["newText"] + after.decode("utf-16-le")
        return "\n".join(lines)

    def end(self) -> int:
        """Say good-bye; the exit status."""
        self.request("shutdown")
        self.notify("exit")
        return self.process.wait(timeout=PATIENCE)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _hear(self) -> dict[str, Any]:
        """The next message; a request of the server is granted, what is published is kept."""
        while b"\r\n\r\n" not in self._left:
            self._more()
        head, _, self._left = self._left.partition(b"\r\n\r\n")
        length = int(
            next(row for row in head.split(b"\r\n") if row.lower().startswith(b"content-length")).split(b":")[1]
        )
        while len(self._left) < length:
            self._more()
        message: dict[str, Any] = json.loads(self._left[:length])
        self._left = self._left[length:]
        if message.get("method") == "textDocument/publishDiagnostics":
            self._published.append(message["params"])
        elif "method" in message and "id" in message:
            self.asked.append(message)
            self._send({"id": message["id"], "result": None})
        return message

    def _more(self) -> None:
        assert self.process.stdout
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "the server says nothing"
        got = os.read(self.process.stdout.fileno(), 1 << 16)
        assert got, f"the server ended with {self.process.wait(timeout=PATIENCE)}"
        self._left += got
