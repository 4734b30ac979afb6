"""The functions that a question may call: what each takes, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple, TypeVar

from rem_cli.series.query import Trace, Window


class Kind(Enum):
    """What an argument is."""

    SERIES = auto()  # a list of traces
    LATER = auto()  # the same for a window that the function chooses: `Later`
    NUMBER = auto()
    WHOLE = auto()
    TEXT = auto()
    SPAN = auto()  # a time like '5min', as whole seconds
    POINTS = auto()  # a number of points, or a time
    NODE = auto()  # the number of a part of a path, or a text
    FLAG = auto()
    TOTAL = auto()  # a list of traces, or a number


class Span(NamedTuple):
    """A time where a number of points could stand, too."""

    seconds: int


Does = TypeVar("Does", bound=Callable[..., list[Trace]])
Later = Callable[[Window], list[Trace]]


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    kind: Kind
    default: Any = ...  # without one it is required
    many: bool = False  # the last one may come any number of times


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a call stands, for functions that need to know."""

    window: Window
    words: str  # its first argument, as it was written


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    params: tuple[Param, ...]
    does: Callable[..., list[Trace]]
    info: str


FUNCTIONS: dict[str, Function] = {}
LIST = Param("seriesList", Kind.SERIES)
LISTS = Param("seriesLists", Kind.SERIES, many=True)
AHEAD = Param("seriesList", Kind.LATER)


def function(*names: str, takes: Sequence[Param] = ()) -> Callable[[Does], Does]:
    """Make a function known by its names. It is given `Asked` and its arguments; its docstring is its reference."""

    def known(does: Does) -> Does:
        for name in names:
            FUNCTIONS[name] = Function(name, tuple(takes), does, (does.__doc__ or "").strip())
        return does

    return known
