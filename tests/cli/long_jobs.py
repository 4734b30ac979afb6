"""Two SSH hosts and a long job that waits for a word at each line; what it does is seen from outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rem_cli.reach.loopback import Fleet
from tests.cli.conftest import Repository

HOSTS = ("127.1.0.1", "127.1.0.2")
JOBS = """\
package: shop
hosts:
  web:
    web01: {address: 127.1.0.1}
    web02: {address: 127.1.0.2}
    here: {reach: local}
jobs:
  long:
    copy:
      script: scripts/copy
      arguments: ["it's"]
      params: {depth: "3"}
      hosts: web01
      detached: true
      timeout: TIMEOUT
      grace: 1s
      graph: [rows]
      retention: 60s:1h
    short: {shell: 'echo $$ >GATE/pid; read -r word <GATE/in', hosts: here, grace: 1s}
"""
# Says that it runs, counts how often it was started, and waits for a word at each line.
COPY = """\
#!/bin/sh
echo started >>GATE/starts
echo "begun $1 $REM_PARAM_DEPTH $REM_HOST"
echo $$ >GATE/pid
while read -r word <GATE/in && [ "$word" != end ]; do
    echo "$word"
    echo "no $word" >&2
    echo said >GATE/said
done
echo '{"rows": 7}' >"$REM_RESULT"
BODY
"""


@dataclass
class Yard:
    repository: Repository
    gate: Path
    fleet: Fleet

    def apply(self, body: str = "echo over", *, timeout: str = "1h", where: str = "web01", schedule: str = "") -> None:
        script = COPY.replace("BODY", body).replace("GATE", str(self.gate))
        package = JOBS.replace("TIMEOUT", timeout).replace("GATE", str(self.gate)).replace("web01\n", f"{where}\n")
        for one in filter(None, schedule.split(", ")):
            package = package.replace("      detached: true\n", f"      detached: true\n      {one}\n")
        files: dict[str, str | bytes] = {"packages/shop/package.yaml": package, "packages/shop/scripts/copy": script}
        self.repository.applied(files)

    def start(self, *words: str) -> int:
        """Run the job; the program's process id."""
        done = self.repository.rem("job", "run", "shop/jobs/long/copy", *words)
        assert done.status == 0, done
        return int((self.gate / "pid").read_text())

    def say(self, word: str) -> None:
        (self.gate / "in").write_text(f"{word}\n")
        if word != "end":
            (self.gate / "said").read_text()

    def show(self, run: int = 1) -> Any:
        return self.repository.rem("job", "show", str(run), "--format", "json").document

    def folders(self) -> list[Path]:
        homes = [*(self.fleet.home(host) for host in HOSTS), Path.home()]
        return [folder for home in homes for folder in home.glob(".local/state/rem/runs/*")]

    def starts(self) -> int:
        return (self.gate / "starts").read_text().count("started")


@pytest.fixture
def yard(empty: Repository, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    assert fleet.hosts[:2] == HOSTS
    monkeypatch.setenv("REM_SSH_CONFIG", str(fleet.ssh_config))
    gate = tmp_path / "gate"
    gate.mkdir()
    for name in ("in", "said", "pid"):
        os.mkfifo(gate / name)
    yard = Yard(empty, gate, fleet)
    yield yard
    for folder in yard.folders():
        for name in ("group", "pid"):
            with contextlib.suppress(OSError):
                os.killpg(int((folder / name).read_text().split()[0]), signal.SIGKILL)
        shutil.rmtree(folder)
