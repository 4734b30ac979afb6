"""Makes a catalog the active generation: aside first, then by one rename."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from rem_cli.clock import Clock
from rem_cli.plan.catalog import Catalog
from rem_cli.plan.generations import Generation, GenerationError, Generations
from rem_cli.plan.lock import Lock, writing
from rem_cli.state.private import private_folder
from rem_cli.tree.write import write_atomically

KEPT = 20  # generations; older ones are taken away


@contextmanager
def activating(generations: Generations, who: str, clock: Clock) -> Iterator[Writer]:
    """Be the one who may activate; HeldError when somebody else is. What a writer who died left is taken away."""
    try:
        for folder in (generations.root, generations.home.parent, generations.home, generations.scripts):
            private_folder(folder)
        with writing(generations.home / "lock", who, clock) as lock:
            writer = Writer(generations, lock, clock)
            writer.clean()
            yield writer
    except OSError as error:
        words = os.strerror(error.errno or 0).lower()
        raise GenerationError(
            f"could not write to {generations.root}: {words}", hint=f"df -h {generations.root}"
        ) from error


class Writer:
    """Who holds the lock of an environment."""

    def __init__(self, generations: Generations, lock: Lock, clock: Clock) -> None:
        self.lock = lock
        self._generations = generations
        self._clock = clock

    def activate(
        self,
        catalog: Catalog,
        scripts: Mapping[str, bytes],
        *,
        commit: str,
        why: str = "",
        introduction: str = "",
        anchor: str = "",
    ) -> Generation:
        """Store a catalog and its scripts (by sha256), and make it active. Killed anywhere, the old one stays."""
        home = self._generations.home
        generation = Generation(
            number=self.next(),
            environment=self._generations.environment,
            commit=commit,
            catalog=catalog.hash,
            who=self.lock.holder.who,
            why=why,
            at=self._clock.now(),
            introduction=introduction,
            anchor=anchor,
        )
        self.store(scripts)
        aside = home / f".new-{secrets.token_hex(4)}"
        private_folder(aside)
        write_atomically(aside / "catalog.json", catalog.to_json(), mode=0o600)
        write_atomically(aside / "generation.json", json.dumps(asdict(generation)).encode() + b"\n", mode=0o600)
        self.lock.beat()  # whoever lost it changes nothing more
        aside.rename(self._generations.folder(generation.number))
        write_atomically(home / "active", b"%d\n" % generation.number, mode=0o600)
        for number in self._generations.numbers()[:-KEPT]:
            self._remove(number)
        return generation

    def next(self) -> int:
        """The number of the generation that `activate` would make."""
        return max(self._generations.numbers(), default=0) + 1

    def same(self, generation: Generation, commit: str) -> None:
        """Note that another commit says what the active generation says."""
        if commit not in self._generations.commits(generation):
            note = f"{generation.number} {commit}\n".encode()
            write_atomically(self._generations.home / "same", note, mode=0o600)

    def store(self, scripts: Mapping[str, bytes]) -> None:
        """Store the scripts that are not stored yet, and those that are damaged."""
        for sha256, content in scripts.items():
            try:
                self._generations.script(sha256)
            except GenerationError:
                write_atomically(self._generations.scripts / sha256, content, mode=0o600)

    def clean(self) -> None:
        """Take away what a writer left that died: what has no name yet, and generations that nothing pointed at."""
        with contextlib.suppress(GenerationError):  # with a damaged pointer, any of them may have been active
            active = self._generations.pointed_at() or 0
            for number in self._generations.numbers():
                if number > active:
                    self._remove(number)
        for folder in (self._generations.home, self._generations.scripts):
            for name in os.listdir(folder):
                if name.startswith("."):
                    left = folder / name
                    shutil.rmtree(left) if left.is_dir() else left.unlink()

    def _remove(self, number: int) -> None:
        folder = self._generations.folder(number)
        aside = folder.with_name(f".old-{number}")
        folder.rename(aside)  # first out of sight, so that nobody meets half of it
        shutil.rmtree(aside)
