"""Who runs a run, and whether they still do.

A process id alone is given again sooner or later; with the moment when the process began, and the boot it began in,
it names one process for good (proc_pid_stat(5), field 22; /proc/sys/kernel/random/boot_id).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from rem_cli.jobs import RunState

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Controller:
    node: str
    pid: int
    born: str  # boot and clock ticks since then; empty where the system does not say


def this_process(node: str) -> Controller:
    return Controller(node, os.getpid(), _born(os.getpid()))


def fate(controller: Controller, node: str) -> RunState:
    """What became of a run that has no end in its record, as seen from `node`."""
    if controller.node != node or not controller.born:
        return RunState.UNKNOWN
    return RunState.RUNNING if _born(controller.pid) == controller.born else RunState.INTERRUPTED


def _born(pid: int) -> str:
    try:
        # The name of the program, in brackets, may hold blanks and brackets; the last one closes it.
        fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    if fields[0] in "ZX":  # dead, and only not yet waited for
        return ""
    return f"{boot} {fields[19]}"
