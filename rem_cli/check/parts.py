"""What packages say, each as bytes: kept under a key that names all it rests on, so that none is ever out of date.

They lie on shelves, files of `.rem/cache/`, and whoever wants a few reads a few. What is not there, for whatever
reason, is made from the texts again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from rem_cli.check import DIGEST, Found
from rem_cli.check.cache import Cache
from rem_cli.language import Item
from rem_cli.language.told import row

SHELVES = 64
MOST = 256  # parts of a shelf, besides those of the tree in hand: of some 16,000 packages


def packed(items: Mapping[str, Item]) -> bytes:
    """The items of one package, by path."""
    import zlib

    return zlib.compress(row(items[path] for path in sorted(items)), 1)


def unpacked(part: bytes) -> bytes:
    """The items again, as `row` of `language.told` writes them."""
    import zlib

    return zlib.decompress(part)


def keys(found: Mapping[str, Found]) -> dict[str, bytes]:
    """By package, what all that its items rest on comes to; those that looked through the whole tree have none.

    `found` is every package of one tree.
    """
    texts = {name: _digest((name, one.ids)) for name, one in found.items()}
    keys: dict[str, bytes] = {}
    for name, one in found.items():
        if one.needs is not None:
            others = [texts[other] if other in texts else _digest(other) for other in one.needs.packages]
            files = _digest((sorted(one.needs.files.items()), sorted(one.needs.linked.items())))
            keys[name] = hashlib.blake2b(b"".join((texts[name], files, *others)), digest_size=DIGEST).digest()
    return keys


def _digest(plain: object) -> bytes:
    return hashlib.blake2b(repr(plain).encode("utf-8", "surrogateescape"), digest_size=DIGEST).digest()


class Parts:
    """Parts by their keys."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._shelves: dict[int, dict[bytes, bytes]] = {}

    def get(self, key: bytes) -> bytes | None:
        """The part of a key; None where it is not kept."""
        return self._shelf(key[0] % SHELVES).get(key) if key else None

    def put(self, parts: Mapping[bytes, bytes]) -> None:
        """Keep parts by their keys; the oldest of a shelf make room."""
        by_shelf: dict[int, dict[bytes, bytes]] = {}
        for key, part in parts.items():
            by_shelf.setdefault(key[0] % SHELVES, {})[key] = part
        for number, new in by_shelf.items():
            others = {key: part for key, part in self._shelf(number).items() if key not in new}
            kept = dict([*others.items()][-MOST:]) | new
            self._shelves[number] = kept
            self._cache.put(_name(number), list(kept.items()))

    def _shelf(self, number: int) -> dict[bytes, bytes]:
        if number not in self._shelves:
            self._shelves[number] = dict(self._cache.get(_name(number)) or ())
        return self._shelves[number]


def _name(number: int) -> str:
    return f"parts-{number:02}"
