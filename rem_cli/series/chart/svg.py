"""A drawing as one self-contained SVG file (SVG 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rem_cli.series.chart.drawing import BAND_OPACITY, COLOURS, Area, Drawing, Hatch, Item, Path, Words

_FONT = "Inter,system-ui,-apple-system,'Segoe UI',sans-serif"


def to_svg(drawing: Drawing, *, styled: bool = True) -> str:
    """The text of the file. Without `styled`, a page's own style sheet colours the classes (`rem-line` …)."""
    label = escape(drawing.label)
    size = f"{_short(drawing.width)} {_short(drawing.height)}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" aria-label="{label}"'
            f' font-family="{_FONT}">',
            f"<title>{label}</title>",
            *([_style()] if styled else []),
            '<defs><pattern id="rem-nothing" width="5" height="5" patternUnits="userSpaceOnUse"'
            ' patternTransform="rotate(45)"><path class="rem-hatch" d="M1 0V5" stroke-width="1.5"/></pattern></defs>',
            f'<rect class="rem-ground" width="{_short(drawing.width)}" height="{_short(drawing.height)}"/>',
            *map(_element, drawing.items),
            "</svg>",
            "",
        ]
    )


def _style() -> str:
    def rules(index: int) -> str:
        return "".join(f".rem-{name}{{--c:{colours[index]}}}" for name, colours in COLOURS.items())

    return (
        f"<style>{rules(0)}@media(prefers-color-scheme:dark){{{rules(1)}}}"
        "path{stroke:var(--c);fill:none;stroke-linejoin:round}rect.rem-ground,polygon,text{fill:var(--c)}"
        f".rem-pale{{opacity:{BAND_OPACITY}}}text{{font-variant-numeric:tabular-nums}}</style>"
    )


def _element(item: Item) -> str:
    if isinstance(item, Path):
        dashes = ' stroke-dasharray="3 2"' if item.dashed else ""
        return f'<path class="rem-{item.style}" d="M{_places(item.points)}" stroke-width="{item.width:g}"{dashes}/>'
    if isinstance(item, Area):
        pale = " rem-pale" if item.pale else ""
        return f'<polygon class="rem-{item.style}{pale}" points="{_places(item.points)}"/>'
    if isinstance(item, Hatch):
        box = f'x="{_short(item.x)}" y="{_short(item.y)}" width="{_short(item.width)}" height="{_short(item.height)}"'
        return f'<rect {box} fill="url(#rem-nothing)"/>'
    return _words(item)


def _words(item: Words) -> str:
    bold = ' font-weight="620"' if item.bold else ""
    anchor = f' text-anchor="{item.anchor}"' if item.anchor != "start" else ""
    return (
        f'<text class="rem-{item.style}" x="{_short(item.x)}" y="{_short(item.y)}" font-size="{item.size:g}"'
        f"{anchor}{bold}>{escape(item.text)}</text>"
    )


def _places(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_short(x)},{_short(y)}" for x, y in points)


def _short(length: float) -> str:
    """Tenths of a pixel are enough for every eye."""
    return f"{length:.1f}".removesuffix(".0")
