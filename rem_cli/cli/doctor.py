"""`rem doctor`: what this machine and this repository lack, and what that disables."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from rem_cli import __version__, settings, wire
from rem_cli.cli import options, show
from rem_cli.errors import RemError, Status

_LOW = 1 << 30  # bytes free; below it series and runs are in danger


@dataclass(frozen=True)
class Check:
    name: str
    good: bool
    told: str
    hint: str = ""
    needed: bool = True  # False: REM works without it


def doctor(format: options.AsFormat = options.Format.TEXT) -> int:
    """Check what REM needs here: programs, libraries, keys, places; say what to do about it."""
    checks = [*_machine(), *_checks(), *_ssh(), *_plugins(), *_repository()]
    if format is options.Format.JSON:
        rows = [
            {"check": c.name, "ok": c.good, "needed": c.needed, "told": c.told, "hint": c.hint or None} for c in checks
        ]
        show.document("doctor", {"rem": __version__, "checks": rows})
    else:
        for check in checks:
            sign = ("ok", "green") if check.good else ("bad", "red") if check.needed else ("blind", "yellow")
            show.line((show.glyph(sign[0]), sign[1]), f" {check.name.ljust(14)} {check.told}")
            if check.hint and not check.good:
                show.line((f"    {check.hint}", "dim"))
    return Status.FAILED if any(c.needed and not c.good for c in checks) else Status.DONE


def _machine() -> Iterator[Check]:
    yield Check(
        "python", sys.version_info >= (3, 11), f"{platform.python_version()}, {sys.executable}", "use 3.11 or later"
    )
    git = _version("git", "--version")
    yield Check("git", bool(git), git or "not found", "apt-get install git")
    try:
        import yaml

        fast = bool(yaml.__with_libyaml__)
    except ImportError:
        fast = False
    yield Check(
        "libyaml", fast, "bound to PyYAML" if fast else "PyYAML has no libyaml", "pip install --force-reinstall PyYAML"
    )
    utf8 = locale.getpreferredencoding(False).lower().replace("-", "") == "utf8"
    yield Check(
        "locale",
        utf8,
        "UTF-8" if utf8 else "not UTF-8: signs and graphs are plain ASCII",
        "LC_ALL=C.UTF-8",
        needed=False,
    )
    sshd = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    told = sshd or "not found: rem demo shows processes of this machine instead of SSH hosts"
    yield Check("sshd", bool(sshd), told, "apt-get install openssh-server", needed=False)


def _checks() -> Iterator[Check]:
    """What `rem collect` may do here."""
    from rem_cli.wire.polling import may_ping

    way = may_ping()
    told = f"by {way}" if way else "not allowed: checks of kind ping cannot be made"
    hint = "sysctl -w net.ipv4.ping_group_range='0 2147483647', or: apt-get install fping"
    yield Check("ping", bool(way), told, hint, needed=False)


def _ssh() -> Iterator[Check]:
    chosen = settings.current()
    agent = os.environ.get("SSH_AUTH_SOCK", "")
    home = os.path.expanduser("~/.ssh")
    keys = [name for name in ("id_ed25519", "id_ecdsa", "id_rsa") if os.path.exists(f"{home}/{name}")]
    found = [*(["an agent"] if agent else []), *keys, *(str(one) for one in chosen.identities)]
    config = chosen.ssh_config or f"{home}/config"
    told = ", ".join(found) or "no agent and no key: hosts can be reached only with a key that ssh_config names"
    yield Check("ssh keys", bool(found), told, "ssh-keygen -t ed25519", needed=False)
    there = os.path.exists(config)
    yield Check("ssh_config", True, str(config) if there else f"{config} is not there; the defaults hold", needed=False)
    known = chosen.known_hosts
    yield Check("known_hosts", True, f"{known} and what ssh_config names", needed=False)


def _plugins() -> Iterator[Check]:
    """Those that the operator named; without any there is nothing to say."""
    if not settings.current().plugins:
        return
    from rem_cli.cli.plugins import listed
    from rem_cli.plugins.found import State

    failed = [plugin for plugin in listed() if plugin.state is State.FAILED]
    told = "; ".join(f"{plugin.name}: {plugin.why}" for plugin in failed) or ", ".join(settings.current().plugins)
    yield Check("plug-ins", not failed, told, "rem plugins; values of their types are not checked", needed=False)


def _repository() -> Iterator[Check]:
    try:
        with wire.open() as rem:
            root, folder = rem.root, rem.state_folder
            yield Check("repository", True, str(root))
            yield from _commit(rem)
            yield _state(str(folder if folder.is_dir() else root))
    except RemError as error:
        yield Check("repository", False, error.message, f"hint: {error.hint}" if error.hint else "", needed=False)


def _commit(rem: wire.Rem) -> Iterator[Check]:
    try:
        commit = rem.repository.resolve("HEAD")
        yield Check("commit", True, f"{commit.id[:7]} “{commit.subject}”")
    except RemError as error:
        yield Check("commit", False, error.message, error.hint or "", needed=False)
    try:
        active = rem.generations.active()
        told = f"generation {active.number} ({active.commit[:7]})" if active else "nothing yet"
        yield Check("active", active is not None, told, "rem apply", needed=False)
    except RemError as error:
        yield Check("active", False, error.message, error.hint or "")


def _state(folder: str) -> Check:
    writable = os.access(folder, os.W_OK)
    free = shutil.disk_usage(folder).free
    told = f"{folder}, {free / (1 << 30):.0f} GiB free" + ("" if writable else ", not writable")
    return Check("state", writable and free > _LOW, told, "make room, or name another place with --state")


def _version(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
