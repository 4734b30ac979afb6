"""Checking before a commit and in a forge: the files that REM ships and writes, run as those programs would."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from rem_cli import __version__
from rem_cli.cli.app import COMMANDS
from rem_cli.language.source import read
from tests.cli.conftest import Repository
from tests.fakes.checkout import Checkout

HOOKS = read("hooks", (Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_bytes()).data
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
OLD = {"packages/old.yaml": "jbos: {}\n"}
NEW = {"packages/new.yaml": "jobs: {web: {a: {command: w}}}\n"}


def parsed(path: Path) -> dict[str, Any]:
    """A file as YAML that is no older than 2009, where `on` is a text."""
    source = read(path.name, path.read_bytes())
    assert source.findings == []
    return dict(source.data)


def shell(folder: Path, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-ec", line], cwd=folder, env={**os.environ, "PATH": PATH, **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def change(repository: Repository, folder: Path) -> Path:
    """A change on a branch, merged for a look as GitHub does it, in a clone that knows two commits and no more."""
    repository.commit(OLD)
    repository.git("checkout", "--quiet", "-b", "change")
    repository.commit(NEW)
    repository.git("checkout", "--quiet", "main")
    repository.commit({"packages/other.yaml": "title: meanwhile\n"})
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "change")
    repository.git("clone", "--quiet", "--depth=2", f"file://{repository.root}", str(folder))
    return folder


def test_github_is_told_what_a_pull_request_brings(empty: Repository, tmp_path: Path) -> None:
    assert empty.rem("init", str(empty.root), "--ci", "github").out.startswith("made .github/workflows/rem.yml in ")
    flow = parsed(empty.root / ".github/workflows/rem.yml")
    steps = {step.get("if"): step["run"] for step in flow["jobs"]["validate"]["steps"] if "run" in step}
    clone = change(empty, tmp_path / "clone")
    pull = shell(clone, steps["github.event_name == 'pull_request'"])
    push = shell(clone, steps["github.event_name != 'pull_request'"])
    assert (pull.returncode, push.returncode) == (4, 4)
    assert [line.split(",")[0] for line in pull.stdout.splitlines()] == ["::error file=packages/new.yaml"]
    assert [line.split(",")[0] for line in push.stdout.splitlines()] == [
        "::error file=packages/new.yaml",
        "::error file=packages/old.yaml",
    ]


def test_github_gets_no_more_rights_than_reading(empty: Repository) -> None:
    empty.rem("init", str(empty.root), "--ci", "github")
    flow = parsed(empty.root / ".github/workflows/rem.yml")
    (job,) = flow["jobs"].values()
    checkout, *_ = job["steps"]
    assert (flow["permissions"], {*flow["on"]}, "permissions" in job) == (
        {"contents": "read"},
        {"pull_request", "push"},  # pull_request_target would bring the target's secrets
        False,
    )
    assert checkout["with"]["persist-credentials"] is False


def test_gitlab_is_told_what_a_merge_request_brings(empty: Repository, tmp_path: Path) -> None:
    assert empty.rem("init", str(empty.root), "--ci", "gitlab").out.startswith("made .gitlab-ci.yml in ")
    (job,) = parsed(empty.root / ".gitlab-ci.yml").values()
    base = empty.commit(OLD)
    empty.commit(NEW)
    script = "\n".join(job["script"])
    merge = shell(empty.root, script, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    shown = ElementTree.parse(empty.root / job["artifacts"]["reports"]["junit"])
    assert merge.returncode == 4
    assert [case.attrib["name"] for case in shown.iter("testcase") if len(case)] == ["packages/new.yaml"]
    assert "1 from before" in merge.stdout
    main = shell(empty.root, script)
    assert (main.returncode, "2 errors" in main.stdout) == (4, True)


@pytest.mark.parametrize(("forge", "path"), [("github", ".github/workflows/rem.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_rem_is_installed_by_its_number_and_a_file_that_is_there_is_kept(
    forge: str, path: str, empty: Repository
) -> None:
    empty.rem("init", str(empty.root), "--ci", forge)
    assert f"pip install rem-cli=={__version__}\n" in (empty.root / path).read_text()
    (empty.root / path).write_text("mine: true\n")
    told = empty.rem("init", str(empty.root), "--ci", forge)
    assert (told.status, told.err, (empty.root / path).read_text()) == (
        0,
        f"{path} is there already and was kept\n",
        "mine: true\n",
    )


def test_nothing_is_written_through_a_link(tmp_path: Path, empty: Repository) -> None:
    (tmp_path / "away").mkdir()
    (empty.root / ".github").symlink_to(tmp_path / "away")
    told = empty.rem("init", str(empty.root), "--ci", "github")
    assert (told.status, list((tmp_path / "away").iterdir())) == (11, [])


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_stops_a_commit_that_brings_a_problem(hook: dict[str, Any], tmp_path: Path) -> None:
    """As pre-commit runs it: at the root, with git's own variables; a file that it changed stops the commit too."""
    checkout = Checkout(tmp_path / "shop")
    program, command = shlex.split(hook["entry"])
    assert (program, command in COMMANDS, hook["language"]) == ("rem", True, "python")
    script = checkout.root / ".git/hooks/pre-commit"
    script.write_text(f"#!/bin/sh\nPATH={shlex.quote(PATH)}\n{hook['entry']} && git diff --quiet\n")
    script.chmod(0o755)
    checkout.write({"packages/new.yaml": "jobs: {web: {a: {command: w}}}   \n"})
    checkout.git("add", "--all")
    checkout.git("commit", "--message", "bad", check=False)
    assert checkout.git("log", "--all", "--format=%s") == ""
    checkout.commit({"packages/new.yaml": "jobs: {web: {a: {command: [w]}}}\n"}, "good")
    assert checkout.git("log", "--all", "--format=%s") == "good"
