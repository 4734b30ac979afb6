"""Packages resolved on all processors: one child a processor, each with its share, all with what this process knows.

A child answers once, over a pipe, and ends without a word. What it does not answer, for whatever reason, is resolved
here: spreading may fail, and nothing is lost but time.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from rem_cli.check import Enough, Found
from rem_cli.check.packed import pack, unpack
from rem_cli.check.share import Share
from rem_cli.language.findings import MOST, TEXTS, VALUES

WORTH = 60  # texts; fewer are read sooner than a child is made


def find(share: Share, names: Sequence[str], processors: int) -> dict[str, Found]:
    """What each of these packages comes to. Enough."""
    first, *others = _parts(share, names, processors)
    children: list[tuple[int, int]] = []
    try:
        with suppress(OSError):  # as many as the system allows
            for part in others:
                children.append(_child(share, part))
        found = _find(share, first)
        for number, part in enumerate(others):
            answer = _answer(children[number][1]) if number < len(children) else None
            found.update(_find(share, part) if answer is None else answer)
    finally:
        for pid, pipe in children:
            _end(pid, pipe)
    if not _bounded(found):
        raise Enough
    return found


def _find(share: Share, names: Sequence[str]) -> dict[str, Found]:
    """In this process; Enough."""
    share.fetch(path for name in names for path in share.texts[name])
    found: dict[str, Found] = {}
    left = [TEXTS, VALUES, MOST]
    for name in names:
        one = found[name] = share.find(name)
        left = [left[0] - one.summary.size, left[1] - one.summary.values, left[2] - len(one.summary.findings)]
        if min(left) < 0:
            raise Enough
    return found


def _bounded(found: dict[str, Found]) -> bool:
    summaries = [one.summary for one in found.values()]
    return (
        sum(one.size for one in summaries) <= TEXTS
        and sum(one.values for one in summaries) <= VALUES
        and sum(len(one.findings) for one in summaries) <= MOST
    )


def _parts(share: Share, names: Sequence[str], processors: int) -> list[Sequence[str]]:
    """Shares of about the same work, in an order that does not change."""
    texts = sum(len(share.texts[name]) for name in names)
    if texts < WORTH or not _alone():
        processors = 1
    return [names[number::processors] for number in range(max(1, processors))]


def _alone() -> bool:
    """Whether no other thread runs: a child would have its locks, and not the thread that frees them."""
    threading = sys.modules.get("threading")
    return hasattr(os, "fork") and (threading is None or threading.active_count() == 1)


def _child(share: Share, names: Sequence[str]) -> tuple[int, int]:
    """Its process and the pipe that it answers to."""
    ours, its = os.pipe()
    try:
        pid = os.fork()
    except OSError:
        os.close(ours)
        os.close(its)
        raise
    if pid:
        os.close(its)
        return pid, ours
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.close(ours)
        left = memoryview(pack(_find(share, names)))
        while left:
            left = left[os.write(its, left) :]
        os._exit(0)
    finally:  # whatever happened, also Ctrl-C: nothing of the parent's may run here
        os._exit(1)


def _answer(pipe: int) -> dict[str, Found] | None:
    """What a child found; None when it broke."""
    chunks = []
    while chunk := os.read(pipe, 1 << 20):
        chunks.append(chunk)
    return unpack(b"".join(chunks))


def _end(pid: int, pipe: int) -> None:
    os.close(pipe)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)  # one that has answered has nothing left to do
    os.waitpid(pid, 0)
