"""A terminal with the real program on it, as a person has it."""

from __future__ import annotations

import codecs
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

# Takes the terminal on standard input as its own, so that Ctrl-C there is a signal, and becomes the program.
_TAKE = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"


class Terminal:
    """`rem WORDS…` on a terminal of `columns` columns."""

    def __init__(self, folder: Path, *words: str, columns: int = 100, **environment: str) -> None:
        self._ours, theirs = pty.openpty()
        self.said = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # a terminal is read in pieces of any length
        self._program = subprocess.Popen(
            [sys.executable, "-c", _TAKE, sys.executable, "-m", "rem_cli", *words],
            cwd=folder, env={**os.environ, "COLUMNS": str(columns), **environment}, start_new_session=True,
            stdin=theirs, stdout=theirs, stderr=theirs,
        )  # fmt: skip
        os.close(theirs)

    def hear(self, text: str) -> None:
        """Wait until it has said this."""
        while text not in self.said:
            assert self._more(), f"it ended and never said {text!r}, but: {self.said}"

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def end(self) -> int:
        """Wait until it has ended; its exit status."""
        while self._more():
            pass
        os.close(self._ours)
        return self._program.wait(timeout=30)

    def _more(self) -> bool:
        assert select.select([self._ours], [], [], 30)[0], f"it says nothing more after: {self.said}"
        try:
            found = os.read(self._ours, 1 << 16)
        except OSError:  # EIO: whoever had the terminal has gone
            return False
        self.said += self._decoder.decode(found)
        return bool(found)


def typed(folder: Path, *words: str, columns: int = 100, **environment: str) -> str:
    """What a command that asks nothing writes on a terminal, all of its bytes."""
    terminal = Terminal(folder, *words, columns=columns, **environment)
    terminal.end()
    return terminal.said
