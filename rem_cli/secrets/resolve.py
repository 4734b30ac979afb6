"""From a reference to its value: late, for one run, on the controller."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rem_cli.secrets import Reference, Secret, SecretError, age, environment, files, known, memory, unfit


class Sources(NamedTuple):
    """Where secrets of a repository are found beside this machine."""

    blob: Callable[[str], bytes]  # the content of a file of the commit, by its path
    identities: Sequence[Path] = ()  # files of age keys


def resolve(name: str, reference: str, sources: Sources) -> Secret:
    """The secret that a reference means, shown as `name`; SecretError.

    From then on it is kept out of whatever this process shows or stores.
    """
    memory.close()
    secret = Secret(name, _value(name, Reference.read(reference), sources))
    unfit.check(secret, reference)
    known.add(secret)
    return secret


def resolve_all(references: Mapping[str, str], sources: Sources) -> dict[str, Secret]:
    """Several, by name; SecretError for the first that cannot be had."""
    return {name: resolve(name, reference, sources) for name, reference in references.items()}


def _value(name: str, reference: Reference, sources: Sources) -> bytes:
    match reference.kind:
        case "env":
            value = environment.take(reference.where)
            if value is None:
                text = f"the secret {name} is to be found in the variable {reference.where}, which is not set"
                raise SecretError(text, hint=f"read -rs {reference.where} && export {reference.where}")
            return value.encode("utf-8", "surrogateescape")
        case "file":
            return files.read(Path(reference.where))
        case "age":
            return age.decrypt(reference.where, sources.blob(reference.where), sources.identities)
        case _:
            raise SecretError(f"the secret {name} has no reference that this rem knows", hint="rem validate")
