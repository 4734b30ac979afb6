"""`rem explain`: what a finding means, why REM refuses it, and how it looks mended."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from rem_cli import shipped
from rem_cli.cli import options, show
from rem_cli.errors import NoTargetError
from rem_cli.language.names import nearest
from rem_cli.shipped import Page


def explain(
    id: Annotated[str | None, typer.Argument(metavar="ID", help="As it stands behind a finding: REM1203.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> None:
    """Tell what a finding means and how it is mended; without an id, list all of them."""
    pages = shipped.finding_pages()
    if id is None:
        _list(list(pages.values()), format)
        return
    wanted = id.upper().removeprefix("REM")
    page = pages.get(f"REM{wanted}")
    if page is None:
        near = nearest(f"REM{wanted}", pages)
        hint = f"did you mean {near}, '{pages[near].title}'?" if near else "rem explain"
        raise NoTargetError(f"there is no finding '{id}'", hint=hint)
    if format is options.Format.JSON:
        show.document("finding", page._asdict())
        return
    show.line((page.id, "dim"), "  ", (page.title, "bold"))
    show.line("")
    for row in _plain(page.text):
        show.line(*row)


def _list(pages: list[Page], format: options.Format) -> None:
    if format is options.Format.JSON:
        show.document("findings", {"findings": [{"id": page.id, "title": page.title} for page in pages]})
        return
    for page in pages:
        show.line((page.id, "bold"), f"  {page.title}")


def _plain(text: str) -> Iterator[list[show.Span | str]]:
    """A page's lines without the signs of Markdown: code is indented, headings are bold, words of code are coloured."""
    code = False
    for line in text.splitlines():
        if line.startswith("```"):
            code = not code
        elif code:
            yield [f"    {line}"]
        elif heading := re.fullmatch(r"#+ (.*)|(?:Wrong|Right):", line):
            yield [(heading[1] or line, "bold")]
        else:
            yield [_word(part) for part in re.split(r"(`[^`]+`)", line)]


def _word(part: str) -> show.Span | str:
    """A part of a line; words of code keep their marks where there is no colour to tell them."""
    return (part.strip("`"), "cyan") if part.startswith("`") and show.colored(sys.stdout) else part
