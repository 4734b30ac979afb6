"""`main(argv) -> status`: the only place where an error becomes words and an exit status."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import NoReturn, TextIO

from rem_cli import __version__

TERMINATED = 143
PIPE_CLOSED = 141
INTERRUPTED = 130

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that whatever runs is ended and recorded."""


def run() -> NoReturn:
    """The `rem` command."""
    # A command makes objects that live as long as it does: looking through them again and again finds nothing. The
    # usual 700 costs a tenth of a short command's time.
    gc.set_threshold(50_000, 20, 20)
    status = main(sys.argv[1:])
    if not {"atexit", "threading"} & sys.modules.keys():
        # Nobody has anything to do at the end: to take all objects apart would cost as much as a short command.
        with suppress(OSError):
            sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    _open_streams()
    signal.signal(signal.SIGTERM, _terminate)
    try:
        status = _run(list(argv))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except BrokenPipeError:
        _let_go(sys.stdout, sys.stderr)  # whoever reads has enough
        return PIPE_CLOSED
    except OSError as error:
        _let_go(sys.stdout)
        return _unwritten(error)


def _run(argv: list[str]) -> int:
    if argv == ["--version"]:
        sys.stdout.write(f"rem {__version__}\n")
        return 0
    from rem_cli.cli import direct
    from rem_cli.errors import RemError, Status

    try:
        status = direct.run(argv)
        if status is None:
            from rem_cli.cli import app

            status = app.call(argv)
        return status
    except RemError as error:
        from rem_cli.cli import fail

        fail.tell(error, as_json=_wants_json(argv))
        return int(error.status)
    except (KeyboardInterrupt, Terminated, BrokenPipeError):
        raise
    except Exception as error:
        # The rooms translate what happens to files of theirs; without a name it is our own output.
        if isinstance(error, OSError) and error.errno in _FULL and error.filename is None:
            raise
        from rem_cli.cli import fail

        fail.bug(error, argv, as_json=_wants_json(argv), debug="--debug" in argv)
        return int(Status.BUG)


def _unwritten(error: OSError) -> int:
    from rem_cli.cli import fail
    from rem_cli.errors import RemError

    why = os.strerror(error.errno or 0).lower()
    told = RemError(f"could not write the answer: {why}", hint="make room, then ask again")
    fail.tell(told, as_json=False)
    return int(told.status)


def _wants_json(argv: Sequence[str]) -> bool:
    return any(
        word == "--format=json" or (word == "--format" and after == "json")
        for word, after in zip(argv, [*argv[1:], ""], strict=True)
    )


def _open_streams() -> None:
    """Python leaves out a stream that is closed (`rem … >&-`); what is said there is nobody's to hear.

    And it fails at a sign that the stream's encoding has not; a question mark is better than no answer.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _let_go(*streams: TextIO) -> None:
    """Forget what could not be written: Python would try, and complain, once more at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
