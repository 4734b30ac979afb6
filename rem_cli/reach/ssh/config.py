"""What the operator's ssh_config says about a host.

paramiko's parser reads it (ssh_config(5) but for `Include`, which is expanded here). What would run a program,
`Match exec` and `ProxyCommand`, is refused unless the operator allowed it.
"""

from __future__ import annotations

import getpass
import glob
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rem_cli.reach import ReachError, Target
from rem_cli.reach.ssh.known_hosts import SSH_PORT
from rem_cli.reach.ssh.library import explain, load, load_match_exec

INCLUDE_DEPTH = 16  # as in OpenSSH's readconf.c
MATCH_EXEC = re.compile(r"\s*match\b.*?\bexec\b", re.IGNORECASE)
INCLUDE = re.compile(r"\s*include(?:\s*=\s*|\s+)(.+)", re.IGNORECASE)
DEFAULT_FILES = (Path("~/.ssh/config"), Path("/etc/ssh/ssh_config"))
DEFAULT_KNOWN_HOSTS = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
DEFAULT_GLOBAL_KNOWN_HOSTS = ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2")


@dataclass(frozen=True, slots=True)
class HostSettings:
    """How to reach one host."""

    name: str
    host: str  # name or address to connect to
    port: int
    user: str
    key_name: str  # what its key stands under in known_hosts
    identities: tuple[Path, ...] = ()  # as configured; empty: the defaults
    identities_only: bool = False
    jumps: tuple[Target, ...] = ()  # through these, in order
    known_hosts: tuple[Path, ...] = ()
    connect_timeout: float | None = None  # seconds
    proxy_command: str | None = None


class SshConfig:
    """The operator's ssh_config files, the first value found for each setting winning.

    Raises ReachError for files that cannot be understood, or that hold `Match exec` where that is not allowed.
    """

    def __init__(
        self, files: Sequence[Path] | None = None, *, allow_match_exec: bool = False, allow_proxy_command: bool = False
    ) -> None:
        self._allow_proxy_command = allow_proxy_command
        lines: list[str] = []
        for file in DEFAULT_FILES if files is None else files:
            lines += ["Host *", *_lines(file.expanduser(), allow_match_exec)]
        paramiko = load()
        if allow_match_exec:
            load_match_exec()
        self._parsed = paramiko.SSHConfig()
        try:
            self._parsed.parse(lines)
        except paramiko.SSHException as error:
            raise ReachError(explain(error), hint="try: ssh -G HOST") from None

    def lookup(self, target: Target) -> HostSettings:
        """What holds for a target. Raises ReachError when its settings are off or not allowed."""
        said: dict[str, Any] = self._found(target)
        command = said.get("proxycommand")
        jump = str(said.get("proxyjump", "none"))
        if command and jump == "none" and not self._allow_proxy_command:
            why = f"ssh_config wants a ProxyCommand for {target.name}, which is not allowed"
            raise ReachError(why, hint="use ProxyJump, or allow ProxyCommand in the operator's configuration")
        host = str(said["hostname"])
        return HostSettings(
            name=target.name,
            host=host,
            port=target.port or _number(said.get("port", SSH_PORT), "Port", target),
            user=target.user or str(said.get("user") or getpass.getuser()),
            key_name=str(said.get("hostkeyalias") or host),
            identities=tuple(Path(path).expanduser() for path in said.get("identityfile", ()) if path != "none"),
            identities_only=said.get("identitiesonly") == "yes",
            jumps=() if jump == "none" else tuple(_jump(word.strip()) for word in jump.split(",")),
            known_hosts=(
                *_paths(said.get("userknownhostsfile"), DEFAULT_KNOWN_HOSTS),
                *_paths(said.get("globalknownhostsfile"), DEFAULT_GLOBAL_KNOWN_HOSTS),
            ),
            connect_timeout=_timeout(said.get("connecttimeout"), target),
            proxy_command=str(command) if command and jump == "none" else None,
        )

    def _found(self, target: Target) -> dict[str, Any]:
        # Option-like or empty names would mean something else to whoever reads them next.
        if not target.address or target.address.startswith("-") or not target.address.isprintable():
            raise ReachError(f"{target.address!r} is not the address of a host")
        paramiko = load()
        try:
            found: dict[str, Any] = self._parsed.lookup(target.address)
        except (paramiko.SSHException, ValueError, KeyError) as error:
            raise ReachError(
                f"ssh_config is off for {target.name}: {explain(error)}", hint="try: ssh -G HOST"
            ) from None
        return found


def _lines(file: Path, allow_match_exec: bool, depth: int = 0) -> Iterator[str]:
    try:
        text = file.read_text(errors="surrogateescape")
    except FileNotFoundError:
        return
    except OSError as error:
        raise ReachError(f"cannot read {file}: {error.strerror}") from None
    for number, line in enumerate(text.splitlines(), 1):
        if MATCH_EXEC.match(line) and not allow_match_exec:
            why = f"{file}:{number}: Match exec would run a program, which is not allowed"
            raise ReachError(why, hint="allow it in the operator's configuration, or name a file without it")
        included = INCLUDE.match(line)
        if included is None:
            yield line
        elif depth >= INCLUDE_DEPTH:
            raise ReachError(f"{file}:{number}: files include each other more than {INCLUDE_DEPTH} deep")
        else:
            for path in _included(included[1], file):
                yield from _lines(path, allow_match_exec, depth + 1)


def _included(words: str, file: Path) -> Iterator[Path]:
    """The files that an Include names; relative ones lie beside the user's configuration (ssh_config(5))."""
    base = Path("/etc/ssh") if file.is_relative_to("/etc/ssh") else Path("~/.ssh").expanduser()
    for word in shlex.split(words):
        yield from (Path(path) for path in sorted(glob.glob(str(base / Path(word).expanduser()))))


def _paths(said: object, default: Sequence[str]) -> tuple[Path, ...]:
    words = shlex.split(str(said)) if said else default
    home, user = str(Path.home()), getpass.getuser()
    return tuple(
        Path(word.replace("%d", home).replace("%u", user).replace("%%", "%")).expanduser()
        for word in words
        if word not in ("none", os.devnull)
    )


def _jump(word: str) -> Target:
    """A ProxyJump: [user@]host[:port] or ssh://[user@]host[:port]."""
    word = word.removeprefix("ssh://").rstrip("/")
    user, at, place = word.rpartition("@")
    found = re.fullmatch(r"(?:\[([^\]]+)\]|([^:\[\]]+))(?::(\d{1,5}))?", place)
    if found is None or (at and not user):
        raise ReachError(f"{word!r} is not a ProxyJump", hint="write [user@]host[:port]")
    address = found[1] or found[2]
    return Target(name=address, address=address, port=int(found[3]) if found[3] else None, user=user or None)


def _number(said: object, what: str, target: Target) -> int:
    text = str(said)
    if not text.isascii() or not text.isdigit():
        raise ReachError(f"ssh_config has {what} {text!r} for {target.name}, which is not a number")
    return int(text)


def _timeout(said: object, target: Target) -> float | None:
    return None if said in (None, "none") else float(_number(said, "ConnectTimeout", target))
