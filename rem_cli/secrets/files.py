"""Files that hold secrets, read only where nobody but their owner can read or change them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from rem_cli.secrets import ExposedSecretError, SecretError

MOST = 64 << 10  # bytes; a key with its whole chain of certificates has a tenth


def read(path: Path) -> bytes:
    """What a file holds. SecretError, ExposedSecretError: its messages tell the path and never the content.

    A symbolic link, FIFO, device or folder is not read, nor what belongs to another user than us or root, nor what
    the group or others may touch in any way.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _unopened(path, error) from None
    try:
        _check(path, os.fstat(number))
        content = os.read(number, MOST + 1)
    except OSError as error:
        raise SecretError(f"{path} cannot be read: {_why(error)}") from None
    finally:
        os.close(number)
    if len(content) > MOST:
        raise SecretError(f"{path} has more than {MOST >> 10} KiB, which no secret needs")
    return content


def _check(path: Path, about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise ExposedSecretError(f"{path} is no regular file", hint=f"see what it is: ls -ld {path}")
    if about.st_uid not in (0, os.geteuid()):
        raise ExposedSecretError(
            f"{path} belongs to another user (uid {about.st_uid}), who can change it",
            hint=f"make it yours, or root's: chown $USER {path}",
        )
    if about.st_mode & 0o077:
        mode = stat.S_IMODE(about.st_mode)
        raise ExposedSecretError(f"{path} is open to others (mode {mode:04o})", hint=f"chmod 600 {path}")


def _unopened(path: Path, error: OSError) -> SecretError:
    if error.errno == errno.ELOOP:
        text = f"{path} is a symbolic link, and whoever can change it chooses what is read"
        return ExposedSecretError(text, hint="name the file itself")
    hint = f"see: ls -ld {path}" if error.errno == errno.EACCES else "put it there, readable by you alone"
    return SecretError(f"{path} cannot be read: {_why(error)}", hint=hint)


def _why(error: OSError) -> str:
    return os.strerror(error.errno or 0).lower()
