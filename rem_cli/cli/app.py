"""The commands by name, each in a module that is imported when its command is called."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rem_cli import settings
from rem_cli.errors import UsageError
from rem_cli.language.names import nearest

# name -> (module below rem_cli.cli, summary). A module holds either a Typer app, or a function of the command's name.
# The summary is the first line of its docstring, said here once more so that `rem --help` imports none of them.
COMMANDS = {
    "init": ("init", "Make a repository that validates: git, a first package, and a .gitignore for REM's own state."),
    "new": ("new", "Write a new item into its package; every other line stays as it is."),
    "edit": ("edit", "Change fields of an item where they are written, and keep every other byte of the file."),
    "item": ("items", "Whole items: new, copied, moved, taken out; every other line stays as it is."),
    "fmt": (
        "fmt",
        "Lay texts of packages out evenly: indents, line ends, blanks at ends; nothing else.",
    ),
    "import": ("imports", "Make a package of what a team has, and a page that says what became of each line."),
    "validate": ("validate", "Check every package and list every problem at once, each with its place."),
    "explain": ("explain", "Tell what a finding means and how it is mended; without an id, list all of them."),
    "show": ("item", "Print one item as REM understands it, with every default; or what a shorter path holds."),
    "section": ("section", "Sections of your own: a package's shape for its items."),
    "schema": ("schema", "Sections and types: what a package may say."),
    "diff": ("diff", "Show what a commit or the work tree changes against what is active, and what that means."),
    "package": ("package", "Packages: the ones here, and those required from other repositories."),
    "apply": ("apply", "Make a commit the active generation: what jobs, people and hosts go by from now on."),
    "adopt": ("adopt", "Take over a file that was on a host before: from now on it is REM's."),
    "rollback": ("rollback", "Make what was active before active again, and hold back what was left."),
    "release": ("release", "Lift the hold that a rollback left."),
    "status": ("status", "Say what is active, how far the work tree is from it, and how the last runs ended."),
    "log": ("log", "Tell who made what active, when and why, newest first."),
    "host": ("host", "The machines that packages name."),
    "job": ("job", "Jobs and their runs."),
    "procedure": ("procedure", "Long-running work in states."),
    "collect": ("polling", "Make the checks of the active generation that are due, and keep their numbers as series."),
    "oncall": ("oncall", "Who is on duty."),
    "collector": ("collector", "Collectors: what checks measure with, and programs to copy."),
    "sla": ("sla", "Service levels."),
    "alert": ("alert", "Alerts and their episodes."),
    "daemon": (
        "daemon",
        "Do all that is due, again and again until it is stopped: jobs, checks, procedures, what hosts did.",
    ),
    "graph": ("graph", "Draw what jobs and checks measured: one graph a measure, one line a host."),
    "series": ("series", "Numbers over time."),
    "state": ("state", "Values and messages that packages share: read, write, follow, put away."),
    "queue": ("queue", "Messages that wait for a worker: put, take, acknowledge."),
    "counter": ("counter", "Numbers that several add to at once."),
    "locks": ("locks", "What only so many may hold at once: who holds it, and since when."),
    "replicate": ("replicate", "Carry what packages share to and from another host's REM, over SSH."),
    "serve": (
        "serve",
        "Show hosts, jobs, graphs and changes as web pages, and the same facts as JSON at the same addresses.",
    ),
    "user": ("user", "Who may sign in at `rem serve`."),
    "plugins": (
        "plugins",
        "List what brings types with code: REM itself, and installed distributions; which of them are on, and why not.",
    ),
    "doctor": ("doctor", "Check what REM needs here: programs, libraries, keys, places; say what to do about it."),
    "demo": ("demo", "Show REM on three hosts of this machine, over real SSH."),
    "lsp": ("lsp", "Speak with an editor: problems, proposals, explanations and places while somebody types."),
    "completion": (
        "completion",
        "Print the completion script of a shell; the packages install it where shells look for it.",
    ),
    "version": ("version", "Print REM's version and what it runs on."),
}


# Typer's own base of everything that is wrong with a command line; it has no public name.
UsageProblem: Any = typer.BadParameter.__mro__[1]


class Lazy(TyperGroup):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in COMMANDS:  # Typer would read a word that begins with a sign once more, as options
            ctx.fail(f"No such command '{args[0]}'.")
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"rem_cli.cli.{COMMANDS[cmd_name][0]}")
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
    environment: Annotated[
        str | None, typer.Option("--environment", "-E", metavar="NAME", help="Whose generations; else production.")
    ] = None,
    color: Annotated[str | None, typer.Option(metavar="auto|always|never", help="Colour on terminals.")] = None,
    debug: Annotated[bool | None, typer.Option("--debug", help="Show where in REM an error arose.")] = None,
) -> None:
    """Operations as reviewed data: YAML packages in git, jobs over SSH, results as graphs."""
    flags = {"repository": repository, "state": state, "environment": environment, "color": color, "debug": debug}
    settings.fix(settings.read(os.environ, flags))


def group(help: str) -> typer.Typer:
    """A command that has commands of its own."""
    return typer.Typer(help=help, rich_markup_mode=None, add_completion=False, no_args_is_help=True)


def call(argv: Sequence[str]) -> int:
    """Run a command line; its exit status. RemError, also for a command line that is off."""
    command = typer.main.get_command(app)
    try:
        # Not `command(...)`: that answers signals and closed pipes by itself.
        with command.make_context("rem", list(argv)) as context:
            result = command.invoke(context)
    except UsageProblem as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
            return 2
        raise _off(error) from None
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0


def _off(error: Any) -> UsageError:
    """What is wrong with a command line, in REM's voice."""
    context = getattr(error, "ctx", None)
    wish = context.find_root().params.get("color") if context else None
    if wish in ("always", "never"):  # the callback, which fixes it, is not reached
        settings.fix(settings.current()._replace(color=wish))
    said = error.format_message()
    meant = list(getattr(error, "possibilities", None) or ())
    if meant:
        said = f"No such option: {error.option_name}"
    unknown = re.fullmatch(r"No such command '(.*)'\.", said, re.DOTALL)
    if unknown and context:
        near = nearest(unknown[1], context.command.list_commands(context))
        meant = [f"{context.command_path} {near}"] if near else []
    said = said.replace("a valid int", "a whole number").replace("\n\t", " ")  # choices come below each other
    hint = f"did you mean '{meant[0]}'?" if meant else f"{context.command_path if context else 'rem'} --help"
    return UsageError(said[:1].lower() + said[1:].rstrip("."), hint=hint)
