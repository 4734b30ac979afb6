"""A tree that was checked before has the same findings: none of its texts is read to say so.

That a file is the one of before is told by its stamp, as git tells it: size, times of change and inode. Where a file is
so young that it could change once more without another stamp, nothing is kept of the tree.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from rem_cli.check import COARSE, Asked, Verdict, settled
from rem_cli.check.sealed import finding_rows, findings_of
from rem_cli.errors import StaleError
from rem_cli.language import Resolution
from rem_cli.tree import Entry

V = TypeVar("V")


def resolve(asked: Asked) -> Resolution:
    """All packages of a tree; items are made when they are first looked at."""
    entries = {} if asked.tree.commit else asked.tree.entries()
    name = _name(asked, entries)
    verdict = _heard(asked.cache.get(name)) if name else None
    if verdict is None:
        from rem_cli.check.work import check

        answer = check(asked, entries or asked.tree.entries())
        if isinstance(answer, Resolution):
            verdict = Verdict(
                tuple(answer.findings), len(answer.items), answer.files, len(answer.packages), answer.scripts
            )
        else:
            verdict = answer
        if name:
            asked.cache.put(name, _told(verdict))
        if isinstance(answer, Resolution):
            return answer
    whole = _Whole(asked, verdict)
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


def _name(asked: Asked, entries: Mapping[str, Entry]) -> str | None:
    """What a verdict on this tree is called; None when it could not be found again."""
    told: Any = asked.tree.commit
    if told is None:
        newest = max((time for entry in entries.values() for time in entry.stamp[:2]), default=0)
        if newest >= asked.now - COARSE and not all(
            entry.blob or settled(entry, asked.now) for entry in entries.values()
        ):
            return None
        told = [(e.path, e.kind.value, e.blob, e.size, e.executable, e.stamp) for e in entries.values()]
    told = marshal.dumps(told, 2)  # later forms tell the same values apart by who else holds them
    return f"verdict-{hashlib.blake2b(told, digest_size=16).hexdigest()}"


class _Whole:
    """The packages of a tree whose findings are known, resolved after all."""

    def __init__(self, asked: Asked, verdict: Verdict) -> None:
        self._asked = asked
        self._verdict = verdict

    @cached_property
    def resolution(self) -> Resolution:
        """StaleError when it has other findings: somebody writes to the tree."""
        from rem_cli.check.work import load_all

        found = load_all(self._asked.tree, self._asked.base())
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


def _told(verdict: Verdict) -> tuple[Any, ...]:
    return finding_rows(verdict.findings), verdict.items, verdict.files, verdict.packages, sorted(verdict.scripts)


def _heard(told: Any) -> Verdict | None:
    if told is None:
        return None
    rows, items, files, packages, scripts = told
    return Verdict(findings_of(rows), items, files, packages, frozenset(scripts))
