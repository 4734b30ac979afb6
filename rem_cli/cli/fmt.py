"""`rem fmt`: texts of packages laid out evenly."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rem_cli import wire
from rem_cli.cli import options, save, show
from rem_cli.errors import NoTargetError, Status
from rem_cli.language.files import is_text

if TYPE_CHECKING:
    from rem_cli.language.tidy import Tidied


def fmt(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files or folders; without any, every package.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; status 3 when a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change.")] = False,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Lay texts of packages out evenly: indents, line ends, blanks at ends; nothing else.

    What it cannot prove to mean the same it leaves as it is, and says so.
    """
    from rem_cli.language.tidy import tidy

    with wire.open() as rem:
        names = _chosen(rem, paths or [])
        before = {name: _text(rem, name) for name in names}
        tidied = {name: tidy(name, text) for name, text in before.items()}
        changed = [name for name in names if tidied[name].text != before[name]]
        if not check and not diff:
            for name in changed:
                save.write(rem, {name: tidied[name].text.encode()}, before={name: before[name]})
    if format is options.Format.JSON:
        kept = {name: list(one.kept) for name, one in tidied.items() if one.kept}
        show.document("fmt", {"files": len(names), "changed": changed, "kept": kept, "wrote": not check and not diff})
    else:
        if diff:
            _show(before, tidied, changed)
        _tell(tidied, changed, wrote=not check and not diff)
    return Status.DIFFERENT if check and changed else Status.DONE


def _chosen(rem: wire.Rem, paths: Iterable[Path]) -> list[str]:
    """The texts of packages that paths mean; NoTargetError for a path that means none."""
    texts = [name for name, entry in rem.tree().entries().items() if entry.kind == "file" and is_text(name)]
    chosen: dict[str, None] = {} if (wanted := list(paths)) else dict.fromkeys(texts)
    for path in wanted:
        whole = (Path.cwd() / path).resolve()
        inside = whole.relative_to(rem.root.resolve()).as_posix() if whole.is_relative_to(rem.root.resolve()) else ""
        found = [name for name in texts if inside and (name == inside or name.startswith(f"{inside}/"))]
        if inside == ".":
            found = texts
        if not found:
            raise NoTargetError(f"'{path}' is no text of a package", hint="packages/NAME.yaml, or a folder of such")
        chosen |= dict.fromkeys(found)
    return list(chosen)


def _text(rem: wire.Rem, name: str) -> str:
    """A file's text. Bytes that are no UTF-8 are kept apart: `tidy` leaves such a text alone."""
    return rem.tree().read(name).decode("utf-8", "surrogateescape")


def _show(before: Mapping[str, str], tidied: Mapping[str, Tidied], changed: Iterable[str]) -> None:
    for name in changed:
        old, new = (text.splitlines() for text in (before[name], tidied[name].text))
        for line in difflib.unified_diff(old, new, name, name, lineterm=""):
            style = {"+": "green", "-": "red", "@": "dim"}.get(line[:1], "")
            show.line((line, style))


def _tell(tidied: Mapping[str, Tidied], changed: list[str], *, wrote: bool) -> None:
    for name, one in tidied.items():
        for why in one.kept:
            show.note((f"{name}:", "bold"), f" {why}")
    for name in changed:
        show.note("wrote " if wrote else "would change ", (name, "bold"))
    kept = sum(bool(one.kept) and name not in changed for name, one in tidied.items())
    even = len(tidied) - len(changed) - kept
    parts = [f"{show.counted(len(changed), 'file')} {'changed' if wrote else 'would change'}"] if changed else []
    parts += [f"{show.counted(kept, 'file')} left alone"] if kept else []
    parts += [f"{show.counted(even, 'file')} {'is' if even == 1 else 'are'} even"] if even else []
    show.line(", ".join(parts))
