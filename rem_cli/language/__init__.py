"""Text in, resolved packages out: the values that leave this room.

Nothing here runs code of a package, reads a file or asks the time: text and names come in as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from rem_cli.errors import Place

if TYPE_CHECKING:
    from rem_cli.language.held import Held, Reference
    from rem_cli.language.schema import Section
    from rem_cli.language.timed import Timed

# What a resolved value may be, after its type has read it: JSON's own kinds.
Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: what is wrong, where, and what to do.

    `hint` stands under the caret and mends this place ("did you mean 'every'?"); `see` is a command that tells more.
    """

    id: str  # REM1203; stable, looked up by `rem explain`
    message: str
    place: Place
    hint: str | None = None
    see: str | None = None
    severity: Severity = Severity.ERROR


class Source(StrEnum):
    """Who set a value."""

    OWN = "own"  # written in the item
    COLLECTED = "collected"  # from its place among the layers
    KEY = "key"  # the item's key, because the key field was left out
    INHERITED = "inherited"  # from the item that holds it
    DEFAULT = "default"  # the section's definition, or a param's
    SPECIFICATION = "specification"  # written in a package that this one is made from
    PARAM = "param"  # given under `with`
    LINK = "link"  # in a file that is embedded or merged
    ENVIRONMENT = "environment"  # written for the one environment


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value of an item came from, which values it beat, and which were put into it.

    `unset` is the place of a `!unset` that took a beaten value out.
    """

    source: Source
    place: Place | None
    beaten: tuple[Origin, ...] = ()
    parts: tuple[Origin, ...] = ()
    name: str = ""  # of a param
    unset: Place | None = None

    @property
    def where(self) -> str | None:
        """The place for people: `packages/shop/jobs.yaml:3:5`, or `jobs.yaml:19:14 of rem's base`."""
        if self.place is None:
            return None
        if self.place.file.startswith("packages/base/"):  # no user's package can have that name
            return f"{self.place.file.rpartition('/')[2]}:{self.place.line}:{self.place.column} of rem's base"
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Item:
    """A leaf of a section, resolved: every field of its section is present.

    `path` is its identity and its address: `package/section/layer/…/key`. Fields hold saved values: a duration is
    seconds, a script path is a path from the repository's root, a command is a list.
    """

    path: str
    package: str
    section: str  # "jobs", or "hosts/monitors" for a section in a section
    process: str  # what the engine does with it: "builtin jobs"
    key: str
    layers: Mapping[str, str]  # the collected fields, outermost first
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Param:
    """A param of a package, with what it is there."""

    name: str
    type: str  # for people: "duration", "list of label"
    required: bool
    info: str
    value: Value  # saved; None when it has none, or when only an instance will tell
    text: str | None  # as it would be written; None as well
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class About:
    """What a package is."""

    name: str
    title: str
    info: str
    version: str
    specification: bool
    of: tuple[str, ...]  # the specifications that it is made from, the nearest first
    params: tuple[Param, ...]
    require: tuple[str, ...]
    fall_back: tuple[str, ...]  # the packages that are asked for what is missing here, in order


@dataclass(frozen=True)
class Resolution:
    """All packages of one tree."""

    items: Mapping[str, Item]
    findings: Sequence[Finding]
    scripts: frozenset[str] = frozenset()  # paths of the files that items name, all of them present
    files: int = 0  # how many files of packages were read
    origins: Callable[[str], Mapping[str, Origin]] = field(default=lambda path: {}, repr=False)
    texts: Callable[[str], Mapping[str, str]] = field(default=lambda path: {}, repr=False)  # values as they are written
    held: Callable[[str], Held] = field(default=lambda path: _unknown(path), repr=False)  # what an item came from
    references: Callable[[], Sequence[Reference]] = field(default=tuple, repr=False)  # what items name, whole
    timed: Callable[[], Sequence[Timed]] = field(default=tuple, repr=False)  # what is held against the clock
    packages: Mapping[str, About] = field(default_factory=dict)
    environments: tuple[str, ...] = ()  # that packages declare; none: there is but one
    sections: Callable[[str], Mapping[str, Section]] = field(default=lambda package: {}, repr=False)  # that it can use
    locked: Mapping[str, dict[str, Value]] = field(default_factory=dict)  # packages from elsewhere, each exactly
    templates: Mapping[str, Item] = field(default_factory=dict)  # items of specifications, which run nothing

    @property
    def written(self) -> Mapping[str, Item]:
        """The items of all packages, those of specifications too."""
        return {**self.items, **self.templates}


def _unknown(path: str) -> Held:
    raise KeyError(path)
