"""A tree's resolution, where the verdict on it may be known before: its items are made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from rem_cli.check import Asked, Verdict
from rem_cli.check.known import recall
from rem_cli.check.verdict import checked
from rem_cli.check.work import load_all
from rem_cli.errors import StaleError
from rem_cli.language import Resolution

V = TypeVar("V")


def resolve(asked: Asked) -> Resolution:
    """All packages of a tree; items are made when they are first looked at."""
    recalled = recall(asked)
    verdict, resolution = (recalled.verdict, None) if recalled.verdict else checked(asked, recalled)
    if resolution is not None:
        return resolution
    whole = _Whole(asked, verdict)
    if verdict.environments:  # what is known of the tree are the items of another one, maybe
        return whole.resolution
    return Resolution(
        findings=verdict.findings,
        scripts=verdict.scripts,
        files=verdict.files,
        items=_Later(lambda: whole.resolution.items, verdict.items),
        origins=lambda path: whole.resolution.origins(path),
        texts=lambda path: whole.resolution.texts(path),
        held=lambda path: whole.resolution.held(path),
        references=lambda: whole.resolution.references(),
        packages=_Later(lambda: whole.resolution.packages, verdict.packages),
        sections=lambda package: whole.resolution.sections(package),
        templates=_Later(lambda: whole.resolution.templates),
    )


class _Whole:
    """The packages of a tree whose findings are known, resolved after all."""

    def __init__(self, asked: Asked, verdict: Verdict) -> None:
        self._asked = asked
        self._verdict = verdict

    @cached_property
    def resolution(self) -> Resolution:
        """StaleError when it has other findings: somebody writes to the tree."""
        found = load_all(self._asked.tree, self._asked.base(), self._asked.environment)
        if tuple(found.findings) != self._verdict.findings:
            raise StaleError(f"{self._asked.tree.label} changed while it was read", hint="run this again")
        return found


class _Later(Mapping[str, V]):
    """A mapping that is made when somebody looks into it; how many are in it may be known before."""

    def __init__(self, make: Callable[[], Mapping[str, V]], count: int | None = None) -> None:
        self._make = make
        self._count = count

    def __getitem__(self, key: str) -> V:
        return self._make()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._make())

    def __len__(self) -> int:
        return len(self._make()) if self._count is None else self._count
