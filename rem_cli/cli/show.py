"""Everything that reaches a terminal goes through here: colour, control characters, JSON, tables.

Data of packages and hosts is made harmless (`clean`) and never read as markup; secrets that this process has read are
left out. Colour is sixteen names, only on a terminal, and off means that not one escape byte is written.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rem_cli import settings
from rem_cli.clock import instant as instant
from rem_cli.errors import UsageError
from rem_cli.secrets import known
from rem_cli.words import age as age
from rem_cli.words import counted as counted
from rem_cli.words import span as span

_CODES = {
    "bold": "1", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "dim": "90",
}  # fmt: skip
_GLYPHS = {
    "ok": ("✓", "+"),
    "bad": ("×", "x"),
    "blind": ("?", "?"),
    "bar": ("│", "|"),
    "change": ("◆", "#"),
    "runs": ("▸", ">"),
}
_OBEYED = "[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"  # in a JSON text
# What GitHub (`::` in front, `##[` anywhere) and Azure DevOps (`##vso[` anywhere) read in a log as an order to them.
_ORDER = r"^(\s*:)(?=:)|(#)(?=#(?:\[|vso\[))"
Span = tuple[str, str]  # text, and the names of its styles: "bold red"


def colored(stream: TextIO) -> bool:
    """Whether escape sequences go to this stream."""
    wish = settings.current().color
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def unicode(stream: TextIO) -> bool:
    """Whether the stream can show more than ASCII."""
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def glyph(name: str) -> str:
    """The sign of a state; ASCII where the terminal knows no other."""
    return _GLYPHS[name][0 if unicode(sys.stdout) else 1]


def clean(text: object) -> str:
    """Text that no terminal obeys: control characters become a visible sign."""
    return "".join(c if c.isprintable() or c == "\t" else "\\n" if c == "\n" else "�" for c in str(text))


def _inert(text: str) -> str:
    """A line that the program which keeps a log of CI does not take for an order; elsewhere as it is."""
    return re.sub(_ORDER, r"\1\2 ", text) if {"GITHUB_ACTIONS", "TF_BUILD"} & os.environ.keys() else text


def paint(text: object, style: str, stream: TextIO | None = None) -> str:
    """Cleaned text in a style."""
    shown = clean(text)
    if not style or not colored(stream or sys.stdout):
        return shown
    return f"\x1b[{';'.join(_CODES[name] for name in style.split())}m{shown}\x1b[0m"


def line(*spans: Span | str, stream: TextIO | None = None) -> None:
    """One line of answer, made of plain texts and (text, style) pairs."""
    out = stream or sys.stdout
    if out is sys.stderr:
        sys.stdout.flush()  # both often end in one file: in the order in which they were said
    text = "".join(clean(s) if isinstance(s, str) else paint(s[0], s[1], out) for s in spans)
    out.write(_inert(known.text(text)) + "\n")


def cleared() -> None:
    """Begin at the top of an empty terminal again."""
    sys.stdout.write("\x1b[H\x1b[2J")


def note(*spans: Span | str) -> None:
    """One line beside the answer: progress, warnings, hints."""
    line(*spans, stream=sys.stderr)


def hint(text: str) -> None:
    """What to do next."""
    note(("hint:", "dim"), f" {text}")


def question(text: str) -> str:
    """Ask on the terminal; the line that is typed, without its end. KeyboardInterrupt for Ctrl-C and for Ctrl-D.

    Not `input`: a Ctrl-C that arrives just before it reads would wait for the next key.
    """
    import select

    sys.stdout.flush()
    sys.stderr.write(f"{known.text(clean(text))}: ")
    sys.stderr.flush()
    while not select.select([0], [], [], 0.1)[0]:
        pass
    typed = os.read(0, 1 << 16)  # a terminal gives one line
    if not typed:
        sys.stderr.write("\n")
        raise KeyboardInterrupt
    return typed.decode("utf-8", "surrogateescape").rstrip("\r\n")


def document(name: str, content: dict[str, Any], *, row: bool = False) -> None:
    """The answer as one JSON document, without a character that a terminal obeys; one line when it is one of many."""
    import json

    indent = None if row else 2
    hidden = known.document({"schema": f"rem.{name}/1", **content})
    text = json.dumps(hidden, ensure_ascii=not unicode(sys.stdout), indent=indent)
    text = text.replace("##", "#\\u0023")  # see _ORDER
    sys.stdout.write(re.sub(_OBEYED, lambda found: json.dumps(found[0])[1:-1], text) + "\n")


def foreign(text: str) -> None:
    """The answer as a document in another program's form; whoever wrote it has made harmless what is in it."""
    sys.stdout.write(known.text(text))


def raw(data: bytes) -> None:
    """The answer as the bytes that it is, for a file or a program; UsageError where a terminal would obey them."""
    if sys.stdout.isatty():
        raise UsageError("bytes as they are do not go to a terminal", hint="write them to a file: --raw >FILE")
    sys.stdout.flush()
    sys.stdout.buffer.write(known.data(data))


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], styles: Sequence[str] = ()) -> None:
    """Columns without frames; on a terminal the widest gives way, piped nothing is cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="bright_black", show_edge=False)
    for number, heading in enumerate(headings):
        grid.add_column(heading, overflow="fold" if number == 0 else "ellipsis", no_wrap=number > 0)
    for row in rows:
        cells = [Text(known.text(clean("" if cell is None else cell))) for cell in row]
        for cell, style in zip(cells, styles, strict=False):
            cell.stylize(style.replace("dim", "bright_black"))
        grid.add_row(*cells)
    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if terminal else 10_000,
        color_system="standard" if colored(sys.stdout) else None,
        force_terminal=terminal,
    )
    with console.capture() as captured:
        console.print(grid)
    for text in captured.get().splitlines():
        sys.stdout.write(_inert(text.rstrip()) + "\n")


def when(at: float) -> str:
    """A time for people: local, with its zone."""
    from datetime import datetime

    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
