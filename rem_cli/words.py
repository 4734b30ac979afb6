"""Numbers in words for people, the same in every face."""

from __future__ import annotations


def age(seconds: float) -> str:
    """`14 min`, `2 h 16 min`, `3 d`."""
    if seconds < 60:
        return f"{max(0, seconds):.0f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min"
    if seconds < 86400:
        minutes = seconds % 3600 // 60
        return f"{seconds // 3600:.0f} h" + (f" {minutes:.0f} min" if minutes else "")
    return f"{seconds // 86400:.0f} d"


def span(seconds: float) -> str:
    """How long something took: `0.21 s`, `4.4 s`, `5 min 4 s`."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {one if number == 1 else many or one + 's'}"
