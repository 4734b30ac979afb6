"""The secrets of a job, for one run of it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rem_cli.jobs import Lent, Used
from rem_cli.jobs.job import secrets_of
from rem_cli.secrets import SecretError
from rem_cli.secrets.environment import withhold
from rem_cli.secrets.fingerprint import KEY, fingerprint
from rem_cli.secrets.resolve import Sources, resolve_all
from rem_cli.state.private import open_private, private_folder

if TYPE_CHECKING:
    from rem_cli.jobs.job import Job
    from rem_cli.plan.catalog import Catalog


def lend(job: Job, blob: Callable[[str], bytes], identities: Sequence[Path], state: Path) -> Lent:
    """The secrets that a job names. `blob` gives the content of a file of its commit; SecretError."""

    def there(path: str) -> bytes:
        try:
            return blob(path)
        except KeyError:  # made active by a REM that took no such files
            raise SecretError(f"age:{path} is not among the active files", hint="rem apply") from None

    references = {**job.secrets, **job.secret_files}
    secrets = resolve_all(references, Sources(there, identities))
    key = _key(state) if secrets else b""
    return Lent(secrets, {name: Used(references[name], fingerprint(one, key)) for name, one in secrets.items()})


def keep_back(catalog: Catalog) -> None:
    """From now on no program inherits a variable that is the secret of any job."""
    found = [one for item in catalog.of("builtin jobs") for one in secrets_of(item)]
    withhold({one.where for one in found if one.kind == "env"})


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
