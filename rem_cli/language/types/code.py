"""Types whose reading is code of an installed distribution: REM's own that need a library, and those of plug-ins.

Such a type is a function from the text of a scalar to the value that is kept. It comes from the machine on which REM
runs and never from a package repository.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rem_cli.language import Value
from rem_cli.language.at import At, Misfit
from rem_cli.language.types.type import Type

DEEPEST = 20  # levels of lists and mappings in a value that a plug-in gives


@dataclass(frozen=True)
class CodeType:
    """One type of a plug-in; its name is that of the entry point.

    `read` takes a scalar as it is written and returns what is kept, in JSON's kinds; ValueError, or Misfit with a
    hint, says what is wrong with the text. `show` is the way back, where what is kept is not the text itself.
    """

    read: Callable[[str], Any]
    info: str = ""
    widget: str = "text"
    show: Callable[[Any], str] | None = None
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()


class CodeError(Exception):
    """The code of a type cannot be had; says why."""


def reading(load: Callable[[], CodeType]) -> Callable[[At, Type], Value]:
    """A reader that fetches its code with the first value. CodeError and any mistake of the code become a Misfit."""

    def read(raw: At, type: Type) -> Value:
        text = raw.written()
        try:
            kept = load().read(text)
        except Misfit:
            raise
        except CodeError as error:
            raise Misfit(f"'{raw.shown}' cannot be checked: {error}", "rem plugins") from None
        except ValueError as error:
            raise Misfit(_short(str(error)) or f"'{raw.shown}' is not a {type.name}") from None
        except Exception as error:
            told = _short(f"{error.__class__.__name__}: {error}")
            raise Misfit(f"the code of '{type.name}' failed on '{raw.shown}': {told}", "rem plugins") from error
        if not _can_be_kept(kept, DEEPEST):
            kind = kept.__class__.__name__
            raise Misfit(
                f"the code of '{type.name}' made a {kind} of '{raw.shown}', which cannot be kept", "rem plugins"
            )
        return kept  # type: ignore[no-any-return]

    return read


def _short(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:200]


def _can_be_kept(value: Any, left: int) -> bool:
    """Whether a value is of JSON's kinds, all through."""
    if isinstance(value, (list, dict)) and left:
        inner = value.values() if isinstance(value, dict) else value
        keys = not isinstance(value, dict) or all(isinstance(key, str) for key in value)
        return keys and all(_can_be_kept(one, left - 1) for one in inner)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (bool, int, str))
