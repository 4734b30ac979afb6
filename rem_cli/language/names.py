"""Names: how vocabulary is compared, which keys are allowed, and which name was probably meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # controls, bidirectional marks, surrogates, line ends


_PLAIN = re.compile("[A-Za-z0-9_](?:[A-Za-z0-9_. -]{0,100}[A-Za-z0-9_])?").fullmatch  # nearly every key there is


def vocabulary(word: str) -> str:
    """A word of the vocabulary in its own spelling: `field_sets` and `field-sets` are `field sets`."""
    return word.replace("_", " ").replace("-", " ")


def folded(name: str) -> str:
    """Two names with the same folding are one name to a person and to some file systems."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def key_problem(name: str) -> str | None:
    """What keeps a key from being part of a path; None when nothing does."""
    if _PLAIN(name):
        return None
    if not name.strip():
        return "a key is not empty"
    if name != name.strip():
        return "a key has no blanks at its ends"
    if "/" in name:
        return "a key cannot hold '/', which parts the keys of a path"
    if len(name.encode("utf-8", "replace")) > 200:
        return "a key has at most 200 bytes"
    bad = (
        None
        if name.isascii() and name.isprintable()
        else next((c for c in name if unicodedata.category(c) in _FORBIDDEN), None)
    )
    if bad is not None:
        return f"a key cannot hold the invisible character U+{ord(bad):04X}"
    if not name.isascii() and (mixed := _mixed(name)):
        return f"a key cannot mix {mixed} letters in one word: they look alike"
    if name in (".", ".."):
        return f"a key cannot be '{name}'"
    start = next((start for start in ("-", ".git") if name.startswith(start)), None)
    if start:
        return f"a key cannot begin with '{start}'"
    return None


LONGEST = 100  # characters; nobody mistypes a longer word by a letter or two
WORK = 50_000  # pairs of letters compared for one suggestion: some milliseconds


def _mixed(name: str) -> str | None:
    """Alphabets with letters that look alike and stand together in one word."""
    for word in re.split(r"[\W\d_]+", name):
        scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word} & {"LATIN", "CYRILLIC", "GREEK"}
        if len(scripts) > 1:
            return " and ".join(script.title() for script in sorted(scripts))
    return None


def nearest(word: str, among: Iterable[str]) -> str | None:
    """The one that was probably meant: few edits away, for the length of the word. Candidates that come first win."""
    best, least, left = None, max(1, len(word) // 3) + 1, WORK
    if len(word) > LONGEST:
        return None
    letters = set(word.lower())
    for other in among:
        if abs(len(other) - len(word)) < least and len(letters - set(other.lower())) < least:
            left -= len(word) * len(other)
            if left < 0:
                break
            edits = distance(word.lower(), other.lower(), least)
            if edits < least:
                best, least = other, edits
    return best


def distance(one: str, two: str, limit: int) -> int:
    """Edits between two words, a swap of neighbours being one (optimal string alignment); at most `limit`."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return min(row[-1], limit)
