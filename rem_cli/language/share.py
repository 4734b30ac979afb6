"""`5` or `10%`: so many, or so many of a hundred."""

from __future__ import annotations

from typing import NamedTuple

from rem_cli.errors import UsageError


class Share(NamedTuple):
    """So many, or so many of a hundred."""

    number: int
    percent: bool = False

    @classmethod
    def read(cls, text: str, name: str, *, least: int) -> Share:
        """`5` or `10%`; UsageError."""
        percent = text.endswith("%")
        digits = text.removesuffix("%").strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise UsageError(f"{name} is a number or a percentage, not '{text}'", hint=f"{name}: 5, or {name}: 10%")
        number = int(digits)
        if number < least or (percent and number > 100):
            bounds = f"{least}% to 100%" if percent else f"{least} or more"
            raise UsageError(f"{name} is {bounds}, not '{text}'")
        return cls(number, percent)

    def of(self, total: int) -> int:
        """How many of `total`, rounded down."""
        return total * self.number // 100 if self.percent else self.number

    def __str__(self) -> str:
        return f"{self.number}{'%' if self.percent else ''}"
