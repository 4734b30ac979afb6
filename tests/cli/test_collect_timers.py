"""Jobs that a host starts by itself by timers of systemd: units as systemd reads them, run as it runs them, fetched.

systemd-analyze reads what is written; no systemd runs, so a stand-in for systemctl notes what it is told.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import Done, Repository

SYSTEMCTL = Path(__file__).parents[1] / "fakes/systemctl"
JOBS = """\
package: shop
version: 0.1.0
hosts:
  web:
    web01: {reach: local, runs locally: true, scheduler: systemd, rem folder: FOLDER/rem, schedule folder: FOLDER/units}
jobs:
  web:
    load: {script: scripts/load, arguments: ["100 %", $HOME], hosts: web01, every: 10s, timeout: 20s, overlap: allow}
"""
LOAD = """#!/bin/sh\nprintf '%s|' "$@" "$REM_DUE"\n"""
DATE = '#!/bin/sh\nexec /bin/date -d "@$AT" "$@"\n'
NOON = 1_790_000_045


@dataclass
class Yard:
    repository: Repository
    folder: Path

    def apply(self, old: str = "", new: str = "") -> Done:
        text = JOBS.replace("FOLDER", str(self.folder)).replace(old, new)
        files = {"packages/shop/package.yaml": text, "packages/shop/scripts/load": LOAD}
        self.repository.commit(files, message="jobs")
        return self.repository.rem("apply")

    def calls(self) -> list[str]:
        told = self.folder / "calls"
        rows = told.read_text().splitlines() if told.exists() else []
        told.unlink(missing_ok=True)
        return [re.sub(r"rem-load-\w+", "load", row) for row in rows]

    def tick(self) -> list[str]:
        """The service is started: it is over at once, and the run ends by itself; what lies there then."""
        (service,) = [path for path in self.units if path.suffix == ".service"]
        (row,) = re.findall("ExecStart=(.*)", service.read_text())
        subprocess.run(shlex.split(row.replace("%%", "%").replace("$$", "$")), check=True, timeout=60, cwd="/")
        for _ in range(3000):
            if spooled := sorted(path.name for path in self.folder.glob("rem/*/spool/*")):
                return spooled
            time.sleep(0.01)
        raise AssertionError("the run did not end in 30 s")

    @property
    def units(self) -> list[Path]:
        return sorted((self.folder / "units").iterdir())


@pytest.fixture
def yard(empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    folder = tmp_path / "host"
    for name in ("bin", "units", "loaded", "enabled", "active"):
        (folder / name).mkdir(parents=True, mode=0o755)
    shutil.copy(SYSTEMCTL, folder / "bin/systemctl")
    (folder / "bin/date").write_text(DATE)
    (folder / "bin/date").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin")
    monkeypatch.setenv("AT", str(NOON))
    monkeypatch.setenv("SYSTEMD", str(folder))
    return Yard(empty, folder)


def test_a_timer_is_put_there_started_and_its_runs_are_fetched(yard: Yard) -> None:
    done = yard.apply()
    assert done.status == 0, done.err
    assert yard.calls() == ["daemon-reload", "enable load.timer", "start load.timer"]
    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, yard.units)], capture_output=True, text=True, check=False
    )
    assert [row for row in said.stderr.splitlines() if "rem-" in row] == []
    (name,) = yard.tick()
    assert name.endswith(".1790000040")  # every ten seconds
    assert yard.repository.rem("job", "collect").status == 0
    shown = yard.repository.rem("job", "show", "1", "--format", "json").document
    assert (shown["due"], shown["who"], shown["generation"]) == ("2026-09-21T14:14:00.000Z", "systemd of web01", 1)
    assert shown["hosts"][0]["stdout"] == "100 %|$HOME|2026-09-21T14:14:00Z|"
    assert "nothing to do" in yard.repository.rem("apply").out
    assert yard.calls() == []


def test_drift_of_a_timer_is_told_mended_and_gone_with_it(yard: Yard) -> None:
    yard.apply()
    timer = yard.units[1]
    subprocess.run(["systemctl", "disable", "--now", timer.name], check=True)
    yard.calls()
    told = yard.repository.rem("diff", "--drift")
    assert f"~ {timer}  is disabled; changed by hand since" in told.out, told.out
    assert yard.repository.rem("apply").status == 0
    assert yard.calls() == ["stop load.timer", "daemon-reload", "enable load.timer", "start load.timer"]
    assert yard.apply("every: 10s", "every: 30s").status == 0
    assert yard.calls() == ["stop load.timer", "daemon-reload", "enable load.timer", "start load.timer"]
    assert yard.apply(", scheduler: systemd", "").status != 0  # cron keeps no seconds
    assert yard.calls() == []
    assert yard.apply("runs locally: true, ", "").status == 0
    assert (yard.calls(), yard.units) == (["disable --now load.timer", "daemon-reload"], [])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("every: 10s", "every: 7m", "a systemd timer cannot run shop/jobs/web/load every 7m from one fixed moment on"),
        ("overlap: allow", "overlap: queue", "a host that starts shop/jobs/web/load by itself cannot keep 'overlap"),
        ("overlap: allow", "catch up: all", "a systemd timer cannot keep 'catch up: all' of shop/jobs/web/load"),
    ],
)
def test_what_no_timer_can_keep_is_refused(yard: Yard, old: str, new: str, said: str) -> None:
    done = yard.apply(old, new)
    assert said in done.err, done.err
    assert (done.status != 0, yard.units, yard.calls()) == (True, [], [])
