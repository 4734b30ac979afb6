"""Runs one child to its end, with bounds on what it may take and write."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

from rem_cli.clock import SystemClock
from rem_cli.tree import TreeError


class Answer(NamedTuple):
    status: int
    out: bytes
    err: str

    @property
    def reason(self) -> str:
        """The line that tells most, without git's own prefix."""
        lines = [line for line in self.err.splitlines() if line.startswith(("fatal: ", "error: "))]
        return lines[-1].partition(": ")[2] if lines else f"exit status {self.status}"


def run(
    argv: list[str],
    environment: dict[str, str],
    cwd: Path,
    stdin: bytes,
    limit: int,
    seconds: float,
    *,
    largest: int | None = None,
) -> Answer:
    """Run to the end, or kill it when it says more than `limit` bytes, or takes more than `seconds`.

    With `largest`, no file that it writes has more bytes.
    """
    words = os.memfd_create("words", os.MFD_CLOEXEC)  # stdin and stderr are files, so that no pipe can fill up
    given = os.memfd_create("given", os.MFD_CLOEXEC)
    try:
        with open(given, "wb", closefd=False) as file:
            file.write(stdin)
        os.lseek(given, 0, os.SEEK_SET)
        process = subprocess.Popen(
            argv, stdin=given, stdout=subprocess.PIPE, stderr=words, cwd=cwd, env=environment, start_new_session=True
        )
        if largest is not None:
            with contextlib.suppress(ProcessLookupError):  # it is through already
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest, largest))
        try:
            out = _output(process, argv, limit, seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            assert process.stdout is not None
            process.stdout.close()
            process.wait()
        return Answer(process.returncode, out, os.pread(words, 1 << 16, 0).decode(errors="replace"))
    finally:
        os.close(words)
        os.close(given)


def _output(process: subprocess.Popen[bytes], argv: list[str], limit: int, seconds: float) -> bytes:
    assert process.stdout is not None
    clock = SystemClock()
    deadline = clock.monotonic() + seconds
    chunks: list[bytes] = []
    total = 0
    while True:
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - clock.monotonic()))
        if not ready:
            raise TreeError(f"{os.path.basename(argv[0])} did not answer in {seconds:g} s: {argv[-1]}")
        chunk = os.read(process.stdout.fileno(), 1 << 20)
        if not chunk:
            return b"".join(chunks)
        total += len(chunk)
        if total > limit:
            raise TreeError(f"git gave more than {limit >> 20} MiB, which no repository of packages needs")
        chunks.append(chunk)
