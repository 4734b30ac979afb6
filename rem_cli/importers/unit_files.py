"""systemd's unit files (systemd.syntax(7)): settings with their lines, drop-ins on top, and command lines as words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from rem_cli.importers.draft import Draft
from rem_cli.importers.ledger import Spot
from rem_cli.importers.sources import Text

_SECTION = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True)
class Setting:
    section: str
    name: str
    value: str
    spots: tuple[Spot, ...]  # more than one where the line goes on


@dataclass
class Unit:
    """One unit with its drop-ins."""

    name: str  # "backup.timer"
    settings: list[Setting] = field(default_factory=list)
    heads: list[Spot] = field(default_factory=list)  # [Section] lines
    comments: list[tuple[Spot, str]] = field(default_factory=list)

    @property
    def stem(self) -> str:
        return posixpath.splitext(self.name)[0]

    def all(self, section: str, name: str) -> list[Setting]:
        """Every value of a setting that is a list; an empty one takes back those before it."""
        found: list[Setting] = []
        for one in self.settings:
            if (one.section, one.name) == (section, name):
                if one.value:
                    found.append(one)
                else:
                    found = []
        return found

    def last(self, section: str, name: str) -> Setting | None:
        """The value that counts of a setting that is one."""
        found = [one for one in self.settings if (one.section, one.name) == (section, name)]
        return found[-1] if found and found[-1].value else None


def parse(texts: Iterable[Text], draft: Draft) -> dict[str, Unit]:
    """Units by name. `x.timer.d/y.conf` is a drop-in of `x.timer`, read behind it in the order of names."""
    units: dict[str, Unit] = {}
    parts = sorted(texts, key=lambda text: (_is_drop_in(text), posixpath.basename(text.path)))
    for text in parts:
        folder, name = posixpath.split(text.path)
        if _is_drop_in(text):
            name = posixpath.basename(folder).removesuffix(".d")
        _read(text, units.setdefault(name, Unit(name)), draft)
    return units


def _is_drop_in(text: Text) -> bool:
    return text.path.endswith(".conf") and posixpath.basename(text.folder).endswith((".timer.d", ".service.d"))


def _read(text: Text, unit: Unit, draft: Draft) -> None:
    section, lines = "", text.lines
    above: list[tuple[Spot, str]] = []  # comments; with an empty line below they are the file's, a licence for one
    number = 0
    while number < len(lines):
        number += 1
        row, spot = lines[number - 1].strip(), Spot(text.name, number)
        if not row:
            above = []
            continue
        if row.startswith(("#", ";")):
            above.append((spot, row.lstrip("#;").strip()))
            continue
        unit.comments += above
        above = []
        spots = [spot]
        while row.endswith("\\") and number < len(lines):
            number += 1
            more = lines[number - 1].strip()
            spots.append(Spot(text.name, number))
            row = row[:-1] + " " + more if not more.startswith(("#", ";")) else row
            if more.startswith(("#", ";")) and number == len(lines):
                row = row[:-1]
        if heading := _SECTION.fullmatch(row):
            section = heading[1]
            unit.heads.append(spot)
            continue
        name, sign, value = row.partition("=")
        if not sign:
            for one in spots:
                draft.ledger.lost(one, "this is no line of a unit: NAME=VALUE")
            continue
        unit.settings.append(Setting(section, name.strip(), value.strip(), tuple(spots)))
