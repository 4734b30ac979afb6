"""Long jobs on real SSH hosts: left running there, looked at from anywhere, told exactly once."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.wire import reading
from tests.cli.long_jobs import HOSTS, Yard, yard
from tests.fakes.fleet import FaultyHosts

__all__ = ["yard"]


class Hand(SystemClock):
    """The machine's time, and so many seconds more."""

    ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


def _dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("where", ["web01", "here"])
def test_it_runs_on_while_nobody_looks_and_is_told_whole(yard: Yard, where: str) -> None:
    yard.apply(where=where)
    assert yard.repository.program("job", "run", "shop/jobs/long/copy").status == 0
    assert (yard.gate / "pid").read_text()
    assert yard.show()["state"] == "running"
    yard.say("one")
    yard.say("two")
    with yard.repository.started("job", "follow", "1") as follower:
        assert follower.stdout is not None
        told = [follower.stdout.readline() for _ in range(5)]
        yard.say("three")
        told += [follower.stdout.readline(), follower.stdout.readline()]
        yard.say("end")
        rest = follower.stdout.read()
    assert follower.returncode == 0
    lines = (f"begun it's 3 {where}", "one", "two", "no one", "no two", "three", "no three")
    assert told == [f"{where} {line}\n" for line in lines]
    assert rest.startswith(f"{where} over\n")
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["stdout"], host["stderr"], host["data"]) == (
        "ok",
        f"begun it's 3 {where}\none\ntwo\nthree\nover\n",
        "no one\nno two\nno three\n",
        {"rows": 7},
    )
    assert yard.folders() == []
    assert f"shop/jobs/long/copy/{where}/rows" in yard.repository.rem("series", "list").out


@pytest.mark.parametrize(
    ("body", "timeout", "outcome", "why", "out"),
    [
        ("exit 3", "1h", "failed", "exit status 3", ""),
        ("kill -9 $$", "1h", "failed", "ended by signal KILL", ""),
        ("echo more; trap '' TERM; sleep 60", "1s", "timed out", "over its timeout", "more\n"),
        ("sleep 60 & echo over", "1h", "ok", None, "over\n"),
        ("printf 'a\\000b\\377'", "1h", "ok", None, "YQBi/w=="),
        ("head -c 17000000 /dev/zero | tr '\\0' x", "1h", "ok", None, "x" * (16 << 20)),
    ],
)
def test_every_end_is_told_as_it_was(
    yard: Yard, body: str, timeout: str, outcome: str, why: str | None, out: str
) -> None:
    yard.apply(timeout=timeout, where="here")
    yard.repository.commit({"packages/shop/scripts/copy": f"#!/bin/sh\n{body}\n"}, message="simple")
    yard.repository.rem("apply")
    yard.repository.rem("job", "run", "shop/jobs/long/copy")
    yard.repository.rem("job", "follow", "1")
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["why"], host["stdout"]) == (outcome, why, out)
    assert host["dropped"] == ({"stdout": 17_000_000 - (16 << 20)} if len(out) > 1000 else {})
    assert yard.folders() == []


@pytest.mark.parametrize(("where", "traps"), [("web01", ""), ("here", "trap '' TERM\n")])
def test_it_is_ended_from_any_terminal_with_all_that_it_started(yard: Yard, where: str, traps: str) -> None:
    stray = f"{traps}setsid sleep 300 & echo $! >GATE/said; read -r word <GATE/in".replace("GATE", str(yard.gate))
    yard.apply(where=where)
    yard.repository.commit({"packages/shop/scripts/copy": f"#!/bin/sh\necho begun\n{stray}\n"}, message="simple")
    yard.repository.rem("apply")
    assert yard.repository.rem("job", "run", "shop/jobs/long/copy").status == 0
    left = int((yard.gate / "said").read_text())
    done = yard.repository.program("job", "cancel", "1", LOGNAME="bo")
    assert done.status == 0, done
    assert "cancelled by bo" in done.out
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["why"], host["stdout"]) == ("cancelled", "cancelled by bo", "begun\n")
    assert _dead(left)
    assert yard.folders() == []
    assert yard.repository.rem("job", "cancel", "1").out == "run 1 has ended before: cancelled by bo: 1 cancelled\n"


def test_a_short_run_is_ended_from_another_terminal(yard: Yard) -> None:
    yard.apply()
    with yard.repository.started("job", "run", "shop/jobs/long/short") as running:
        assert int((yard.gate / "pid").read_text())
        assert yard.repository.rem("job", "cancel", "1").status == 0
        running.communicate(timeout=60)
    assert running.returncode == 130
    assert yard.show()["hosts"][0]["outcome"] == "cancelled"


def test_a_run_that_nobody_is_at_any_more_cannot_be_ended(yard: Yard) -> None:
    yard.apply()
    with yard.repository.started("job", "run", "shop/jobs/long/short") as running:
        program = int((yard.gate / "pid").read_text())
        running.kill()
        running.communicate()
    os.killpg(os.getpgid(program), signal.SIGKILL)
    done = yard.repository.rem("job", "cancel", "1")
    assert (done.status, done.err) == (
        11,
        "rem: run 1 cannot be ended from here: whoever ran it is gone\nhint: rem job show 1\n",
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("restarted", "the host was restarted while it ran"),
        ("recycled", "its runner was killed there; how the program ended is not known"),
        ("killed", "its runner was killed there; how the program ended is not known"),
        ("gone", "nothing of it is left on the host"),
    ],
)
def test_what_a_host_no_longer_runs_is_lost_and_says_why(yard: Yard, change: str, why: str) -> None:
    yard.apply()
    program = yard.start()
    yard.say("one")
    yard.repository.rem("job", "collect")
    (folder,) = yard.folders()
    runner, since, boot = (folder / "pid").read_text().split()
    os.killpg(int(runner), signal.SIGKILL)
    if change == "restarted":
        (folder / "pid").write_text(f"{os.getpid()} {since} another-boot\n")
    if change == "recycled":  # the numbers are those of others now
        (folder / "pid").write_text(f"{os.getpid()} {since} {boot}\n")
        (folder / "group").write_text(f"{os.getpid()} {since}\n")
    os.killpg(program, signal.SIGKILL)
    if change == "gone":
        shutil.rmtree(folder)
    yard.repository.rem("job", "collect")
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["why"], host["stdout"]) == ("lost", why, "begun it's 3 web01\none\n")
    assert yard.folders() == []


def test_a_link_that_is_cut_is_taken_up_again_where_it_was(yard: Yard) -> None:
    yard.apply()
    yard.start()
    yard.say("one")
    with yard.repository.started("job", "follow", "1") as follower:
        assert follower.stdout is not None
        assert follower.stderr is not None
        told = [follower.stdout.readline() for _ in range(3)]
        yard.fleet.break_host(HOSTS[0])
        try:
            yard.say("two")
            assert any("web01 could not be asked" in line for line in iter(follower.stderr.readline, ""))
        finally:
            yard.fleet.heal_host(HOSTS[0])
        yard.say("end")
        told += follower.stdout.readlines()
        follower.stderr.read()
    assert [line.removeprefix("web01 ").rstrip() for line in told[:6]] == [
        "begun it's 3 web01", "one", "no one", "two", "over", "no two"
    ]  # fmt: skip
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["stdout"]) == ("ok", "begun it's 3 web01\none\ntwo\nover\n")


def test_a_host_that_is_away_ends_it_once_it_answers(yard: Yard) -> None:
    yard.apply()
    yard.start()
    yard.fleet.break_host(HOSTS[0])
    try:
        done = yard.repository.rem("job", "cancel", "1")
        assert (done.status, "web01 could not be asked" in done.err) == (6, True)
        assert yard.show()["state"] == "running"
    finally:
        yard.fleet.heal_host(HOSTS[0])
    assert yard.repository.rem("job", "collect").status == 0
    (host,) = yard.show()["hosts"]
    assert (host["outcome"], host["stdout"]) == ("cancelled", "begun it's 3 web01\n")


def test_a_host_that_will_never_answer_is_taken_as_lost_when_somebody_says_so(yard: Yard) -> None:
    yard.apply()
    yard.start()
    yard.fleet.break_host(HOSTS[0])
    try:
        assert yard.repository.rem("job", "cancel", "1", "--lost").status == 0
    finally:
        yard.fleet.heal_host(HOSTS[0])
    (host,) = yard.show()["hosts"]
    assert host["outcome"] == "lost"
    assert yard.show()["state"] == "finished"
    yard.say("end")


def test_a_disk_that_is_almost_full_starts_nothing(yard: Yard, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin/df"
    fake.write_text("#!/bin/sh\necho Filesystem 1024-blocks Used Available Capacity Mounted on\n"
                    "echo /dev/root 99 88 1234 99% /a 5% b\n")  # fmt: skip
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    yard.apply(where="here")
    done = yard.repository.rem("job", "run", "shop/jobs/long/copy")
    assert (done.status, yard.folders()) == (6, [])
    assert "not started: only 1234 KiB are free there for what it will print" in done.out


def test_its_schedule_waits_for_it_and_what_is_due_fetches_it(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SystemClock", Hand)
    yard.apply(schedule="every: 1m, catch up: none, overlap: forbid")
    assert yard.repository.rem("job", "run-due").out == ""
    monkeypatch.setattr(Hand, "ahead", 60)
    done = yard.repository.rem("job", "run-due")
    assert "run 1: a long job, which runs by itself\n1 long job still running: run 1\n" in done.out, done
    assert (yard.gate / "pid").read_text()
    monkeypatch.setattr(Hand, "ahead", 120)
    assert ": skipped: " in yard.repository.rem("job", "run-due").out
    yard.say("end")
    assert yard.repository.rem("job", "follow", "1").status == 0
    monkeypatch.setattr(Hand, "ahead", 180)
    assert "run 2: a long job" in yard.repository.rem("job", "run-due").out
    assert (yard.gate / "pid").read_text()


def test_the_next_run_takes_its_place(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SystemClock", Hand)
    yard.apply(schedule="every: 1m, catch up: none, overlap: replace")
    yard.repository.rem("job", "run-due")
    for run in (1, 2):
        monkeypatch.setattr(Hand, "ahead", 60 * run)
        assert f"run {run}: a long job" in yard.repository.rem("job", "run-due").out
        assert (yard.gate / "pid").read_text()
    (host,) = yard.show(1)["hosts"]
    assert (host["outcome"], host["why"]) == ("cancelled", "cancelled by schedule")


def test_a_link_may_be_cut_after_any_byte(yard: Yard) -> None:
    yard.apply()
    body = f"#!/bin/sh\nseq 30000\necho $$ >{yard.gate}/pid\nread -r word <{yard.gate}/in\n"
    yard.repository.applied({"packages/shop/scripts/copy": body})
    yard.start()
    for count in (1_500, 6_000, 40_000, 170_000):
        with _cutting(yard, count):
            assert yard.repository.rem("job", "collect").status in (0, 6)
    yard.say("end")
    assert yard.repository.rem("job", "follow", "1").status == 0
    (host,) = yard.show()["hosts"]
    assert host["stdout"] == "".join(f"{number}\n" for number in range(1, 30001))


@pytest.mark.parametrize("count", [1_500, 2_100, 2_200, 2_250, 2_300, 4_300])
def test_a_start_whose_link_is_cut_is_told_as_it_was(yard: Yard, count: int) -> None:
    yard.apply()
    yard.repository.applied({"packages/shop/scripts/copy": f"#!/bin/sh\necho started >>{yard.gate}/starts\n"})
    with _cutting(yard, count):
        yard.repository.rem("job", "run", "shop/jobs/long/copy")
    yard.repository.rem("job", "follow", "1")
    (host,) = yard.show()["hosts"]
    if (yard.gate / "starts").exists():
        assert (host["outcome"], yard.starts()) == ("ok", 1)
    else:
        assert host["outcome"] in ("unreachable", "cancelled")
    assert yard.folders() == []


@contextmanager
def _cutting(yard: Yard, count: int) -> Iterator[None]:
    """Reach the host by way of somebody who cuts each link after so many bytes of the host's."""
    package, known = yard.repository.package.read_text(), yard.fleet.known_hosts.read_text()
    key = known.splitlines()[0].split(" ", 1)[1]
    with FaultyHosts() as faulty:
        cut = faulty.closing_after(count, yard.fleet, HOSTS[0])
        yard.fleet.known_hosts.write_text(f"{known}[{cut.address}]:{cut.port} {key}\n")
        there = package.replace(f"address: {HOSTS[0]}", f"address: {cut.address}, port: {cut.port}")
        yard.repository.applied({"packages/shop/package.yaml": there})
        yield
    yard.repository.applied({"packages/shop/package.yaml": package})
    yard.fleet.known_hosts.write_text(known)


def test_a_procedure_waits_for_it_and_needs_no_process_for_that(yard: Yard) -> None:
    yard.apply()
    states = "{copy: {task: shop/jobs/long/copy, next: over}, over: {succeed: copied}}"
    yard.repository.applied(
        {"packages/ops.yaml": f"procedures: {{ops: {{copy: {{start: copy, states: {states}}}}}}}\n"}
    )
    done = yard.repository.rem("procedure", "start", "ops/procedures/ops/copy", "--wait", "100ms")
    assert (done.status, "waits: it waits for the long job of job run 1" in done.out) == (0, True), done
    assert (yard.gate / "pid").read_text()
    assert yard.repository.rem("procedure", "follow").out == "No run is due.\n"
    yard.say("end")
    yard.repository.rem("job", "follow", "1")
    assert "copied" in yard.repository.rem("procedure", "follow").out
    shown = yard.repository.rem("procedure", "show", "1", "--format", "json").document
    assert (shown["fate"], [step["result"]["numbers"] for step in shown["steps"][:1]]) == ("succeeded", [{"rows": 7.0}])


@pytest.mark.parametrize("words", [("procedure", "start", "ops/procedures/ops/short"), ("job", "run-due")])
def test_a_short_run_is_ended_whoever_started_it(yard: Yard, words: tuple[str, ...]) -> None:
    yard.apply()
    package = yard.repository.package.read_text().replace(
        "hosts: here, grace", "hosts: here, once: 2026-01-01 00:00, late: ok, grace"
    )
    states = "{short: {task: shop/jobs/long/short}}"
    ops = f"procedures: {{ops: {{short: {{start: short, states: {states}}}}}}}\n"
    yard.repository.applied({"packages/shop/package.yaml": package, "packages/ops.yaml": ops})
    with yard.repository.started(*words) as running:
        assert int((yard.gate / "pid").read_text())
        assert yard.repository.rem("job", "cancel", "1").status == 0
        running.communicate(timeout=60)
    assert yard.show()["hosts"][0]["outcome"] == "cancelled"
