"""A command that runs while a lock is held."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

from rem_cli.errors import RemError
from rem_cli.state import Lease, LockLost

GRACE = 10.0  # seconds between TERM and KILL, where the lock was lost


def run(command: Sequence[str], lease: Lease) -> int:
    """Run it to its end, keeping the lease; its exit status as a shell has it. LockLost, after it was ended."""
    environment = {**os.environ, "REM_FENCE": str(lease.fence)}
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise RemError(f"{command[0]!r} did not start: {os.strerror(error.errno or 0).lower()}") from error
    try:
        while process.poll() is None:
            _wait(process, lease.left / 3)
            if process.poll() is None:
                lease.renew()
    except BaseException as error:
        process.terminate()
        _wait(process, GRACE)
        process.kill()
        process.wait()
        if isinstance(error, LockLost):
            error.hint = f"{command[0]} was ended before it was done"
        raise
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
