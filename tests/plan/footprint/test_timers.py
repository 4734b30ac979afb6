"""Timers of systemd: stopped, switched, reloaded and started, only those that change, and whole after any kill.

No systemd runs here: a stand-in for systemctl notes what it is told, and keeps what systemd would have loaded.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.plan.footprint import Object
from rem_cli.plan.footprint.environment import HostsFailedError
from rem_cli.plan.footprint.rollout import Pace
from rem_cli.plan.footprint.steps import Move
from rem_cli.reach.local import LocalTransport
from tests.fakes.counted import Counted
from tests.fakes.transport import PlayTransport
from tests.plan.footprint.test_confirm import CUT_OFF, power_cut, reached_by
from tests.plan.footprint.test_killed import cutting
from tests.plan.footprint.yard import Estate, Yard, file, host, moves

FAKE = Path(__file__).parents[2] / "fakes/systemctl"


class Systemd:
    """What the stand-in keeps, and units as a job has them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("units", "loaded", "enabled", "active"):
            (folder / name).mkdir(parents=True)
        self.yard = Yard(folder / "units", {"local": LocalTransport(SystemClock())})

    def unit(self, name: str, text: str = "hello\n") -> Object:
        return replace(self.yard.object(name, text), kind="schedule")

    def pair(self, job: str, timer: str = "hourly\n", service: str = "run\n") -> list[Object]:
        return [self.unit(f"rem-{job}.service", service), self.unit(f"rem-{job}.timer", timer)]

    def calls(self) -> list[str]:
        """What systemctl was told since the last look."""
        told = self.folder / "calls"
        calls = told.read_text().splitlines() if told.exists() else []
        told.unlink(missing_ok=True)
        return calls

    def running(self) -> dict[str, str]:
        """Timers that are enabled and run, each with the text by which it does, and the text of its service."""
        return {
            path.name: path.read_text() + (self.folder / "loaded" / f"{path.stem}.service").read_text()
            for path in sorted((self.folder / "active").iterdir())
            if (self.folder / "enabled" / path.name).exists()
        }


@pytest.fixture
def systemd(tmp_path: Path, local: Counted, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    (tmp_path / "bin").mkdir()
    shutil.copy(FAKE, tmp_path / "bin/systemctl")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("SYSTEMD", str(tmp_path / "systemd"))
    return Systemd(tmp_path / "systemd")


def test_a_new_timer_is_enabled_and_started_once_its_files_are_there(systemd: Systemd) -> None:
    assert systemd.yard.put(*systemd.pair("a"), systemd.yard.object("motd")) is None
    assert systemd.calls() == ["daemon-reload", "enable rem-a.timer", "start rem-a.timer"]
    assert systemd.running() == {"rem-a.timer": "hourly\nrun\n"}
    assert moves(systemd.yard.plan(*systemd.pair("a"))) == ["remove", "unchanged", "unchanged"]


@pytest.mark.parametrize(
    ("changed", "calls"),
    [
        (("daily\n", "run\n"), ["stop rem-a.timer", "daemon-reload", "enable rem-a.timer", "start rem-a.timer"]),
        (("hourly\n", "walk\n"), ["stop rem-a.timer", "daemon-reload", "enable rem-a.timer", "start rem-a.timer"]),
        (("hourly\n", "run\n"), []),
    ],
    ids=["the timer", "its service", "nothing"],
)
def test_only_a_timer_that_changes_is_touched(systemd: Systemd, changed: Sequence[str], calls: list[str]) -> None:
    assert systemd.yard.put(*systemd.pair("a"), *systemd.pair("b")) is None
    systemd.calls()
    assert systemd.yard.put(*systemd.pair("a", *changed), *systemd.pair("b")) is None
    assert systemd.calls() == calls
    assert systemd.running() == {"rem-a.timer": "".join(changed), "rem-b.timer": "hourly\nrun\n"}


def test_a_timer_that_nothing_wants_is_disabled_and_stopped_before_its_files_go(systemd: Systemd) -> None:
    systemd.yard.put(*systemd.pair("a"), *systemd.pair("b"))
    systemd.calls()
    assert systemd.yard.put(*systemd.pair("b")) is None
    assert systemd.calls() == ["disable --now rem-a.timer", "daemon-reload"]
    assert (list(systemd.running()), list(systemd.yard.there())) == (
        ["rem-b.timer"], ["rem-b.service", "rem-b.timer"],
    )  # fmt: skip


@pytest.mark.parametrize(("by_hand", "why"), [("enabled", "is disabled"), ("active", "is stopped")])
def test_56_a_timer_that_was_put_to_rest_by_hand_is_seen_and_started_again(
    systemd: Systemd, by_hand: str, why: str
) -> None:
    systemd.yard.put(*systemd.pair("a"))
    (systemd.folder / by_hand / "rem-a.timer").unlink()
    service, timer = systemd.yard.plan(*systemd.pair("a"))
    assert (service.move, timer.move, timer.why, timer.by_hand) == (Move.UNCHANGED, Move.CHANGE, why, True)
    assert systemd.yard.put(*systemd.pair("a")) is None
    assert (list(systemd.running()), moves(systemd.yard.plan(*systemd.pair("a")))) == (
        ["rem-a.timer"], ["unchanged", "unchanged"],
    )  # fmt: skip


def test_a_host_without_systemd_is_told_before_anything_is_switched(systemd: Systemd) -> None:
    (systemd.folder / "down").touch()
    failed = systemd.yard.put(*systemd.pair("a"))
    assert failed is not None
    assert failed.why == "systemctl show --property=Version: System has not been booted with systemd as init system"
    assert failed.hint == "see there: systemctl status; a host without systemd says scheduler: cron"
    assert (systemd.calls(), systemd.yard.there()) == ([], {})


def test_a_timer_that_does_not_start_leaves_all_as_it_was(systemd: Systemd) -> None:
    systemd.yard.put(*systemd.pair("a"))
    before = systemd.running()
    (systemd.folder / "broken").touch()
    failed = systemd.yard.put(*systemd.pair("a", "daily\n"), *systemd.pair("b"))
    assert failed is not None
    assert failed.why == "systemctl start rem-a.timer: no such time"
    assert systemd.running() == before
    assert systemd.yard.there() == {"rem-a.service": "run\n", "rem-a.timer": "hourly\n"}


def test_a_restart_undoes_by_a_unit_what_was_not_confirmed(systemd: Systemd, estate: Estate, tmp_path: Path) -> None:
    path, units = tmp_path / "motd", systemd.folder / "units"
    web01 = host("web01", scheduler="systemd", **{"schedule folder": str(units)})
    estate.apply(web01, file("motd", path, content="hello\n"))
    reached_by(estate, {"local": PlayTransport({"web01": CUT_OFF})})
    with pytest.raises(HostsFailedError):
        estate.apply(web01, file("motd", path, content="new\n"), pace=Pace(confirm_within=600))
    power_cut(tmp_path / "home")
    (unit,) = units.iterdir()
    verify = ["systemd-analyze", "verify", "--man=no", str(unit)]
    said = subprocess.run(verify, capture_output=True, text=True, check=False).stderr
    assert [row for row in said.splitlines() if "rem-" in row] == []
    assert [one.name for one in (systemd.folder / "enabled").iterdir()] == [unit.name]
    (command,) = re.findall("ExecStart=(.*)", unit.read_text())
    subprocess.run(command.split(), check=True, timeout=60)
    assert (path.read_text(), list(units.iterdir()), list((systemd.folder / "enabled").iterdir())) == (
        "hello\n", [], [],
    )  # fmt: skip


def test_58_a_host_killed_at_any_step_ends_with_the_timers_that_are_wanted(
    tmp_path: Path, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One timer changes, one service, one comes, one goes; the next apply ends as if nothing had been killed.

    `ln` keeps what is replaced, so cutting there ends in the midst of switching.
    """
    put = systemd.yard.put
    assert put(*systemd.pair("a"), *systemd.pair("b"), *systemd.pair("gone")) is None
    wanted = [*systemd.pair("a", "daily\n"), *systemd.pair("b", service="walk\n"), *systemd.pair("comes")]
    looked = systemd.yard.look(*wanted)
    systemd.calls()
    begun = shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}.begun"))
    count = cutting(tmp_path, ("systemctl", "ln"), monkeypatch)
    ends = []
    for number in range(1, 100):
        for name in ("systemd", "home"):
            shutil.rmtree(tmp_path / name)
            shutil.copytree(begun / name, tmp_path / name)
        count.write_text("0\n")
        monkeypatch.setenv("CUT_AT", str(number))
        failed = put(*wanted, looked=looked)
        monkeypatch.setenv("CUT_AT", "never")
        if failed is None:
            break
        assert put(*wanted) is None, number
        ends.append((systemd.running(), systemd.yard.there(), moves(systemd.yard.plan(*wanted))))
    assert [systemd.calls(), len(ends)] == [
        [
            "stop rem-a.timer",
            "stop rem-b.timer",
            "disable --now rem-gone.timer",
            "daemon-reload",
            *(f"{verb} rem-{job}.timer" for job in ("a", "b", "comes") for verb in ("enable", "start")),
        ],
        13,
    ]
    running = {"rem-a.timer": "daily\nrun\n", "rem-b.timer": "hourly\nwalk\n", "rem-comes.timer": "hourly\nrun\n"}
    files = {made.path.rpartition("/")[2]: made.content.decode() for made in wanted}
    whole = (running, dict(sorted(files.items())), ["unchanged"] * 6)
    assert [(at, end) for at, end in enumerate(ends, 1) if end != whole] == []
