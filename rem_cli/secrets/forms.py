"""The forms in which programs print a value: as it is, encoded, escaped, quoted, backwards.

Each is without line ends: whoever searches for them leaves those out of the text as well, so that a value that was
folded over several lines is the same as one that was not.
"""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

LEAST = 6  # bytes; what is shorter stands everywhere by chance
LINE = 8  # bytes of a line of a value of several lines, from which on it is hidden by itself
_PASSWORD = re.compile(rb"\A[a-z][a-z0-9+.-]*://[^/@:\s]*:([^/@\s]+)@")


def forms(value: bytes) -> frozenset[bytes]:
    """Every form of a value that is long enough to be looked for, and of the parts of it that are secrets themselves.

    Parts: the password of an address like `postgres://ana:…@db/`, and each longer line of a value of several lines.
    """
    core = value.strip()
    found = {*_encoded(core), *_written(core)}
    for part in _parts(core):
        found |= {part, part[::-1]}
    bare = (form.translate(None, b"\r\n") for form in found)
    return frozenset(form for form in bare if len(form) >= LEAST)


def _parts(value: bytes) -> Iterator[bytes]:
    if password := _PASSWORD.match(value):
        yield password[1]
    lines = [line.strip() for line in value.splitlines()]
    if len(lines) > 1:
        yield from (line for line in lines if len(line) >= LINE)


def _encoded(value: bytes) -> Iterator[bytes]:
    """Of bytes, whatever they mean."""
    yield value
    yield value[::-1]
    yield value.hex().encode()
    yield value.hex().upper().encode()
    yield repr(value)[2:-1].encode()
    for before in range(3):
        # RFC 4648 section 4: three bytes make four signs, so that it depends on what stands before what a value looks
        # like. The signs at both ends that hold bits of neighbours are left out.
        signs = base64.b64encode(bytes(before) + value)[-(-before * 8 // 6) : (before + len(value)) * 8 // 6]
        yield signs
        yield signs.translate(bytes.maketrans(b"+/", b"-_"))


def _written(value: bytes) -> Iterator[bytes]:
    """Of a text, as addresses, documents and shells write it."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    ways = [text[::-1], repr(text)[1:-1], html.escape(text), html.escape(text, quote=False)]
    for ascii in (True, False):
        told = json.dumps(text, ensure_ascii=ascii)[1:-1]
        ways += [told, told.replace("/", "\\/"), json.dumps(told)[1:-1]]
    for safe in ("", "/", "/:@!$&'()*+,;="):
        ways += [quote(text, safe=safe), quote_plus(text, safe=safe)]
    ways += [re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), way) for way in ways if "%" in way]
    ways += [shlex.quote(text).strip("'"), text.replace("'", "'\\''")]  # `set -x` writes the second
    ways += [re.sub(r"([^\w@%+=:,./-])", r"\\\1", text), re.sub(r'(["\\$`])', r"\\\1", text)]
    yield from (way.encode() for way in ways)
