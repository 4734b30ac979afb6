"""Secrets in the repository, encrypted with age (age-encryption.org/v1); the key stays with the operator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rem_cli.secrets import SecretError, files

_KEY = "AGE-SECRET-KEY-"
_NONE = 'name the file of an age identity in ~/.config/rem/config.toml: age_identities = ["~/.config/rem/age.txt"]'


def decrypt(path: str, content: bytes, identities: Sequence[Path]) -> bytes:
    """The content of an encrypted file; `path` is for messages. SecretError."""
    try:
        import pyrage
    except ImportError:
        text = f"age:{path} cannot be read: the library for it is not installed"
        raise SecretError(text, hint="pip install 'rem-cli[age]'") from None
    if not identities:
        raise SecretError(f"age:{path} cannot be read without a key", hint=_NONE)
    keys = [key for file in identities for key in _keys(pyrage, file)]
    try:
        return bytes(pyrage.decrypt(content, keys))
    except pyrage.DecryptError:
        text = f"age:{path} cannot be read: it is not encrypted for a key of {_named(identities)}, or is damaged"
        raise SecretError(text, hint=f"encrypt it again for your key: age -R RECIPIENTS -o {path}") from None


def _keys(pyrage: Any, file: Path) -> list[Any]:
    """The identities of a file: age's own, a line each among comments, or one SSH key without a passphrase."""
    content = files.read(file)
    try:
        if content.startswith(b"-----BEGIN "):
            return [pyrage.ssh.Identity.from_buffer(content)]
        lines = [line.strip() for line in content.decode().splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith(_KEY)]
    except (pyrage.IdentityError, UnicodeDecodeError):
        hint = "age-keygen makes one; a passphrase is not asked for"
        raise SecretError(f"{file} is no age identity", hint=hint) from None


def _named(identities: Sequence[Path]) -> str:
    return ", ".join(map(str, identities))
