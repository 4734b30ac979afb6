"""`rem schema`: the reference of sections and types, for people and for editors, from the data that the engine uses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
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
from rem_cli.language.reference import about, state
from rem_cli.language.schema import Field, Section
from rem_cli.language.shown import plain
from rem_cli.language.types import Type

app = root.group("Sections and types: what a package may say.")


@app.callback()
def schema() -> None:
    """Sections and types: what a package may say."""


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(metavar="SECTION|TYPE", help="A section, a type, or: types.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Print a section's layers, fields and an example, or a type; without a name, all sections."""
    with wire.open() as rem:
        sections = dict(rem.sections())
        types = rem.base.types.known
    word = vocabulary(name or "").strip()
    if name is None:
        _sections(sections, format)
    elif word in sections:
        _section(sections[word], format)
    elif word == "types":
        _types(types, format)
    elif word in types:
        _type(types[word], format)
    else:
        near = nearest(word, [*sections, *types, "types"])
        hint = f"rem schema show '{near}'" if near else "rem schema show"
        raise NoTargetError(f"there is no section or type '{name}'", hint=hint)


@app.command()
def export(
    out_folder: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where the files go; else .schema/ of the repository.")
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Status 3 when a file had to be written or removed.")
    ] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Write JSON Schema for editors: package.json, and a file for each section in the folder form.

    The section data of these packages are in it, your own sections as well. Commit the files: packages name them in
    their first line, and editors find them in a fresh clone. Write them again when sections changed; files of sections
    that are gone are taken away.
    """
    with wire.open() as rem:
        folder = out_folder or repository_folder(rem)
        schemas = rem.schemas()
    wrote, removed = write(folder, schemas), _remove_stale(folder, schemas)
    if format is options.Format.JSON:
        files = {"files": sorted(schemas), "wrote": wrote, "removed": removed}
        out.document("schema-export", {"folder": str(folder), **files})
    for done, names in (("wrote", wrote), ("removed", removed)) if format is options.Format.TEXT else ():
        if names:
            out.line(f"{done} ", (", ".join(names), "bold"), f" in {out_folder or FOLDER}")
    if format is options.Format.TEXT and not wrote and not removed:
        out.line(f"{out.counted(len(schemas), 'file')} in {out_folder or FOLDER}: all as they should be")
    return Status.DIFFERENT if exit_code and (wrote or removed) else Status.DONE


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


def _remove_stale(folder: Path, schemas: Mapping[str, bytes]) -> list[str]:
    """Take away what an earlier export wrote for sections that are gone; their names. RemError."""
    from rem_cli.language.export import is_part

    others = (path for path in sorted(folder.glob("*.json")) if path.name not in schemas and not path.is_symlink())
    stale = [path for path in others if is_part(_content(path) or b"")]
    try:
        for path in stale:
            path.unlink()
    except OSError as error:
        raise RemError(f"could not clear {folder}: {os.strerror(error.errno or 0).lower()}") from error
    return [path.name for path in stale]


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
        "at most one of": [list(group) for group in section.at_most_one_of],
        "scripts": dict(section.scripts),
        "field sets": [{title: list(names)} for title, names in section.field_sets],
        "pages": [{title: [{name: list(names)} for name, names in sets]} for title, sets in section.pages],
        "example": _example(section),
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
    pad, width = "  " * depth, _width(section.fields)
    out.line(pad, (section.name, "bold"), f"  {section.info}")
    out.line(pad, ("  keys    ", "dim"), " / ".join(layer.title for layer in section.layers))
    for slot, script in (section.scripts or {"process": "none"}).items():
        out.line(pad, (f"  {slot:<8}", "dim"), script)
    for title, sets in section.grouped_pages():
        if section.pages:
            out.line("")
            out.line(pad, "  page ", (title, "bold"))
        for named, names in sets:
            out.line("")
            out.line(pad, "  ", (named, "bold"))
            for name in names:
                _field_line(section.fields[name], pad, width)
    for words, groups in (("exactly one", section.one_of), ("at most one", section.at_most_one_of)):
        for group in groups:
            out.line("")
            out.line(pad, f"  {words} of {', '.join(group)}")
    out.line("")
    out.line(pad, "  ", ("Like", "bold"))
    for row in _example(section).splitlines():
        out.line(pad, "    ", row)
    for inner in section.sections.values():
        out.line("")
        _section(inner, format, depth + 1)


def _width(fields: Iterable[str]) -> int:
    return max(14, *(len(name) for name in fields)) if fields else 14


def _field_line(field: Field, pad: str, width: int) -> None:
    told = "; ".join(part for part in (about(field.type), state(field)) if part)
    out.line(pad, "    ", (field.name.ljust(width), "cyan"), f" {told}")
    if field.info:
        out.line(pad, " " * (width + 5), (field.info, "dim"))


def _types(types: Mapping[str, Type], format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("types", {"types": [_described(type) for type in types.values()]})
        return
    rows_text = [(t.name, t.info, ", ".join(plain(one) for one in t.good[:2])) for t in types.values()]
    out.table(("type", "what it is", "like"), rows_text, ("bold",))


def _described(type: Type) -> dict[str, Any]:
    """A type for programs."""
    return {
        "type": type.name,
        "info": type.info,
        "widget": type.widget,
        "may be": about(type),
        "fields": {field.name: _field(field) for field in type.fields.values()},
        "one of": [list(group) for group in type.one_of],
        "good": list(type.good),
        "bad": list(type.bad),
        "problem": type.problem or None,
    }


def _type(type: Type, format: options.Format) -> None:
    if format is options.Format.JSON:
        out.document("type", _described(type))
        return
    out.line((type.name, "bold"), f"  {type.info}")
    if about(type) != type.name:
        out.line(("  may be  ", "dim"), about(type))
    out.line(("  widget  ", "dim"), type.widget)
    if type.problem:
        out.line(("  not checked: ", "yellow"), type.problem)
    for field in type.fields.values():
        _field_line(field, "", _width(type.fields))
    for group in type.one_of:
        out.line(f"  exactly one of {', '.join(group)}")
    for title, values in (("like", type.good), ("not", type.bad)):
        for one in values:
            out.line((f"  {title:<8}", "dim"), plain(one) or '""')


def _example(section: Section) -> str:
    from rem_cli.language.example import example  # it reads YAML

    return example(section)
