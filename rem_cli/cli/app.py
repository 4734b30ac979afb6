"""The commands by name, each in a module that is imported when its command is called."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rem_cli import settings
from rem_cli.errors import UsageError

# name -> module below rem_cli.cli; a module holds either a Typer app of that name, or a function of that name.
COMMANDS = {
    "init": "init",
    "new": "new",
    "validate": "validate",
    "show": "item",
    "schema": "schema",
    "apply": "apply",
    "status": "status",
    "log": "log",
    "host": "host",
    "job": "job",
    "graph": "graph",
    "series": "series",
    "doctor": "doctor",
    "demo": "demo",
    "completion": "completion",
    "version": "version",
}


# Typer's own base of everything that is wrong with a command line; it has no public name.
UsageProblem: Any = typer.BadParameter.__mro__[1]


class Lazy(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"rem_cli.cli.{COMMANDS[cmd_name]}")
        found = getattr(module, "app", None)
        if found is None:
            found = typer.Typer(rich_markup_mode=None, add_completion=False)
            found.command(name=cmd_name)(getattr(module, cmd_name))
        command = typer.main.get_command(found)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=Lazy,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def rem(
    repository: Annotated[
        Path | None, typer.Option("--repository", "-C", metavar="DIR", help="The repository, or a folder in it.")
    ] = None,
    state: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where runs, series and generations are kept; else .rem/")
    ] = None,
    color: Annotated[str | None, typer.Option(metavar="auto|always|never", help="Colour on terminals.")] = None,
    debug: Annotated[bool | None, typer.Option("--debug", help="Show where in REM an error arose.")] = None,
) -> None:
    """Operations as reviewed data: YAML packages in git, jobs over SSH, results as graphs."""
    flags = {"repository": repository, "state": state, "color": color, "debug": debug}
    settings.fix(settings.read(os.environ, flags))


def group(help: str) -> typer.Typer:
    """A command that has commands of its own."""
    return typer.Typer(help=help, rich_markup_mode=None, add_completion=False, no_args_is_help=True)


def call(argv: Sequence[str]) -> int:
    """Run a command line; its exit status. RemError, also for a command line that is off."""
    try:
        result = app(args=list(argv), prog_name="rem", standalone_mode=False)
    except UsageProblem as error:
        context = getattr(error, "ctx", None)
        hint = f"{context.command_path} --help" if context else "rem --help"
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
            return 2
        message = error.format_message()
        raise UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint) from None
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0
