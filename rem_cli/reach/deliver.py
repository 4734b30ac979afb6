"""Bytes to a server that takes them in, and whether it did."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from rem_cli.errors import RemError

_SAID = 300  # bytes of a refusal that are told


class DeliveryError(RemError):
    """It was not taken, and may be another time."""

    code = "delivery"


class RefusedError(DeliveryError):
    """It will not be taken however often it is sent."""

    code = "refused"


def stream(host: str, port: int, data: bytes, *, timeout: float) -> None:
    """Send over TCP. The server took all of it when it closes in good order after we have ended: it read up to there.

    DeliveryError otherwise; some of it may have been taken. Nothing tells a server that closes unread from one that
    read: carbon does so beyond MAX_RECEIVER_CONNECTIONS.
    """
    try:
        with socket.create_connection((host, port), timeout) as link:
            link.sendall(data)
            link.shutdown(socket.SHUT_WR)
            while link.recv(4096):
                pass
    except OSError as error:
        raise DeliveryError(f"{host}:{port} did not take it: {_why(error)}", hint=f"nc -vz {host} {port}") from error


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float) -> None:
    """Post over HTTP. RefusedError for a status of 4xx that stays so, DeliveryError for all other failures."""
    parts = urlsplit(url)
    where = parts.hostname or ""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    link: http.client.HTTPConnection
    if parts.scheme == "https":
        link = http.client.HTTPSConnection(where, parts.port, timeout=timeout, context=ssl.create_default_context())
    else:
        link = http.client.HTTPConnection(where, parts.port, timeout=timeout)
    try:
        link.request("POST", path, body, dict(headers))
        with link.getresponse() as answer:
            said = answer.read(_SAID).decode(errors="replace").strip().partition("\n")[0]
    except (OSError, http.client.HTTPException) as error:
        raise DeliveryError(f"{where} did not take it: {_why(error)}", hint=f"curl -v {url}") from error
    finally:
        link.close()
    if answer.status < 300:
        return
    text = f"{where} answered {answer.status} {answer.reason}" + (f": {said}" if said else "")
    lasting = 400 <= answer.status < 500 and answer.status not in (401, 403, 404, 408, 429)
    raise (RefusedError if lasting else DeliveryError)(text)


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
