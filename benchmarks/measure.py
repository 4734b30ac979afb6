"""Measures commands side by side, and writes what was measured into docs/performance.md.

Wall time is that of the command. CPU time is user and system time of every process that came of it, those that put
themselves into the background too: the command runs below a process of its own that is made the reaper of orphans
(prctl(2), PR_SET_CHILD_SUBREAPER), ends those that stay behind, and then asks for the children's usage (getrusage(2)).
Servers that were started before do not count.
"""

from __future__ import annotations

import compileall
import contextlib
import ctypes
import json
import os
import platform
import resource
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "performance.md"
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclass(frozen=True)
class Sample:
    wall: float  # seconds
    cpu: float  # seconds
    status: int | None  # None: it took longer than its limit
    output: str


@dataclass
class Row:
    """What one contender did, round after round; `trouble` says why it has no number."""

    name: str
    samples: list[Sample] = field(default_factory=list)
    trouble: str = ""

    def wall(self) -> float:
        return statistics.median(sample.wall for sample in self.samples)

    def cpu(self) -> float:
        return statistics.median(sample.cpu for sample in self.samples)


def measure(words: Sequence[str], *, env: Mapping[str, str], cwd: Path, limit: float = 120.0) -> Sample:
    """Run a command to its end. `limit` is in seconds; what takes longer is ended and has no status."""
    with tempfile.TemporaryFile() as output, tempfile.NamedTemporaryFile() as report:
        below = [sys.executable, "-S", "-E", __file__, report.name, str(limit), *words]
        subprocess.run(below, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=True)
        output.seek(0)
        told = json.loads(Path(report.name).read_text())
        return Sample(told["wall"], told["cpu"], told["status"], output.read().decode(errors="replace"))


def _run_below(report: str, limit: float, words: list[str]) -> None:
    """The reaper's own program: run, clear away what stays behind, tell what it took."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    begin = time.monotonic()
    process = subprocess.Popen(words, start_new_session=True)
    # Popen.wait with a timeout looks only every 50 ms; a file descriptor of the process tells at once.
    ended, _, _ = select.select([os.pidfd_open(process.pid)], [], [], limit)
    if not ended:
        os.killpg(process.pid, signal.SIGKILL)
    wall = time.monotonic() - begin
    code = process.wait()
    status = code if ended else None
    _end_children()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)  # os.times() counts in steps of 10 ms
    Path(report).write_text(json.dumps({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "status": status}))


def _end_children() -> None:
    """End and reap every process that is left below us; a round is one `children` file (proc(5)) after another."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(ChildProcessError):
        while left := children.read_text().split():
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGTERM)
            end = time.monotonic() + 2.0
            while time.monotonic() < end and children.read_text().split():
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    time.sleep(0.005)
            for pid in children.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
                os.waitpid(int(pid), 0)


def compiled() -> None:
    """Have REM's modules as byte code, as an installer leaves them; some environments forbid Python to write it."""
    compileall.compile_dir(str(ROOT / "rem_cli"), quiet=1)


def table(rows: Sequence[Row], own: str, *, unit: str = "s") -> list[str]:
    """A Markdown table, fastest first, each as a multiple of `own`. `unit` is "s" or "ms"."""
    scale, digits = (1000.0, 0) if unit == "ms" else (1.0, 2)
    measured = sorted((row for row in rows if row.samples), key=Row.wall)
    base = next((row for row in measured if row.name == own), None)
    lines = [f"| | wall {unit} | × {own} | CPU {unit} | × {own} |", "| --- | ---: | ---: | ---: | ---: |"]
    for row in measured:
        times = [f"{row.wall() / base.wall():.2f}", f"{row.cpu() / base.cpu():.2f}"] if base else ["", ""]
        name = f"**{row.name}**" if row is base else row.name
        wall, cpu = (f"{value * scale:.{digits}f}" for value in (row.wall(), row.cpu()))
        lines.append(f"| {name} | {wall} | {times[0]} | {cpu} | {times[1]} |")
    lines += [f"| {row.name} | {row.trouble} | | | |" for row in rows if not row.samples]
    return lines


def machine() -> str:
    """What it was measured on, in a line: nothing that names the machine."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    when = time.strftime("%Y-%m-%d", time.gmtime())
    return f"{os.cpu_count()} × {cpu}, {system}, Python {platform.python_version()}, {when}"


def publish(name: str, lines: Sequence[str], *, write: bool) -> None:
    """Print a report; with `write`, also put it between `<!-- name -->` and `<!-- /name -->` of the page."""
    text = "\n".join(lines)
    print(text)
    if write:
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, mark, rest = PAGE.read_text().partition(begin)
        if not mark or end not in rest:
            sys.exit(f"{PAGE} has no place for it: {begin.strip()} … {end}")
        PAGE.write_text(f"{before}{begin}{text}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    _run_below(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
