"""The secrets of a job, for one run of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.jobs import Used
from rem_cli.language import Item
from rem_cli.secrets import Reference, Secret, SecretError
from rem_cli.secrets.environment import withhold
from rem_cli.secrets.fingerprint import KEY, fingerprint
from rem_cli.secrets.resolve import Sources, resolve_all
from rem_cli.state.private import open_private, private_folder

if TYPE_CHECKING:
    from rem_cli.jobs.job import Job
    from rem_cli.wire.source import Source

_FIELDS = ("secrets", "secret files")


def of_job(
    source: Source, job: Job, identities: Sequence[Path], state: Path
) -> tuple[Mapping[str, Secret], Mapping[str, Used]]:
    """The value of every secret that a job names, by its variable, and what a run may remember of it; SecretError.

    No program that is started from now on inherits a variable that is the secret of any job.
    """

    def blob(path: str) -> bytes:
        try:
            return source.script(path)
        except KeyError:  # made active by a REM that took no such files
            raise SecretError(f"age:{path} is not among the active files", hint="rem apply") from None

    withhold(_variables(source.catalog.of("builtin jobs")))
    references = {**job.secrets, **job.secret_files}
    secrets = resolve_all(references, Sources(blob, identities))
    key = _key(state) if secrets else b""
    return secrets, {name: Used(references[name], fingerprint(secret, key)) for name, secret in secrets.items()}


def _key(state: Path) -> bytes:
    """The key of fingerprints, which lies in the state folder alone; made when it is first needed."""
    private_folder(state)
    number = open_private(state / "secrets.key", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)  # another process may be making it
        key = os.read(number, KEY)
        if len(key) < KEY:
            key = os.urandom(KEY)
            os.pwrite(number, key, 0)
            os.fsync(number)
        return key
    finally:
        os.close(number)


def _variables(jobs: Iterable[Item]) -> set[str]:
    tables = [item.fields.get(name) for item in jobs for name in _FIELDS]
    texts = [text for table in tables if isinstance(table, dict) for text in table.values() if isinstance(text, str)]
    return {one.where for one in map(Reference.read, texts) if one.kind == "env"}
