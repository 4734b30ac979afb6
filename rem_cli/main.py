"""`main(argv) -> status`: the only place where an error becomes words and an exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from rem_cli import __version__

TERMINATED = 143
PIPE_CLOSED = 141
INTERRUPTED = 130


class Terminated(BaseException):
    """SIGTERM arrived; unwinds like Ctrl-C so that whatever runs is ended and recorded."""


def run() -> NoReturn:
    """The `rem` command."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Run one command line and return its exit status."""
    if list(argv) == ["--version"]:
        sys.stdout.write(f"rem {__version__}\n")
        return 0
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
        # Whoever reads has enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(argv: list[str]) -> int:
    from rem_cli.cli import app
    from rem_cli.errors import RemError, Status

    try:
        return app.call(argv)
    except RemError as error:
        from rem_cli.cli import fail

        fail.tell(error, as_json=_wants_json(argv))
        return int(error.status)
    except (KeyboardInterrupt, Terminated, BrokenPipeError):
        raise
    except Exception as error:
        if "--debug" in argv:
            raise
        from rem_cli.cli import fail

        fail.bug(error, argv, as_json=_wants_json(argv))
        return int(Status.BUG)


def _wants_json(argv: Sequence[str]) -> bool:
    return any(
        word == "--format=json" or (word == "--format" and after == "json")
        for word, after in zip(argv, [*argv[1:], ""], strict=True)
    )


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
