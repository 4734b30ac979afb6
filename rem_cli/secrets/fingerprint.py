"""By what two uses of a secret are compared, without keeping it: a hash that nobody can make who lacks the key."""

from __future__ import annotations

import hashlib
import hmac

from rem_cli.secrets import Secret

KEY = 32  # bytes
_KEPT = 16  # hexadecimal digits


def fingerprint(secret: Secret, key: bytes) -> str:
    """The same for the same value under the same key (HMAC-SHA-256, RFC 2104), and it tells nothing without that."""
    return hmac.new(key, secret.value, hashlib.sha256).hexdigest()[:_KEPT]
