"""Where an attack is played: a repository, a file outside of it, canaries, and a process that can do nothing else."""

from __future__ import annotations

import functools
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tests.fakes.checkout import Checkout

ROOT = Path(__file__).parents[2]
MEMORY = 2 << 30  # bytes of address space; a tree of ordinary size needs a tenth
CPU = 60  # seconds; the slowest takes about 5 on an idle machine
SECRET = "the-secret-of-the-machine"
# Programs that git, a package or a careless tool might be led to; each leaves a mark when it runs.
CANARIES = (
    *("canary", "sh", "bash", "env", "ssh", "scp", "gpg", "gpgsm", "ssh-keygen", "less", "more", "pager", "cat", "vi"),
    *("editor", "python", "python3", "perl", "curl", "wget", "sudo", "id", "touch", "uptime", "xdg-open", "diff"),
)


class Command(NamedTuple):
    """What is typed, and the folders of the area in which it may change something."""

    argv: list[str]
    writes: Sequence[str] = ()


class Stage:
    """`checkout` is the repository under attack; all of it lies in `area`."""

    def __init__(self, area: Path) -> None:
        self.area = area / "area"
        self.mark = area / "mark"
        self.log = area / "git.log"
        self._bin = area / "bin"
        self._bin.mkdir(parents=True)
        for name in CANARIES:
            self._program(name, f'echo "$0 $*" >>{self.mark}')
        self._program("git", f'echo "$*" >>{self.log}\nexec {shutil.which("git")} "$@"')
        for name in ("outside", "home", "tmp"):
            (self.area / name).mkdir(parents=True)
        (self.area / "outside/secret.yaml").write_text(f"{SECRET}: [\n")
        self.checkout = Checkout(self.area / "shop")

    @property
    def canary(self) -> str:
        return str(self._bin / "canary")

    def _program(self, name: str, text: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self._bin / name).chmod(0o755)

    def play(self, commands: Sequence[Command]) -> list[dict[str, Any]]:
        """Run the commands one after the other in a process of their own; what each answered and did."""
        environment = {
            "PATH": str(self._bin), "HOME": str(self.area / "home"), "TMPDIR": str(self.area / "tmp"),
            "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8", "USER": "ana",
        }  # fmt: skip
        root = str(self.checkout.root)
        order = {
            "area": str(self.area),
            "git": str(self._bin / "git"),
            "commands": [
                {"argv": one.argv if one.argv[0] == "-c" else ["-C", root, *one.argv], "writes": list(one.writes)}
                for one in commands
            ],
        }
        words = [*_without_network(), sys.executable, "-P", "-W", "error", "-m", "tests.attacks.sandbox"]
        done = subprocess.run(
            words, cwd=root, env=environment, input=json.dumps(order), capture_output=True, text=True,
            preexec_fn=_limit, timeout=120, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        return list(json.loads(done.stdout))

    def asked_of_git(self) -> set[str]:
        """The commands of git that were run, without the options before them."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        words = [line.split() for line in lines]
        return {_subcommand(line) for line in words}


def _subcommand(words: list[str]) -> str:
    number = 0
    while words[number].startswith("-"):
        number += 2 if words[number] == "-c" else 1
    return words[number]


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@functools.cache
def _without_network() -> tuple[str, ...]:
    """The words that put a program into a network of its own, without a way out; none where the machine forbids it.

    The audit events tell of sockets either way.
    """
    unshare = shutil.which("unshare")
    for option in ("--net", "--map-root-user --net") if unshare else ():
        words = (str(unshare), *option.split())
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    return ()


def build(stage: Stage, case: Mapping[str, Any]) -> None:
    """Make a case's repository: its files and links, committed; then what was never committed, and git's own things."""
    checkout = stage.checkout
    checkout.write(case.get("files", {}))
    for path, target in case.get("links", {}).items():
        (checkout.root / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout.root / path).symlink_to(target)
    checkout.git("add", "--all")
    for line in case.get("git", ()):
        checkout.git(*line.split())
    checkout.git("commit", "--quiet", "--message", "an attack")
    for line in case.get("git later", ()):
        checkout.git(*line.split())
    checkout.write(case.get("uncommitted", {}))
    for path in case.get("fifos", ()):
        os.mkfifo(checkout.root / path)
    for setting, value in case.get("config", {}).items():
        checkout.git("config", setting, value.replace("CANARY", stage.canary))
