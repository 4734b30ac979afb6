"""`rem collector`: what REM can measure, and programs to copy for what it cannot."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rem_cli import wire
from rem_cli.cli import options, show
from rem_cli.cli.app import group
from rem_cli.errors import Status
from rem_cli.wire.collectors import Shipped, collector, collectors, tested

app = group("Collectors: what checks measure with, and programs to copy.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="As rem collector list names it.")]


@app.command("list")
def list_(format: options.AsFormat = options.Format.TEXT) -> None:
    """Every collector: kinds of checks that are built in, then programs to copy into a package."""
    found = collectors()
    if format is options.Format.JSON:
        show.document("collectors", {"collectors": [_document(one) for one in found]})
        return
    rows = [(one.name, "built in" if one.built_in else "to copy", one.says["title"]) for one in found]
    show.table(("collector", "", "what it measures"), rows, ("bold", "dim"))


@app.command("show")
def show_(name: Name, format: options.AsFormat = options.Format.TEXT) -> None:
    """What a collector needs, what it is given, which numbers it gives, what it costs; and how it is used."""
    one = collector(name)
    if format is options.Format.JSON:
        show.document("collector", _document(one))
        return
    show.line((one.name, "bold"), f": {one.says['title']}")
    for line in str(one.says.get("info", "")).strip().splitlines():
        show.line(f"  {line}")
    for heading, told in (("takes", one.says.get("takes")), ("fields", one.says.get("fields"))):
        if told:
            show.line((f"  {heading} ", "dim"), ", ".join(_taken(told)))
    for word in ("every", "timeout", "retention", "cost"):
        if word in one.says:
            show.line((f"  {word} ", "dim"), str(one.says[word]))
    show.line(("  measures", "dim"))
    for measure in one.says["measures"]:
        unit = f" ({measure['unit']}{' a second' if measure.get('counter') else ''})" if "unit" in measure else ""
        show.line(f"    {measure['name']}{unit}", (f"  {measure.get('info', '')}", "dim"))
    show.line(("  file ", "dim"), str(one.program))
    if one.built_in:
        show.hint(f"rem new monitor PACKAGE/GROUP/NAME kind={one.name} …")
    else:
        show.hint(f"cp -r {one.folder} packages/PACKAGE/collectors/, then a monitor with kind: collector")


@app.command()
def test(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One collector; left out, all.")] = None,
    format: options.AsFormat = options.Format.TEXT,
) -> int:
    """Run the cases of a collector: recorded answers in, and the numbers that must come of them.

    Statuses: 0 all cases are right, 5 some are wrong, 6 all are.
    """
    with wire.open() as rem:
        chosen = [collector(name)] if name is not None else collectors()
        found = [(one.name, case) for one in chosen for case in tested(rem, one)]
    bad = [case for _, case in found if case.wrong]
    if format is options.Format.JSON:
        rows = [{"collector": one, "case": case.name, "wrong": case.wrong or None} for one, case in found]
        show.document("collector-tests", {"cases": rows})
    else:
        for one, case in found:
            sign = ("bad", "red") if case.wrong else ("ok", "green")
            show.line((show.glyph(sign[0]), sign[1]), f" {one}: {case.name}{': ' if case.wrong else ''}{case.wrong}")
        show.line(f"{show.counted(len(found), 'case')}, {len(bad)} wrong")
    return (Status.ALL_FAILED if len(bad) == len(found) else Status.SOME_FAILED) if bad else Status.DONE


def _taken(told: Any) -> list[str]:
    """Names with their defaults."""
    if isinstance(told, dict):
        return [f"{name} (must be given)" if value is None else f"{name}={value}" for name, value in told.items()]
    return [str(one) for one in told]


def _document(one: Shipped) -> dict[str, Any]:
    return {"name": one.name, "built in": one.built_in, "file": str(one.program), **one.says}
