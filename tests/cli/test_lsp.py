"""`rem lsp` without an editor; what it says to one is in tests/lsp."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Repository
from tests.cli.terminal import Terminal


def test_a_person_is_told_who_it_is_for(empty: Repository) -> None:
    terminal = Terminal(empty.root, "lsp")
    terminal.hear("rem lsp speaks with an editor, not with a person")
    assert terminal.end() == 2


def test_without_its_library_it_says_what_to_install(empty: Repository, tmp_path: Path) -> None:
    """A module in front of the real one fails to be imported as one that is not there."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without/pygls.py").write_text("raise ModuleNotFoundError('no pygls', name='pygls')\n")
    done = subprocess.run(
        [sys.executable, "-m", "rem_cli", "lsp"], cwd=empty.root, stdin=subprocess.DEVNULL, capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}/without:{os.environ['PYTHONPATH']}"}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (
        1, "", "rem: rem lsp needs a library that is not here\nhint: pip install 'rem-cli[lsp]'\n"
    )  # fmt: skip


def test_it_ends_when_its_editor_is_gone(empty: Repository) -> None:
    assert empty.program("lsp").status == 0
