"""`rem init`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, schema, show
from rem_cli.cli.ci import Forge, example
from rem_cli.errors import GuardedError
from rem_cli.language.modeline import FOLDER, PACKAGE, modeline

_PACKAGE = """\
{modeline}# What this team operates. `rem schema show` lists what can stand here.
package: {name}
title: {title}
version: 0.1.0
"""
_IGNORED = ".rem/"


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder; it is made when it is not there.")
    ] = Path(),
    ci: Annotated[Forge | None, typer.Option("--ci", help="Add a file that checks every change there.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Make a repository that validates: git, a first package, and a .gitignore for REM's own state.

    What `rem schema export` writes for editors is made as well. What is already there is kept.
    """
    root = folder.resolve()
    name = re.sub(r"[^\w .-]", "-", root.name)[:60].strip(" .-") or "site"
    if (root / "packages").is_symlink():
        raise GuardedError("packages/ is a symbolic link; nothing was made", hint="put a folder in its place")
    made = [*wire.new_repository(root), *_package(root, name), *_schema(root), *_ignore(root)]
    added = _check(root, ci) if ci else []
    if format is options.Format.JSON:
        show.document("init", {"root": str(root), "package": name, "made": [*made, *added]})
        return
    if ci and not added:
        show.note(f"{example(ci)[0]} is there already and was kept")
    if not made and not added:
        show.line(f"{folder} has all that it needs")
        return
    show.line("made ", (", ".join([*made, *added]), "bold"), f" in {folder if folder != Path() else 'this folder'}")
    cd = "" if root == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    show.hint(f"{cd}rem new host {shlex.quote(name)}/web/web01 address=192.0.2.11")


def _package(root: Path, name: str) -> list[str]:
    """A first package, where there is none."""
    if any((root / "packages").glob("**/*.y*ml")):
        return []
    from rem_cli.language import edit

    package = root / "packages" / name / "package.yaml"
    package.parent.mkdir(parents=True, exist_ok=True)
    written = package.relative_to(root).as_posix()
    line = modeline(written)
    text = _PACKAGE.format(modeline=line, name=edit.text(name), title=edit.text(name.capitalize()))
    wire.write(package, text.encode())
    return [written]


def _schema(root: Path) -> list[str]:
    """Schemas for editors, where there are none yet; what was made."""
    if (root / FOLDER / PACKAGE).is_file():
        return []
    with wire.open(root) as rem:
        schema.write(schema.repository_folder(rem), rem.schemas())
    return [f"{FOLDER}/"]


def _ignore(root: Path) -> list[str]:
    """REM's own state is not for git."""
    ignore = root / ".gitignore"
    present = ignore.read_text() if ignore.is_file() else ""
    if _IGNORED in present.splitlines():
        return []
    gap = "" if not present or present.endswith("\n") else "\n"
    wire.write(ignore, f"{present}{gap}{_IGNORED}\n".encode())
    return [".gitignore"]


def _check(root: Path, forge: Forge) -> list[str]:
    """What makes a forge check every change; GuardedError where a link leads out of the repository."""
    path, text = example(forge)
    file = root / path
    if file.parent.resolve() != Path(root, path).parent:
        raise GuardedError(f"a symbolic link leads away from {path}; it was not written", hint=f"ls -l {path}")
    if file.exists() or file.is_symlink():
        return []
    file.parent.mkdir(parents=True, exist_ok=True)
    wire.write(file, text.encode())
    return [path]
