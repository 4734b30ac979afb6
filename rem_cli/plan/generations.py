"""Catalogs that were made active for an environment, one of which is active now.

    .rem/generations/production/00000007/   catalog.json, generation.json; never changed once it has its name
    .rem/generations/production/active      the number of the active one; replaced by one rename
    .rem/generations/production/same        its number, and the last commit that was found to say the same
    .rem/generations/production/lock        held by who writes
    .rem/scripts/<sha256>                   what jobs run, so that no job needs git

A reader sees the old generation or the new one. A generation that was never pointed at is the remains of a writer that
died; readers pass over it and the next writer takes it away.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, fields
from pathlib import Path

from rem_cli.errors import RemError, UsageError
from rem_cli.plan.catalog import Catalog, CatalogError, from_json
from rem_cli.state.private import open_private

_NUMBER = re.compile(r"\d{8}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class GenerationError(RemError):
    """What was stored when a commit was applied is not there or damaged."""

    code = "generation"


@dataclass(frozen=True, slots=True)
class Generation:
    """A catalog that was made active, with who, when and why."""

    number: int
    environment: str
    commit: str
    catalog: str  # the catalog's hash
    who: str
    why: str
    at: float  # seconds since the epoch
    introduction: str = ""  # the commit from which its signatures were checked
    anchor: str = ""  # hash of the audit's last line before it: the audit cannot be rewritten without this showing


class Generations:
    """The generations of one environment, below REM's own folder."""

    def __init__(self, root: Path, environment: str = "production") -> None:
        """`root` is `.rem`; reading makes nothing."""
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", environment):
            raise UsageError(f"{environment!r} is no name of an environment", hint="use a-z, 0-9 and '-'")
        self.root = root
        self.environment = environment
        self.home = root / "generations" / environment
        self.scripts = root / "scripts"

    def active(self) -> Generation | None:
        """The one that is active now; None when nothing was ever applied."""
        number = self.pointed_at()
        return None if number is None else self._generation(number)

    def pointed_at(self) -> int | None:
        """The active one's number."""
        text = self._read(self.home / "active")
        if text is None:
            return None
        if not text.strip().isdigit():
            raise GenerationError(f"{self.home / 'active'} is damaged", hint="rem apply")
        return int(text)

    def applied_before(self) -> bool:
        """Whether anything was ever active, also when it cannot be read any more."""
        return os.path.lexists(self.home / "active")

    def history(self) -> list[Generation]:
        """Every generation that is kept, the active one first."""
        active = self.active()
        if active is None:
            return []
        numbers = [number for number in self.numbers() if number < active.number]
        return [active, *(self._generation(number) for number in sorted(numbers, reverse=True))]

    def commits(self, generation: Generation) -> tuple[str, ...]:
        """Commits that say what it says: the one it was made from, and the last that was found to be the same."""
        number, _, commit = (self._read(self.home / "same") or b"").decode("ascii", "replace").strip().partition(" ")
        return (generation.commit, commit) if number == str(generation.number) else (generation.commit,)

    def catalog(self, generation: Generation) -> Catalog:
        """What it made active; CatalogError when the file is not what was written."""
        text = self._read(self.folder(generation.number) / "catalog.json")
        if text is None:
            raise CatalogError(f"the catalog of generation {generation.number} is missing", hint="rem apply")
        catalog = from_json(text)
        if catalog.hash != generation.catalog:
            raise CatalogError(f"the catalog of generation {generation.number} is another one", hint="rem apply")
        return catalog

    def file(self, name: str) -> bytes | None:
        """A file beside the generations; None when it is not there."""
        return self._read(self.home / name)

    def script(self, sha256: str) -> bytes:
        """A script's content, as it was committed; GenerationError when it is not what was stored."""
        if not _SHA256.fullmatch(sha256):
            raise GenerationError(f"{sha256!r} is no sha256")
        content = self._read(self.scripts / sha256)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise GenerationError(f"the stored script {sha256[:12]}… is missing or damaged", hint="rem apply")
        return content

    def folder(self, number: int) -> Path:
        """Where one generation is stored."""
        return self.home / f"{number:08}"

    def numbers(self) -> list[int]:
        """Of all that are stored, also one that a writer who died never made active."""
        names = os.listdir(self.home) if self.home.is_dir() else []
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    def _generation(self, number: int) -> Generation:
        path = self.folder(number) / "generation.json"
        try:
            told = json.loads(self._read(path) or b"")
            return Generation(**{field.name: told[field.name] for field in fields(Generation) if field.name in told})
        except (ValueError, TypeError) as error:
            raise GenerationError(f"{path} is missing or damaged", hint="rem apply") from error

    def _read(self, path: Path) -> bytes | None:
        try:
            with open(open_private(path, os.O_RDONLY), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            words = os.strerror(error.errno or 0).lower()
            raise GenerationError(f"could not read {path}: {words}", hint=f"ls -l {path}") from error
