"""What the operator says once for all commands: flags over environment over their configuration file.

Nothing of it is ever read from a package repository: it names what may be executed and what is trusted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from rem_cli.errors import UsageError


class Settings(NamedTuple):
    """The operator's settings, each with where it came from."""

    repository: Path  # where the search for the repository begins
    state: Path | None = None  # None: .rem/ at the repository's root
    cache: Path | None = None  # what was got from elsewhere; None: ~/.cache/rem
    certificates: Path | None = None  # authorities that https servers are trusted by; None: the system's
    environment: str = "production"  # whose generations are meant
    node: str = ""  # what this REM calls itself where it shares state with others; empty: the host's name
    ssh_config: Path | None = None  # None: ~/.ssh/config
    known_hosts: Path | None = None  # REM's own file, besides those that ssh_config names
    identities: tuple[Path, ...] = ()
    age_identities: tuple[Path, ...] = ()  # files of keys for secrets that are encrypted in the repository
    introduction: str = ""  # the commit with which trust in signatures begins; empty: signatures are not asked for
    remote: str = ""  # the git repository that rem apply --follow asks; empty: this one
    plugins: tuple[str, ...] = ()  # distributions whose code may read values
    allow_proxy_command: bool = False
    allow_match_exec: bool = False
    allow_file_urls: bool = False  # packages from git repositories of this machine
    engine: str = "loop"
    color: str = "auto"
    debug: bool = False
    origin: Mapping[str, str] = MappingProxyType({})


_PATHS = ("state", "cache", "certificates", "ssh_config", "known_hosts")
_FILES = ("identities", "age_identities")
_FLAGS = ("allow_proxy_command", "allow_match_exec", "allow_file_urls")
_CHOICES = {"engine": ("loop", "threads"), "color": ("auto", "always", "never")}
_ENVIRONMENT = {
    "REM_STATE": "state",
    "REM_CACHE": "cache",
    "REM_ENVIRONMENT": "environment",
    "REM_NODE": "node",
    "REM_SSH_CONFIG": "ssh_config",
    "REM_KNOWN_HOSTS": "known_hosts",
    "REM_ENGINE": "engine",
}


def config_path(environment: Mapping[str, str]) -> Path:
    """The operator's configuration file."""
    if environment.get("REM_CONFIG"):
        return Path(environment["REM_CONFIG"])
    return _home(environment, "XDG_CONFIG_HOME", ".config") / "rem" / "config.toml"


def _home(environment: Mapping[str, str], name: str, usual: str) -> Path:
    """A folder of the user's, as the XDG Base Directory Specification finds it."""
    return Path(environment.get(name) or os.path.join(environment.get("HOME", "/"), usual))


def read(environment: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Settings from the three places. `flags` holds what was given on the command line, None for what was not."""
    path = config_path(environment)
    values, origin = _file(path) if path.is_file() else ({}, {})
    for name, key in _ENVIRONMENT.items():
        if environment.get(name):
            values[key], origin[key] = environment[name], f"${name}"
    for key, value in flags.items():
        if value is not None:
            values[key], origin[key] = value, f"--{key.replace('_', '-')}"
    start = Path(values.pop("repository", None) or Path.cwd())
    values.setdefault("known_hosts", path.with_name("known_hosts"))
    values.setdefault("cache", _home(environment, "XDG_CACHE_HOME", ".cache") / "rem")
    checked = {key: _checked(key, value, origin.get(key, "the default")) for key, value in values.items()}
    return Settings(repository=start, origin=origin, **checked)


def _file(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    import tomllib

    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="mend it, or move it away") from error
    known = {*_PATHS, *_FLAGS, *_CHOICES, *_FILES, "environment", "node", "introduction", "remote", "plugins"}
    for key in values:
        if key not in known:
            raise UsageError(f"{path}: '{key}' is not a setting", hint=f"known: {', '.join(sorted(known))}")
    return values, dict.fromkeys(values, str(path))


def _checked(key: str, value: Any, origin: str) -> Any:
    if key in _PATHS:
        return Path(value).expanduser()
    if key in _FILES:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise UsageError(f"{key} from {origin} is a list of files", hint=f'{key} = ["~/.config/rem/key"]')
        return tuple(Path(one).expanduser() for one in value)
    if key == "plugins":
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise UsageError(f"plugins from {origin} is a list of distributions", hint='plugins = ["rem-iban"]')
        return tuple(value)
    if key in _CHOICES and value not in _CHOICES[key]:
        raise UsageError(f"{key} '{value}' from {origin} is not one of {', '.join(_CHOICES[key])}")
    if key == "node" and not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", str(value)):
        raise UsageError(f"node from {origin} is letters, digits, '.', '-' and '_', not '{value}'")
    if key == "introduction" and not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", str(value)):
        raise UsageError(f"introduction from {origin} is a full commit id, not '{value}'", hint="git rev-parse COMMIT")
    if key == "remote" and not isinstance(value, str):
        raise UsageError(f"remote from {origin} is the address of a git repository", hint='remote = "https://…"')
    if key in _FLAGS and not isinstance(value, bool):
        raise UsageError(f"{key} from {origin} is true or false, not '{value}'")
    return value


_current: Settings | None = None


def fix(settings: Settings) -> None:
    """Set them for this process, once a command line."""
    global _current
    _current = settings


def current() -> Settings:
    """The settings of this process; the defaults as long as no command line was understood."""
    return _current or Settings(repository=Path.cwd())
