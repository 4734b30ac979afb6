"""When a line of a crontab is due: its five fields, or a word for them."""

from __future__ import annotations

import re

_FIELD = re.compile(r"[0-9A-Za-z*,/~#?-]+")
_PART = re.compile(r"(?:\*|[0-9]{1,2}|[A-Za-z]{3})(?:-(?:[0-9]{1,2}|[A-Za-z]{3}))?(?:/[0-9]{1,2})?")
_NICKNAMES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
    "@every_minute": "* * * * *",
}
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Unknown(ValueError):
    """A line that is no schedule REM knows, and why."""


def schedule(line: str) -> tuple[str, str]:
    """The five fields and what stands behind them. Unknown."""
    if line.startswith("@"):
        word, _, rest = line.partition(" ") if " " in line else line.partition("\t")
        if word.lower() == "@reboot":
            raise Unknown("REM has no schedule for the start of a machine; a unit of its init system fits better")
        if word.lower() not in _NICKNAMES:
            raise Unknown(f"'{word[:40]}' is no schedule that REM knows")
        return _NICKNAMES[word.lower()], rest.strip()
    words = line.split(None, 5)
    if len(words) < 5 or not all(_FIELD.fullmatch(word) for word in words[:5]):
        raise Unknown("this is no line of a crontab: five fields for the time, and a command")
    for word, bounds, number in zip(words, _BOUNDS, range(5), strict=False):
        _check(word, bounds, number)
    return " ".join(words[:5]), words[5] if len(words) > 5 else ""


def _check(word: str, bounds: tuple[int, int], place: int) -> None:
    if "~" in word:
        raise Unknown(f"'{word}' is a time by chance; REM's jobs have a splay instead")
    for part in word.split(","):
        if not _PART.fullmatch(part) or part.endswith(("/0", "/00")):
            raise Unknown(f"'{part[:40]}' is no field of a crontab: it is a dialect, or a mistake")
        for end in re.findall(r"[0-9]+|[A-Za-z]+", part.partition("/")[0]):
            names = _MONTHS if place == 3 else _DAYS if place == 4 else ()
            if not (end.lower() in names if end.isalpha() else bounds[0] <= int(end) <= bounds[1]):
                raise Unknown(f"'{end}' is not between {bounds[0]} and {bounds[1]}")
