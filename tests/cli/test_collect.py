"""Jobs that real SSH hosts start by themselves: applied as files, run as cron runs them, fetched once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.reach.loopback import Fleet
from rem_cli.wire import reading
from tests.cli.conftest import Done, Repository

NOON = 1_790_000_040  # a whole minute
JOBS = """\
package: shop
version: 0.1.0
hosts:
  web:
    web01: {address: ADDRESS1, runs locally: true, rem folder: FOLDER/rem, schedule folder: FOLDER/cron.d}
    web02: {address: ADDRESS2}
jobs:
  web:
    load:
      script: scripts/load
      arguments: ["it's", "100 %"]
      env: {WORD: "two\\nlines"}
      params: {depth: "3"}
      hosts: web01
      cron: "*/5 4 * * *"
      catch up: none
      timeout: 20s
      grace: 1s
      graph: [load]
      retention: 60s:1h
"""
LOAD = """\
#!/bin/sh
printf '%s|' "$@" "$WORD" "$REM_PARAM_DEPTH" "$REM_HOST" "$REM_DUE"
echo '{"load": 4}' >"$REM_RESULT"
echo careful >&2
"""
DATE = '#!/bin/sh\nexec /bin/date -d "@$AT" "$@"\n'


class Hand(SystemClock):
    at = NOON

    def now(self) -> float:
        return float(self.at)


@dataclass
class Yard:
    repository: Repository
    folder: Path

    @property
    def entries(self) -> list[Path]:
        return sorted((self.folder / "cron.d").iterdir())

    def command(self, job: str) -> list[str]:
        """The command of a job's file of cron's, as cron gives it to sh."""
        (entry,) = [entry for entry in self.entries if entry.name.startswith(f"rem-{job}-")]
        (row,) = [row for row in entry.read_text().splitlines() if re.match(r"[*\d]", row)]
        return ["sh", "-c", row.split(None, 6)[6].replace("\\%", "%")]

    def begin(self, at: int, job: str = "load") -> subprocess.Popen[bytes]:
        """The host's cron starts it at an instant."""
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        return subprocess.Popen(
            self.command(job), env={"PATH": path, "AT": str(at), "HOME": "/"}, start_new_session=True
        )

    def tick(self, at: int = NOON, job: str = "load") -> None:
        assert self.begin(at, job).wait(timeout=60) == 0

    def spooled(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("rem/*/spool/*"))

    def apply(self, package: str | None = None, load: str = LOAD) -> Done:
        text = (package or JOBS).replace("FOLDER", str(self.folder))
        for number, address in enumerate(HOSTS, 1):
            text = text.replace(f"ADDRESS{number}", address)
        files = {"packages/shop/package.yaml": text, "packages/shop/scripts/load": load}
        self.repository.commit(files, message="jobs")
        return self.repository.rem("apply")


HOSTS = ("127.1.0.1", "127.1.0.2")


@pytest.fixture
def yard(empty: Repository, fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    assert fleet.hosts[:2] == HOSTS
    monkeypatch.setenv("REM_SSH_CONFIG", str(fleet.ssh_config))
    folder = tmp_path / "host"
    for name in ("cron.d", "bin"):
        (folder / name).mkdir(parents=True, mode=0o755)
    (folder / "bin/date").write_text(DATE)
    (folder / "bin/date").chmod(0o755)
    return Yard(empty, folder)


def test_a_job_is_put_there_run_there_and_fetched_once(yard: Yard) -> None:
    done = yard.apply()
    assert done.status == 0, done.err
    (entry,) = yard.entries
    table = yard.folder / "table"
    table.write_text(entry.read_text().replace(" root /", " /"))  # a user's table has no column for the user
    subprocess.run(["crontab", "-n", str(table)], check=True, capture_output=True)
    payload = list(yard.folder.glob("rem/*/payload/*"))
    assert [path.stat().st_mode & 0o777 for path in (entry, *payload)] == [0o644, 0o700, 0o700]
    assert (yard.folder / "rem").stat().st_mode & 0o777 == 0o700
    assert "nothing to do" in yard.repository.rem("apply").out
    yard.tick()
    yard.tick()  # the same minute again
    yard.tick(NOON + 300)
    assert len(yard.spooled()) == 2
    told = yard.repository.rem("job", "collect", "--format", "json").document["hosts"]
    assert [(one["host"], [run["run"] for run in one["runs"]], one["failed"]) for one in told] == [
        ("web01", [1, 2], None)
    ]
    assert yard.spooled() == []
    shown = yard.repository.rem("job", "show", "1", "--format", "json").document
    assert (shown["due"], shown["who"], shown["generation"]) == ("2026-09-21T14:14:00.000Z", "cron of web01", 1)
    (host,) = shown["hosts"]
    assert (host["stdout"], host["stderr"]) == ("it's|100 %|two\nlines|3|web01|2026-09-21T14:14:00Z|", "careful\n")
    assert host["outcome"] == "ok"
    assert "shop/jobs/web/load/web01/load" in yard.repository.rem("series", "list").out
    assert yard.repository.rem("job", "collect").out == "web01 has nothing new\n"
    assert yard.repository.rem("job", "run-due").out == ""


@pytest.mark.parametrize(
    ("body", "outcome", "why", "out"),
    [
        ("exit 3", "failed", "exit status 3", ""),
        ("kill -9 $$", "failed", "ended by signal KILL", ""),
        ("echo begun; trap '' TERM; sleep 60", "timed out", "over its timeout", "begun\n"),
        ("sleep 60 & echo over", "ok", "", "over\n"),
        ("head -c 1048580 /dev/zero | tr '\\0' x", "ok", "", "x" * (1 << 20)),
    ],
)
def test_every_end_is_told_as_it_was(yard: Yard, body: str, outcome: str, why: str, out: str) -> None:
    assert yard.apply(JOBS.replace("20s", "1s"), f"#!/bin/sh\n{body}\n").status == 0
    yard.tick()
    yard.repository.rem("job", "collect")
    (host,) = yard.repository.rem("job", "show", "1", "--format", "json").document["hosts"]
    assert (host["outcome"], host["why"] or "", host["stdout"]) == (outcome, why, out)


def test_a_run_is_skipped_while_the_one_before_goes_on(yard: Yard) -> None:
    gate = yard.folder / "gate"
    os.mkfifo(gate)
    assert yard.apply(load=f"#!/bin/sh\nread -r word <{gate}\necho $word\n").status == 0
    first = yard.begin(NOON)
    with gate.open("w") as opened:  # once the program reads
        yard.tick(NOON + 300)
        assert yard.repository.rem("job", "collect").out == (
            "shop/jobs/web/load of 2026-09-21T14:19:00.000Z on web01: run 1: 1 cancelled\n"
        )
        opened.write("gone on\n")
    assert first.wait(timeout=60) == 0
    yard.repository.rem("job", "collect")
    (host,) = yard.repository.rem("job", "show", "2", "--format", "json").document["hosts"]
    assert (host["outcome"], host["stdout"]) == ("ok", "gone on\n")


def test_a_run_whose_host_went_down_is_told_as_lost(yard: Yard) -> None:
    gate = yard.folder / "gate"
    os.mkfifo(gate)
    assert yard.apply(load=f"#!/bin/sh\necho $$ >{gate}\nread -r word <{gate}\n").status == 0
    runner = yard.begin(NOON)
    program = int(gate.read_text())
    os.killpg(runner.pid, signal.SIGKILL)
    os.killpg(program, signal.SIGKILL)
    runner.wait()
    assert yard.repository.rem("job", "collect").status == 0
    (host,) = yard.repository.rem("job", "show", "1", "--format", "json").document["hosts"]
    assert host["outcome"] == "lost"
    assert not list(yard.folder.glob("rem/*/work/*"))


KILLED = """
import os, signal, sys
from rem_cli.jobs.locally import collect
from rem_cli.jobs.records import Records
from rem_cli.main import main
point, *words = sys.argv[1:]
take, ask = Records.take, collect._ask
def die(): os.kill(os.getpid(), signal.SIGKILL)
def dying_take(*given):
    if point == "before it is recorded": die()
    id = take(*given)
    if point == "once it is recorded": die()
    return id
def dying_ask(wanted, transports, asked, stop):
    drops = any(verb == "drop" for verb, _ in asked.values())
    if drops and point == "before the host forgets": die()
    answers = ask(wanted, transports, asked, stop)
    if drops and point == "once the host forgot": die()
    return answers
Records.take, collect._ask = dying_take, dying_ask
main(words)
"""
POINTS = ("before it is recorded", "once it is recorded", "before the host forgets", "once the host forgot")


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_nothing_is_lost_and_nothing_doubled(yard: Yard, point: str) -> None:
    yard.apply()
    for instant in (NOON, NOON + 300):
        yard.tick(instant)
    words = ["-C", str(yard.repository.root), "job", "collect"]
    killed = subprocess.run([sys.executable, "-c", KILLED, point, *words], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL
    assert yard.repository.rem("job", "collect").status == 0
    runs = yard.repository.rem("job", "list", "--format", "json").document["runs"]
    assert sorted(run["due"] for run in runs) == ["2026-09-21T14:14:00.000Z", "2026-09-21T14:19:00.000Z"]
    assert yard.spooled() == []


def test_what_the_packages_no_longer_want_goes_and_its_last_runs_are_kept(yard: Yard) -> None:
    yard.apply()
    yard.tick()
    assert yard.apply(load=LOAD + "# another text\n").status == 0
    assert len(list(yard.folder.glob("rem/*/payload/*"))) == 2
    assert yard.apply(JOBS[: JOBS.index("jobs:")]).status == 0
    assert (yard.entries, list(yard.folder.glob("rem/*/payload/*"))) == ([], [])
    yard.repository.rem("job", "collect")
    shown = yard.repository.rem("job", "show", "1", "--format", "json").document
    assert (shown["job"], shown["generation"], shown["hosts"][0]["outcome"]) == ("shop/jobs/web/load", None, "ok")


def test_run_due_runs_on_the_other_hosts_and_fetches_from_these(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SystemClock", Hand)
    both = JOBS.replace("hosts: web01", 'hosts: "@web"').replace("*/5 4 * * *", "* * * * *")
    assert yard.apply(both + "    own: {command: [hostname], hosts: web01, every: 1m, catch up: none}\n").status == 0
    assert len(yard.entries) == 2
    yard.repository.rem("job", "run-due")
    monkeypatch.setattr(Hand, "at", NOON + 80)
    yard.tick(NOON + 60, "load")
    done = yard.repository.rem("job", "run-due")
    assert (done.out, done.status) == (
        "shop/jobs/web/load of 2026-09-21 14:15Z: run 1: 1 ok\n"
        "shop/jobs/web/load of 2026-09-21T14:15:00.000Z on web01: run 2: 1 ok\n",
        0,
    )
    documents = [yard.repository.rem("job", "show", run, "--format", "json").document for run in ("1", "2")]
    assert [host["host"] for one in documents for host in one["hosts"]] == ["web02", "web01"]


def test_a_host_that_is_away_is_told_and_keeps_what_it_has(yard: Yard, fleet: Fleet) -> None:
    yard.apply()
    yard.tick()
    fleet.break_host(HOSTS[0])
    try:
        done = yard.repository.rem("job", "collect")
        assert (done.status, done.out) == (6, "")
        assert "web01 could not be asked: " in done.err
        assert yard.repository.rem("job", "run-due").status == 0
    finally:
        fleet.heal_host(HOSTS[0])
    assert yard.repository.rem("job", "collect").out.endswith("on web01: run 1: 1 ok\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("catch up: none", "overlap: forbid", "cron cannot keep 'catch up: latest' of shop/jobs/web/load"),
        ("timeout: 20s", "secrets: {KEY: 'env:KEY'}", "shop/jobs/web/load has secrets, which would lie on hosts"),
        ("timeout: 20s", "workers: 2", "a host that starts shop/jobs/web/load by itself runs it once"),
        ("timeout: 20s", "idle timeout: 2s", "a host that starts shop/jobs/web/load by itself cannot keep its 'idle"),
        ("timeout: 20s", "overlap: queue", "a host that starts shop/jobs/web/load by itself cannot keep 'overlap"),
        ('depth: "3"', "depth: null", "shop/jobs/web/load must be given depth"),
        ("timeout: 20s", "time zone: Europe/Berlin", "cron on this host keeps the clock of UTC"),
    ],
)
def test_what_no_host_can_keep_is_refused(yard: Yard, old: str, new: str, said: str) -> None:
    assert old in JOBS
    done = yard.apply(JOBS.replace(old, new))
    assert said in done.err, done.err
    assert done.status != 0
    assert yard.entries == []


@pytest.mark.parametrize(
    ("mode", "said"), [(0o777, "others may write to"), (0o775, "others may write to"), (0o1777, "")]
)
def test_34_nobody_else_may_write_above_what_is_run(yard: Yard, mode: int, said: str) -> None:
    (yard.folder / "rem").mkdir()
    (yard.folder / "rem").chmod(mode)
    done = yard.apply()
    assert (done.status == 0) == (not said), done.err
    assert said in done.out + done.err
    assert bool(yard.entries) == (not said)


def test_34_a_folder_of_somebody_else_or_behind_a_link_is_refused(yard: Yard) -> None:
    (yard.folder / "other").mkdir()
    (yard.folder / "rem").symlink_to(yard.folder / "other")
    done = yard.apply()
    assert "symbolic link" in done.out + done.err
    (yard.folder / "rem").unlink()
    (yard.folder / "rem").mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(yard.folder / "rem", 65534, 65534)
        done = yard.apply()
        assert f"{yard.folder}/rem, above" in done.out + done.err
    assert (yard.entries, list((yard.folder / "other").iterdir())) == ([], [])
