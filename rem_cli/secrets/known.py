"""The secrets that this process has read, so that whatever it says, it says without them."""

from __future__ import annotations

from rem_cli.secrets import Secret
from rem_cli.secrets.redact import Redactor

_secrets: dict[tuple[str, bytes], Secret] = {}
_redactor = Redactor()


def add(secret: Secret) -> None:
    """From now on nothing that is shown or stored holds it."""
    global _redactor
    if (secret.name, secret.value) not in _secrets:
        _secrets[secret.name, secret.value] = secret
        _redactor = Redactor(_secrets.values())


def forget() -> None:
    """Know none any more, as a process that just began."""
    global _redactor
    _secrets.clear()
    _redactor = Redactor()


def redactor() -> Redactor:
    """For all secrets that are known now."""
    return _redactor


def hidden(value: object) -> object:
    """A document for programs without secrets: each text in it, keys as well."""
    if not _redactor:
        return value
    match value:
        case str():
            return _redactor.text(value)
        case dict():
            return {hidden(key): hidden(one) for key, one in value.items()}
        case list() | tuple():
            return [hidden(one) for one in value]
        case int() if str(value) != _redactor.text(str(value)):
            return _redactor.text(str(value))
        case _:
            return value
