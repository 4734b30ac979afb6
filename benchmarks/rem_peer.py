"""REM as one of the contenders: `rem job run` for one command, its transport for the work that one run does not do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from benchmarks.peers import AT_ONCE, Peer, Stage, driver

JOB = "bench/jobs/all/kernel"


def job_run(stage: Stage, where: Path) -> list[str]:
    return [str(where / "rem"), "-C", str(stage.folder / "repository"), "job", "run", JOB]


REM = Peer("rem", (), "rem", job_run, driver("rem", "ten"), driver("rem", "push"), folds=True)


def prepare(stage: Stage, where: Path | str) -> None:
    """A repository with the stage's hosts and one job, committed and made active."""
    if not isinstance(where, Path):
        return
    repository = stage.folder / "repository"
    rem = [str(where / "rem"), "-C", str(repository)]
    packages = {
        "package": "bench",
        "hosts": {"all": {f"host{number}": {"address": host} for number, host in enumerate(stage.hosts)}},
        "jobs": {"all": {"kernel": {"command": ["uname", "-r"], "hosts": "@all", "parallel": int(AT_ONCE)}}},
    }
    repository.mkdir()
    for words in (
        [str(where / "rem"), "init", str(repository)],
        ["git", "-C", str(repository), "config", "user.name", "bench"],
        ["git", "-C", str(repository), "config", "user.email", "bench@example.org"],
        ["tee", str(repository / "packages" / "bench.yaml")],
        ["git", "-C", str(repository), "add", "--all"],
        ["git", "-C", str(repository), "commit", "--quiet", "--message", "bench"],
        [*rem, "apply"],
    ):
        done = subprocess.run(
            words, input=yaml.safe_dump(packages), env=stage.env(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
