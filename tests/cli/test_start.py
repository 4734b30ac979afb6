"""What a command loads before it does its work: measured in a fresh process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from rem_cli.cli.commands import walk
from tests.cli.conftest import Repository

SLOW = {
    *("paramiko", "cryptography", "git", "yaml", "ruamel", "numpy", "whisper", "PIL", "sqlite3", "asyncio", "ssl"),
    *("rich.table", "rich.console", "rich.progress", "textual", "starlette", "tomllib"),
}
GROUPS_AND_COMMANDS = [" ".join(command.path) for command in walk()]
# A command, and what it may load of SLOW; everything else is for others.
WORK = {
    "validate": {"yaml"},
    "show shop/jobs/try/good": {"yaml"},
    "completion bash": set(),
    "version": set(),
    "status": {"sqlite3"},
    "log": set(),
    "collect": set(),
    "job run shop/jobs/try/good": {"sqlite3"},
}


def loaded(repository: Repository, *words: str) -> set[str]:
    """The slow modules that a fresh process holds after a command."""
    program = (
        "import sys; from rem_cli.main import main; status = main(sys.argv[1:]); "
        f"sys.stderr.write('\\n' + ' '.join({SLOW!r} & sys.modules.keys())); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=repository.root, capture_output=True, text=True, check=True
    )
    return set(done.stderr.rpartition("\n")[2].split())


@pytest.mark.parametrize("command", GROUPS_AND_COMMANDS)
def test_help_loads_nothing_slow(command: str, empty: Repository) -> None:
    assert loaded(empty, *command.split(), "--help") == set()


def test_the_version_is_told_before_anything_is_loaded(empty: Repository) -> None:
    assert loaded(empty, "--version") == set()


@pytest.mark.parametrize("command", WORK)
def test_a_command_loads_only_what_it_needs(command: str, active: Repository) -> None:
    assert loaded(active, *command.split()) - WORK[command] == set()
