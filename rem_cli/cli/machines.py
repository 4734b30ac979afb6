"""How the states of a procedure are shown: as boxes, as a picture, and as what somebody agrees to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rem_cli.cli import options, show
from rem_cli.errors import UsageError
from rem_cli.procedures import ahead as coming
from rem_cli.procedures.definition import Definition
from rem_cli.procedures.outline import boxes, drawing

_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def tell(definition: Definition, svg: Path | None, format: options.Format) -> None:
    """A procedure: its digest and its states."""
    wrote = draw_to(svg, definition) if svg else None
    if format is options.Format.JSON:
        show.document("procedure", document(definition) | {"wrote": wrote})
        return
    show.line((definition.path, "bold"), ", definition ", (definition.digest[:12], "cyan"))
    if wrote:
        show.line("wrote ", (wrote, "bold"))
        return
    for row in drawing(definition, ascii=not show.unicode(sys.stdout)):
        show.line(row)


def draw_to(file: Path, definition: Definition) -> str:
    """Draw the states into a file; UsageError."""
    from rem_cli.procedures.picture import picture
    from rem_cli.series.chart.svg import to_svg

    try:
        file.write_text(to_svg(picture(definition)), encoding="utf-8")
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        raise UsageError(f"{file} cannot be written: {words}", hint="name a file in a folder that is there") from None
    return str(file)


def document(definition: Definition) -> dict[str, Any]:
    """A procedure for programs."""
    return {
        "procedure": definition.path,
        "digest": definition.digest,
        "start": definition.start,
        "params": dict(definition.params),
        "states": [
            {
                "state": box.name,
                "kind": str(definition.states[box.name].kind),
                "does": list(box.lines),
                "ways": [{"kind": way.kind, "label": way.label, "to": way.to or None} for way in box.ways],
            }
            for box in boxes(definition)
        ],
    }


def ahead(definition: Definition, state: str, before: Definition | None) -> None:
    """What would run once somebody agrees, and what is new since it last went well."""
    show.note("after ", (state, "bold"), " it may run, from definition ", (definition.digest[:12], "cyan"), ":")
    for step in coming.ahead(definition, state):
        show.note("  ", (step.state, "bold"), f"  {step.program}")
    if before is None:
        show.note("no run of it has succeeded before")
        return
    changes = coming.changed(before, definition)
    show.note(f"since its last run that succeeded {len(changes)} changed" if changes else "as in its last good run")
    for change in changes:
        show.note("  ", (change, _STYLES[change[0]]))
