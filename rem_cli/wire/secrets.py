"""The secrets of a job, for one run of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.language import Item
from rem_cli.secrets import Reference, Secret, SecretError
from rem_cli.secrets.environment import withhold
from rem_cli.secrets.resolve import Sources, resolve_all

if TYPE_CHECKING:
    from rem_cli.jobs.job import Job
    from rem_cli.wire.source import Source

_FIELDS = ("secrets", "secret files")


def of_job(source: Source, job: Job, identities: Sequence[Path]) -> Mapping[str, Secret]:
    """The value of every secret that a job names, by its variable; SecretError.

    No program that is started from now on inherits a variable that is the secret of any job.
    """

    def blob(path: str) -> bytes:
        try:
            return source.script(path)
        except KeyError:  # made active by a REM that took no such files
            raise SecretError(f"age:{path} is not among the active files", hint="rem apply") from None

    withhold(_variables(source.catalog.of("builtin jobs")))
    return resolve_all({**job.secrets, **job.secret_files}, Sources(blob, identities))


def _variables(jobs: Iterable[Item]) -> set[str]:
    tables = [item.fields.get(name) for item in jobs for name in _FIELDS]
    texts = [text for table in tables if isinstance(table, dict) for text in table.values() if isinstance(text, str)]
    return {one.where for one in map(Reference.read, texts) if one.kind == "env"}
