"""Hostile repositories against the real commands: findings or a refusal, and nothing else happens.

A file in cases/ is one attack, its number in front: `files`, `links` and `fifos` by path, what `git` is told before
and after the commit, what is `uncommitted`, the repository's own `config`. `finds` is all that `rem validate` says
of the work tree; `committed`, where it differs, of the commit. heavy.py holds those whose size is the attack.

Promised (docs/security.md): no child process but git, no socket, no write outside of what was asked for, bounded time
and memory; and nothing outside of the repository is read because of a package.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.attacks.heavy import HEAVY, files
from tests.attacks.stage import ROOT, SECRET, Command, Stage, build

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
READING = [
    Command(["validate", "--format", "json"]),
    Command(["validate", "--format", "json", "--rev", "HEAD"]),
    Command(["validate", "--format", "sarif"]),
    Command(["validate", "--format", "github", "--base", "HEAD"]),
    Command(["show", "a"]),
    Command(["show", "shop/jobs/w/a", "--origin", "--rev", "HEAD"]),
    Command(["schema", "show", "jobs"]),
    Command(["schema", "show", "t"]),
    Command(["explain", "REM1203"]),
    Command(["diff", "--against", "HEAD"]),
    Command(["diff", "HEAD", "--format", "markdown"]),
    Command(["diff", "HEAD", "--format", "github"]),
    Command(["fmt", "--diff"]),
]
KEPT = "shop/.rem/cache"  # what a command found, where there is a state folder
WRITING = [
    Command(["apply"], ["shop/.rem"]),
    Command(["schema", "export"], ["shop/.schema"]),
    Command(["edit", "shop/jobs/w/a", "title=again"], ["shop/packages", KEPT]),
    Command(["edit", "a/queues/a", "title=again"], ["shop/packages", KEPT]),
    Command(["new", "queue", "shop/again"], ["shop/packages", KEPT]),
    Command(["item", "copy", "shop/jobs/w/a", "shop/jobs/w/again"], ["shop/packages", KEPT]),
    Command(["item", "remove", "shop/jobs/w/again", "--yes"], ["shop/packages", KEPT]),
    Command(["fmt"], ["shop/packages", KEPT]),
    Command(["init", "--ci", "github", "."], ["shop/.github", "shop/.gitignore", "shop/packages"]),
]
GIT = {"rev-parse", "rev-list", "ls-tree", "cat-file", "check-ignore", "merge-base"}  # reading plumbing


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def found(answer: dict[str, Any]) -> list[str]:
    """The place and the id of each finding."""
    return [f"{one['file']}:{one['line']}:{one['column']} {one['id']}" for one in json.loads(answer["out"])["findings"]]


def nothing_else_happened(stage: Stage, answers: Sequence[dict[str, Any]]) -> None:
    """No mark of a canary, no secret told or kept, and each command did what it may."""
    assert [(one["argv"], one["forbidden"]) for one in answers if one["forbidden"]] == []
    assert [(one["argv"], one["changed"]) for one in answers if one["changed"]] == []
    assert [(one["argv"], one["err"]) for one in answers if one["status"] == 70] == []
    assert not stage.mark.exists()
    assert stage.asked_of_git() <= GIT
    kept = [path for path in (stage.checkout.root / ".rem").rglob("*") if path.is_file()]
    assert [one["argv"] for one in answers if SECRET in one["out"] + one["err"]] == []
    assert [path for path in kept if SECRET.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_hostile_repository_is_told_and_does_nothing(file: Path, stage: Stage) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text())
    build(stage, case)
    answers = stage.play([*READING, *WRITING])
    now, committed, *_ = answers
    apply = next(one for one in answers if "apply" in one["argv"])
    expected = case.get("committed", case["finds"])
    assert (found(now), now["status"]) == (case["finds"], 4 if case["finds"] else 0)
    assert (found(committed), committed["status"]) == (expected, 4 if expected else 0)
    assert apply["status"] == (4 if expected else 0), apply
    nothing_else_happened(stage, answers)


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_text_takes_little_time_and_memory(name: str, stage: Stage) -> None:
    stage.checkout.write(files(name))
    (answer,) = stage.play([Command(["validate"])])
    first = re.match(r"[^:\n]+:(\d+:\d+): error (.*) (REM\d{4})\n", answer["out"])
    assert first, answer["err"]
    assert HEAVY[name][1] in f"{first[1]} {first[3]} {first[2]}"
    assert answer["status"] == 4
    nothing_else_happened(stage, [answer])


def test_8_a_file_of_a_gigabyte_is_refused_unread(stage: Stage) -> None:
    stage.checkout.write({"packages/a.yaml": ""})
    os.truncate(stage.checkout.root / "packages/a.yaml", 1 << 30)
    (answer,) = stage.play([Command(["validate"])])
    assert (answer["status"], answer["out"], answer["err"]) == (
        1, "", "rem: packages/a.yaml: 'packages/a.yaml' has 1024 MiB, more than 64\n",
    )  # fmt: skip
    nothing_else_happened(stage, [answer])


def test_modules_in_the_current_folder_are_not_imported(stage: Stage) -> None:
    """Python's `-m` looks there first."""
    evil = f"open({str(stage.mark)!r}, 'w')\n"
    stage.checkout.write(dict.fromkeys(("yaml.py", "typer.py", "tomllib.py", "json.py", "sitecustomize.py"), evil))
    words = [sys.executable, "-m", "rem_cli", "validate"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=stage.checkout.root, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert not stage.mark.exists()


PROBES = {
    "a socket": "import socket; socket.socket()",
    "a name looked up": "import socket; socket.getaddrinfo('localhost', 1)",
    "a file": "open('x', 'w')",
    "a folder": "import os; os.mkdir('x')",
    "a rename": "import os; os.rename('x', 'y')",
    "a program": "import subprocess; subprocess.run(['canary'])",
    "a program of a shell": "import os; os.system('canary')",
    "a program that is spawned": "import os; os.posix_spawn('/bin/true', ['true'], {})",
}


@pytest.mark.parametrize("probe", PROBES)
def test_the_watch_would_see(probe: str, stage: Stage) -> None:
    (answer,) = stage.play([Command(["-c", PROBES[probe]])])
    assert len(answer["forbidden"]) == 1
    assert not stage.mark.exists()


def test_the_look_would_see_what_was_written_elsewhere(stage: Stage) -> None:
    text = f"open({str(stage.area / 'home/x')!r}, 'w'); open({str(stage.area / 'shop/y')!r}, 'w')"
    (answer,) = stage.play([Command(["-c", text], ["shop"])])
    assert answer["changed"] == ["home/x"]


def test_the_canaries_would_sing(stage: Stage) -> None:
    subprocess.run([stage.canary], check=True)
    assert stage.mark.exists()
