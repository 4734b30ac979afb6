"""Renders Jinja2 templates in a child process that can neither run away nor reach anything; see `rendering`."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rem_cli.errors import Place, RemError, Status

SECONDS = 60.0  # for one rendering, on a machine that does much else; the child bounds what it may take itself


class TemplateError(RemError):
    """A template cannot be rendered."""

    code = "template"
    status = Status.FINDINGS


class Renderer:
    """One child for many renderings, begun with the first of them."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def render(self, path: str, text: str, values: Mapping[str, Any]) -> str:
        """A template with its values; `path` is where it stands, for messages. TemplateError with its line."""
        answer = self._ask({"text": text, "values": values})
        if "text" in answer:
            return str(answer["text"])
        line = int(answer.get("line", 0))
        rows = text.splitlines()
        row = rows[line - 1] if 0 < line <= len(rows) else ""
        given = "a template is given the fields and layers of its host, and values: of its item"
        hint = given if "undefined" in answer["error"] else None
        raise TemplateError(str(answer["error"]), hint=hint, where=Place(path, line, 1, 0, row) if line else path)

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        child = self._child = self._child or _start()
        assert child.stdin is not None and child.stdout is not None
        line = b""
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
            if select.select([child.stdout], [], [], SECONDS)[0]:
                line = child.stdout.readline()
        except BrokenPipeError:
            pass
        if line.endswith(b"\n"):
            answer: Mapping[str, Any] = json.loads(line)
            return answer
        self.close()
        return {"error": "it takes more time or memory than a template may"}


def _start() -> subprocess.Popen[bytes]:
    words = [sys.executable, "-I", "-m", "rem_cli.plan.footprint.rendering"]
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env={}, cwd="/")
