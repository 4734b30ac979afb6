"""The secrets that this process has read, so that whatever it says, it says without them.

Who shows things imports this at every start: the search itself is loaded with the first secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rem_cli.secrets import Secret
    from rem_cli.secrets.redact import Redactor

_secrets: dict[tuple[str, bytes], Secret] = {}
_redactor: Redactor | None = None  # for all of them; None when there is none


def add(secret: Secret) -> None:
    """From now on nothing that is shown or stored holds it."""
    global _redactor
    from rem_cli.secrets.redact import Redactor

    if (secret.name, secret.value) not in _secrets:
        _secrets[secret.name, secret.value] = secret
        _redactor = Redactor(_secrets.values())


def forget() -> None:
    """Know none any more, as a process that just began."""
    global _redactor
    _secrets.clear()
    _redactor = None


def redactor() -> Redactor:
    """For all secrets that are known now."""
    from rem_cli.secrets.redact import Redactor

    return _redactor or Redactor()


def text(text: str) -> str:
    """A text without secrets."""
    return _redactor.text(text) if _redactor else text


def data(data: bytes) -> bytes:
    """Bytes without secrets."""
    return _redactor.data(data) if _redactor else data


def document(value: object) -> object:
    """A document for programs without secrets: each text in it, keys as well, and numbers that are one."""
    if not _redactor:
        return value
    match value:
        case str():
            return text(value)
        case dict():
            return {document(key): document(one) for key, one in value.items()}
        case list() | tuple():
            return [document(one) for one in value]
        case int() if str(value) != text(str(value)):
            return text(str(value))
        case _:
            return value
