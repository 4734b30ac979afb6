"""Nagios' object configuration, read as text: definitions with their lines, `cfg_file` and `cfg_dir` followed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rem_cli.importers.draft import Draft
from rem_cli.importers.ledger import Spot
from rem_cli.importers.sources import Refused, Sources, Text
from rem_cli.language.telltale import holds_secret, names_secret

_DEFINE = re.compile(r"define\s+([a-z]+)\s*\{(.*)\Z")
_SETTING = re.compile(r"([A-Za-z_]\w*)\s*=\s*(.*?)\s*\Z")
_USER = re.compile(r"\$USER[0-9]{1,3}\$\s*=")


@dataclass
class Value:
    """One directive: what it says and its line."""

    text: str
    spot: Spot


@dataclass
class Definition:
    """One `define TYPE { … }`."""

    type: str
    spot: Spot
    values: dict[str, Value] = field(default_factory=dict)
    end: Spot | None = None
    comments: list[tuple[Spot, str]] = field(default_factory=list)  # directly above

    def text(self, name: str) -> str:
        found = self.values.get(name)
        return found.text if found else ""

    @property
    def spots(self) -> list[Spot]:
        """The lines that only begin and end it."""
        return [self.spot, *([self.end] if self.end else [])]


@dataclass
class Config:
    definitions: list[Definition] = field(default_factory=list)
    interval: float = 60.0  # seconds of one unit of check_interval


class _Reader:
    def __init__(self, sources: Sources, draft: Draft) -> None:
        self.sources = sources
        self.ledger = draft.ledger
        self.config = Config()
        self._open: Definition | None = None
        self._comments: list[tuple[Spot, str]] = []

    def file(self, text: Text) -> None:
        self.ledger.open(text)
        waiting: list[tuple[str, str, Spot]] = []
        for number, row in enumerate(text.lines, 1):
            spot, line = Spot(text.name, number), _without_comment(row).strip()
            if row.lstrip().startswith(("#", ";")):
                self._comment(row, spot)
            elif not line:
                self._comments = []
            elif self._open is not None:
                self._inside(line, spot)
            else:
                self._outside(line, spot, waiting)
                self._comments = []
        if self._open is not None:
            self._close(None)
        for name, target, spot in waiting:
            self._follow(name, target, spot, text)

    def _comment(self, row: str, spot: Spot) -> None:
        if not holds_secret(row) and self._open is None:
            self._comments.append((spot, row.strip().lstrip("#;").strip()))

    def _outside(self, line: str, spot: Spot, waiting: list[tuple[str, str, Spot]]) -> None:
        if defined := _DEFINE.match(line):
            self._open = Definition(defined[1], spot, comments=self._comments)
            if rest := defined[2].strip():
                self._inside(rest, spot)
        elif _USER.match(line):
            self.ledger.hide(spot)
            self.ledger.lost(spot, "a value of a resource file is never read: it may be a secret")
        elif setting := _SETTING.match(line):
            self._setting(setting[1], setting[2], spot, waiting)
        else:
            self.ledger.lost(spot, "this is no line of Nagios: NAME=VALUE, or define TYPE {")
            self.ledger.hide(spot, None) if holds_secret(line) else None

    def _setting(self, name: str, value: str, spot: Spot, waiting: list[tuple[str, str, Spot]]) -> None:
        if names_secret(name):
            self.ledger.hide(spot, value)
        if name in ("cfg_file", "cfg_dir"):
            waiting.append((name, value, spot))
        elif name == "resource_file":
            self.ledger.lost(spot, "a resource file is never read: its values may be secrets")
        elif name == "interval_length" and re.fullmatch(r"[1-9][0-9]{0,4}", value):
            self.config.interval = float(value)
            self.ledger.lost(spot, "REM's intervals have units; it was reckoned with")
        else:
            self.ledger.lost(spot, "how Nagios itself runs")

    def _inside(self, line: str, spot: Spot) -> None:
        assert self._open is not None
        if line.startswith("}"):
            self._close(spot)
            return
        ends = line.endswith("}") and "{" not in line
        words = (line[:-1] if ends else line).split(None, 1)
        name = words[0] if words else ""
        value = words[1].strip() if len(words) > 1 else ""
        if name in self._open.values:
            self.ledger.lost(
                spot, f"'{name}' was there in line {self._open.values[name].spot.line}; the last one counts"
            )
            self.ledger.lost(self._open.values[name].spot, f"line {spot.line} says it again, and the last one counts")
        if name:
            self._open.values[name] = Value(value, spot)
        if names_secret(name) or holds_secret(f"{name} {value}") or holds_secret(f"{name}={value}"):
            self.ledger.hide(spot, value or None)
        if ends:
            self._close(spot)

    def _close(self, spot: Spot | None) -> None:
        assert self._open is not None
        self._open.end = spot
        self.config.definitions.append(self._open)
        self._open, self._comments = None, []

    def _follow(self, name: str, target: str, spot: Spot, text: Text) -> None:
        """Read a file or a folder that a main file names; what leads away is said and not read."""
        try:
            if name == "cfg_dir":
                paths = self.sources.below(target, text.folder, "*.cfg")
            else:
                paths = [self.sources.within(target, text.folder)]
        except Refused as refused:
            self.ledger.lost(spot, f"'{target}' was not read: {refused.message}")
            return
        if not paths:
            self.ledger.lost(spot, "no file called *.cfg is below this folder")
        for path in paths:
            try:
                found = self.sources.follow(path, text.folder)
            except Refused as refused:
                self.ledger.lost(spot, f"'{path.rpartition('/')[2]}' was not read: {refused.message}")
                continue
            self.ledger.carried(spot, found.name)
            self.file(found)


def read_config(sources: Sources, draft: Draft) -> Config:
    reader = _Reader(sources, draft)
    for text in sources.given:
        if text.name not in draft.ledger.files:
            reader.file(text)
    return reader.config


def _without_comment(row: str) -> str:
    r"""A line without its comment behind `;`; `\;` is no comment."""
    return re.sub(r"(?<!\\);.*", "", row).replace("\\;", ";")
