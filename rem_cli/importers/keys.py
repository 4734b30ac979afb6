"""Names of a source as keys of a package, and as names of machines."""

from __future__ import annotations

import re
import unicodedata

from rem_cli.language.names import key_problem


def as_key(name: str) -> str:
    """A name as a key of a package: what no key can hold becomes a dash."""
    plain = unicodedata.normalize("NFC", "".join(c if c.isprintable() and c not in "/\\" else "-" for c in name))
    plain = re.sub(r"\s+", " ", plain).strip()
    plain = plain.encode()[:80].decode(errors="ignore").strip().lstrip("-+!.").strip() or "unnamed"
    return plain if key_problem(plain) is None else re.sub(r"[^\x20-\x7e]", "-", plain).strip(" -") or "unnamed"


def as_hostname(name: str) -> str:
    """A name as the name of a machine: letters, digits, `_`, `-` and `.`; unchanged when it is one."""
    parts = [re.sub(r"[^A-Za-z0-9_-]", "-", part)[:63].strip("-") for part in name.split(".")]
    return ".".join(filter(None, parts))[:120].strip("-.") or "unnamed"
