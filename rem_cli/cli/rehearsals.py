"""How scenarios and replayed runs are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rem_cli.cli import show
from rem_cli.procedures.journal import Head
from rem_cli.procedures.parting import Parting
from rem_cli.procedures.rehearsal import Course


def tell(courses: Sequence[Course]) -> None:
    """Each scenario with what did not go as expected, then one line that sums it up."""
    for course in courses:
        glyph, color = ("bad", "red") if course.wrong else ("ok", "green")
        took = show.age(course.seconds)
        show.line(
            (show.glyph(glyph), color), f" {course.scenario.item}  ", (f"{course.fate}, {took} of made-up time", "dim")
        )
        for text in course.wrong:
            show.line("    ", (text, "yellow"))
        if course.wrong:
            show.line("    went: ", " → ".join(course.path))
    wrong = sum(bool(course.wrong) for course in courses)
    show.line("")
    good = f"{show.counted(len(courses), 'scenario')}: all as expected"
    show.line((f"{wrong} of {show.counted(len(courses), 'scenario')} not as expected" if wrong else good, "bold"))


def document(course: Course) -> dict[str, Any]:
    """A scenario for programs."""
    return {
        "scenario": course.scenario.item, "procedure": course.scenario.procedure, "ok": not course.wrong,
        "wrong": course.wrong, "path": course.path, "fate": course.fate, "why": course.run.why or None,
        "undone": list(course.undone), "seconds": course.seconds,
    }  # fmt: skip


def tell_parted(found: Sequence[tuple[Head, Parting | None]]) -> None:
    """Each run, and from where on it would have gone another way."""
    if not found:
        show.line("No run yet.")
        return
    for head, part in found:
        glyph, color = ("change", "yellow") if part else ("ok", "green")
        told = f"line {part.line}: {part.recorded}; now: {part.now}" if part else "the same way"
        show.line((show.glyph(glyph), color), f" run {head.id} of {head.procedure}  ", (told, "" if part else "dim"))


def parted(head: Head, part: Parting | None) -> dict[str, Any]:
    """A replayed run for programs."""
    told = {"line": part.line, "recorded": part.recorded, "now": part.now} if part else None
    return {"run": head.id, "procedure": head.procedure, "digest": head.digest, "parts": told}
