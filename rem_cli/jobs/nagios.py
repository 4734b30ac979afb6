"""What a Nagios plug-in prints, read as its authors print it.

Source: Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance data"; and the plug-ins
themselves, where they differ: unquoted labels with `/`, `.` and `%`, perfdata on a later line, trailing `;`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from rem_cli.jobs import Measure, Result
from rem_cli.language import Value
from rem_cli.reach import End

STATUSES = ("ok", "warning", "critical", "unknown")

NUMBER = r"[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][-+]?\d+)?"
# A label is quoted (a quote inside stands twice) or ends at the first `=`.
ITEM = re.compile(
    rf"""\s*(?:'(?P<quoted>(?:[^']|'')*)'|(?P<bare>[^\s=']+))
    =(?:(?P<number>{NUMBER})(?P<unit>[^\s;\d]*)|(?P<none>U|[-+]?(?:nan|inf(?:inity)?)))
    (?P<limits>(?:;[^\s;]*){{0,4}});*(?=\s|$)""",
    re.VERBOSE | re.IGNORECASE,
)
LIMITS = ("warning", "critical", "least", "most")
MOST_MEASURES = 10_000
SHOWN = 60  # characters of what could not be read


@dataclass(frozen=True, slots=True)
class Perfdata:
    label: str
    measure: Measure
    limits: dict[str, str]  # "warning", "critical": ranges; "least", "most": numbers


def read(end: End, out: str, err: str) -> Result:
    """The result of a plug-in that ended by itself. The exit status counts, whatever word the text begins with."""
    text, longer, perfdata = split(out)
    items, unread = parse(perfdata)
    status, note = _status(end, out, err)
    data: dict[str, Value] = {"status": status, "text": text}
    if longer:
        data["long text"] = longer
    limits: dict[str, Value] = {item.label: dict(item.limits) for item in items if item.limits}
    if limits:
        data["limits"] = limits
    if unread:
        note = "; ".join(filter(None, [note, f"no perfdata: {unread[:SHOWN]}"]))
    # Of two items of one label the last counts.
    return Result({item.label: item.measure for item in items}, data, note)


def _status(end: End, out: str, err: str) -> tuple[str, str]:
    """The status, and a remark where the exit status does not tell it."""
    if end.exit is None:
        return "unknown", f"ended by signal {end.signal}" if end.signal else end.why
    if end.exit in (1, 2) and not out.strip():
        # An interpreter that cannot run the plug-in also ends with 1 or 2: a broken plug-in, not a sick service.
        said = next((line.strip() for line in err.splitlines() if line.strip()), "nothing")
        return "unknown", f"the plug-in is broken: exit {end.exit} without output; on standard error: {said[:200]}"
    if end.exit in (126, 127):
        return "unknown", "the plug-in could not be run" if end.exit == 126 else "there is no such plug-in"
    return STATUSES[min(end.exit, 3)], ""


def split(out: str) -> tuple[str, str, str]:
    """Text (the first line), long text (the others) and perfdata.

    Perfdata is what follows the first `|` of the first line, and all that follows the first `|` of a later line.
    """
    first, _, rest = out.partition("\n")
    text, _, perfdata = first.partition("|")
    longer, _, later = rest.partition("|")
    return text.strip(), longer.strip(), f"{perfdata}\n{later}".strip()


def parse(perfdata: str) -> tuple[list[Perfdata], str]:
    """The items of perfdata, and the first piece that is none; reading goes on after it."""
    items: list[Perfdata] = []
    unread = ""
    at = 0
    while at < len(perfdata) and len(items) < MOST_MEASURES:
        match = ITEM.match(perfdata, at)
        if match:
            items.append(_item(match))
            at = match.end()
            continue
        piece = re.compile(r"\s*(\S*)").match(perfdata, at)
        assert piece is not None  # it matches nothing, too
        unread = unread or piece[1]
        at = max(piece.end(), at + 1)
    return items, unread


def _item(match: re.Match[str]) -> Perfdata:
    quoted = match["quoted"]
    label = quoted.replace("''", "'") if quoted is not None else match["bare"]
    given = dict(zip(LIMITS, match["limits"].split(";")[1:], strict=False))
    limits = {name: value for name, value in given.items() if value}
    value = float(match["number"].replace(",", ".")) if match["number"] else None
    return Perfdata(
        label, Measure(value if value is None or math.isfinite(value) else None, match["unit"] or ""), limits
    )
