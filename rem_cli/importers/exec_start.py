"""What a service runs: `ExecStart=` and its neighbours as a program with arguments, or as text for a shell."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field

from rem_cli.importers.ledger import Spot
from rem_cli.importers.unit_files import Setting, Unit
from rem_cli.importers.unit_words import words
from rem_cli.language.telltale import holds_secret

_LINES = ("ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost")
_REFERENCE = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)")


class CannotRun(ValueError):
    """A service that no job can stand for, and the lines that say so."""

    def __init__(self, why: str, *settings: Setting) -> None:
        super().__init__(why)
        self.settings = settings


@dataclass
class Program:
    """What a job runs."""

    fields: dict[str, object] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)
    lost: list[tuple[Setting, str]] = field(default_factory=list)

    @property
    def spots(self) -> list[Spot]:
        return [spot for setting in self.settings for spot in setting.spots]


@dataclass
class _Line:
    argv: list[str]
    ignored: bool  # whether it may fail


def program(service: Unit, target: str) -> Program:
    """The program of a service; CannotRun when a host alone would know what it is."""
    run = Program()
    known = _environment(service)
    lines: list[_Line] = []
    for name in _LINES:
        for setting in service.all("Service", name):
            lines += _lines(setting, run, known, target)
            run.settings.append(setting)
            if name != "ExecStart":
                run.lost.append((setting, f"{name} is one of the job's commands now"))
    if not service.all("Service", "ExecStart"):
        raise CannotRun("it has no ExecStart")
    folder = service.last("Service", "WorkingDirectory")
    if len(lines) == 1 and not lines[0].ignored and folder is None:
        run.fields["command"] = lines[0].argv
        return run
    texts = [f"{shlex.join(line.argv)} || true" if line.ignored else shlex.join(line.argv) for line in lines]
    if folder is not None:
        run.settings.append(folder)
        place = folder.value.removeprefix("-")
        optional = " 2>/dev/null || true" if folder.value.startswith("-") else ""
        home = place == "~"
        texts.insert(0, f"cd{'' if home else ' ' + shlex.quote(_specified(place, target, folder))}{optional}")
    run.fields["shell"] = texts[0] if len(texts) == 1 else "set -e\n" + "\n".join(texts) + "\n"
    return run


def _environment(service: Unit) -> dict[str, str] | None:
    """The variables that command lines may name; None when a file of the host holds some of them."""
    if service.all("Service", "EnvironmentFile"):
        return None
    pairs = [word.partition("=") for one in service.all("Service", "Environment") for word in words(one.value) or []]
    return {name: value for name, _, value in pairs}


def _lines(setting: Setting, run: Program, known: dict[str, str] | None, target: str) -> list[_Line]:
    text = setting.value
    prefix = re.match(r"[-@:+!|]*", text)
    signs = prefix[0] if prefix else ""
    if holds_secret(text):
        raise CannotRun("the command seems to hold a secret; keep it in a file on the host, and import again", setting)
    argv = words(text[len(signs) :])
    if argv is None:
        raise CannotRun("a quote does not close", setting)
    argv = [_specified(word, target, setting) for word in argv]
    if ":" not in signs:
        argv = [part for word in argv for part in _expanded(word, known, setting)]
    if "@" in signs and len(argv) > 1:
        del argv[1]
        run.lost.append((setting, "the '@' gave it another name in the list of processes"))
    if "+" in signs or "!" in signs:
        run.lost.append((setting, "the '+' or '!' gave it other privileges; REM runs it as whoever logs in"))
    if "|" in signs:
        argv = ["/bin/sh", "-c", " ".join(argv)]
    return [_Line(one, "-" in signs) for one in _parted(argv, setting)]


def _parted(argv: list[str], setting: Setting) -> list[list[str]]:
    """A word `;` ends a command."""
    found: list[list[str]] = [[]]
    for word in argv:
        if word == ";":
            found.append([])
        else:
            found[-1].append(word)
    found = [one for one in found if one]
    if not found:
        raise CannotRun("no command stands here", setting)
    return found


def specified(text: str, target: str) -> str:
    """A text with those of systemd's specifiers filled in that a unit's name tells; the others stay as they are."""
    stem = target.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    known = {"n": target, "N": stem, "p": prefix, "i": instance, "I": instance.replace("-", "/"), "%": "%"}
    return re.sub(r"%(.)", lambda found: known.get(found[1], found[0]), text)


def _specified(word: str, target: str, setting: Setting) -> str:
    """The word with its specifiers filled in; CannotRun for one that only the host knows."""
    for found in re.findall(r"%(.)", word):
        if found not in "nNpiI%":
            raise CannotRun(f"'%{found}' is something that only the host knows", setting)
    return specified(word, target)


def _expanded(word: str, known: dict[str, str] | None, setting: Setting) -> list[str]:
    """A word with its variables filled in; `$NAME` alone is as many words as its value has."""
    alone = re.fullmatch(r"\$([A-Za-z_]\w*)", word)
    if not _REFERENCE.search(word):
        return [word]
    if known is None and not all(found[0] == "$$" for found in _REFERENCE.finditer(word)):
        raise CannotRun("it names a variable of an EnvironmentFile, which only the host has", setting)
    values = known or {}
    if alone:
        return values.get(alone[1], "").split()
    return [_REFERENCE.sub(lambda found: "$" if found[0] == "$$" else _value(found, values), word)]


def _value(found: re.Match[str], values: dict[str, str]) -> str:
    return values.get(found[1], "") if found[1] else found[0]
