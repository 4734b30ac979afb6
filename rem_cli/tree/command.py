"""Runs `git` so that nothing of the repository, its configuration or the environment can make it run anything else.

A repository's own `.git/config` names programs: a file system monitor, hooks, an ssh command, a pager, filters, a
signature checker. So do `GIT_*` variables and lazy fetching. Here the environment is fixed, system and user
configuration are off, every such setting is pinned, no protocol is allowed, and output and time are bounded.
Only plumbing that reads objects is ever asked for, and outside text comes after `--end-of-options`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from rem_cli.errors import UntrustedError
from rem_cli.tree import TreeError, child
from rem_cli.tree.child import Answer

SECONDS = 60.0  # for one command; 10,000 blobs take 0.2 s
LIMIT = 16 << 20  # bytes of one command's output

_DEBIAN = {"ssh": "openssh-client"}

PINNED = (
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.pager=cat",
    "core.askPass=false",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.commitGraph=false",  # a cache of parents that nobody signs
    "core.useReplaceRefs=false",
    "core.warnAmbiguousRefs=true",
    "core.quotePath=false",
    "credential.helper=",
    "diff.external=",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
)

FIXED = {
    "LC_ALL": "C",  # its words are read
    "GIT_ALLOW_PROTOCOL": "",  # none: what is missing stays missing
    "GIT_ASKPASS": "false",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_EDITOR": "false",
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_SSH_COMMAND": "false",
    "GIT_TERMINAL_PROMPT": "0",
}


class Git:
    """One repository's `git`. `root` is the folder that holds `.git`."""

    def __init__(self, root: Path, *, seconds: float = SECONDS) -> None:
        self.root = root
        self._seconds = seconds
        self._program = program("git")
        self._extra: tuple[str, ...] = ()

    def run(self, *args: str, stdin: bytes = b"", accept: Collection[int] = (0,), limit: int = LIMIT) -> Answer:
        """Run one command; TreeError unless it ends with a status of `accept` within the limits."""
        answer = self._try(args, stdin, limit)
        if answer.status == 128 and "dubious ownership" in answer.err and not self._extra:
            self._extra = self._approval()
            answer = self._try(args, stdin, limit)
        if answer.status not in accept:
            raise TreeError(f"git {args[0]} failed in {self.root}: {answer.reason}", hint=_hint(answer))
        return answer

    def _try(self, args: tuple[str, ...], stdin: bytes, limit: int) -> Answer:
        argv = [self._program, "--no-pager", *pins(*PINNED, *self._extra), *args]
        environment = {
            **FIXED,
            **inherited("PATH", "HOME", "SUDO_UID"),
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
            "GIT_WORK_TREE": str(self.root),
        }
        return child.run(argv, environment, self.root, stdin, limit, self._seconds)

    def _approval(self) -> tuple[str, ...]:
        """The setting that lets git read a foreign repository, if the operator's own configuration approves of it."""
        root = str(self.root)
        for scope in ("--system", "--global"):
            argv = [self._program, "config", scope, "--type=path", "--null", "--get-all", "safe.directory"]
            environment = {"LC_ALL": "C", **inherited("PATH", "HOME", "XDG_CONFIG_HOME")}
            approved = child.run(argv, environment, Path("/"), b"", LIMIT, self._seconds).out
            if {"*", root} & set(os.fsdecode(approved).split("\0")):
                return (f"safe.directory={root}",)
        raise UntrustedError(
            f"the repository {root} belongs to another user, whose settings git would follow",
            hint=f"if you trust it: git config --global --add safe.directory {root}",
        )


@contextmanager
def without_git_variables() -> Iterator[None]:
    """For a library that hands its own environment on: no `GIT_DIR` or the like leads it elsewhere."""
    taken = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("GIT_")}
    try:
        yield
    finally:
        os.environ.update(taken)


def pins(*settings: str) -> list[str]:
    """Settings as words of a command line; a later one wins."""
    return [word for setting in settings for word in ("-c", setting)]


def inherited(*names: str) -> dict[str, str]:
    return {name: os.environ[name] for name in names if name in os.environ}


def program(name: str) -> str:
    """A program by its absolute path: with `.` in PATH a repository could bring its own."""
    folders = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder.startswith("/")]
    found = shutil.which(name, path=os.pathsep.join(folders))
    if found is None:
        raise TreeError(f"{name} is not installed", hint=f"apt-get install {_DEBIAN.get(name, name)}")
    return found


def _hint(answer: Answer) -> str | None:
    if "not a git repository" in answer.err:
        return "rem init"
    if "bad object" in answer.err or "unable to read" in answer.err or "corrupt" in answer.err:
        return "git fsck"
    return None
