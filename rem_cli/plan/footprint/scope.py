"""What keeps the files of repositories, environments and hosts apart where several are one machine."""

from __future__ import annotations


def scope(repository: str, environment: str, host: str) -> str:
    """A folder's name; `repository` is its identity, a full commit id."""
    return f"{environment}.{host}.{repository[:16]}"
