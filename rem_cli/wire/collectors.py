"""The collectors that REM ships with, as folders: what each says of itself, and its cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rem_cli import shipped
from rem_cli.collect.cases import Case, run
from rem_cli.collect.load import Collectors
from rem_cli.errors import NoTargetError
from rem_cli.language.names import nearest, vocabulary

if TYPE_CHECKING:
    from rem_cli.reach import Task
    from rem_cli.reach.asks import Ran
    from rem_cli.wire import Rem

MANIFEST = "collector.yaml"


class Shipped(NamedTuple):
    """One collector."""

    name: str
    folder: Path
    says: Mapping[str, Any]  # its manifest, in the words of the section `collectors`
    built_in: bool  # a kind of check; else a program to copy

    @property
    def program(self) -> Path:
        return self.folder / (f"{self.name}.py" if self.built_in else str(self.says["script"]))


def collectors() -> list[Shipped]:
    """Every collector, those that are built in first."""
    found = [_read(path.parent) for path in sorted(shipped.folder("collectors").glob(f"*/{MANIFEST}"))]
    return sorted(found, key=lambda one: (not one.built_in, one.name))


def collector(name: str) -> Shipped:
    """One by its name; NoTargetError."""
    known = {one.name: one for one in collectors()}
    found = known.get(vocabulary(name)) or known.get(name)
    if found is None:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else "rem collector list"
        raise NoTargetError(f"no collector is called '{name}'", hint=hint)
    return found


def tested(rem: Rem, one: Shipped) -> Sequence[Case]:
    """What came of its cases."""
    source = Collectors(one.folder.parent).of(one.folder.name) if one.built_in else None
    return list(run(one.folder, source, one.says, lambda task: _run(rem, task)))


def _read(folder: Path) -> Shipped:
    from rem_cli.language.source import read

    path = folder / MANIFEST
    source = read(path.name, path.read_bytes())
    assert not source.findings and isinstance(source.data, dict), source.findings  # a mistake of REM's own
    [(name, says)] = source.data.items()
    return Shipped(name, folder, says, "script" not in says)


def _run(rem: Rem, task: Task) -> Ran:
    """A program on this machine, to its end."""
    from rem_cli.reach import Target
    from rem_cli.reach.asks import Run
    from rem_cli.reach.poller import Poller
    from rem_cli.reach.threads import Bell, Programs

    poller, answers = Poller(rem.clock), list[Any]()
    bell = Bell(poller)
    programs = Programs(bell, lambda: rem.transports)
    try:
        programs.ask(Run(Target("localhost", "localhost"), task), answers.append, None)
        while not answers:
            poller.turn()
    finally:
        programs.close()
        bell.close()
        poller.close()
    ran: Ran = answers[0]
    return ran
