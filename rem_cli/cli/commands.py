"""Every command as data, walked off the Typer app: what man pages and completion are generated from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from rem_cli.cli.app import app


@dataclass(frozen=True)
class Option:
    names: tuple[str, ...]  # "--rev", "-C"
    metavar: str  # "" for a flag
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True)
class Argument:
    name: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True)
class Command:
    """One command or group of commands."""

    path: tuple[str, ...]  # () is `rem` itself
    summary: str  # its first sentence
    text: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    subcommands: tuple[str, ...]


def walk() -> list[Command]:
    """All commands, each group before its own, in the order of help."""
    return list(_walk(typer.main.get_command(app), ()))


def _walk(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
    names = tuple(_shown(command)) if hasattr(command, "list_commands") else ()
    options = tuple(_option(one) for one in command.params if one.param_type_name == "option")
    arguments = tuple(_argument(one) for one in command.params if one.param_type_name == "argument")
    text = _unwrapped(command.help or "")
    yield Command(path, text.split(". ")[0].split("\n")[0].rstrip("."), text, options, arguments, names)
    for name in names:
        yield from _walk(command.get_command(None, name), (*path, name))


def _shown(group: Any) -> Iterator[str]:
    """What a group lists: not what one rem says to another."""
    return (name for name in group.list_commands(None) if not group.get_command(None, name).hidden)


def _unwrapped(text: str) -> str:
    """Docstring paragraphs, each as one line."""
    return "\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))


def _option(one: Any) -> Option:
    names = tuple(sorted([*one.opts, *one.secondary_opts], key=lambda name: (len(name) == 2, name)))
    metavar = "" if one.is_flag else one.metavar or "|".join(_choices(one)) or one.name.upper().replace("_", " ")
    choices = () if one.is_flag else _choices(one)
    if not choices and re.fullmatch(r"[a-z]+(\|[a-z]+)+", metavar):
        choices = tuple(metavar.split("|"))
    return Option(names, metavar, choices, one.help or "")


def _argument(one: Any) -> Argument:
    return Argument(one.metavar or one.name.upper(), bool(one.required), one.nargs == -1, _choices(one), one.help or "")


def _choices(one: Any) -> tuple[str, ...]:
    return tuple(str(getattr(choice, "value", choice)) for choice in getattr(one.type, "choices", ()))
