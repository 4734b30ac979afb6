"""Secrets: named in packages by where they are found, looked up for one run, and kept out of everything else.

A package holds only a reference. The value is read late, on the controller, by `resolve`; from then on everything that
this process shows or stores goes through `known.redactor()`, which puts `[secret NAME]` in its place.
"""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.errors import RemError, Status


class SecretError(RemError):
    """A secret cannot be had. No message of it holds anything of a value."""

    code = "secret"


class ExposedSecretError(SecretError):
    """Others can read a secret, or could have put it there."""

    status = Status.UNTRUSTED


class Reference(NamedTuple):
    """Where a secret is found: `env:NAME`, `file:/path`, `age:path/in/the/repository`."""

    kind: str
    where: str

    @classmethod
    def read(cls, text: str) -> Reference:
        """A reference that the language has checked."""
        kind, _, where = text.partition(":")
        return cls(kind, where)

    def __str__(self) -> str:
        return f"{self.kind}:{self.where}"


class Secret:
    """A value under the name by which it may be shown. Nothing but `value` tells it: no repr, no format, no pickle."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: bytes) -> None:
        self.name = name
        self.value = value

    @property
    def line(self) -> str:
        """As an environment variable holds it: without the line end that editors put behind a file's last line."""
        return self.value.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"[secret {self.name}]"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")
