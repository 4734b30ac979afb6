"""`rem section`: sections of a package's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options, save, show
from rem_cli.cli.places import refuse_no_package, section_file
from rem_cli.errors import UsageError
from rem_cli.language.names import key_problem, vocabulary

if TYPE_CHECKING:
    from rem_cli.language.forms import Tree

app = root.group("Sections of your own: a package's shape for its items.")


@app.callback()
def section() -> None:
    """Sections of your own: a package's shape for its items."""


@app.command()
def add(
    path: Annotated[str, typer.Argument(metavar="PACKAGE/SECTION")],
    fields: Annotated[
        list[str] | None, typer.Argument(metavar="FIELD=TYPE", help="Like port=port, or 'tags={type: list of label}'.")
    ] = None,
    layers: Annotated[
        str, typer.Option(metavar="A/B/KEY", help="The keys above an item, its own field last.")
    ] = "name",
    process: Annotated[str | None, typer.Option(metavar="WHAT", help="Like 'builtin inventory'.")] = None,
    info: Annotated[str | None, typer.Option(metavar="TEXT", help="What it is, in a line.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Write a section of its own into a package: its layers, its fields with their types, what REM does with its items.

    Every other line stays as it is, and what does not validate is not written.
    """
    from rem_cli.language import edit, forms

    save.refuse_bytes([path, layers, process or "", info or "", *(fields or [])])
    package, name = _split(path)
    typed = save.fields(fields or [])
    with wire.open() as rem:
        refuse_no_package(package, rem.packages())
        file, inside = section_file(list(rem.tree().entries()), package, "sections")
        before = save.text(rem, file)
        given = _definition([vocabulary(one.strip()) for one in layers.split("/")], typed, process, info)
        text = edit.put(file, before, [*inside, name], lambda rest: forms.tree(rest, given), forms.meant(given))
        files = {file: text.encode()}
        save.refuse_worse(rem, files)
        save.write(rem, files, before={file: before})
    if format is options.Format.JSON:
        show.document("section-added", {"section": name, "package": package, "wrote": [file]})
        return
    show.line("wrote ", (file, "bold"))
    show.hint(f"rem schema show {name.replace(' ', '-')}")


def _split(path: str) -> tuple[str, str]:
    parts = path.strip("/").split("/")
    if len(parts) != 2:
        raise UsageError(f"'{path}' is not PACKAGE/SECTION", hint="like shop/machines")
    if problem := key_problem(parts[1]):
        raise UsageError(f"section '{parts[1]}': {problem}")
    return parts[0], vocabulary(parts[1])


def _definition(layers: Sequence[str], fields: Mapping[str, str], process: str | None, info: str | None) -> Tree:
    """A section's definition as it is written: words in the order in which packages have them."""
    from rem_cli.language.forms import as_text, key, typed

    if any(key_problem(layer) for layer in layers):
        raise UsageError(
            f"'{'/'.join(layers)}' is no row of layers", hint="like site/rack/name, the item's own key last"
        )
    rows = [f"{{index: {key(layer)}, type: label}}" for layer in layers[:-1]]
    known = {layers[-1]: "{type: label, required: true}", **{name: _field(text) for name, text in fields.items()}}
    return {
        **({"info": as_text(info)} if info else {}),
        "grouped indexes": typed(f"[{', '.join([*rows, f'{{index: null, key field: {key(layers[-1])}}}'])}]"),
        "fields": {name: typed(text) for name, text in known.items()},
        **({"scripts": {"process": as_text(process)}} if process else {}),
    }


def _field(text: str) -> str:
    """A field's definition: whole as it was typed, or of a type alone."""
    from rem_cli.language.forms import as_text, typed

    if isinstance(typed(text).data, dict):
        return text
    return f"{{type: {as_text(text).written(flow=True)}}}"
