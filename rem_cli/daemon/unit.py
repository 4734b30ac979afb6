"""The unit by which systemd starts the daemon: systemd.service(5), and systemd.syntax(7) for how words are quoted."""

from __future__ import annotations

from collections.abc import Sequence

from rem_cli.errors import UsageError

WATCHDOG = 60  # seconds without a sign of life after which systemd starts it anew
SPARE = 30  # seconds more than the drain before systemd kills

_UNIT = """\
[Unit]
Description=REM: jobs, checks and procedures that are due
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=notify
NotifyAccess=main
{whose}ExecStart={command}
ExecReload=kill -HUP $MAINPID
Restart=always
RestartSec=5
WatchdogSec={watchdog}
# SIGTERM goes to REM alone, which lets its programs come to their end.
KillMode=mixed
TimeoutStopSec={stop}
UMask=0077

[Install]
WantedBy=multi-user.target
"""


def unit(program: Sequence[str], drain: float, *, user: str) -> str:
    """A service that runs `program daemon` as a user; as root where that is empty. UsageError."""
    words = [*program[1:], "daemon", "--drain", f"{drain:g}s"]
    command = " ".join([_started(program[0]), *map(quoted, words)])
    whose = f"User={quoted(user)}\n" if user else ""
    return _UNIT.format(command=command, whose=whose, watchdog=WATCHDOG, stop=int(drain + SPARE))


def quoted(word: str) -> str:
    """One word of a command line, so that systemd reads exactly it: no specifier, no variable, no blank."""
    if not word.isprintable():
        raise UsageError(f"what has control characters stands in no unit: {word!a}", hint="rename the folder")
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    needs = any(sign in word for sign in " '\";\\") or not word
    return f'"{plain}"' if needs else plain


def _started(path: str) -> str:
    """The first word, in which systemd knows no variable, and takes neither quotes nor backslashes."""
    if any(sign in path for sign in "'\"\\"):
        raise UsageError(f"systemd starts no program at a path with quotes or backslashes: {path}",
                         hint="install it elsewhere")  # fmt: skip
    return quoted(path).replace("$$", "$")
