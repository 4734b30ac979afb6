"""Where a series lies, and which series a file is.

Each part of a name becomes one folder or file name. Every byte outside `A-Z a-z 0-9 _ -`, and a dash in front, is
written `%XX`, so no name can leave the folder, hide, or look like an option. A part too long for the file system is
broken into nested pieces, the later ones marked `~`. Both can be undone, so the files alone tell the names.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

from rem_cli.series import SeriesError

ENDING = ".wsp"
_PIECE = 200  # bytes; file systems allow 255, and the endings of files set aside need some
_LONGEST = 3000  # bytes; Linux allows 4096 for a whole path
_FILE = re.compile(r"[A-Za-z0-9_%~-]+(/[A-Za-z0-9_%~-]+)*")


@lru_cache(maxsize=4096)
def file_of(name: str) -> str:
    """The file of a series, relative to the store's root.

    Raises:
        SeriesError: an empty name or part, or a name that is too long in all.
    """
    parts = name.split("/")
    if not all(parts):
        raise SeriesError(
            f"'{name}' is no name of a series: it has an empty part",
            hint="name it by its path, such as 'shop/web01/duration'",
        )
    file = "/".join(_encoded(part) for part in parts) + ENDING
    if len(file) > _LONGEST:
        raise SeriesError(f"the name of series '{name[:60]}…' is too long", hint="shorten the keys along its path")
    return file


def name_of(file: str) -> str | None:
    """The series that lies in a file, given relative to the root; None for a file that no series has."""
    stem = file.removesuffix(ENDING)
    if stem == file or not _FILE.fullmatch(stem):
        return None
    parts = stem.replace("/~", "").split("/")
    try:
        name = "/".join(unquote_to_bytes(part).decode("utf-8", "surrogatepass") for part in parts)
        return name if file_of(name) == file else None
    except (UnicodeDecodeError, SeriesError):
        return None


@lru_cache(maxsize=16384)  # thousands of names are made of few parts: hosts and measures
def _encoded(part: str) -> str:
    text = quote_from_bytes(part.encode("utf-8", "surrogatepass"), safe="").replace(".", "%2E").replace("~", "%7E")
    if text.startswith("-"):
        text = "%2D" + text[1:]
    return "/~".join(text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
