"""Keeps others from looking into this process once it holds a secret."""

from __future__ import annotations

import ctypes

_PR_SET_DUMPABLE = 4  # prctl(2)


def close() -> None:
    """No core dump from now on, and no look at memory or environment for programs of the same user; root still can.

    Programs that are started are as they always were: execve(2) resets this.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
