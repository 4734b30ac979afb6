"""REM as one of the contenders: `rem job run` for one command, its transport for the work that one run does not do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from benchmarks.peers import AT_ONCE, Peer, Stage, driver

JOB = "bench/jobs/all/kernel"


def job_run(stage: Stage, where: Path) -> list[str]:
    return [str(where / "rem"), "-C", str(stage.folder / "repository"), "job", "run", JOB]


REM = Peer("rem", (), "rem", job_run, driver("rem", "ten"), driver("rem", "push"), folds=True)


def prepare(stage: Stage, where: Path | str) -> None:
    """A repository with the stage's hosts and one job, committed and made active."""
    if isinstance(where, Path):
        hosts = {f"host{number}": {"address": host} for number, host in enumerate(stage.hosts)}
        job = {"command": ["uname", "-r"], "hosts": "@all", "parallel": int(AT_ONCE)}
        package = {"package": "bench", "hosts": {"all": hosts}, "jobs": {"all": {"kernel": job}}}
        make_repository(where / "rem", stage.folder / "repository", package, stage.env())


def make_repository(rem: Path, repository: Path, package: Mapping[str, object], env: Mapping[str, str]) -> None:
    """As a person makes one: init, a package, a commit, apply."""
    git = ["git", "-C", str(repository), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for words in (
        [str(rem), "init", str(repository)],
        ["tee", str(repository / "packages" / f"{package['package']}.yaml")],
        [*git, "add", "--all"],
        [*git, "commit", "--quiet", "--message", "bench"],
        [str(rem), "-C", str(repository), "apply"],
    ):
        text = yaml.safe_dump(package)
        done = subprocess.run(words, input=text, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(words)} ended with {done.returncode}: {done.stdout}{done.stderr}")
