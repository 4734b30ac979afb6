"""Which process of which boot this is: what a lease may be held against.

A lease counts by the clock that never steps, which begins anew with every boot; so it is over in another boot. A
holder whose process has ended holds nothing any more, which only the same boot and the same process table can tell:
a container sees other processes than the host, under the same numbers.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

PROC = Path("/proc")


@cache
def place() -> str:
    """This boot and this process table; empty where the system does not tell."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {(PROC / 'self/ns/pid').readlink()}"
    except OSError:
        return ""


def boot(of: str) -> str:
    """The boot of a place."""
    return of.partition(" ")[0]


def process() -> str:
    """This process: its number and when it began, since numbers come again."""
    return f"{os.getpid()} {_began(os.getpid())}"


def is_gone(where: str, which: str) -> bool:
    """Whether a process has surely ended."""
    if not where or where != place():
        return False
    number, _, began = which.partition(" ")
    return bool(began) and _began(int(number)) != began


def _began(number: int) -> str:
    """When a process began, in ticks since the boot; empty when there is none, or it waits to be buried."""
    try:
        stat = (PROC / str(number) / "stat").read_text()
    except OSError:
        return ""
    words = stat.rpartition(")")[2].split()
    return "" if words[0] in "ZX" else words[19]
