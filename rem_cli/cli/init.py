"""`rem init`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.errors import GuardedError

_PACKAGE = """\
# What this team operates. `rem schema show` lists what can stand here.
package: {name}
title: {title}
version: 0.1.0
"""
_IGNORE = ".rem/"


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; it is made when it is not there.")
    ] = Path(),
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Make a repository that validates: git, a first package, and a .gitignore for REM's own state.

    What is already there is kept.
    """
    root = folder.resolve()
    name = re.sub(r"[^\w .-]", "-", root.name)[:60].strip(" .-") or "site"
    if (root / "packages").is_symlink():
        raise GuardedError("packages/ is a symbolic link; nothing was made", hint="put a folder in its place")
    made = wire.new_repository(root)
    package = root / "packages" / name / "package.yaml"
    if not any((root / "packages").glob("**/*.y*ml")):
        from rem_cli.language import edit

        package.parent.mkdir(parents=True, exist_ok=True)
        text = _PACKAGE.format(name=edit.text(name), title=edit.text(name.capitalize()))
        wire.write(package, text.encode())
        made.append(package.relative_to(root).as_posix())
    ignore = root / ".gitignore"
    present = ignore.read_text() if ignore.is_file() else ""
    if _IGNORE not in present.splitlines():
        gap = "" if not present or present.endswith("\n") else "\n"
        wire.write(ignore, f"{present}{gap}{_IGNORE}\n".encode())
        made.append(".gitignore")
    if format is options.Format.JSON:
        show.document("init", {"root": str(root), "package": name, "made": made})
        return
    if not made:
        show.line(f"{folder} has all that it needs")
        return
    show.line("made ", (", ".join(made), "bold"), f" in {folder if folder != Path() else 'this folder'}")
    cd = "" if root == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    show.hint(f"{cd}rem new host {shlex.quote(name)}/web/web01 address=192.0.2.11")
