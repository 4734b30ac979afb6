"""A bucket or a queue as lines of JSON, for whoever puts it away."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from rem_cli.state import Holding, State
from rem_cli.state.private import open_private, private_folder

SCHEMA = "rem.archive/1"
_EVERY = 1 << 40  # messages


def write_archive(state: State, held: Holding, folder: Path, at: str) -> tuple[Path, int]:
    """Write all of it into a new file of a private folder and onto the disk; the file, and how many entries."""
    private_folder(folder)
    name = re.sub(r"[^\w.@-]", "-", held.name.replace("/", "."))[:120]
    path = folder / f"{name}-{re.sub('[^0-9T]', '', at)[:15]}{'-queue' if held.queue else ''}.jsonl"
    count = 0
    with os.fdopen(open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "w", encoding="ascii") as file:
        head = {"schema": SCHEMA, "name": held.name, "kind": "queue" if held.queue else "bucket", "at": at}
        file.write(json.dumps(head) + "\n")
        for told in _entries(state, held):
            file.write(json.dumps(told) + "\n")
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return path, count


def _entries(state: State, held: Holding) -> Iterator[dict[str, object]]:
    if held.queue:
        queue = state.queue(held.name)
        for dead in (False, True):
            for item in queue.peek(_EVERY, dead=dead):
                told = {"id": item.id, "put": item.put, "due": item.due, "tries": item.tries, "dead": dead}
                yield {**told, **_body(item.body)}
        return
    for entry in state.bucket(held.name).scan():
        told = {"key": entry.key, "revision": entry.revision, "at": entry.at, "origin": entry.origin}
        yield {**told, **_body(entry.body or b"")}


def _body(body: bytes) -> dict[str, object]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "encoding": "base64"}
