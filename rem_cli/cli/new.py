"""`rem new`: one more item, or package, in the text of the work tree."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath
from typing import Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, save, show
from rem_cli.cli.places import refuse_no_package, section_file
from rem_cli.errors import GuardedError, UsageError
from rem_cli.language.modeline import FOLDER, PACKAGE, modeline
from rem_cli.language.names import key_problem, nearest, vocabulary
from rem_cli.language.schema import Section

_SCRIPT = """\
#!/bin/sh
# What this job does. It runs on each host; its numbers go into the file named by REM_RESULT, as JSON.
set -eu
read -r load rest </proc/loadavg
read -r up rest </proc/uptime
printf '{"load": %s, "uptime": %s}\\n' "$load" "$up" >"$REM_RESULT"
echo "measured"
"""


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="package, host, job, monitor … or any section.")],
    path: Annotated[str, typer.Argument(metavar="PATH", help="package/group/name; a package's name for a package.")],
    fields: Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="As in a package.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Write a new item into its package; every other line stays as it is.

    A script that is named and not there yet is made, with a first program to change.
    """
    save.refuse_bytes([kind, path, *(fields or [])])
    with wire.open() as rem:
        if vocabulary(kind) == "package":
            made = [_package(rem, path)]
        else:
            made = _item(rem, kind, path, save.fields(fields or []))
    if format is options.Format.JSON:
        show.document("new", {"path": path, "wrote": made})
        return
    show.line("wrote ", (", ".join(made), "bold"))
    show.hint("rem validate")


def _package(rem: wire.Rem, name: str) -> str:
    problem = key_problem(name)
    if problem:
        raise UsageError(f"package '{name}': {problem}")
    folder = rem.root / "packages" / name
    file = folder / "package.yaml"
    if file.exists() or folder.with_name(f"{name}.yaml").exists():
        raise UsageError(f"there is a package '{name}' already")
    from rem_cli.language import edit

    written = file.relative_to(rem.root).as_posix()
    line = modeline(written) if (rem.root / FOLDER / PACKAGE).is_file() else ""
    text = f"{line}package: {edit.text(name)}\ntitle: {edit.text(name.capitalize())}\nversion: 0.1.0\n"
    save.write(rem, {written: text.encode()})
    return written


def _item(rem: wire.Rem, kind: str, path: str, typed: dict[str, str]) -> list[str]:
    from rem_cli.language import edit

    tree = rem.tree()
    sections = rem.sections()
    section = sections.get(vocabulary(kind)) or sections.get(f"{vocabulary(kind)}s")
    if section is None:
        near = nearest(f"{vocabulary(kind)}s", sections)
        raise UsageError(f"there is no section '{kind}'", hint=f"rem new {near}" if near else "rem schema show")
    package, keys = _split(rem, section, path)
    _ask(section, typed, named=bool(section.layers[-1].key_field))
    home, inside = section_file(list(tree.entries()), package, section.name)
    changed = edit.insert(home, save.text(rem, home), [*inside, *keys], typed)
    files = {home: changed.encode()}
    script = typed.get("script")
    if script and ".." not in PurePosixPath(script).parts and not script.startswith("/"):
        beside = (PurePosixPath(home).parent / script).as_posix()
        if beside not in tree.entries():
            files[beside] = _SCRIPT.encode()
    save.refuse_worse(rem, files)
    last = dict(reversed(files.items()))  # the package last: what it names is there then
    save.write(rem, last, programs=files.keys() - {home})
    return list(files)


def _split(rem: wire.Rem, section: Section, path: str) -> tuple[str, list[str]]:
    """The package and the keys of a typed path; the package may be left out where there is only one."""
    parts = path.strip("/").split("/")
    if len(parts) > 1 and vocabulary(parts[1]) == section.name:
        del parts[1]  # the whole path was typed, as REM prints it
    packages = rem.packages()
    depth = len(section.layers)
    layers = "/".join(layer.title for layer in section.layers)
    if len(parts) == depth and len(packages) == 1 and parts[0] != packages[0]:
        return packages[0], parts
    if len(parts) != depth + 1:
        raise UsageError(f"'{path}' has {len(parts)} parts", hint=f"{section.name} take PACKAGE/{layers}")
    if parts[0] in rem.whole(rem.tree()).where:
        raise GuardedError(f"'{parts[0]}' is another repository's and is not changed here", hint="rem package list")
    refuse_no_package(parts[0], packages)
    return parts[0], parts[1:]


def _ask(section: Section, typed: dict[str, str], *, named: bool) -> None:
    """Ask for required fields that were not given; only on a terminal."""
    known = [*section.fields, *section.sections]
    for name in typed:
        if name not in section.fields:
            near = nearest(name, known)
            hint = f"did you mean '{near}'?" if near else f"rem schema show {section.name}"
            raise UsageError(f"'{name}' is not a field of {section.name}", hint=hint)
    key_field = section.layers[-1].key_field
    missing = [f for f in section.fields.values() if f.required and f.name not in typed and f.name != key_field]
    missing = [f for f in missing if f.name not in section.collected]
    needed = [field.name for field in missing]
    for group in section.one_of:
        if not any(name in typed for name in group):
            missing.append(section.fields[group[0]])
            needed.append(" or ".join(group))
    if missing and not (sys.stdin.isatty() and sys.stderr.isatty()):
        words = " ".join(f"{field.name}=…" for field in missing)
        raise UsageError(f"{section.name} need {', '.join(needed)}", hint=f"add {words}")
    for field in missing:
        while not typed.get(field.name):
            typed[field.name] = show.question(f"{field.name} ({field.type.title})").strip()
        save.refuse_bytes([typed[field.name]])
