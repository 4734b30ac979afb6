"""Runs commands of REM in this process and tells what they did besides answering.

Standard input holds an order in JSON, standard output the report. Python's audit events tell of every child process,
socket and file opened for writing; two looks at the folder tell what a command that may write has changed in it.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

# Not os.fork: a large tree is resolved by copies of REM itself, in which this watch is awake as well. One that it stops
# has nothing to say, and what it was to do is done in the process that is looked at.
CHILDREN = {"os.system", "os.exec", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn"}
WRITES = {
    *("os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"),
    *("os.utime", "os.setxattr", "sqlite3.connect", "tempfile.mkstemp", "tempfile.mkdtemp"),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """Notes what is forbidden, and stops it."""

    def __init__(self, git: str) -> None:
        self.git = git
        self.may_write = True
        self.seen: list[str] = []
        self._busy = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._busy or not self._forbidden(event, arguments):
            return
        self._busy = True
        try:
            self.seen.append(f"{event} {arguments!r}"[:300])
        finally:
            self._busy = False
        raise PermissionError(f"{event} in a command that only reads")

    def _forbidden(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "subprocess.Popen":
            return str(arguments[0]) != self.git
        if event in CHILDREN or event.startswith("socket."):
            return event != "socket.gethostname"
        if self.may_write:
            return False
        if event == "open":
            path, _, flags = arguments
            return bool(flags & WRITING) and not isinstance(path, int) and path != os.devnull
        return event in WRITES


def look(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Everything below a folder, git's own as well, by path: kind and rights, size, time of the last change."""
    found = {}
    for above, folders, files in os.walk(folder):
        for name in (*folders, *files):
            about = os.lstat(os.path.join(above, name))
            size = (0, 0) if name in folders else (about.st_size, about.st_mtime_ns)
            found[os.path.relpath(os.path.join(above, name), folder)] = (about.st_mode, *size)
    return found


def run(argv: list[str], watch: Watch) -> dict[str, Any]:
    """One command, with its answer. `-c TEXT` is a piece of Python, to see that the watch sees."""
    from rem_cli import settings
    from rem_cli.main import main

    settings._current = None
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        if argv[0] == "-c":
            with contextlib.suppress(PermissionError):
                exec(argv[1], {})  # noqa: S102
            status = 0
        else:
            status = main(argv)
    said = [stream.buffer.getvalue().decode(errors="replace") for stream in (out, err) if not stream.flush()]
    return {"argv": argv, "status": status, "out": said[0], "err": said[1]}


def main() -> None:
    order = json.load(sys.stdin)
    area = Path(order["area"])
    watch = Watch(order["git"])
    sys.addaudithook(watch)
    told = []
    for command in order["commands"]:
        before = look(area)
        watch.may_write, watch.seen = bool(command["writes"]), []
        done = run(command["argv"], watch)
        watch.may_write = True
        after = look(area)
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        done["forbidden"] = watch.seen
        done["changed"] = [path for path in changed if not path.startswith(tuple(command["writes"]) or ("\0",))]
        told.append(done)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
