"""Command lines that leave no question, read without Typer: to load it takes longer than what they ask for.

What is not plainly right here, an unknown word, a missing value, a wish for help, is no error yet: Typer reads the line
anew and says what there is to say. A test holds that a line which is understood here means the same to Typer.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

TEXT = ()  # an option whose value is any text
FLAG = ("",)  # one without a value
OF_ALL = {
    "--repository": "repository", "-C": "repository", "--state": "state", "--environment": "environment",
    "-E": "environment", "--color": "color",
}  # fmt: skip


class Command(NamedTuple):
    """A command that is read here: a function with a parameter an option, and the values that each takes."""

    module: str  # below rem_cli.cli
    options: Mapping[str, tuple[str, ...]]


class Call(NamedTuple):
    """A command line that was understood."""

    command: str
    flags: Mapping[str, str]  # of all commands
    given: Mapping[str, str]  # of this one


COMMANDS = {
    "validate": Command(
        "findings",
        {
            "--rev": TEXT,
            "--base": TEXT,
            "--fail-on": ("error", "warning", "never"),
            "--format": ("text", "json", "github", "sarif", "junit"),
        },
    ),
    "collect": Command("turns", {"--spread": TEXT, "--quiet": FLAG, "--format": ("text", "json")}),
}


def run(argv: Sequence[str]) -> int | None:
    """Run a command line; its exit status, or None where it is not understood here. RemError."""
    call = read(argv)
    if call is None:
        return None
    import os

    from rem_cli import settings

    module = importlib.import_module(f"rem_cli.cli.{COMMANDS[call.command].module}")
    settings.fix(settings.read(os.environ, call.flags))
    return int(getattr(module, call.command)(**call.given))


def read(argv: Sequence[str]) -> Call | None:
    """What a command line says; None where that takes more than this."""
    flags, rest = _options(argv, dict.fromkeys(OF_ALL, TEXT))
    command = COMMANDS.get(rest[0]) if rest else None
    if flags is None or command is None:
        return None
    given, more = _options(rest[1:], command.options)
    if given is None or more:
        return None
    named = {OF_ALL[name]: value for name, value in flags.items()}
    if len(named) < len(flags):  # in two spellings
        return None
    return Call(rest[0], named, {name[2:].replace("-", "_"): value for name, value in given.items()})


def _options(words: Sequence[str], known: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, Any] | None, Sequence[str]]:
    """The options in front, each once and with a value, and what stands behind them; None for anything else."""
    found: dict[str, str] = {}
    at = 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        if known.get(words[at]) == FLAG and words[at] not in found:
            found[words[at]] = "yes"
            at += 1
            continue
        if name[:2] != "--":
            name, equals, value = words[at], "", ""
        if not equals:
            at += 1
            value = words[at] if at < len(words) else ""
        taken = known.get(name)
        if taken in (None, FLAG) or name in found or not value or value.startswith("-"):
            return None, ()
        if taken and value not in taken:
            return None, ()
        found[name] = value
        at += 1
    return found, words[at:]
