"""Each exit status of `man rem`, from the real program."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rem_cli.clock import SystemClock
from rem_cli.plan.lock import writing
from tests.cli.conftest import Done, Repository


def done(active: Repository) -> Done:
    return active.program("apply")  # nothing to do


def could_not(active: Repository) -> Done:
    return active.program("-C", "/", "status")  # no repository


def usage(active: Repository) -> Done:
    return active.program("status", "--colour")


def findings(active: Repository) -> Done:
    active.package.write_text("hosts: {web: {web01: {reech: local}}}")
    return active.program("validate")


def findings_of_a_commit(active: Repository) -> Done:
    active.commit({"packages/shop/package.yaml": "hosts: {web: {web01: {reech: local}}}"})
    return active.program("apply")


def some_failed(active: Repository) -> Done:
    return active.program("job", "run", "shop/jobs/try/half")


def all_failed(active: Repository) -> Done:
    return active.program("job", "run", "shop/jobs/try/bad")


def lock_held(active: Repository) -> Done:
    with writing(active.state / "generations/production/lock", "bea", SystemClock()):
        return active.program("apply")


def no_target(active: Repository) -> Done:
    return active.program("job", "run", "shop/jobs/try/good", "--hosts", "db*")


def untrusted(active: Repository) -> Done:
    active.applied({"packages/more.yaml": "hosts: {db: {db01: {reach: local}}}"})
    audit = active.state / "audit.jsonl"
    audit.write_text(audit.read_text().replace("a change", "a chance", 1))
    return active.program("log", "--verify")


def guarded(active: Repository) -> Done:
    active.commit({"packages/shop/package.yaml": "package: shop\n"})
    return active.program("apply")


def timed_out(active: Repository) -> Done:
    return active.program("job", "run", "shop/jobs/try/slow", "--timeout", "300ms")


CASES: list[tuple[int, Callable[[Repository], Done]]] = [
    (0, done), (1, could_not), (2, usage), (4, findings), (4, findings_of_a_commit), (5, some_failed), (6, all_failed),
    (7, lock_held), (9, no_target), (10, untrusted), (11, guarded), (124, timed_out),
]  # fmt: skip


@pytest.mark.parametrize(("status", "typed"), CASES, ids=lambda part: getattr(part, "__name__", part))
def test_a_command_ends_with(status: int, typed: Callable[[Repository], Done], active: Repository) -> None:
    told = typed(active)
    assert told.status == status, told
    assert "Traceback" not in told.err


def broken(folder: Path) -> dict[str, str]:
    """An environment in which one of Python's own modules is broken, as after half an upgrade."""
    (folder / "sqlite3.py").write_text("1 / 0")
    return {"PYTHONPATH": f"{folder}:{os.environ['PYTHONPATH']}", "TMPDIR": str(folder)}


def test_a_bug_is_reported_in_a_file_whose_place_is_said(active: Repository, tmp_path: Path) -> None:
    told = active.program("job", "list", **broken(tmp_path))
    (report,) = tmp_path.glob("rem-bug-*.txt")
    assert (told.status, told.out) == (70, "")
    assert told.err.startswith("rem: a bug in rem: ZeroDivisionError: division by zero\nhint: ")
    assert str(report) in told.err
    assert "Traceback" not in told.err
    assert "ZeroDivisionError" in report.read_text()


def test_debug_shows_where_a_bug_arose(active: Repository, tmp_path: Path) -> None:
    told = active.program("--debug", "job", "list", **broken(tmp_path))
    assert told.status == 70
    assert "Traceback" in told.err


def test_a_bug_is_one_json_document_too(active: Repository, tmp_path: Path) -> None:
    told = active.program("job", "list", "--format", "json", **broken(tmp_path))
    assert told.document["error"]["code"] == "bug"


SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


class Ear:
    """A pipe through which programs on hosts say that they run, so that a test waits no longer than it must."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._number = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # never at its end, also between two writers

    def words(self, count: int) -> list[str]:
        heard = b""
        while len(heard.split()) < count or not heard.endswith(b"\n"):
            assert select.select([self._number], [], [], 30)[0], f"only heard {heard!r}"
            heard += os.read(self._number, 4096)
        return heard.decode().split()


@pytest.fixture
def ear(tmp_path: Path) -> Ear:
    return Ear(tmp_path / "running")


def waiting(active: Repository, ear: Ear) -> subprocess.Popen[str]:
    """A run whose job has two processes on each host and would take a minute."""
    shell = f'echo "$$" >{ear.path}; sleep 60 & wait'
    active.applied({"packages/more.yaml": f"jobs: {{try: {{wait: {{shell: '{shell}', hosts: '@web'}}}}}}"})
    return active.started("job", "run", "more/jobs/try/wait")


@pytest.mark.parametrize(("number", "status"), SIGNALS, ids=["SIGINT", "SIGTERM"])
def test_a_signal_ends_what_runs_on_every_host(number: int, status: int, active: Repository, ear: Ear) -> None:
    """Attack 36: nothing of the process group outlives the run."""
    program = waiting(active, ear)
    started = ear.words(2)
    program.send_signal(number)
    program.communicate(timeout=30)
    groups = subprocess.run(["ps", "-eo", "pgid="], capture_output=True, text=True, check=True).stdout.split()
    assert program.returncode == status
    assert set(started) & set(groups) == set()


def test_an_interrupted_run_is_in_the_record(active: Repository, ear: Ear) -> None:
    program = waiting(active, ear)
    ear.words(2)
    program.send_signal(signal.SIGINT)
    program.communicate(timeout=30)
    (run,) = active.rem("job", "list", "--format", "json").document["runs"]
    assert (run["state"], run["status"]) == ("finished", 130)


def test_a_reader_who_has_enough_ends_it_quietly(active: Repository) -> None:
    program = active.started("schema", "show", "--format", "json")
    assert program.stdout and program.stderr
    program.stdout.close()
    told = program.stderr.read()
    program.stderr.close()
    assert (program.wait(timeout=30), told) == (141, "")


def test_a_full_disk_under_the_answer_is_said(active: Repository) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "rem_cli", "status"],
            cwd=active.root, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1, "rem: could not write the answer: no space left on device",
    )  # fmt: skip


def test_closed_streams_change_nothing(active: Repository) -> None:
    program = [sys.executable, "-m", "rem_cli", "apply"]
    done = subprocess.run(["sh", "-c", '"$@" >&- 2>&-', "sh", *program], cwd=active.root, check=False)
    assert done.returncode == 0
