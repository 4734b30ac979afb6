"""A drawing as a PNG picture, by Pillow and the font that comes with it."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rem_cli.series.chart.drawing import BAND_OPACITY, COLOURS, Area, Drawing, Hatch, Path, Words

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

_FINER = 3  # drawn so many times larger and then reduced, which smooths every edge
_DASH, _BLANK = 3.0, 2.0  # pixels


def to_png(drawing: Drawing, *, scale: float = 2.0) -> bytes:
    """The bytes of the file. `scale` 2 gives two dots a pixel, for today's screens. Light ground."""
    from PIL import Image, ImageDraw

    zoom = scale * _FINER
    size = round(drawing.width * zoom), round(drawing.height * zoom)
    image = Image.new("RGB", size, COLOURS["ground"][0])
    for item in drawing.items:
        canvas = ImageDraw.Draw(image)
        if isinstance(item, Path):
            _path(canvas, item, zoom)
        elif isinstance(item, Area):
            _area(image, canvas, item, zoom)
        elif isinstance(item, Hatch):
            _hatch(image, item, zoom)
        else:
            _words(canvas, item, zoom)
    file = io.BytesIO()
    image.reduce(_FINER).save(file, "PNG", optimize=True)
    return file.getvalue()


def _path(canvas: ImageDraw.ImageDraw, item: Path, zoom: float) -> None:
    width, colour = max(1, round(item.width * zoom)), COLOURS[item.style][0]
    for part in _dashes(item.points) if item.dashed else [item.points]:
        canvas.line([(x * zoom, y * zoom) for x, y in part], fill=colour, width=width, joint="curve")


def _dashes(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """The dashes of a level line."""
    (start, y), (end, _) = points[0], points[-1]
    count = math.ceil((end - start) / (_DASH + _BLANK))
    starts = [start + index * (_DASH + _BLANK) for index in range(count)]
    return [[(x, y), (min(x + _DASH, end), y)] for x in starts]


def _area(image: Image.Image, canvas: ImageDraw.ImageDraw, item: Area, zoom: float) -> None:
    from PIL import Image, ImageDraw

    points, colour = [(x * zoom, y * zoom) for x, y in item.points], COLOURS[item.style][0]
    if not item.pale:
        canvas.polygon(points, fill=colour)
        return
    left, top = (math.floor(min(place)) for place in zip(*points, strict=True))
    right, bottom = (math.ceil(max(place)) + 1 for place in zip(*points, strict=True))
    mask = Image.new("L", (right - left, bottom - top), 0)
    opacity = round(255 * BAND_OPACITY)
    ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in points], fill=opacity, outline=opacity)
    image.paste(colour, (left, top, right, bottom), mask)


def _hatch(image: Image.Image, item: Hatch, zoom: float) -> None:
    from PIL import Image, ImageDraw

    width, height = max(1, round(item.width * zoom)), max(1, round(item.height * zoom))
    tile = Image.new("RGB", (width, height), COLOURS["ground"][0])
    canvas = ImageDraw.Draw(tile)
    apart = 5 * zoom * math.sqrt(2)
    for index in range(math.ceil((width + height) / apart) + 1):
        x = index * apart
        canvas.line([(x, 0), (x - height, height)], fill=COLOURS["hatch"][0], width=round(1.5 * zoom))
    image.paste(tile, (round(item.x * zoom), round(item.y * zoom)))


def _words(canvas: ImageDraw.ImageDraw, item: Words, zoom: float) -> None:
    font, colour = _font(round(item.size * zoom)), COLOURS[item.style][0]
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[item.anchor]
    heavier = round(item.size * zoom / 40) if item.bold else 0  # the font has one weight
    canvas.text(
        (item.x * zoom, item.y * zoom),
        item.text,
        fill=colour,
        font=font,
        anchor=anchor,
        stroke_width=heavier,
        stroke_fill=colour,
    )


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    return ImageFont.load_default(size)
