"""`rem schema`: the reference of sections and types, for people and for editors, from the data that the engine uses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import app as root
from rem_cli.cli import options
from rem_cli.cli import show as out
from rem_cli.errors import GuardedError, NoTargetError, RemError, Status
from rem_cli.language.modeline import FOLDER
from rem_cli.language.names import nearest, vocabulary
from rem_cli.language.schema import Field, Section
from rem_cli.language.shown import plain, shown
from rem_cli.language.types import Type, limit

app = root.group("Sections and types: what a package may say.")


@app.callback()
def schema() -> None:
    """Sections and types: what a package may say."""


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="SECTION", help="A section, or: types.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print a section's layers, fields and types; without a name, all sections."""
    with wire.open() as rem:
        sections = dict(rem.sections())
        types = rem.base.types.known
    if name is None:
        _sections(sections, format)
    elif vocabulary(name) in sections:
        _section(sections[vocabulary(name)], format)
    elif vocabulary(name) == "types":
        _types(types, format)
    else:
        near = nearest(vocabulary(name), sections)
        hint = f"rem schema show '{near}'" if near else "rem schema show"
        raise NoTargetError(f"there is no section '{name}'", hint=hint)


@app.command()
def export(
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the files go; else .schema/ of the repository.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Status 3 when a file had to be written.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Write JSON Schema for editors: package.json, and a file for each section in the folder form.

    The section data of these packages are in it, your own sections as well. Commit the files: packages name them in
    their first line, and editors find them in a fresh clone. Write them again when sections changed.
    """
    with wire.open() as rem:
        folder = out_folder or repository_folder(rem)
        schemas = rem.schemas()
    wrote = write(folder, schemas)
    if format is options.Format.JSON:
        out.document("schema-export", {"folder": str(folder), "files": sorted(schemas), "wrote": wrote})
    elif wrote:
        out.line("wrote ", (", ".join(wrote), "bold"), f" in {out_folder or FOLDER}")
    else:
        out.line(f"{out.counted(len(schemas), 'file')} in {out_folder or FOLDER}: all as they should be")
    return Status.DIFFERENT if exit_code and wrote else Status.DONE


def repository_folder(rem: wire.Rem) -> Path:
    """Where a repository's schemas lie; GuardedError when a symbolic link stands there."""
    folder = rem.root / FOLDER
    if folder.is_symlink():
        raise GuardedError(f"{FOLDER}/ is a symbolic link; nothing was written", hint="put a folder in its place")
    return folder


def write(folder: Path, schemas: Mapping[str, bytes]) -> list[str]:
    """Write the schemas that are not there as they should be; their names. RemError."""
    try:
        stale = [name for name, content in schemas.items() if _content(folder / name) != content]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RemError(f"could not write {folder}: {os.strerror(error.errno or 0).lower()}") from error
    for name in stale:
        wire.write(folder / name, schemas[name])
    return stale


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _sections(sections: Mapping[str, Section], format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("sections", {"sections": [describe(section) for section in sections.values()]})
        return
    rows = [(s.name, " / ".join(layer.title for layer in s.layers), s.info) for s in sections.values()]
    out.table(("section", "layers", "what it is"), rows, ("bold",))


def describe(section: Section) -> dict[str, Any]:
    """A section for programs."""
    return {
        "section": section.name,
        "info": section.info,
        "process": section.process,
        "grouped indexes": [
            {"index": layer.index, "key field": layer.key_field, "type": layer.type.name if layer.type else None}
            for layer in section.layers
        ],
        "fields": {field.name: _field(field) for field in section.fields.values()},
        "one of": [list(group) for group in section.one_of],
        "field sets": [{title: list(names)} for title, names in section.field_sets],
        "sections": [describe(inner) for inner in section.sections.values()],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "type": field.type.title,
        "required": field.required,
        "default": field.default,
        "choices": list(field.type.choices) or None,
        "range": [field.type.least, field.type.most] if (field.type.least, field.type.most) != (None, None) else None,
        "info": field.info,
    }


def _section(section: Section, format: options.Format, depth: int = 0) -> None:
    if format is options.Format.JSON:
        out.document("section", describe(section))
        return
    pad = "  " * depth
    out.line(pad, (section.name, "bold"), f"  {section.info}")
    out.line(pad, ("  keys    ", "dim"), " / ".join(layer.title for layer in section.layers))
    out.line(pad, ("  process ", "dim"), section.process or "none")
    for title, names in section.grouped_fields():
        out.line("")
        out.line(pad, "  ", (title, "bold"))
        for name in names:
            _field_line(section.fields[name], pad)
    for group in section.one_of:
        out.line("")
        out.line(pad, f"  exactly one of {', '.join(group)}")
    for inner in section.sections.values():
        out.line("")
        _section(inner, format, depth + 1)


def _field_line(field: Field, pad: str) -> None:
    type = ", ".join(field.type.choices) if field.type.choices else field.type.title
    limits = [f"from {limit(field.type, field.type.least)}"] if field.type.least else []
    limits += [f"to {limit(field.type, field.type.most)}"] if field.type.most is not None else []
    state = (
        "required" if field.required else "" if field.default is None else f"default {shown(field.default, field.type)}"
    )
    about = "; ".join(part for part in (f"{type} {' '.join(limits)}".strip(), state) if part)
    out.line(pad, "    ", (field.name.ljust(14), "cyan"), f" {about}")
    if field.info:
        out.line(pad, " " * 19, (field.info, "dim"))


def _types(types: Mapping[str, Type], format: options.Format) -> None:
    if format is options.Format.JSON:
        rows = [{"type": t.name, "info": t.info, "good": list(t.good), "bad": list(t.bad)} for t in types.values()]
        out.document("types", {"types": rows})
        return
    rows_text = [(t.name, t.info, ", ".join(plain(one) for one in t.good[:2])) for t in types.values()]
    out.table(("type", "what it is", "like"), rows_text, ("bold",))
