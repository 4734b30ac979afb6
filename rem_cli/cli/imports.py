"""`rem import`: start from what a team has."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.errors import GuardedError, InvalidPackagesError, UsageError
from rem_cli.importers import FORMATS
from rem_cli.language import Severity
from rem_cli.language.modeline import FOLDER, PACKAGE, modeline
from rem_cli.language.names import key_problem

app = typer.Typer(rich_markup_mode=None, add_completion=False)
Source = StrEnum("Source", {name.upper().replace("-", "_"): name for name in FORMATS})  # type: ignore[misc]


@app.command("import")
def import_(
    source: Annotated[Source, typer.Argument(metavar="FORMAT", help=f"What the files are: {', '.join(FORMATS)}.")],
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files, or folders of them.")],
    into: Annotated[str | None, typer.Option(metavar="PACKAGE", help="The package's name; else the format's.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Make a package of what a team has, and a page that says what became of each line.

    Nothing is executed and no secret is written. The same import again changes nothing; a package that somebody
    edited since is not written over.
    """
    from rem_cli.importers.files import open_sources
    from rem_cli.importers.result import check_over, make

    package = into or str(source)
    problem = key_problem(package)
    if problem or package == "base":
        raise UsageError(f"package '{package}': {problem or 'that is the name of the default sections'}")
    with wire.open() as rem:
        sources = open_sources(files)
        file = f"packages/{package}/package.yaml"
        first = modeline(file) if (rem.root / FOLDER / PACKAGE).is_file() else ""
        made = make(str(source), sources, package, rem.base, first)
        present = _present(rem, package, made.files)
        check_over(made, str(source), [text.name for text in sources.given], present)
        _refuse_bad(rem, made.files)
        changed = [name for name, content in made.files.items() if present[name] != content]
        for name in changed:
            _write(rem.root / name, made.files[name].encode())
    counts = {str(fate): count for fate, count in made.counts.items()}
    if format is options.Format.JSON:
        told = {"package": package, "from": str(source), "read": made.read, "items": made.items}
        show.document("import", {**told, "lines": counts, "wrote": changed})
        return
    fates = ", ".join(f"{count} {fate}" for fate, count in counts.items())
    lines = show.counted(sum(counts.values()), "line")
    show.line((show.counted(made.items, "item"), "bold"), f" from {lines}: {fates}")
    if not changed:
        show.line(f"packages/{package} is as this import would leave it; nothing was written")
        return
    show.line("wrote ", (", ".join(changed), "bold"))
    show.hint(f"read packages/{package}/IMPORT.md, then: rem validate")


def _present(rem: wire.Rem, package: str, names: Mapping[str, str]) -> dict[str, str | None]:
    """What is there now of the files that an import would write; GuardedError where it must not write."""
    flat = rem.root / "packages" / f"{package}.yaml"
    folder = rem.root / "packages" / package
    if flat.exists():
        raise GuardedError(f"there is a package '{package}' already", hint="import into another one with --into NAME")
    if Path(rem.root, "packages", package).resolve() != rem.root.resolve() / "packages" / package:
        raise GuardedError(f"a symbolic link leads away from packages/{package}; nothing was written")
    others = sorted(folder.iterdir()) if folder.is_dir() else []
    if others and not (folder / "IMPORT.md").is_file():
        text = f"there is a package '{package}' already, and it is not from an import"
        raise GuardedError(text, hint="import into another one with --into NAME")
    return {name: _text(rem.root / name) for name in names}


def _text(path: Path) -> str | None:
    if path.is_symlink():
        raise GuardedError(f"{path.name} is a symbolic link; nothing was written", hint=f"ls -l {path}")
    return path.read_bytes().decode(errors="replace") if path.is_file() else None


def _refuse_bad(rem: wire.Rem, files: Mapping[str, str]) -> None:
    """Write nothing that brings a new problem."""
    before = {(one.id, one.message) for one in rem.resolve(rem.tree()).findings}
    overlay = rem.overlay({name: content.encode() for name, content in files.items() if name.endswith(".yaml")})
    errors = (one for one in rem.resolve(overlay).findings if one.severity is Severity.ERROR)
    brought = [one for one in errors if (one.id, one.message) not in before]
    if brought:
        raise InvalidPackagesError("this would bring a problem; nothing was written", findings=brought)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    wire.write(path, content)
