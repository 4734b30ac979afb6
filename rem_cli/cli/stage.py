"""What a demo shows: its steps, and commands that are typed before everybody's eyes."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from rem_cli.cli import app as root
from rem_cli.cli import fail, show
from rem_cli.errors import RemError

AUTHOR = "rem demo <demo@localhost>"


@contextmanager
def scratch(keep: bool = False) -> Iterator[Path]:
    """A folder for one show; the environment is afterwards as it was before."""
    folder = Path(tempfile.mkdtemp(prefix="rem-demo-"))
    before = dict(os.environ)
    try:
        yield folder
    finally:
        os.environ.clear()
        os.environ.update(before)
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def step(text: str) -> None:
    """What is about to be shown."""
    show.line("")
    show.line((f"# {text}", "bold"))


def call(repository: Path, *words: str, inside: bool = True, quiet: bool = False) -> int:
    """Type one command: show it, run it, give its status."""
    shown = words if inside else (*words[:-1], "repository")
    show.line(("$ ", "dim"), ("rem " + shlex.join(shown), "cyan"))
    sys.stdout.flush()
    argv = ["-C", str(repository), *words] if inside else list(words)
    try:
        with _hushed(quiet, hints=words[0] in ("init", "new")):
            return root.call(argv)
    except RemError as error:
        fail.tell(error, as_json=False)
        return int(error.status)


def asked(repository: Path, *words: str) -> str:
    """What a command answers, which nobody is shown."""
    with redirect_stdout(StringIO()) as said, redirect_stderr(StringIO()):
        root.call(["-C", str(repository), *words])
    return said.getvalue()


@contextmanager
def _hushed(answer: bool, *, hints: bool) -> Iterator[None]:
    """Without what a command answers, or without what it says beside that."""
    with ExitStack() as stack, Path(os.devnull).open("w") as nowhere:
        if answer:
            stack.enter_context(redirect_stdout(nowhere))
        if hints:
            stack.enter_context(redirect_stderr(nowhere))
        yield
