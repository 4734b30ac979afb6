"""A text laid out evenly: other blanks, and nothing else.

Every step is proved by reading the result: the same tokens in the same quotes, the same data, the same comments. A
step that cannot be proved is left out, and the text stays as it was there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rem_cli.language.edit import same
from rem_cli.language.layout import BREAK, Layout, Part, line_start
from rem_cli.language.source import read
from rem_cli.language.splice import column

STEP = 2  # blanks that a mapping stands deeper than its key


class Tidied(NamedTuple):
    """A text as it would be, and what was left as it is."""

    text: str
    kept: tuple[str, ...] = ()  # "indents could not be changed without changing more"


def tidy(file: str, text: str) -> Tidied:
    """The text in REM's layout: one kind of line end, no blanks at ends of lines, even indents, one last line end."""
    if read(file, text.encode("utf-8", "surrogateescape")).findings:
        return Tidied(text, ("it has problems of its own: rem validate",))
    mark, rest = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    kept = []
    for what, step in STEPS.items():
        made = step(rest)
        if made != rest and _equal(file, rest, made):
            rest = made
        elif made != rest:
            kept.append(f"{what} could not be changed without changing what it says")
    return Tidied(mark + rest, tuple(kept))


def _equal(file: str, old: str, new: str) -> bool:
    """Whether two texts say the same, in the same words, with the same comments."""
    one, two = read(file, old.encode()), read(file, new.encode())
    if two.findings or not same(one.data, two.data):
        return False
    before, after = Layout(old), Layout(new)
    return before.said() == after.said() and _comments(before) == _comments(after)


def _comments(layout: Layout) -> list[str]:
    return [said.rstrip() for _, said in layout.comments()]


def _line_ends(text: str) -> str:
    """One kind of line end: the one that most lines have."""
    windows = text.count("\r\n")
    if not windows or windows == text.count("\n"):
        return text
    plain = text.replace("\r\n", "\n")
    return plain if windows * 2 <= text.count("\n") else plain.replace("\n", "\r\n")


def _trailing(text: str) -> str:
    """No blanks at the ends of lines, but in texts that go over several lines."""
    inside = list(_inside(Layout(text).root))
    made, at = [], 0
    for found in [*BREAK.finditer(text), None]:
        line, end = text[at : found.start() if found else len(text)], found[0] if found else ""
        bare = line.rstrip(" \t")
        cut = at + len(bare)
        made.append((line if any(start < cut < stop for start, stop in inside) else bare) + end)
        at = found.end() if found else len(text)
    return "".join(made)


def _inside(part: Part) -> Iterator[tuple[int, int]]:
    """Where scalars stand; what blanks mean there is theirs to say."""
    if part.kind == "scalar":
        yield part.start, part.end + (part.style in ("|", ">"))
    for entry in part.entries:
        if entry.key:
            yield from _inside(entry.key)
        yield from _inside(entry.value)


def _last_line(text: str) -> str:
    """One line end behind the last line."""
    end = "\r\n" if "\r\n" in text else "\n"
    last = max(Layout(text).root.end, len(text.rstrip(" \t\r\n")))
    bare = text[:last] + text[last:].rstrip(" \t\r\n")
    return f"{bare}{end}" if bare.strip() else ""


def _indents(text: str) -> str:
    """Every mapping two blanks deeper than its key; what stands in a line goes with the line."""
    layout = Layout(text)
    shifts: dict[int, int] = {}
    _settle(layout, layout.root, 0, shifts)
    starts = [0, *(found.end() for found in BREAK.finditer(text))]
    lines = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    known = [shifts.get(start) for start in starts]
    for number in reversed(range(len(lines))):  # a comment goes with what stands below it
        bare = lines[number].lstrip(" ")
        if known[number] is None and bare.startswith("#"):
            known[number] = _as_near(lines, known, number)
    made, shift = [], 0
    for line, own in zip(lines, known, strict=True):
        shift = shift if own is None else own
        made.append(_shifted(line, shift))
    return "".join(made)


def _as_near(lines: Sequence[str], known: Sequence[int | None], number: int) -> int | None:
    """How far a comment goes: as the entry below that stands where it stands; else as the line above."""
    mine = len(lines[number]) - len(lines[number].lstrip(" "))
    for below in range(number + 1, len(lines)):
        shift = known[below]
        if lines[below].strip() and shift is not None:
            return shift if len(lines[below]) - len(lines[below].lstrip(" ")) == mine else None
    return None


def _settle(layout: Layout, part: Part, wanted: int, shifts: dict[int, int]) -> None:
    """How far the lines of a block go; `wanted` is the column of its entries."""
    if part.flow or not part.entries:
        return
    text = layout.text
    for entry in part.entries:
        start = line_start(text, entry.start)
        if not text[start : entry.start].strip(" "):
            shifts[start] = wanted - column(text, entry.start)
        inner = entry.value
        if not inner.entries or inner.flow:
            continue
        here, below = column(text, entry.start), column(text, inner.entries[0].start)
        if line_start(text, inner.entries[0].start) == start:  # `- a: 1`
            _settle(layout, inner, wanted + below - here, shifts)
        else:
            flat = inner.kind == "list" and below == here
            _settle(layout, inner, wanted if flat else wanted + STEP, shifts)


def _shifted(line: str, shift: int) -> str:
    bare = line.lstrip(" ")
    if not bare.strip("\r\n"):
        return line
    return " " * max(0, len(line) - len(bare) + shift) + bare


STEPS: dict[str, Callable[[str], str]] = {
    "line ends": _line_ends,
    "blanks at ends of lines": _trailing,
    "indents": _indents,
    "the last line end": _last_line,
}
