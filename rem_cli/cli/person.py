"""Who types."""

from __future__ import annotations

import getpass


def who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name
        return "unknown"
