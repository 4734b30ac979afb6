"""`rem user`: who may sign in at `rem serve`."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options
from rem_cli.cli import show as out
from rem_cli.errors import UsageError

app = root.group("Who may sign in at `rem serve`.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")]


@app.callback()
def user() -> None:
    """Who may sign in at `rem serve`."""


@app.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(metavar="viewer|operator|editor", help="What they may do.")] = "viewer",
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Add a user, or give one another password and role; the password is asked for, or read from standard input."""
    from rem_cli.web.people import Role, check_name
    from rem_cli.web.signing import people

    check_name(name)
    if role.upper() not in Role.__members__:
        raise UsageError(f"'{role}' is no role", hint="viewer, operator or editor")
    password = _password()
    with wire.open() as rem:
        people(rem).add(name, Role[role.upper()], password)
    if format is options.Format.JSON:
        out.document("user", {"name": name, "role": role})
    else:
        out.line((name, "bold"), f" may sign in as {role}")


@app.command(name="list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """List users with their roles."""
    from rem_cli.web.signing import people

    with wire.open() as rem:
        users = people(rem).names()
    if format is options.Format.JSON:
        rows = [{"name": name, "role": role.name.lower()} for name, role in users.items()]
        out.document("users", {"users": rows})
    elif not users:
        out.line("No user yet: rem user add NAME")
    else:
        out.table(("name", "role"), [(name, role.name.lower()) for name, role in users.items()], ("bold",))


@app.command()
def remove(name: Name, format: options.AsFormat = options.Format.TEXT) -> None:
    """Take a user out; their sessions end at once."""
    from rem_cli.web.signing import people

    with wire.open() as rem:
        people(rem).remove(name)
    if format is options.Format.JSON:
        out.document("user", {"name": name, "role": None})
    else:
        out.line((name, "bold"), " is no user any more")


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("password: ", stream=sys.stderr)
    if getpass.getpass("once more: ", stream=sys.stderr) != first:
        raise UsageError("the two are not the same")
    return first
